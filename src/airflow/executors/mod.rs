//! Executors: the scheduler's book of each, the queues before their workers, and the workers.

pub(super) mod autoscaler;
pub(super) mod executor;
pub(super) mod lost_workers;
pub(super) mod start_check;
pub(super) mod stuck_in_queued;
pub(super) mod worker_slots;
pub(super) mod workers;
pub(super) mod workload;
