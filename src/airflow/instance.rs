//! Task instances that are alive.

use crate::deployment::TaskInstanceState;
use crate::ids::{InstanceId, RunId, TaskId};
use crate::time::SimTime;

/// A row of `task_instance`: one task, run and map index, with the times of its present try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskInstance {
    pub(crate) scheduled_at: SimTime,
    pub(crate) queued_at: SimTime,
    pub(crate) started_at: SimTime,
    pub(crate) run: RunId,
    pub(crate) task: TaskId,
    /// The next of the same run and task that waits in the ready queue, by map index.
    pub(crate) next_waiting: Option<InstanceId>,
    /// -1 if the task is not mapped.
    pub(crate) map_index: i32,
    /// Raised when it goes to scheduled from none or `up_for_retry`.
    pub(crate) try_number: u16,
    /// How many of its tries were made before its run was cleared: they do not count against `retries`.
    pub(crate) tries_before: u16,
    /// Executions within the try.
    pub(crate) segment: u16,
    pub(crate) state: TaskInstanceState,
    /// How the segment at work will end, known from its start.
    pub(crate) will_fail: bool,
}

impl TaskInstance {
    pub(crate) fn new(run: RunId, task: TaskId, map_index: i32) -> Self {
        Self {
            scheduled_at: SimTime::MIN,
            queued_at: SimTime::MIN,
            started_at: SimTime::MIN,
            run,
            task,
            next_waiting: None,
            map_index,
            try_number: 0,
            tries_before: 0,
            segment: 0,
            state: TaskInstanceState::None,
            will_fail: false,
        }
    }
}
