//! What people do to a site while it runs, and what befalls it: pools are resized, DAGs paused, runs triggered, dates
//! backfilled, workers lost.

use crate::ids::{DagId, PoolId};
use crate::time::{SimDuration, SimTime};

/// Something that an operator does or has to live with, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorEvent {
    /// The moment; it happens before the scheduler loop of that moment.
    pub at: SimTime,
    /// What is done.
    pub action: OperatorAction,
}

/// What can happen. What Airflow would refuse changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorAction {
    /// Gives a pool another size; whatever runs goes on. Refused while the pool does not exist.
    ResizePool {
        /// The pool.
        pool: PoolId,
        /// Its slots from now on: -1 is unlimited, 0 closes it.
        slots: i64,
    },
    /// Multiplies the slots of a pool, by way of its sizing policy if it has one: within the bounds of its guard, and with its
    /// knowledge. Refused while the pool does not exist or is unlimited.
    ScalePool {
        /// The pool.
        pool: PoolId,
        /// The factor, from 0 up; the result is rounded down, and at least 1 unless the factor is 0.
        factor: f64,
    },
    /// Creates a pool. One whose first event this is does not exist before.
    CreatePool {
        /// The pool, declared in the deployment like every other.
        pool: PoolId,
        /// Its slots.
        slots: i64,
    },
    /// Deletes a pool: its running tasks go on, those that wait for it wait until it is created again.
    DeletePool {
        /// The pool.
        pool: PoolId,
    },
    /// Pauses a DAG: no run is created or started, nothing of it is examined or queued. What runs goes on.
    PauseDag {
        /// The DAG.
        dag: DagId,
    },
    /// Lets a paused DAG go on.
    UnpauseDag {
        /// The DAG.
        dag: DagId,
    },
    /// Reads the DAG's file again, unchanged: its next run and its place under `max_active_runs` are computed anew.
    ParseDag {
        /// The DAG.
        dag: DagId,
    },
    /// Reads the DAG's file again, edited: new runs are those of the edition, running ones follow when they are next
    /// examined. Added by [`super::Deployment::edit`].
    EditDag {
        /// The DAG.
        dag: DagId,
        /// What new runs are from now on, by position in [`super::Deployment::editions`].
        edition: usize,
    },
    /// Triggers runs by hand.
    TriggerRuns(RunRequest),
    /// Makes, or makes again, the runs of past schedule points.
    Backfill(Backfill),
    /// Celery workers die, with all that they run.
    LoseWorkers(WorkerLoss),
    /// Workers of an executor take longer to start what they are given, because images, files or the network are slow.
    SlowDown {
        /// The executor, by position in [`super::Deployment::executors`].
        executor: usize,
        /// What their start delays are multiplied by.
        factor: f64,
        /// For how long; a start that begins within this time is slow to its end.
        lasts: SimDuration,
    },
}

/// Celery workers that die. What they run is found by its missing heartbeats; what they were about to start goes back
/// to the broker. Refused where there are no such workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerLoss {
    /// The executor, by position in [`super::Deployment::executors`].
    pub executor: usize,
    /// The worker group, by position in that executor; none means any.
    pub group: Option<usize>,
    /// How many of those that serve at that moment, the first ones.
    pub count: u32,
    /// When each is back, as good as new.
    pub back_after: SimDuration,
}

/// Runs triggered by hand: created queued at once, whatever `max_active_runs` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRequest {
    /// The DAG.
    pub dag: DagId,
    /// How many; more than one have neither a `run_id` nor a logical date.
    pub runs: u32,
    /// The name; without one Airflow makes it.
    pub run_id: Option<String>,
    /// The logical date, if the run is to have one. Refused if the DAG has a run of that date. A run dated ahead
    /// holds its place but is not examined until then.
    pub logical_date: Option<SimTime>,
    /// By which way the request comes.
    pub by: RequestedBy,
}

/// The way of a request for a run, which decides the data interval of a dated one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestedBy {
    /// The command line or a trigger operator: the interval belongs to the moment of the request.
    #[default]
    Cli,
    /// The REST API or the web page: the interval belongs to the logical date.
    Rest,
}

/// A backfill: one run for each schedule point of a stretch whose interval is over, all created queued at once. Refused
/// while the DAG has another one that is not known to be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// The DAG; it needs a timetable of points.
    pub dag: DagId,
    /// The first logical date.
    pub from: SimTime,
    /// The last logical date.
    pub to: SimTime,
    /// Running runs of this backfill at a time, counted apart from the DAG's own limit.
    pub max_active_runs: u32,
    /// Whether the latest date comes first.
    pub reverse: bool,
    /// Which runs that exist already are run again.
    pub reprocess: ReprocessBehavior,
}

/// Which runs that exist already a backfill runs again. Unfinished ones are left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReprocessBehavior {
    /// None.
    #[default]
    None,
    /// The failed ones.
    Failed,
    /// All that are finished.
    Completed,
}

impl OperatorAction {
    /// The pool that it is about, if it is about one.
    pub fn pool(&self) -> Option<PoolId> {
        match *self {
            Self::ResizePool { pool, .. }
            | Self::ScalePool { pool, .. }
            | Self::CreatePool { pool, .. }
            | Self::DeletePool { pool } => Some(pool),
            _ => None,
        }
    }

    /// The name that it gives to the run that it triggers.
    pub fn run_id(&self) -> Option<&str> {
        match self {
            Self::TriggerRuns(request) => request.run_id.as_deref(),
            _ => None,
        }
    }
}
