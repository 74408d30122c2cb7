//! Facts: the rows that a simulation writes, and who keeps them.
//!
//! The model keeps no counter for a report's sake; it hands every fact to its [`Recorder`], which is a type
//! parameter of a run: full rows, a running summary of constant memory, or nothing.

mod both;
mod csv_rows;
mod csv_text;
mod full;
mod history;
mod history_csv;
mod indicator;
mod longest_run;
mod rows;
mod run_wait;
mod scheduling_wait;
mod served;
mod starving;
mod summary;
#[cfg(test)]
pub(crate) mod synthetic;
mod wait_parts;
mod week;

pub use csv_rows::{COLUMNS, CsvRows};
pub use full::FullTrace;
pub use history::{
    History, RecordedPoke, RecordedRun, RecordedRunName, RecordedTry, RecordedTryName,
};
pub use history_csv::{HistoryCsvError, HistoryRows, RecordedFile};
pub use indicator::{Better, EntityKind, Indicator, SpanKind, Statistic, UnknownIndicator};
pub use longest_run::{LongestRun, RunRows};
pub use rows::{
    DagRunRecord, DeadlockRecord, LoopRecord, PoolSample, ResizeRecord, ResourceSample, RunIdForm,
    RunName, RunType, TaskInstanceRecord,
};
pub use run_wait::{RunWait, RunWaitCause};
pub use scheduling_wait::{SchedulingWait, SchedulingWaitCause};
pub use served::ServedRecord;
pub use starving::{StarvingCourse, StarvingTasks};
pub use summary::{
    MAX_DEADLOCKS, MAX_RESIZES, MeasurementWindow, OverBudget, PoolSignal, PoolSummary, PoolTally,
    ResizeSummary, ResourceSignal, ResourceSummary, ResourceTally, RunSummary, RunningSummary,
    SlotTime, Unfinished, WorkSummary,
};
pub use wait_parts::{WaitCause, WaitParts, WaitTotals};
pub use week::{HOURS_OF_WEEK, HourOfWeek, WeekOfPools};

use crate::ids::{PoolId, ResourceId};
use crate::time::SimTime;

/// Receives the facts of a run, in the order in which they happen.
pub trait Recorder {
    /// Whether it wants to know why instances waited, which costs a little time; else their parts are zero.
    const WAIT_PARTS: bool = false;
    /// Whether it wants to know how many instances starve for slots; likewise.
    const STARVING: bool = false;

    /// A segment of a try has left the executor, or an instance has got a state that no worker set.
    fn task_instance(&mut self, row: &TaskInstanceRecord);
    /// The same of an instance that ended well with its first try, in one segment, and began to run when it was queued.
    /// Most instances are like that; who sums them up need not ask.
    #[inline]
    fn served(&mut self, row: &ServedRecord<'_>) {
        self.task_instance(&row.row());
    }
    /// A DAG run has ended.
    fn dag_run(&mut self, row: &DagRunRecord);
    /// The slots in use of a pool, or its size, have changed.
    fn pool(&mut self, row: &PoolSample);
    /// The same of a pool whose size stays, and in which no instance is queued or deferred: only what runs and what is
    /// scheduled can have changed.
    #[inline]
    fn pool_use(&mut self, row: &PoolSample) {
        self.pool(row);
    }
    /// A policy, a person or an event has resized a pool.
    fn resize(&mut self, row: ResizeRecord);
    /// What a resource does has changed.
    fn resource(&mut self, _row: &ResourceSample) {}
    /// A resource has refused a call, and the try has failed.
    fn refusal(&mut self, _at: SimTime, _resource: ResourceId) {}
    /// A pool was deadlocked, and is not any more, or the simulation is over.
    fn deadlock(&mut self, _row: DeadlockRecord) {}
    /// The simulation is over at this moment, perhaps before the horizon; what is unfinished follows.
    fn over(&mut self, _at: SimTime) {}
    /// The pages of a critical section had instances of the pool, and so many found too few slots open.
    fn starving(&mut self, _at: SimTime, _pool: PoolId, _tasks: u32) {}
    /// A scheduler loop is over; most recorders do not care.
    fn scheduler_loop(&mut self, _row: LoopRecord) {}
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRecorder;

impl Recorder for NoRecorder {
    fn task_instance(&mut self, _: &TaskInstanceRecord) {}
    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}
