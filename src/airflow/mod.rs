//! Airflow as it *behaves*: the pools that the scheduler consults, and who resizes them.

mod pool_manager;
mod pools;

pub use pool_manager::{PoolManager, SlotCounts};
pub use pools::{PoolChange, PoolError, PoolStatus, Pools};
