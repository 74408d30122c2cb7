//! From the facts of a run to the values of the indicators.

mod identities;
mod lookup;
mod span;

pub use identities::check_identities;
pub use lookup::Entity;
pub use span::SpanMetrics;

use serde::Serialize;

use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId, TaskId};
use crate::time::SimDuration;
use crate::trace::{PoolSignal, PoolSummary, RunSummary, RunningSummary, WorkSummary};

/// All that is reported of one run, by pool, DAG and task. Times are in seconds, shares run from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// How long was measured, in hours.
    pub measured_hours: f64,
    /// By [`PoolId`].
    pub pools: Vec<PoolMetrics>,
    /// By [`DagId`].
    pub dags: Vec<DagMetrics>,
    /// By [`TaskId`].
    pub tasks: Vec<TaskMetrics>,
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
    /// Its instances.
    pub task_instances: InstanceMetrics,
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

/// Task instances: see [`WorkSummary`] for what counts.
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
    /// Scheduled to queued.
    pub pool_wait: Option<SpanMetrics>,
    /// Queued to running.
    pub executor_wait: Option<SpanMetrics>,
    /// Running to ended.
    pub duration: Option<SpanMetrics>,
}

/// The runs of a DAG: see [`RunSummary`] for what counts.
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
    /// `run_after` to active.
    pub run_wait: Option<SpanMetrics>,
    /// `run_after` to the end.
    pub makespan: Option<SpanMetrics>,
    /// Deadline to the end, 0 in time.
    pub lateness: Option<SpanMetrics>,
}

/// The values of all indicators of one run of `deployment`.
pub fn measure(summary: &RunningSummary, deployment: &Deployment) -> Metrics {
    let hours = summary.window().length().as_seconds() / 3_600.0;
    let pools = deployment.pools.iter().enumerate().map(|(at, pool)| {
        let id = PoolId::new(at);
        let instances = instances(&summary.work_of_pool(id), hours);
        measure_pool(pool.name.clone(), summary.slots_of(id), instances)
    });
    let dags = deployment
        .dags
        .iter()
        .enumerate()
        .map(|(at, dag)| DagMetrics {
            dag_id: dag.dag_id.clone(),
            runs: runs(summary.runs_of(DagId::new(at)), hours),
            task_instances: instances(&summary.work_of_dag(DagId::new(at)), hours),
        });
    let tasks = deployment
        .tasks
        .iter()
        .enumerate()
        .map(|(at, task)| TaskMetrics {
            dag_id: deployment.dags[task.dag.index()].dag_id.clone(),
            task_id: task.task_id.clone(),
            pool: deployment.pools[task.pool.index()].name.clone(),
            task_instances: instances(summary.work_of_task(TaskId::new(at)), hours),
        });
    Metrics {
        measured_hours: hours,
        pools: pools.collect(),
        dags: dags.collect(),
        tasks: tasks.collect(),
    }
}

fn measure_pool(pool: String, slots: &PoolSummary, instances: InstanceMetrics) -> PoolMetrics {
    let seen = slots.over_window();
    let hours = |slot_micros: i128| slot_micros as f64 / MICROS_PER_HOUR;
    let limited = seen.min(PoolSignal::Slots) >= 0;
    let offered = limited.then(|| hours(seen.integral(PoolSignal::Slots)));
    let used = hours(slots.occupied(&seen));
    PoolMetrics {
        pool,
        slots_min: seen.min(PoolSignal::Slots),
        slots_max: seen.max(PoolSignal::Slots),
        utilisation: offered
            .filter(|&hours| hours > 0.0)
            .map(|hours| used / hours),
        slot_hours_offered: offered,
        slot_hours_used: used,
        queue_mean: seen.mean(PoolSignal::Scheduled),
        queue_max: seen.max(PoolSignal::Scheduled),
        time_full: seen.mean(PoolSignal::Full),
        task_instances: instances,
    }
}

fn instances(work: &WorkSummary, hours: f64) -> InstanceMetrics {
    InstanceMetrics {
        started: work.started,
        succeeded: work.succeeded,
        failed: work.failed,
        retried: work.retried,
        not_executed: work.not_executed,
        throughput: per_hour(work.succeeded, hours),
        still_waiting: work.unfinished.waiting,
        still_queued: work.unfinished.queued,
        still_running: work.unfinished.running,
        longest_open_wait: work.unfinished.longest_wait.as_seconds(),
        pool_wait: SpanMetrics::of(&work.pool_wait),
        executor_wait: SpanMetrics::of(&work.executor_wait),
        duration: SpanMetrics::of(&work.duration),
    }
}

fn runs(runs: &RunSummary, hours: f64) -> RunMetrics {
    RunMetrics {
        started: runs.started,
        succeeded: runs.succeeded,
        failed: runs.failed,
        late: runs.late,
        unfinished: runs.unfinished,
        overdue: runs.overdue,
        throughput: per_hour(runs.succeeded, hours),
        missed_deadlines: runs.missed_deadlines(),
        run_wait: SpanMetrics::of(&runs.run_wait),
        makespan: SpanMetrics::of(&runs.makespan),
        lateness: SpanMetrics::of(&runs.lateness),
    }
}

/// Nothing happens in a window of no length.
fn per_hour(count: u64, hours: f64) -> f64 {
    if hours > 0.0 {
        count as f64 / hours
    } else {
        0.0
    }
}

const MICROS_PER_HOUR: f64 = SimDuration::from_seconds(3_600).as_micros() as f64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::synthetic::{
        busy_hour, cut_off, dag_run, deployment, first_hour, summary_of,
    };
    use crate::trace::{Indicator, Recorder, SpanKind, Statistic};

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
    }

    #[test]
    fn figures_of_a_quiet_hour_are_those_of_the_back_of_an_envelope() {
        let rows = cut_off(&busy_hour(29), first_hour().end);
        let metrics = measure(
            &summary_of(&deployment(), first_hour(), &rows),
            &deployment(),
        );
        let pool = &metrics.pools[0];
        // Every minute 1 s queued and 29 s running on one of two slots, for 50 minutes.
        close(pool.utilisation.unwrap(), 0.25);
        close(pool.slot_hours_offered.unwrap(), 2.0 * 50.0 / 60.0);
        close(pool.slot_hours_used, 0.25 * 2.0 * 50.0 / 60.0);
        close(pool.time_full, 0.0);
        assert_eq!(pool.queue_max, 0);
        close(pool.task_instances.throughput, 60.0);
        close(pool.task_instances.duration.unwrap().mean, 29.0);
        let unlimited = &metrics.pools[1];
        assert_eq!((unlimited.slots_min, unlimited.utilisation), (-1, None));
    }

    #[test]
    fn an_overloaded_pool_shows_it_everywhere() {
        let rows = cut_off(&busy_hour(149), first_hour().end);
        let mut summary = summary_of(&deployment(), first_hour(), &rows);
        summary.dag_run(&dag_run(600, Some(701)));
        let metrics = measure(&summary, &deployment());
        let pool = &metrics.pools[0];
        close(pool.time_full, 1.0);
        close(pool.utilisation.unwrap(), 1.0);
        assert!(pool.queue_max >= 10 && pool.queue_mean > 3.0);
        assert!(pool.task_instances.still_waiting > 5);
        assert!(pool.task_instances.longest_open_wait > 600.0);
        let asked = |indicator, entity| metrics.value(indicator, entity);
        let wait = Indicator::Span(SpanKind::PoolWait, Statistic::P95);
        assert!(asked(wait, Entity::Pool(PoolId::new(0))) > Some(600.0));
        assert_eq!(asked(wait, Entity::Pool(PoolId::new(1))), Some(0.0));
        assert_eq!(asked(Indicator::TimeFull, Entity::Dag(DagId::new(0))), None);
        assert_eq!(
            asked(Indicator::MissedDeadlines, Entity::Dag(DagId::new(0))),
            Some(1.0)
        );
    }

    #[test]
    fn what_an_indicator_applies_to_is_what_has_a_value() {
        let rows = cut_off(&busy_hour(149), first_hour().end);
        let mut summary = summary_of(&deployment(), first_hour(), &rows);
        summary.dag_run(&dag_run(600, Some(701)));
        let metrics = measure(&summary, &deployment());
        let [pool, dag, task] = [
            Entity::Pool(PoolId::new(0)),
            Entity::Dag(DagId::new(0)),
            Entity::Task(TaskId::new(0)),
        ];
        for indicator in Indicator::all() {
            for entity in [pool, dag, task] {
                let applies = indicator.applies_to(entity.kind());
                let value = metrics.value(indicator, entity);
                assert_eq!(value.is_some(), applies, "{indicator} of {entity:?}");
            }
        }
    }
}
