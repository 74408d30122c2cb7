//! What the tasks of living runs have seen of the tasks before them.
//!
//! A task takes a place when it first sees something, and the end of its run gives it back: so what waits far down a graph
//! costs next to nothing.

use crate::airflow::instances::upstream::UpstreamCounts;
use crate::airflow::places::Places;
use crate::airflow::plan::TaskPlan;
use crate::airflow::world::World;
use crate::ids::{RunId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;

/// The counters of one task in one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskProgress {
    /// Upstream instances, those inside its mapped group left out.
    pub(crate) upstream: UpstreamCounts,
    /// Instances queued, running or deferred; kept for tasks with a limit per run.
    pub(crate) active: u32,
    /// Whether it stands in [`crate::airflow::runs::dag_run::DagRun::touched`].
    pub(crate) touched: bool,
    /// Whether the loop of the moment `decided_at`, if there is one, had come and gone by then.
    pub(crate) decided_after_loop: bool,
    /// When the upstream counts first said something else than to wait, where waits are told.
    pub(crate) decided_at: SimTime,
}

impl TaskProgress {
    fn at_creation(task: &TaskPlan) -> Self {
        Self {
            upstream: UpstreamCounts::of(task.upstream_instances),
            active: 0,
            touched: false,
            decided_after_loop: false,
            decided_at: SimTime::MIN,
        }
    }

    /// Upstream counts say something else than to wait, perhaps after a loop of the same moment.
    #[inline]
    pub(crate) fn note_decided(&mut self, now: SimTime, is_after_loop: bool) {
        if self.decided_at == SimTime::MIN {
            self.decided_at = now;
            self.decided_after_loop = is_after_loop;
        }
    }
}

/// The progress of all tasks of all living runs.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// For each task of each run one more than its place, or 0 if it has none.
    of_tasks: Vec<u32>,
    places: Places<TaskProgress>,
}

impl Progress {
    /// Makes room for so many more tasks; gives the position of the first.
    pub(crate) fn add_tasks(&mut self, tasks: usize) -> usize {
        let first = self.of_tasks.len();
        self.of_tasks.resize(first + tasks, 0);
        first
    }

    /// How far the task at a position is, if it has seen anything.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&TaskProgress> {
        let place = self.of_tasks[at].checked_sub(1)?;
        Some(&self.places[place])
    }

    /// The progress of the task at a position, which has some from now on.
    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize, task: &TaskPlan) -> &mut TaskProgress {
        if self.of_tasks[at] == 0 {
            self.begin(at, task);
        }
        &mut self.places[self.of_tasks[at] - 1]
    }

    /// The task at a position does not stand in the list of those that are touched any more.
    #[inline]
    pub(crate) fn untouch(&mut self, at: usize) {
        if let Some(place) = self.of_tasks[at].checked_sub(1) {
            self.places[place].touched = false;
        }
    }

    /// Nobody asks for the progress of the task at a position any more.
    #[inline]
    pub(crate) fn forget(&mut self, at: usize) {
        if let Some(place) = std::mem::take(&mut self.of_tasks[at]).checked_sub(1) {
            self.places.give_back(place);
        }
    }

    /// How many places there are, in use or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    #[inline(never)]
    fn begin(&mut self, at: usize, task: &TaskPlan) {
        self.of_tasks[at] = self.places.take(TaskProgress::at_creation(task)) + 1;
    }
}

impl<R: Recorder> World<R> {
    /// How far a task of a run is, if it has seen anything.
    #[inline]
    pub(crate) fn progress(&self, run: RunId, task: TaskId) -> Option<&TaskProgress> {
        self.rows.progress.get(self.progress_at(run, task))
    }

    /// What a task of a run has seen of the tasks before it.
    #[inline]
    pub(crate) fn upstream(&self, run: RunId, task: TaskId) -> UpstreamCounts {
        let total = self.plan.tasks[task.index()].upstream_instances;
        let progress = self.progress(run, task);
        progress.map_or_else(|| UpstreamCounts::of(total), |progress| progress.upstream)
    }

    /// How many instances of a task with a limit are queued, running or deferred in a run.
    pub(crate) fn active_in_run(&self, run: RunId, task: TaskId) -> u32 {
        self.progress(run, task)
            .map_or(0, |progress| progress.active)
    }

    /// How far a task of a run is, which has seen something from now on.
    #[inline]
    pub(crate) fn progress_mut(&mut self, run: RunId, task: TaskId) -> &mut TaskProgress {
        let at = self.progress_at(run, task);
        let plan = &self.plan.tasks[task.index()];
        self.rows.progress.get_mut(at, plan)
    }

    /// Where the counters of a task in a run stand.
    #[inline]
    pub(crate) fn progress_at(&self, run: RunId, task: TaskId) -> usize {
        let run = self.run(run);
        run.first_progress + task.index() - self.plan.layouts[run.layout].first_task
    }
}
