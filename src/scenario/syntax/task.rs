//! A task.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::{DistributionSyntax, MapSyntax, Names, TaskKindSyntax, TriggerRuleSyntax};
use crate::time::SimDuration;

/// A task: its place in the DAG, its demands, and what its executions look like.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskSyntax {
    /// What it does; the default is `work`.
    pub(crate) kind: Option<TaskKindSyntax>,
    /// Tasks of the same DAG that come directly before it.
    pub(crate) upstream: Option<Located<Names>>,
    /// Tasks of the same DAG that come directly after it.
    pub(crate) downstream: Option<Located<Names>>,
    /// What must have become of the upstream tasks; the default is `all_success`.
    pub(crate) trigger_rule: Option<TriggerRuleSyntax>,
    /// Whether it waits until it has ended well in the run before.
    pub(crate) depends_on_past: Option<bool>,
    /// Whether it waits, besides, until the tasks directly after it have ended well in the run before.
    pub(crate) wait_for_downstream: Option<bool>,
    /// Whether it prepares what other tasks need, until a teardown directly after it.
    pub(crate) is_setup: Option<bool>,
    /// Whether it cleans up after the setups directly before it.
    pub(crate) is_teardown: Option<Located<bool>>,
    /// With `is_teardown`: whether its failure fails the run.
    pub(crate) on_failure_fail_dagrun: Option<bool>,
    /// The pool whose slots it takes; the default is `default_pool`.
    pub(crate) pool: Option<Located<String>>,
    /// Slots that one instance takes; the default is 1.
    pub(crate) pool_slots: Option<Located<u32>>,
    /// Its own weight; the default is 1.
    pub(crate) priority_weight: Option<i64>,
    /// How its effective weight is made; the default is `airflow.default_task_weight_rule`.
    pub(crate) weight_rule: Option<WeightRuleSyntax>,
    /// The executor that runs it; the default is the first.
    pub(crate) executor: Option<Located<String>>,
    /// The Celery queue that it is sent to; the default is `default`.
    pub(crate) queue: Option<Located<String>>,
    /// Mapped: this many instances in every run, or as many as the list of another task has.
    pub(crate) map: Option<Located<MapSyntax>>,
    /// The mapped task group of the DAG that it belongs to.
    pub(crate) group: Option<Located<String>>,
    /// Lengths of the lists that it pushes for tasks mapped over it.
    pub(crate) pushes: Option<Located<DistributionSyntax>>,
    /// The assets that it writes when it succeeds.
    pub(crate) outlets: Option<Names>,
    /// Active instances over all runs at a time.
    pub(crate) max_active_tis_per_dag: Option<Located<u32>>,
    /// Active instances within one run at a time.
    pub(crate) max_active_tis_per_dagrun: Option<Located<u32>>,
    /// Tries after the first; the default is `airflow.default_task_retries`.
    pub(crate) retries: Option<u32>,
    /// The delay after a failed try; the default is `airflow.default_task_retry_delay`.
    pub(crate) retry_delay: Option<SimDuration>,
    /// The delay is multiplied by this after every further try; 0 is no backoff, the default. In Airflow 2 it is 0 or 2.
    pub(crate) retry_exponential_backoff: Option<Located<f64>>,
    /// The longest delay that the backoff makes; the default is one day.
    pub(crate) max_retry_delay: Option<SimDuration>,
    /// How long one try runs; a poke of a sensor.
    pub(crate) duration: Option<Located<DistributionSyntax>>,
    /// A try that runs longer fails.
    pub(crate) execution_timeout: Option<SimDuration>,
    /// Share of tries that fail, from 0 to 1; the default is 0.
    pub(crate) failure_rate: Option<Located<f64>>,
    /// Share of failures after which no try is left, whatever `retries` says; the default is 0.
    pub(crate) fatal_share: Option<Located<f64>>,
    /// Share of tries that end in skipped; the default is 0.
    pub(crate) skip_rate: Option<Located<f64>>,
    /// Share of tries whose worker is lost half-way, so that only its missing heartbeats tell; the default is 0.
    pub(crate) lost_rate: Option<Located<f64>>,
}

/// How the effective weight is made.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WeightRuleSyntax {
    /// Its own weight and those of all tasks downstream.
    Downstream,
    /// Its own weight and those of all tasks upstream.
    Upstream,
    /// Its own weight alone.
    Absolute,
}
