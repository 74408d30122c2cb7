//! Airflow as it *behaves*: the pools that the scheduler consults, and who resizes them.

mod dynamic_pool_manager;
mod pool_manager;
mod pools;
mod pools_in_file;

pub use dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
pub use pool_manager::PoolManager;
pub use pools::{PoolChange, PoolError, PoolStatus, Pools, SlotCounts};
