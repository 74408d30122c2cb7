//! Airflow as it *behaves*: pools, runs, instances, the scheduler loop, executors.

mod critical_section;
mod dag_run;
mod dynamic_pool_manager;
mod event;
mod examination;
mod executor;
mod governance;
mod instance;
mod operators;
mod outcomes;
mod pace;
mod plan;
mod pool_manager;
mod pools;
mod pools_in_file;
mod ready;
mod recorded;
mod records;
mod run_creation;
mod scheduler;
mod simulation;
mod snapshot;
mod textbook;
mod turns;
mod workers;
mod world;

pub use dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
pub use outcomes::{Attempt, Drawn, Outcomes, Segment};
pub use pool_manager::PoolManager;
pub use pools::{PoolChange, PoolError, PoolStatus, Pools, SlotCounts};
pub use recorded::{Recorded, SegmentName};
pub use simulation::Simulation;
pub use snapshot::{Decision, Snapshot, SnapshotInstance, SnapshotRun, decide};
