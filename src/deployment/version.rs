//! Versions of Airflow: all facts in which their schedulers differ, in one place.
//!
//! Code asks for a fact and never for a version. The facts of version 2 are those of Airflow 2.11.2
//! (docs/background/airflow2.md), those of version 3 of Airflow 3.3.2 (docs/background/scheduler.md).

use super::TaskInstanceState;

/// What the scheduler of one version does and that of another does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact by itself, and they occur in no other combination than the two below"
)]
pub struct Rules {
    /// `max_active_tasks` bounds each run by itself; else all runs of the DAG together.
    pub limits_tasks_per_run: bool,
    /// The page leaves out runs at their `max_active_tasks`, and of each run what is beyond it; else it holds
    /// whatever is scheduled, in order.
    pub page_spares_full_runs: bool,
    /// Deferred instances count for the limits of single tasks.
    pub deferred_counts: bool,
    /// Equal sort keys come out by `dag_id`, then by run; else by the creation of the rows alone.
    pub breaks_ties_by_name: bool,
    /// Own priority weights are clamped to 32 bits.
    pub clamps_weights: bool,
    /// A `parallelism` of 0 is no bound.
    pub zero_parallelism_is_unbounded: bool,
    /// A `LocalExecutor` counts what it has sent until its end.
    pub local_executor_counts: bool,
    /// The worker that ends a task promotes the tasks after it, unless `schedule_after_task_execution` is off.
    pub has_mini_scheduler: bool,
    /// The worker looks at the pool once more before it starts, and sends the instance back if it is overfull.
    pub checks_pool_at_start: bool,
    /// What is queued again before its executor has learnt of its last end is sent one loop later.
    pub holds_back_unlearnt: bool,
    /// When a scheduled run ends, the next one is computed from it, and not from the newest.
    pub next_run_follows_ended: bool,
    /// Runs that may start, and runs that take turns, are ordered by logical date; else by `run_after`.
    pub orders_runs_by_logical_date: bool,
    /// The runs of the DAGs with the fewest running ones start first.
    pub emptiest_dag_starts_first: bool,
    /// Runs that are created in one loop and were due at one moment are created in the order of their `dag_id`.
    pub creates_runs_by_name: bool,
    /// Every run has a logical date, and its id names it; else the id names `run_after`, and there are runs without.
    pub names_runs_by_logical_date: bool,
    /// The scheduler takes care of backfills.
    pub schedules_backfills: bool,
    /// There is a trigger rule `all_done_min_one_success`.
    pub has_all_done_min_one_success: bool,
    /// Instances that nothing has become of stay as they are when the time of their run is up; else they are skipped.
    pub timeout_leaves_none: bool,
    /// The time-out of a sensor that reschedules itself counts from the start of its very first poke, over all
    /// tries; else from the end of the first poke of the try.
    pub sensor_time_spans_tries: bool,
    /// The exponential backoff of retries has a factor that can be chosen; else it is on or off, and doubles.
    pub backoff_has_factor: bool,
    /// `[scheduler] catchup_by_default` unless it is set.
    pub catchup_by_default: bool,
    /// `[scheduler] create_cron_data_intervals` unless it is set.
    pub create_cron_data_intervals: bool,
    /// A fixed period means data intervals whatever `create_cron_data_intervals` says.
    pub period_is_data_interval: bool,
}

impl Rules {
    /// Airflow 3.
    pub const AIRFLOW_3: Self = Self {
        limits_tasks_per_run: true,
        page_spares_full_runs: true,
        deferred_counts: true,
        breaks_ties_by_name: true,
        clamps_weights: true,
        zero_parallelism_is_unbounded: false,
        local_executor_counts: false,
        has_mini_scheduler: false,
        checks_pool_at_start: false,
        holds_back_unlearnt: false,
        next_run_follows_ended: false,
        orders_runs_by_logical_date: false,
        emptiest_dag_starts_first: true,
        creates_runs_by_name: false,
        names_runs_by_logical_date: false,
        schedules_backfills: true,
        has_all_done_min_one_success: true,
        timeout_leaves_none: false,
        sensor_time_spans_tries: false,
        backoff_has_factor: true,
        catchup_by_default: false,
        create_cron_data_intervals: false,
        period_is_data_interval: false,
    };

    /// Airflow 2.
    pub const AIRFLOW_2: Self = Self {
        limits_tasks_per_run: false,
        page_spares_full_runs: false,
        deferred_counts: false,
        breaks_ties_by_name: false,
        clamps_weights: false,
        zero_parallelism_is_unbounded: true,
        local_executor_counts: true,
        has_mini_scheduler: true,
        checks_pool_at_start: true,
        holds_back_unlearnt: true,
        next_run_follows_ended: true,
        orders_runs_by_logical_date: true,
        emptiest_dag_starts_first: false,
        creates_runs_by_name: true,
        names_runs_by_logical_date: true,
        schedules_backfills: false,
        has_all_done_min_one_success: false,
        timeout_leaves_none: true,
        sensor_time_spans_tries: true,
        backoff_has_factor: false,
        catchup_by_default: true,
        create_cron_data_intervals: true,
        period_is_data_interval: true,
    };

    /// Whether an instance in this state counts for the limits of its task.
    #[inline]
    pub fn counts_as_active(&self, state: TaskInstanceState) -> bool {
        state.is_executing() || self.deferred_counts && state == TaskInstanceState::Deferred
    }

    /// The rules of a version by its name, `2` or `3`.
    pub fn of_version(name: &str) -> Option<Self> {
        match name {
            "2" => Some(Self::AIRFLOW_2),
            "3" => Some(Self::AIRFLOW_3),
            _ => None,
        }
    }
}
