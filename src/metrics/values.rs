//! What is reported of pools, DAGs and tasks, as plain values.

use serde::Serialize;

use super::{RunWaitMetrics, SchedulingWaitMetrics, SpanMetrics, WaitMetrics};

/// All that is reported of one run, by pool, DAG and task. Times are in seconds, shares run from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// How long was measured, in hours.
    pub measured_hours: f64,
    /// The whole site.
    pub site: SiteMetrics,
    /// By [`crate::ids::PoolId`].
    pub pools: Vec<PoolMetrics>,
    /// By [`crate::ids::ResourceId`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceMetrics>,
    /// By [`crate::ids::DagId`].
    pub dags: Vec<DagMetrics>,
    /// By [`crate::ids::TaskId`].
    pub tasks: Vec<TaskMetrics>,
}

/// The site as a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteMetrics {
    /// How long it took until all was done, in seconds, where the simulation ends with that; none if it was never done.
    pub time_to_clear: Option<f64>,
    /// Slot-hours of all limited pools that some task asks for; none if there is no such pool.
    pub slot_hours_offered: Option<f64>,
    /// Slot-hours that were used of all pools.
    pub slot_hours_used: f64,
    /// Resizes of all pools.
    pub resizes: u64,
    /// Those of them that went against the one before of the same pool.
    pub direction_changes: u64,
    /// The share of time in which the pools of the budget offered more slots than it has; none without a budget.
    pub time_over_budget: Option<f64>,
    /// The cost of all pools that some task asks for, and of all missed deadlines (`late` and `overdue` runs, times the
    /// price of one), in the currency of the scenario; none without `costs`.
    pub cost: Option<f64>,
    /// All instances.
    pub task_instances: InstanceMetrics,
}

/// A pool and the instances that asked for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoolMetrics {
    /// Its name.
    pub pool: String,
    /// The smallest size it had; -1 if it was unlimited at some time.
    pub slots_min: i64,
    /// The largest size it had.
    pub slots_max: i64,
    /// Slot-hours used over slot-hours offered, above 1 after a shrink; none if it was unlimited or closed.
    pub utilisation: Option<f64>,
    /// The integral of its size; none if it was unlimited.
    pub slot_hours_offered: Option<f64>,
    /// The integral of the slots in use.
    pub slot_hours_used: f64,
    /// Slots that scheduled instances wait for, time-weighted.
    pub queue_mean: f64,
    /// The most slots that scheduled instances waited for.
    pub queue_max: i64,
    /// The share of time without an open slot.
    pub time_full: f64,
    /// How often its size was changed.
    pub resizes: u64,
    /// How often that went against the resize before.
    pub direction_changes: u64,
    /// From a shrink until no more of its slots were in use than it had.
    pub drain: Option<SpanMetrics>,
    /// `slot_hour` times `slot_hours_offered` (of an unlimited pool `slot_hours_used`), plus `waiting_hour` times all of
    /// `waited_for` in hours, plus `resize` times `resizes`; none without `costs`, or if no task asks for the pool.
    pub cost: Option<f64>,
    /// Its instances.
    pub task_instances: InstanceMetrics,
}

/// What pools protect.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceMetrics {
    /// Its name.
    pub resource: String,
    /// Task instances at work, time-weighted.
    pub concurrency_mean: f64,
    /// The most that were at work at a time.
    pub concurrency_max: i64,
    /// How many times as long work took as alone; none if none was done.
    pub slowdown: Option<f64>,
    /// Task instances whose calls wait for tokens, time-weighted.
    pub calls_waiting: f64,
    /// Tries that failed because a call was refused.
    pub refused: u64,
    /// Task instances in the pools in front of it that ended well, per hour.
    pub throughput: f64,
}

/// A DAG: its runs and their instances.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DagMetrics {
    /// Its name.
    pub dag_id: String,
    /// Its runs.
    pub runs: RunMetrics,
    /// The instances of all its tasks.
    pub task_instances: InstanceMetrics,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskMetrics {
    /// Its DAG's name.
    pub dag_id: String,
    /// Its name.
    pub task_id: String,
    /// The pool it asks for.
    pub pool: String,
    /// Its instances.
    pub task_instances: InstanceMetrics,
}

/// Task instances: see [`crate::trace::WorkSummary`] for what counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InstanceMetrics {
    /// Tries that began.
    pub started: u64,
    /// Tries that ended well.
    pub succeeded: u64,
    /// Tries that failed for good.
    pub failed: u64,
    /// Tries that failed and were to be repeated.
    pub retried: u64,
    /// How often queued instances were put back: after waiting too long for their executor, or (Airflow 2) by their worker,
    /// which found the pool overfull.
    pub requeued: u64,
    /// Instances that no worker ended: skipped, given up, or empty.
    pub not_executed: u64,
    /// Tries that ended well, per hour.
    pub throughput: f64,
    /// Waiting for the pool at the horizon.
    pub still_waiting: u64,
    /// Waiting for the executor at the horizon.
    pub still_queued: u64,
    /// At work at the horizon.
    pub still_running: u64,
    /// The longest time that one of those waiting for the pool had waited, in seconds.
    pub longest_open_wait: f64,
    /// Ready to scheduled.
    pub scheduling_wait: Option<SpanMetrics>,
    /// The same divided by cause.
    pub scheduling_waited_for: SchedulingWaitMetrics,
    /// Scheduled to queued.
    pub pool_wait: Option<SpanMetrics>,
    /// Why they waited for the pool, all together; also those that still did at the horizon.
    pub waited_for: WaitMetrics,
    /// Queued to running.
    pub executor_wait: Option<SpanMetrics>,
    /// Running to ended.
    pub duration: Option<SpanMetrics>,
}

/// The runs of a DAG: see [`crate::trace::RunSummary`] for what counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunMetrics {
    /// Runs that became active.
    pub started: u64,
    /// Runs that ended well.
    pub succeeded: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs that ended after their deadline.
    pub late: u64,
    /// Runs that had not ended at the horizon.
    pub unfinished: u64,
    /// Those of the unfinished whose deadline had passed.
    pub overdue: u64,
    /// Runs that ended well, per hour.
    pub throughput: f64,
    /// The share of late and overdue runs among those that ended or are overdue.
    pub missed_deadlines: Option<f64>,
    /// Due to active; due is `run_after`, of a backfill's runs the request.
    pub run_wait: Option<SpanMetrics>,
    /// The same divided by cause.
    pub waited_for: RunWaitMetrics,
    /// Due to the end.
    pub makespan: Option<SpanMetrics>,
    /// Deadline to the end, 0 in time.
    pub lateness: Option<SpanMetrics>,
}
