//! The scheduler's book-keeping of an executor.

/// An executor as the scheduler counts it. A task takes a slot when the critical section chooses it and gives it back
/// when the executor's synchronisation learns of its end: in the first loop at or after it, and there after the
/// critical section. The slot is thus free one loop later than the task's pool slots (docs/background/scheduler.md, 1.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecutorSlots {
    parallelism: i64,
    in_use: i64,
    ended: i64,
}

impl ExecutorSlots {
    pub(crate) fn new(parallelism: u32, in_use: u32) -> Self {
        Self {
            parallelism: i64::from(parallelism),
            in_use: i64::from(in_use),
            ended: 0,
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

    /// A task of it has ended.
    pub(crate) fn task_ended(&mut self) {
        self.ended += 1;
    }

    /// Learns which tasks ended; says whether there were any.
    pub(crate) fn synchronise(&mut self) -> bool {
        self.in_use -= self.ended;
        std::mem::take(&mut self.ended) > 0
    }
}
