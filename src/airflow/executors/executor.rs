//! The scheduler's book-keeping of an executor.

use crate::deployment::{Executor, ExecutorKind, Rules};

/// An executor as one scheduler counts it. A task takes a slot when the critical section chooses it and gives it back
/// when the executor's synchronisation learns of its end: in the first loop at or after it, and there after the
/// critical section. The slot is thus free one loop later than the task's pool slots (docs/background/scheduler.md, 1.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecutorSlots {
    parallelism: i64,
    in_use: i64,
    /// Whether what was sent counts until its end: not in a `LocalExecutor` of Airflow 3.
    tracks: bool,
}

impl ExecutorSlots {
    pub(crate) fn new(executor: &Executor, in_use: u32, rules: &Rules) -> Self {
        Self {
            parallelism: match executor.parallelism {
                0 if rules.zero_parallelism_is_unbounded => i64::MAX,
                parallelism => i64::from(parallelism),
            },
            in_use: i64::from(in_use),
            tracks: executor.kind != ExecutorKind::Local || rules.local_executor_counts,
        }
    }

    /// Slots that the critical section may still give away.
    pub(crate) fn free(&self) -> i64 {
        self.parallelism - self.in_use
    }

    /// Slots taken, those of ended tasks that it has not learnt of included.
    pub(crate) fn occupied(&self) -> i64 {
        self.in_use
    }

    /// A task has been chosen for it.
    pub(crate) fn take(&mut self) {
        self.in_use += 1;
    }

    /// A task that it had sent is taken back.
    pub(crate) fn revoke(&mut self) {
        self.in_use -= 1;
    }

    /// Learns that so many tasks ended; says whether slots are free for it.
    pub(crate) fn synchronise(&mut self, ended: i64) -> bool {
        let freed = if self.tracks { ended } else { self.in_use };
        self.in_use -= freed;
        freed > 0
    }
}
