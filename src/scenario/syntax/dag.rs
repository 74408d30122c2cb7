//! A DAG.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::{DistributionSyntax, MapSyntax, ScheduleSyntax, TaskSyntax};
use crate::time::{SimDuration, SimTime};

/// A DAG: when its runs come, its limits, and its tasks.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DagSyntax {
    /// When its runs come: a cron expression, a preset such as `@hourly`, `null` for never, or a kind with a value.
    #[serde(default, deserialize_with = "super::given")]
    pub(crate) schedule: Option<Located<ScheduleSyntax>>,
    /// The IANA time zone in which a cron expression is read; the default is UTC.
    pub(crate) timezone: Option<Located<String>>,
    /// No run lies before this moment; the default is the start of the simulation.
    pub(crate) start_date: Option<Located<SimTime>>,
    /// No run lies after this moment.
    pub(crate) end_date: Option<Located<SimTime>>,
    /// Whether missed schedule points are made up for.
    pub(crate) catchup: Option<bool>,
    /// Unfinished runs at a time; the default is `airflow.max_active_runs_per_dag`.
    pub(crate) max_active_runs: Option<Located<u32>>,
    /// Queued and running task instances of one run at a time, in Airflow 2 of all runs; the default is
    /// `airflow.max_active_tasks_per_dag`.
    pub(crate) max_active_tasks: Option<Located<u32>>,
    /// A run that is not done so long after its start fails, and what is left of it is skipped.
    pub(crate) dagrun_timeout: Option<SimDuration>,
    /// The DAG is paused when so many of its latest runs have all failed, 0 is never; the default is
    /// `airflow.max_consecutive_failed_dag_runs_per_dag`.
    pub(crate) max_consecutive_failed_dag_runs: Option<u32>,
    /// A run is late when it ends later than this after it was due.
    pub(crate) deadline: Option<SimDuration>,
    /// The common factor of all durations of a run, usually with mean 1: a big day is big for every task.
    pub(crate) run_size: Option<Located<DistributionSyntax>>,
    /// This many DAGs of the same kind, named with `_1`, `_2`, ... at the end; without it there is one, named as here.
    pub(crate) count: Option<Located<u32>>,
    /// Mapped task groups by name, and what each is mapped over: every index of a group is a chain of its own.
    #[serde(default)]
    pub(crate) mapped_groups: IndexMap<Located<String>, Located<MapSyntax>>,
    /// Tasks by name, in the order of the DAG file.
    #[serde(default)]
    pub(crate) tasks: IndexMap<Located<String>, TaskSyntax>,
}
