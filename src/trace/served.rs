//! The row of what most instances are.

use super::{RunName, SchedulingWait, TaskInstanceRecord, WaitParts};
use crate::deployment::TaskInstanceState;
use crate::ids::{DagId, PoolId, TaskId};
use crate::time::SimTime;

/// A task instance that ended well with its first try, in one segment, and began to run when it was queued: what a
/// [`TaskInstanceRecord`] says, without what is the same of all of them.
///
/// It is made for each of millions of instances and read once, so it is narrow and refers to the parts of its wait.
#[derive(Clone, Copy, Debug)]
pub struct ServedRecord<'a> {
    /// Its DAG.
    pub dag: DagId,
    /// Its task, which is not mapped.
    pub task: TaskId,
    /// The pool whose slots it asked for.
    pub pool: PoolId,
    /// Slots it asked for.
    pub pool_slots: u32,
    /// The effective weight it was sorted by.
    pub priority_weight: i64,
    /// The logical date of its run.
    pub logical_date: SimTime,
    /// What its run is called.
    pub run: RunName,
    /// From when on a loop could have scheduled it.
    pub ready_at: SimTime,
    /// Why it was not scheduled from `ready_at` on.
    pub scheduling: SchedulingWait,
    /// When a loop put it to scheduled: it began to wait for its pool.
    pub scheduled_at: SimTime,
    /// When the critical section chose it, and a worker began.
    pub started_at: SimTime,
    /// When it left the executor.
    pub ended_at: SimTime,
    /// Why it waited from `scheduled_at` until it started; none if it did not have to wait.
    pub wait: Option<&'a WaitParts>,
}

impl ServedRecord<'_> {
    /// The same as the row of any instance.
    #[inline]
    pub fn row(&self) -> TaskInstanceRecord {
        TaskInstanceRecord {
            dag: self.dag,
            task: self.task,
            pool: self.pool,
            pool_slots: self.pool_slots,
            logical_date: self.logical_date,
            run: self.run,
            map_index: -1,
            try_number: 1,
            segment: 1,
            priority_weight: self.priority_weight,
            ready_at: Some(self.ready_at),
            scheduling: self.scheduling,
            scheduled_at: Some(self.scheduled_at),
            queued_at: Some(self.started_at),
            started_at: Some(self.started_at),
            ended_at: Some(self.ended_at),
            state: TaskInstanceState::Success,
            taken_at: None,
            refused: false,
            wait: self.wait.copied().unwrap_or_default(),
        }
    }
}
