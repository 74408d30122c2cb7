//! The section `airflow`: options of `airflow.cfg`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::WeightRuleSyntax;
use crate::time::SimDuration;

/// Options by their names in `airflow.cfg`, with the defaults of the version.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AirflowSyntax {
    /// `[core] parallelism`: executor slots in use at a time; the default is 32. In Airflow 2, 0 is no bound.
    pub(crate) parallelism: Option<Located<u32>>,
    /// `[scheduler] max_tis_per_query`: page size of the critical section; 0 is no limit; the default is 16.
    pub(crate) max_tis_per_query: Option<u32>,
    /// `[scheduler] max_dagruns_to_create_per_loop`; the default is 10.
    pub(crate) max_dagruns_to_create_per_loop: Option<Located<u32>>,
    /// `[scheduler] max_dagruns_per_loop_to_schedule`; the default is 20.
    pub(crate) max_dagruns_per_loop_to_schedule: Option<Located<u32>>,
    /// `[scheduler] task_queued_timeout`: what waits in an executor for longer goes back to scheduled; the default is 10
    /// minutes.
    pub(crate) task_queued_timeout: Option<Located<SimDuration>>,
    /// `[scheduler] task_queued_timeout_check_interval`: how often that is looked for; the default is 2 minutes.
    pub(crate) task_queued_timeout_check_interval: Option<Located<SimDuration>>,
    /// `[core] default_pool_task_slot_count`: slots of `default_pool` unless `pools` says otherwise; the default is 128.
    pub(crate) default_pool_task_slot_count: Option<i64>,
    /// `[core] max_active_tasks_per_dag`: default of a DAG's `max_active_tasks`; the default is 16.
    pub(crate) max_active_tasks_per_dag: Option<Located<u32>>,
    /// `[core] max_active_runs_per_dag`: default of a DAG's `max_active_runs`; the default is 16.
    pub(crate) max_active_runs_per_dag: Option<Located<u32>>,
    /// `[core] max_consecutive_failed_dag_runs_per_dag`: default of a DAG's `max_consecutive_failed_dag_runs`; the
    /// default is 0, never.
    pub(crate) max_consecutive_failed_dag_runs_per_dag: Option<u32>,
    /// `[triggerer] capacity`, over all triggerers: triggers that run at a time; the default is 1000.
    pub(crate) triggerer_capacity: Option<Located<u32>>,
    /// `[scheduler] task_instance_heartbeat_timeout`: a running instance that is silent for longer is failed; the
    /// default is 5 minutes.
    pub(crate) task_instance_heartbeat_timeout: Option<SimDuration>,
    /// `[core] default_task_weight_rule`; the default is `downstream`.
    pub(crate) default_task_weight_rule: Option<WeightRuleSyntax>,
    /// `[core] default_task_retries`; the default is 0.
    pub(crate) default_task_retries: Option<u32>,
    /// `[core] default_task_retry_delay`; the default is 5 minutes.
    pub(crate) default_task_retry_delay: Option<SimDuration>,
    /// `[scheduler] catchup_by_default`; the default is false, in Airflow 2 true.
    pub(crate) catchup_by_default: Option<bool>,
    /// `[scheduler] create_cron_data_intervals`: whether cron and `every` mean data intervals; the default is false, in
    /// Airflow 2 true, where `every` always does.
    pub(crate) create_cron_data_intervals: Option<bool>,
    /// `[scheduler] schedule_after_task_execution`, of Airflow 2 only: whether the worker that ends a task promotes the
    /// tasks after it; the default is true.
    pub(crate) schedule_after_task_execution: Option<Located<bool>>,
    /// `[core] max_map_length`: the most instances of a mapped task in a run; the default is 1024.
    pub(crate) max_map_length: Option<u32>,
}
