//! Airflow as it *behaves*: pools, runs, instances, the scheduler loop, executors.

mod event;
mod executors;
mod instances;
mod operators;
mod outcomes;
mod places;
mod plain_site;
mod plan;
mod pools;
mod queueing_network;
mod records;
mod resources;
mod runs;
mod scheduler;
mod simulation;
mod snapshot;
mod waits;
mod world;

pub use outcomes::drawn::Drawn;
pub use outcomes::recorded::{Recorded, RecordedSegment, SegmentName, StartDelays};
pub use outcomes::{Attempt, Ending, Outcomes, Segment};
pub use plain_site::as_plain_site;
pub use pools::dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
pub use pools::pool_manager::PoolManager;
pub use pools::{PoolChange, PoolError, PoolStatus, Pools, SlotCounts};
pub use queueing_network::as_queueing_network;
pub use simulation::Simulation;
pub use snapshot::{Decision, Snapshot, SnapshotInstance, SnapshotRun, decide};
