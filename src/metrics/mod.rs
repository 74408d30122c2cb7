//! From the facts of a run to the values of the indicators.

mod costs;
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
    OverBudget, PoolSignal, PoolSummary, ResourceSignal, RunSummary, RunningSummary, WorkSummary,
};

/// The values of all indicators of one run of `deployment`.
pub fn measure(summary: &RunningSummary, deployment: &Deployment) -> Metrics {
    let hours = summary.window().length().as_seconds() / 3_600.0;
    let pools = pools(summary, deployment, hours);
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
    let dags: Vec<DagMetrics> = dags.collect();
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
        site: measure_site(summary, deployment, &pools, &dags, hours),
        resources: resources.collect(),
        tasks: tasks.collect(),
        pools,
        dags,
    }
}

fn measure_site(
    summary: &RunningSummary,
    deployment: &Deployment,
    pools: &[PoolMetrics],
    dags: &[DagMetrics],
    hours: f64,
) -> SiteMetrics {
    let in_use = pools.iter().enumerate();
    let in_use = in_use.filter(|&(at, _)| deployment.is_in_use(PoolId::new(at)));
    let offered = in_use.filter_map(|(_, pool)| pool.slot_hours_offered);
    let costs = deployment.costs.as_ref();
    SiteMetrics {
        time_to_clear: summary.time_to_clear().map(SimDuration::as_seconds),
        slot_hours_offered: offered.reduce(|sum, hours| sum + hours),
        slot_hours_used: pools.iter().map(|pool| pool.slot_hours_used).sum(),
        resizes: pools.iter().map(|pool| pool.resizes).sum(),
        direction_changes: pools.iter().map(|pool| pool.direction_changes).sum(),
        time_over_budget: summary.over_budget().map(OverBudget::share),
        cost: costs.map(|costs| costs::of_site(costs, pools, dags)),
        task_instances: instances(&summary.work_of_site(), hours),
    }
}

fn pools(summary: &RunningSummary, deployment: &Deployment, hours: f64) -> Vec<PoolMetrics> {
    let measured = deployment.pools.iter().enumerate().map(|(at, pool)| {
        let id = PoolId::new(at);
        let instances = instances(&summary.work_of_pool(id), hours);
        let mut measured = measure_pool(pool.name.clone(), summary.slots_of(id), instances);
        let costs = deployment.costs.as_ref();
        measured.cost = costs
            .filter(|_| deployment.is_in_use(id))
            .map(|costs| costs::of_pool(costs, id, &measured));
        measured
    });
    measured.collect()
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
        resizes: slots.resizes().count,
        direction_changes: slots.resizes().direction_changes,
        drain: SpanMetrics::of(&slots.resizes().drain),
        cost: None,
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
    use crate::deployment::{Budget, Costs, TaskInstanceState};
    use crate::trace::synthetic::{
        busy_hour, cut_off, dag_run, deployment, first_hour, summary_of,
    };
    use crate::trace::{
        Indicator, PoolSample, Recorder, ResizeRecord, SpanKind, Statistic, WaitCause,
    };

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
    }

    /// A site with prices and a budget.
    fn priced() -> Deployment {
        Deployment {
            costs: Some(Costs {
                currency: Some("EUR".into()),
                slot_hour: vec![0.5; 2],
                waiting_hour: 10.0,
                missed_deadline: 100.0,
                resize: 0.25,
            }),
            budget: Some(Budget {
                slots: 2,
                pools: vec![PoolId::new(0)],
            }),
            ..deployment()
        }
    }

    /// A resize of the first pool, so many minutes after the warm-up.
    fn resize(minute: i64, from: i64, to: i64) -> ResizeRecord {
        ResizeRecord {
            at: first_hour().warm_up_end + SimDuration::from_seconds(60 * minute),
            pool: PoolId::new(0),
            from,
            to,
            reason: String::new(),
        }
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
        assert_eq!((pool.cost, metrics.site.cost), (None, None));
    }

    #[test]
    fn costs_are_those_of_the_back_of_an_envelope() {
        let mut rows = cut_off(&busy_hour(149), first_hour().end);
        // Half an hour of waiting in the busy pool.
        let half_an_hour = SimDuration::from_seconds(1_800);
        let waiting = rows
            .iter_mut()
            .find(|row| row.state == TaskInstanceState::Scheduled)
            .unwrap();
        assert_eq!(waiting.pool, PoolId::new(0));
        waiting.wait.add(WaitCause::Pool, half_an_hour);
        let mut summary = summary_of(&priced(), first_hour(), &rows);
        for (minute, from, to) in [(1, 2, 3), (2, 3, 2), (3, 2, 2)] {
            summary.resize(resize(minute, from, to));
        }
        summary.dag_run(&dag_run(600, Some(701)));
        let metrics = measure(&summary, &priced());
        let pool = &metrics.pools[0];
        assert_eq!((pool.resizes, pool.direction_changes), (2, 1));
        let offered = pool.slot_hours_offered.unwrap();
        close(pool.cost.unwrap(), 0.5 * offered + 10.0 * 0.5 + 0.25 * 2.0);
        // An unlimited pool costs what is used of it.
        let unlimited = &metrics.pools[1];
        assert!(unlimited.slot_hours_used > 0.0);
        close(unlimited.cost.unwrap(), 0.5 * unlimited.slot_hours_used);
        let pools = pool.cost.unwrap() + unlimited.cost.unwrap();
        let missed = metrics.dags[0].runs.late + metrics.dags[0].runs.overdue;
        assert_eq!(missed, 1);
        close(metrics.site.cost.unwrap(), pools + 100.0);
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
        let mut summary = summary_of(&priced(), first_hour(), &rows);
        summary.dag_run(&dag_run(600, Some(701)));
        // At the very end a shrink of a pool of which nothing is in use any more is over at once.
        summary.resize(resize(50, 3, 2));
        summary.pool(&PoolSample {
            at: first_hour().end,
            pool: PoolId::new(0),
            slots: Some(2),
            running: 0,
            queued: 0,
            scheduled: 0,
            deferred: 0,
        });
        let metrics = measure(&summary, &priced());
        let all = [
            Entity::Site,
            Entity::Pool(PoolId::new(0)),
            Entity::Dag(DagId::new(0)),
            Entity::Task(TaskId::new(0)),
        ];
        // The simulation went to its horizon.
        let indicators = Indicator::all().filter(|&one| one != Indicator::TimeToClear);
        for indicator in indicators {
            for entity in all {
                let applies = indicator.applies_to(entity.kind());
                let value = metrics.value(indicator, entity);
                assert_eq!(value.is_some(), applies, "{indicator} of {entity:?}");
            }
        }
    }
}
