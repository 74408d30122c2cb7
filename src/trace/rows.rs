//! The row types.

use crate::deployment::{DagRunState, Deployment, TaskInstanceState};
use crate::ids::{DagId, EventId, PoolId, ResourceId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{RunWait, SchedulingWait, WaitParts};
use std::fmt;

/// One executed segment of a try (segment 1, 2, ...), or (segment 0) an instance in a state no worker set or
/// unfinished at the horizon. An instance that goes back from queued to scheduled has a row of segment 0 in that state,
/// with an end and without a start; one that its worker sends back to no state has a row in that state, with both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskInstanceRecord {
    /// Its DAG.
    pub dag: DagId,
    /// Its task.
    pub task: TaskId,
    /// The pool whose slots it asks for.
    pub pool: PoolId,
    /// Slots it asks for.
    pub pool_slots: u32,
    /// The logical date of its run, or `run_after` for runs without one: it names the run within the DAG.
    pub logical_date: SimTime,
    /// What its run is called.
    pub run: RunName,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1; 0 if it was never scheduled.
    pub try_number: u32,
    /// Counts executions within a try from 1.
    pub segment: u32,
    /// The effective weight it was sorted by.
    pub priority_weight: i64,
    /// From when on a loop could have scheduled it, if it had come round and it had been the turn of its run; none where
    /// waits are not recorded, or if it was never scheduled.
    pub ready_at: Option<SimTime>,
    /// Why it was not scheduled from `ready_at` on.
    pub scheduling: SchedulingWait,
    /// When a loop, or its trigger, put it to scheduled: it began to wait for its pool.
    pub scheduled_at: Option<SimTime>,
    /// When the critical section chose it: the end of the pool wait.
    pub queued_at: Option<SimTime>,
    /// When a worker began: the end of the executor wait.
    pub started_at: Option<SimTime>,
    /// When it left the executor.
    pub ended_at: Option<SimTime>,
    /// The state in which the segment left it; for segment 0 its state at the end.
    pub state: TaskInstanceState,
    /// When it was skipped while it waited or ran, because its run was out of time: its slots are free from then on.
    pub taken_at: Option<SimTime>,
    /// Whether this is a worker's segment that was refused at its end, because the instance had been taken from it.
    pub refused: bool,
    /// Why it waited from `scheduled_at` until it was queued, or until it was taken or cut off.
    pub wait: WaitParts,
}

impl TaskInstanceRecord {
    /// The name of the state, or that the worker was refused, or refused itself.
    pub fn state_name(&self) -> &'static str {
        if self.refused {
            "refused_by_api"
        } else if self.is_sent_back() {
            "refused_at_start"
        } else {
            self.state.name()
        }
    }

    /// Whether it went back from queued to scheduled, because it had waited too long for its executor.
    pub fn is_requeue(&self) -> bool {
        self.state == TaskInstanceState::Scheduled && self.ended_at.is_some()
    }

    /// Whether the worker itself sent it back to no state when it was to start, because its pool was overfull (Airflow 2):
    /// it has been queued, and its start and its end are that moment.
    pub fn is_sent_back(&self) -> bool {
        self.state == TaskInstanceState::None && self.ended_at.is_some()
    }

    /// Scheduling wait, ready to scheduled.
    pub fn scheduling_wait(&self) -> Option<SimDuration> {
        Some(self.scheduled_at? - self.ready_at?)
    }

    /// Pool wait, scheduled to queued.
    pub fn pool_wait(&self) -> Option<SimDuration> {
        Some(self.queued_at? - self.scheduled_at?)
    }

    /// Executor wait, queued to running.
    pub fn executor_wait(&self) -> Option<SimDuration> {
        Some(self.started_at? - self.queued_at?)
    }

    /// Time at work, running to ended.
    pub fn duration(&self) -> Option<SimDuration> {
        Some(self.ended_at? - self.started_at?)
    }
}

/// What Airflow calls a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunName {
    /// Why it was made.
    pub run_type: RunType,
    /// When it was due.
    pub run_after: SimTime,
    /// What else its run id consists of.
    pub form: RunIdForm,
}

/// How a run id tells runs of equal type and `run_after` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunIdForm {
    /// Not at all: a DAG has one run of a logical date.
    Dated,
    /// By its logical date instead of `run_after`: Airflow 2.
    LogicalDate(SimTime),
    /// By a tail of eight digits, for runs without a logical date. Airflow draws it at random.
    Numbered(u32),
    /// By what the operator who triggered it calls it.
    Given(EventId),
}

impl RunName {
    /// A run with a logical date.
    pub const fn dated(run_type: RunType, run_after: SimTime) -> Self {
        Self {
            run_type,
            run_after,
            form: RunIdForm::Dated,
        }
    }

    /// The run id: the type and `run_after` (or the logical date) as Python prints it, the fraction only if it is not zero, such as
    /// `scheduled__2026-03-02T00:00:00+00:00`; with a tail such as `_00000000` for runs without a logical date.
    pub fn run_id(&self, deployment: &Deployment) -> String {
        let date = match self.form {
            RunIdForm::LogicalDate(date) => date,
            _ => self.run_after,
        };
        let format = match date.as_micros() % 1_000_000 {
            0 => "%Y-%m-%dT%H:%M:%S+00:00",
            _ => "%Y-%m-%dT%H:%M:%S.%6f+00:00",
        };
        let made = format!(
            "{}__{}",
            self.run_type,
            date.to_timestamp().strftime(format)
        );
        match self.form {
            RunIdForm::Dated | RunIdForm::LogicalDate(_) => made,
            RunIdForm::Numbered(number) => format!("{made}_{number:08}"),
            RunIdForm::Given(event) => deployment
                .events
                .get(event.index())
                .and_then(|event| event.action.run_id())
                .map_or(made, str::to_owned),
        }
    }
}

/// Why a run exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunType {
    /// Made by a timetable.
    Scheduled,
    /// Triggered: by a person, a program, or an arrival process.
    Manual,
    /// Made by a backfill.
    Backfill,
    /// Made because assets were written.
    AssetTriggered,
    /// The same in Airflow 2, which calls them datasets.
    DatasetTriggered,
}

impl RunType {
    /// Airflow's name of the type, as run ids begin with it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
            Self::Backfill => "backfill",
            Self::AssetTriggered => "asset_triggered",
            Self::DatasetTriggered => "dataset_triggered",
        }
    }
}

impl fmt::Display for RunType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A DAG run that has ended, or was cut off by the horizon. One that a backfill runs again ends more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DagRunRecord {
    /// Its DAG.
    pub dag: DagId,
    /// What it is called: why it was made, and its `run_after`.
    pub name: RunName,
    /// Why it ran: a backfill makes runs that it runs again its own.
    pub run_type: RunType,
    /// Its logical date, if it has one.
    pub logical_date: Option<SimTime>,
    /// Start and end of its data interval, if it has one.
    pub data_interval: Option<(SimTime, SimTime)>,
    /// When it was created, or cleared to run again.
    pub queued_at: SimTime,
    /// When it became active.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub ended_at: Option<SimTime>,
    /// Its state.
    pub state: DagRunState,
    /// Why it waited from the moment it was due to its start; zero if it has not started.
    pub wait: RunWait,
}

impl DagRunRecord {
    /// From when its waiting, its makespan and its deadline count: `run_after`. The dates of a backfill are long past,
    /// so its runs are due from the moment of the request on.
    pub fn due_at(&self) -> SimTime {
        match self.run_type {
            RunType::Backfill => self.queued_at,
            _ => self.name.run_after,
        }
    }
}

/// The slot counts of a pool after an event that changed one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSample {
    /// The moment.
    pub at: SimTime,
    /// The pool.
    pub pool: PoolId,
    /// Its size: -1 unlimited; none once it is deleted.
    pub slots: Option<i64>,
    /// Slots of running instances.
    pub running: i64,
    /// Slots of queued instances.
    pub queued: i64,
    /// Slots that scheduled instances ask for.
    pub scheduled: i64,
    /// Slots of deferred instances.
    pub deferred: i64,
}

/// What a resource does right after that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceSample {
    /// The moment.
    pub at: SimTime,
    /// The resource.
    pub resource: ResourceId,
    /// Task instances at work on it.
    pub concurrency: u32,
    /// How fast each of them gets on, in parts of 2^32 of its speed alone.
    pub speed: u64,
    /// Task instances whose calls wait for tokens.
    pub calling: u32,
}

/// A loop of the scheduler. Loops that could change nothing are left out, so the record has gaps, unless the
/// simulation was told to run every loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopRecord {
    /// When it began; all its decisions have this moment.
    pub at: SimTime,
    /// How many instances it queued.
    pub queued: usize,
}

/// A pool all of whose slots were held by sensors that keep their workers and await tasks which need slots of the same
/// pool: nothing could move until a sensor gave up, or the pool was enlarged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlockRecord {
    /// The pool.
    pub pool: PoolId,
    /// When the last of its slots was taken by such a sensor.
    pub since: SimTime,
    /// When there was a slot again; none if not before the end of the simulation.
    pub until: Option<SimTime>,
    /// How many sensors held the slots.
    pub sensors: u32,
}

/// A change of a pool's size; or, with the same size before and after, why it was not changed: a decision was lost on its way,
/// or a policy has noticed that somebody else is at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResizeRecord {
    /// The moment.
    pub at: SimTime,
    /// The pool.
    pub pool: PoolId,
    /// Its size before.
    pub from: i64,
    /// Its size from now on.
    pub to: i64,
    /// Why, in words.
    pub reason: String,
}
