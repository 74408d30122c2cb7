//! What the autoscalers of workers do, applied to a pool: so many slots as their workers would run.
//!
//! They know running and queued instances and nothing of scheduled ones, so a full pool hides its backlog from them:
//! baselines that users know, to be beaten.

use super::PoolLoad;

/// The whole workers that run these instances, within bounds.
pub(super) fn workers(load: &PoolLoad, tasks_per_worker: u32, [least, most]: [u32; 2]) -> i64 {
    let instances = (load.running + load.queued).max(0);
    let workers = instances
        .unsigned_abs()
        .div_ceil(u64::from(tasks_per_worker.max(1)));
    let workers = i64::try_from(workers).unwrap_or(i64::MAX);
    workers.min(i64::from(most)).max(i64::from(least))
}

/// A wish for the slots of so many workers.
pub(super) fn slots_of(workers: i64, tasks_per_worker: u32) -> (f64, String) {
    let slots = workers as f64 * f64::from(tasks_per_worker);
    (
        slots,
        format!("{workers} workers of {tasks_per_worker} tasks each"),
    )
}
