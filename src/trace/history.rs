//! What a real site recorded: the runs and tries of its metadata database, by their names.
//!
//! It is what an import reads, a calibration fits and a backtest compares with. Names, not ids: a history outlives the
//! deployment that wrote it, and may tell of DAGs and tasks that are not there any more.

use crate::deployment::{DagRunState, TaskInstanceState};
use crate::time::SimTime;

/// The recorded history of a site; [`History::read`] reads it from the files of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Its runs, in the order of their creation.
    pub runs: Vec<RecordedRun>,
    /// Executions that began, and instances that never got so far, by creation of the run, then as the site lists them.
    pub tries: Vec<RecordedTry>,
    /// Pokes of sensors in reschedule mode that found nothing, in the order of time.
    pub pokes: Vec<RecordedPoke>,
}

/// A DAG run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRun {
    /// Its DAG.
    pub dag_id: String,
    /// What the site calls it.
    pub run_id: String,
    /// Why it was made: `scheduled`, `manual`, `backfill`, `asset_triggered`, as the site says it.
    pub run_type: String,
    /// Its logical date, if it has one.
    pub logical_date: Option<SimTime>,
    /// When it was due.
    pub run_after: SimTime,
    /// When it was created, if the site says so.
    pub queued_at: Option<SimTime>,
    /// When its first loop began.
    pub started_at: Option<SimTime>,
    /// When it was over.
    pub ended_at: Option<SimTime>,
    /// Its state when it was recorded.
    pub state: DagRunState,
}

/// The names of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedRunName<'n> {
    /// Its DAG.
    pub dag_id: &'n str,
    /// What the site calls it.
    pub run_id: &'n str,
}

impl RecordedRun {
    /// Its names.
    pub fn name(&self) -> RecordedRunName<'_> {
        RecordedRunName {
            dag_id: &self.dag_id,
            run_id: &self.run_id,
        }
    }
}

/// One try of a task instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedTry {
    /// Its run, by its place in [`History::runs`].
    pub run: usize,
    /// Its task.
    pub task_id: String,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// What became of it; of an earlier try, the state in which it was put aside.
    pub state: TaskInstanceState,
    /// Whether another try followed: its state is that of a try that was put aside.
    pub is_earlier: bool,
    /// When a loop put it to scheduled.
    pub scheduled_at: Option<SimTime>,
    /// When the critical section chose it; none if no executor ever got it.
    pub queued_at: Option<SimTime>,
    /// When a worker began.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub ended_at: Option<SimTime>,
    /// The pool whose slots it asked for.
    pub pool: String,
    /// How many of them.
    pub pool_slots: u32,
    /// The effective weight it was sorted by.
    pub priority_weight: i64,
}

/// What names a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedTryName<'n> {
    /// Its run.
    pub run: RecordedRunName<'n>,
    /// Its task.
    pub task_id: &'n str,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
}

impl RecordedTry {
    /// What names it as a try of this run.
    pub fn name<'n>(&'n self, run: RecordedRunName<'n>) -> RecordedTryName<'n> {
        RecordedTryName {
            run,
            task_id: &self.task_id,
            map_index: self.map_index,
            try_number: self.try_number,
        }
    }

    /// Whether the scheduler gave it to an executor: neither skipped nor done by the scheduler itself.
    pub fn was_executed(&self) -> bool {
        self.queued_at.is_some()
    }
}

/// A poke of a sensor that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedPoke {
    /// The try that poked, by its place in [`History::tries`].
    pub of: usize,
    /// When a worker began it; Airflow 3 does not say.
    pub started_at: Option<SimTime>,
    /// When it was over.
    pub ended_at: SimTime,
    /// From when on the next one was due.
    pub next_at: SimTime,
}
