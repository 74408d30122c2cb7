//! From the facts of a run to the values of the indicators.

mod identities;
mod lookup;
mod span;
mod values;
mod waits;

pub use identities::check_identities;
pub use lookup::Entity;
pub use span::SpanMetrics;
pub use values::{
    DagMetrics, InstanceMetrics, Metrics, PoolMetrics, ResourceMetrics, RunMetrics, SiteMetrics,
    TaskMetrics,
};
pub use waits::{RunWaitMetrics, SchedulingWaitMetrics, WaitMetrics};

use crate::deployment::{Deployment, Resource};
use crate::ids::{DagId, PoolId, ResourceId, TaskId};
use crate::time::SimDuration;
use crate::trace::{
    PoolSignal, PoolSummary, ResourceSignal, RunSummary, RunningSummary, WorkSummary,
};

/// The values of all indicators of one run of `deployment`.
pub fn measure(summary: &RunningSummary, deployment: &Deployment) -> Metrics {
    let hours = summary.window().length().as_seconds() / 3_600.0;
    let pools = deployment.pools.iter().enumerate().map(|(at, pool)| {
        let id = PoolId::new(at);
        let instances = instances(&summary.work_of_pool(id), hours);
        measure_pool(pool.name.clone(), summary.slots_of(id), instances)
    });
    let resources = deployment.resources.iter().enumerate();
    let resources =
        resources.map(|(at, resource)| measure_resource(resource, ResourceId::new(at), summary));
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
        site: SiteMetrics {
            time_to_clear: summary.time_to_clear().map(SimDuration::as_seconds),
            task_instances: instances(&summary.work_of_site(), hours),
        },
        pools: pools.collect(),
        resources: resources.collect(),
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

fn measure_resource(
    resource: &Resource,
    id: ResourceId,
    summary: &RunningSummary,
) -> ResourceMetrics {
    let protected = summary.resource(id);
    let seen = protected.over_window();
    let succeeded = |&pool: &PoolId| summary.work_of_pool(pool).succeeded;
    let hours = summary.window().length().as_seconds() / 3_600.0;
    ResourceMetrics {
        resource: resource.name.clone(),
        concurrency_mean: seen.mean(ResourceSignal::Concurrency),
        concurrency_max: seen.max(ResourceSignal::Concurrency),
        slowdown: protected.slowdown(),
        calls_waiting: seen.mean(ResourceSignal::Calling),
        refused: protected.refused,
        throughput: per_hour(resource.pools.iter().map(succeeded).sum(), hours),
    }
}

fn instances(work: &WorkSummary, hours: f64) -> InstanceMetrics {
    InstanceMetrics {
        started: work.started,
        succeeded: work.succeeded,
        failed: work.failed,
        retried: work.retried,
        requeued: work.requeued,
        not_executed: work.not_executed,
        throughput: per_hour(work.succeeded, hours),
        still_waiting: work.unfinished.waiting,
        still_queued: work.unfinished.queued,
        still_running: work.unfinished.running,
        longest_open_wait: work.unfinished.longest_wait.as_seconds(),
        scheduling_wait: SpanMetrics::of(&work.scheduling_wait),
        scheduling_waited_for: SchedulingWaitMetrics::of_instances(&work.scheduling_waited_for),
        pool_wait: SpanMetrics::of(&work.pool_wait),
        waited_for: WaitMetrics::of_waits(&work.waited_for),
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
        waited_for: RunWaitMetrics::of_runs(&runs.waited_for),
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
