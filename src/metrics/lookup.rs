//! Asking for one indicator of one pool, DAG or task.

use super::{
    DagMetrics, InstanceMetrics, Metrics, PoolMetrics, ResourceMetrics, RunMetrics, SiteMetrics,
    SpanMetrics,
};
use crate::ids::{DagId, PoolId, ResourceId, TaskId};
use crate::trace::{EntityKind, Indicator, SpanKind};

/// What an indicator is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// The site as a whole.
    Site,
    /// A pool.
    Pool(PoolId),
    /// What pools protect.
    Resource(ResourceId),
    /// A DAG.
    Dag(DagId),
    /// A task.
    Task(TaskId),
}

impl Entity {
    /// Which kind of thing it is.
    pub const fn kind(self) -> EntityKind {
        match self {
            Self::Site => EntityKind::Site,
            Self::Pool(_) => EntityKind::Pool,
            Self::Resource(_) => EntityKind::Resource,
            Self::Dag(_) => EntityKind::Dag,
            Self::Task(_) => EntityKind::Task,
        }
    }
}

impl Metrics {
    /// All entities: the site, pools, resources, then DAGs, then tasks.
    pub fn entities(&self) -> impl Iterator<Item = Entity> + use<> {
        let pools = (0..self.pools.len()).map(|at| Entity::Pool(PoolId::new(at)));
        let resources = (0..self.resources.len()).map(|at| Entity::Resource(ResourceId::new(at)));
        let dags = (0..self.dags.len()).map(|at| Entity::Dag(DagId::new(at)));
        let tasks = (0..self.tasks.len()).map(|at| Entity::Task(TaskId::new(at)));
        let site = std::iter::once(Entity::Site);
        let protected = pools.chain(resources);
        site.chain(protected).chain(dags).chain(tasks)
    }

    /// An entity's name; a task's is `dag_id.task_id`, and the site has none here.
    pub fn name(&self, entity: Entity) -> String {
        match entity {
            Entity::Site => String::new(),
            Entity::Pool(id) => self.pools[id.index()].pool.clone(),
            Entity::Resource(id) => self.resources[id.index()].resource.clone(),
            Entity::Dag(id) => self.dags[id.index()].dag_id.clone(),
            Entity::Task(id) => {
                let task = &self.tasks[id.index()];
                format!("{}.{}", task.dag_id, task.task_id)
            }
        }
    }

    /// The value; none if the indicator does not apply to such a thing, or if nothing happened to measure it by.
    pub fn value(&self, indicator: Indicator, entity: Entity) -> Option<f64> {
        match entity {
            Entity::Site => of_site(&self.site, indicator)
                .or_else(|| of_instances(&self.site.task_instances, indicator)),
            Entity::Pool(id) => {
                let pool = self.pools.get(id.index())?;
                of_pool(pool, indicator).or_else(|| of_instances(&pool.task_instances, indicator))
            }
            Entity::Resource(id) => of_resource(self.resources.get(id.index())?, indicator),
            Entity::Dag(id) => of_dag(self.dags.get(id.index())?, indicator),
            Entity::Task(id) => {
                of_instances(&self.tasks.get(id.index())?.task_instances, indicator)
            }
        }
    }
}

fn of_site(site: &SiteMetrics, indicator: Indicator) -> Option<f64> {
    match indicator {
        Indicator::TimeToClear => site.time_to_clear,
        Indicator::SlotHoursOffered => site.slot_hours_offered,
        Indicator::SlotHoursUsed => Some(site.slot_hours_used),
        Indicator::Resizes => Some(site.resizes as f64),
        Indicator::DirectionChanges => Some(site.direction_changes as f64),
        Indicator::TimeOverBudget => site.time_over_budget,
        Indicator::Cost => site.cost,
        _ => None,
    }
}

fn of_pool(pool: &PoolMetrics, indicator: Indicator) -> Option<f64> {
    match indicator {
        Indicator::Utilisation => pool.utilisation,
        Indicator::SlotHoursOffered => pool.slot_hours_offered,
        Indicator::SlotHoursUsed => Some(pool.slot_hours_used),
        Indicator::QueueMean => Some(pool.queue_mean),
        Indicator::QueueMax => Some(pool.queue_max as f64),
        Indicator::TimeFull => Some(pool.time_full),
        Indicator::Resizes => Some(pool.resizes as f64),
        Indicator::DirectionChanges => Some(pool.direction_changes as f64),
        Indicator::Cost => pool.cost,
        Indicator::Span(SpanKind::Drain, statistic) => figure(pool.drain.as_ref(), statistic),
        _ => None,
    }
}

fn of_resource(resource: &ResourceMetrics, indicator: Indicator) -> Option<f64> {
    match indicator {
        Indicator::ConcurrencyMean => Some(resource.concurrency_mean),
        Indicator::ConcurrencyMax => Some(resource.concurrency_max as f64),
        Indicator::Slowdown => resource.slowdown,
        Indicator::CallsWaiting => Some(resource.calls_waiting),
        Indicator::Refused => Some(resource.refused as f64),
        Indicator::Throughput => Some(resource.throughput),
        _ => None,
    }
}

fn of_dag(dag: &DagMetrics, indicator: Indicator) -> Option<f64> {
    let RunMetrics {
        started,
        succeeded,
        failed,
        unfinished,
        throughput,
        missed_deadlines,
        run_wait,
        waited_for,
        makespan,
        lateness,
        ..
    } = &dag.runs;
    match indicator {
        Indicator::Started => Some(*started as f64),
        Indicator::Succeeded => Some(*succeeded as f64),
        Indicator::Failed => Some(*failed as f64),
        Indicator::Unfinished => Some(*unfinished as f64),
        Indicator::Throughput => Some(*throughput),
        Indicator::MissedDeadlines => *missed_deadlines,
        Indicator::RunWaitedFor(cause) => Some(waited_for.of(cause)),
        Indicator::Span(SpanKind::RunWait, statistic) => figure(run_wait.as_ref(), statistic),
        Indicator::Span(SpanKind::Makespan, statistic) => figure(makespan.as_ref(), statistic),
        Indicator::Span(SpanKind::Lateness, statistic) => figure(lateness.as_ref(), statistic),
        _ => of_instances(&dag.task_instances, indicator),
    }
}

fn of_instances(instances: &InstanceMetrics, indicator: Indicator) -> Option<f64> {
    match indicator {
        Indicator::Started => Some(instances.started as f64),
        Indicator::Succeeded => Some(instances.succeeded as f64),
        Indicator::Failed => Some(instances.failed as f64),
        Indicator::Retried => Some(instances.retried as f64),
        Indicator::Requeued => Some(instances.requeued as f64),
        Indicator::Unfinished => {
            let InstanceMetrics {
                still_waiting,
                still_queued,
                still_running,
                ..
            } = instances;
            Some((still_waiting + still_queued + still_running) as f64)
        }
        Indicator::StillWaiting => Some(instances.still_waiting as f64),
        Indicator::LongestOpenWait => Some(instances.longest_open_wait),
        Indicator::Throughput => Some(instances.throughput),
        Indicator::WaitedFor(cause) => Some(instances.waited_for.of(cause)),
        Indicator::SchedulingWaitedFor(cause) => Some(instances.scheduling_waited_for.of(cause)),
        Indicator::Span(kind, statistic) => {
            let span = match kind {
                SpanKind::SchedulingWait => instances.scheduling_wait.as_ref(),
                SpanKind::PoolWait => instances.pool_wait.as_ref(),
                SpanKind::ExecutorWait => instances.executor_wait.as_ref(),
                SpanKind::Duration => instances.duration.as_ref(),
                SpanKind::RunWait | SpanKind::Makespan | SpanKind::Lateness | SpanKind::Drain => {
                    None
                }
            };
            figure(span, statistic)
        }
        _ => None,
    }
}

fn figure(span: Option<&SpanMetrics>, statistic: crate::trace::Statistic) -> Option<f64> {
    span.map(|span| span.get(statistic))
}
