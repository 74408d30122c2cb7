//! An executor as declared.

use crate::random::Distribution;

/// An executor whose book-keeping follows what it has sent (as Celery's and Kubernetes' do): a task holds an
/// executor slot from the critical section until the synchronisation of the first loop at or after its end.
#[derive(Clone, Debug)]
pub struct Executor {
    /// Name by which tasks ask for it.
    pub name: String,
    /// Slots of its own; `[core] parallelism` bounds all executors together.
    pub parallelism: u32,
    /// Seconds from being sent to running.
    pub start_delay: Distribution,
}
