//! A DAG as declared.

use super::{AssetCondition, Timetable};
use crate::ids::TaskId;
use crate::random::{ArrivalProcess, Distribution};
use crate::time::{SimDuration, SimTime};

/// A DAG: its schedule, its limits, and where its tasks stand in the deployment.
#[derive(Clone, Debug)]
pub struct Dag {
    /// Unique name.
    pub dag_id: String,
    /// The first of its tasks; the others follow.
    pub first_task: TaskId,
    /// How many tasks it has.
    pub task_count: usize,
    /// When its runs come.
    pub schedule: Schedule,
    /// No run lies before this moment.
    pub start_date: SimTime,
    /// No run lies after this moment.
    pub end_date: Option<SimTime>,
    /// Whether missed schedule points are made up for.
    pub catchup: bool,
    /// Unfinished runs at a time.
    pub max_active_runs: u32,
    /// Queued and running task instances of one run at a time (of the whole DAG in Airflow 2).
    pub max_active_tasks: u32,
    /// The DAG is paused when so many of its latest runs have all failed; 0 is never.
    pub max_consecutive_failed_dag_runs: u32,
    /// A run that is not done so long after its start fails, and what is left of it is skipped.
    pub dagrun_timeout: Option<SimDuration>,
    /// A run is late when it ends later than this after its `run_after`.
    pub deadline: Option<SimDuration>,
    /// The common factor of all durations of a run, mean usually 1: a big day is big for every task.
    pub run_size: Option<Distribution>,
}

impl Dag {
    /// A DAG with Airflow's defaults and no tasks.
    pub fn named(dag_id: impl Into<String>) -> Self {
        Self {
            dag_id: dag_id.into(),
            first_task: TaskId::default(),
            task_count: 0,
            schedule: Schedule::Manual,
            start_date: SimTime::default(),
            end_date: None,
            catchup: false,
            max_active_runs: 16,
            max_active_tasks: 16,
            max_consecutive_failed_dag_runs: 0,
            dagrun_timeout: None,
            deadline: None,
            run_size: None,
        }
    }
}

/// When the runs of a DAG come.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// Never by itself.
    Manual,
    /// At the points of a timetable: scheduled runs, subject to catch-up and `max_active_runs` at creation.
    Timetable(Timetable),
    /// Triggered runs: created queued at the moment of arrival.
    Arrivals(ArrivalProcess),
    /// When tasks of other DAGs have written assets: runs without a logical date, due at the latest writing.
    Assets(AssetCondition),
}
