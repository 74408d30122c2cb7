//! What the events of a task need, side by side.

use crate::airflow::plan::Plan;
use crate::airflow::waits::attribution::Attribution;
use crate::airflow::waits::wait_clocks::ClockId;
use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::Distribution;

/// A task.
#[derive(Debug)]
pub(super) struct Task<'a> {
    pub(super) dag: DagId,
    pub(super) pool: PoolId,
    pub(super) slots: u32,
    pub(super) weight: i64,
    pub(super) executor: usize,
    /// The lane of its pool in which its instances wait.
    pub(super) lane: u32,
    /// The innermost of the clocks that tell why its instances wait.
    pub(super) clock: Option<ClockId>,
    /// The part of a stream key that stands for its name.
    pub(super) name_key: u64,
    pub(super) duration: &'a Distribution,
    /// How many instances an instance of it waits for.
    pub(super) upstream: u32,
    /// The tasks directly after it.
    pub(super) downstream: Box<[u32]>,
}

/// The tasks of a deployment; their lanes are told later.
pub(super) fn lay_out<'a>(
    deployment: &'a Deployment,
    plan: &Plan,
    attribution: &Attribution,
) -> Vec<Task<'a>> {
    let tasks = plan.tasks.iter().zip(&deployment.tasks).enumerate();
    let tasks = tasks.map(|(at, (task, described))| {
        let below = plan.downstream(TaskId::new(at)).iter();
        Task {
            dag: task.dag,
            pool: task.pool,
            slots: task.pool_slots,
            weight: task.weight,
            executor: task.executor,
            lane: 0,
            clock: attribution.shared_clock(TaskId::new(at)),
            name_key: task.name_key,
            duration: &described.duration,
            upstream: task.upstream_instances,
            downstream: below.map(|task| task.index() as u32).collect(),
        }
    });
    tasks.collect()
}
