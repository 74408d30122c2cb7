//! Task instances that are alive.

use crate::airflow::outcomes::Ending;
use crate::deployment::TaskInstanceState;
use crate::ids::{InstanceId, RunId, TaskId};
use crate::time::SimTime;

/// A row of `task_instance`: one task, run and map index, with the times of its present try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskInstance {
    pub(crate) scheduled_at: SimTime,
    pub(crate) queued_at: SimTime,
    pub(crate) started_at: SimTime,
    /// When its latest segment ended.
    pub(crate) ended_at: SimTime,
    /// When what it waits for is due: its next try, its next poke, or its trigger; at work, when the segment ends.
    pub(crate) due_at: SimTime,
    pub(crate) run: RunId,
    pub(crate) task: TaskId,
    /// The next of the same run and task that waits in the ready queue, by map index.
    pub(crate) next_waiting: Option<InstanceId>,
    /// -1 if the task is not mapped, or not expanded yet.
    pub(crate) map_index: i32,
    /// Its place among the rows of its run, in the order of their creation.
    pub(crate) row: u32,
    /// Raised when it goes to scheduled from none or `up_for_retry`.
    pub(crate) try_number: u16,
    /// Tries after which a failure is final.
    pub(crate) max_tries: u16,
    /// Executions within the try.
    pub(crate) segment: u32,
    pub(crate) state: TaskInstanceState,
    /// How the segment at work will end, known from its start.
    pub(crate) ending: Ending,
    /// Whether its trigger's time was up: resumed, it fails at once.
    pub(crate) trigger_timed_out: bool,
    /// Whether a worker has it, or is about to, while it is no longer that worker's: the worker will be refused.
    pub(crate) taken_away: bool,
    /// How often it was put back from queued to scheduled since it last ran in this try.
    pub(crate) requeues: u8,
    /// Which executor of which scheduler counts it.
    pub(crate) book: u32,
    /// The group of workers that runs it; 0 for those without bound, and if none does.
    pub(crate) group: u32,
}

impl TaskInstance {
    pub(crate) fn new(run: RunId, task: TaskId, map_index: i32, row: u32) -> Self {
        Self {
            scheduled_at: SimTime::MIN,
            queued_at: SimTime::MIN,
            started_at: SimTime::MIN,
            ended_at: SimTime::MIN,
            due_at: SimTime::MIN,
            run,
            task,
            next_waiting: None,
            map_index,
            row,
            try_number: 0,
            max_tries: 0,
            segment: 0,
            state: TaskInstanceState::None,
            ending: Ending::Success,
            trigger_timed_out: false,
            taken_away: false,
            requeues: 0,
            book: 0,
            group: 0,
        }
    }

    /// A place among the rows of a run that has no task there.
    pub(crate) fn absent(run: RunId) -> Self {
        Self {
            state: TaskInstanceState::Removed,
            ..Self::new(run, TaskId::default(), -1, 0)
        }
    }

    /// Keeps the tries that it has made; as many again are allowed.
    pub(crate) fn try_again(&mut self, tried: u16) {
        self.try_number = tried;
        self.max_tries += tried;
    }
}
