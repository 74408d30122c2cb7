//! Why it waited: the clocks and histories that tell for instances and for runs, and deadlocks of pools.

pub(super) mod attribution;
pub(super) mod deadlocks;
pub(super) mod run_wait_history;
pub(super) mod scheduling_waits;
pub(super) mod wait_clocks;
