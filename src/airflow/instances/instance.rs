//! Task instances that are alive.

use crate::airflow::instances::present_try::{PresentTries, PresentTry, TryId};
use crate::airflow::plan::AfterEnd;
use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::ids::{InstanceId, RunId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;
use std::ops::Range;

/// A row of `task_instance`: one task, run and map index. What its present try adds stands elsewhere, because most
/// instances have not begun one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskInstance {
    pub(crate) run: RunId,
    pub(crate) task: TaskId,
    /// -1 if the task is not mapped, or not expanded yet.
    pub(crate) map_index: i32,
    /// Its place among the rows of its run, in the order of their creation.
    pub(crate) row: u32,
    /// Where its present try stands. It has none before it is first scheduled, nor when nobody asks for it any more.
    present_try: TryId,
    /// Raised when it goes to scheduled from none or `up_for_retry`.
    pub(crate) try_number: u16,
    /// Tries after which a failure is final.
    pub(crate) max_tries: u16,
    pub(crate) state: TaskInstanceState,
    /// Whether a worker has it, or is about to, while it is no longer that worker's: the worker will be refused.
    pub(crate) taken_away: bool,
}

impl TaskInstance {
    pub(crate) fn new(run: RunId, task: TaskId, map_index: i32, row: u32) -> Self {
        Self {
            run,
            task,
            map_index,
            row,
            present_try: TryId::NOT_BEGUN,
            try_number: 0,
            max_tries: 0,
            state: TaskInstanceState::None,
            taken_away: false,
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

/// All instances that are alive, and the tries of those that have begun one.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    pub(crate) rows: Vec<TaskInstance>,
    tries: PresentTries,
}

impl Instances {
    /// Where the present try of an instance stands.
    #[inline]
    pub(crate) fn try_id(&self, id: InstanceId) -> TryId {
        self.rows[id.index()].present_try
    }

    /// The present try of an instance; one that has not begun yet if it has none.
    #[inline]
    pub(crate) fn present_try(&self, id: InstanceId) -> &PresentTry {
        self.tries.get(self.try_id(id))
    }

    /// The present try of an instance, which has begun one from now on.
    #[inline]
    pub(crate) fn try_mut(&mut self, id: InstanceId) -> &mut PresentTry {
        if self.try_id(id) == TryId::NOT_BEGUN {
            self.rows[id.index()].present_try = self.tries.begin();
        }
        self.tries.get_mut(self.try_id(id))
    }

    /// Nobody asks for the try of an instance any more.
    #[inline]
    pub(crate) fn forget_try(&mut self, id: InstanceId) {
        self.forget_tries(id.index()..id.index() + 1);
    }

    /// Nobody asks for those of these instances.
    #[inline]
    pub(crate) fn forget_tries(&mut self, instances: Range<usize>) {
        for row in &mut self.rows[instances] {
            if row.present_try != TryId::NOT_BEGUN {
                self.tries.forget(row.present_try);
                row.present_try = TryId::NOT_BEGUN;
            }
        }
    }

    /// How many tries there is room for.
    #[cfg(test)]
    pub(crate) fn room_for_tries(&self) -> usize {
        self.tries.len()
    }
}

impl<R: Recorder> World<R> {
    /// The present try of an instance; one that has not begun yet if it has none.
    #[inline]
    pub(crate) fn present_try(&self, id: InstanceId) -> &PresentTry {
        self.rows.instances.present_try(id)
    }

    /// The present try of an instance, which has begun one from now on.
    #[inline]
    pub(crate) fn try_mut(&mut self, id: InstanceId) -> &mut PresentTry {
        self.rows.instances.try_mut(id)
    }

    /// Notes when an instance has left the state `before` for its end or for a time; its try is forgotten if nobody will
    /// ask for it.
    #[inline]
    pub(crate) fn note_end(&mut self, id: InstanceId, before: TaskInstanceState, now: SimTime) {
        use TaskInstanceState as S;
        let instance = self.instance(id);
        let is_awaited =
            instance.taken_away || matches!(before, S::UpForRetry | S::UpForReschedule);
        let after_end = self.plan.tasks[instance.task.index()].after_end;
        if instance.state.is_finished() && !is_awaited && after_end == AfterEnd::Forgotten {
            self.rows.instances.forget_try(id);
        } else {
            self.try_mut(id).ended_at = now;
        }
    }
}
