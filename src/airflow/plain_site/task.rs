//! What the events of a task need, side by side.

use crate::airflow::outcomes::Attempt;
use crate::airflow::outcomes::drawn::draw_duration;
use crate::airflow::plan::Plan;
use crate::airflow::waits::attribution::Attribution;
use crate::airflow::waits::wait_clocks::ClockId;
use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::{Distribution, StreamKey};
use crate::time::{SimDuration, SimTime};

/// A task.
#[derive(Debug)]
pub(super) struct Task<'a> {
    pub(super) dag: DagId,
    /// The place of its DAG's name among all.
    pub(super) name_rank: u32,
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

impl Task<'_> {
    /// How long an instance runs in the run of this key, whose durations have a factor in common.
    #[inline]
    pub(super) fn draw_duration(&self, run_key: StreamKey, run_size: f64) -> SimDuration {
        // Neither its number nor any moment matters for the first draw of the first try.
        let first_try = Attempt {
            task: TaskId::default(),
            logical_date: SimTime::MIN,
            map_index: -1,
            try_number: 1,
            segment: 1,
            since: SimTime::MIN,
            waited: SimDuration::ZERO,
            trigger_timed_out: false,
            requeues: 0,
            run_key,
            task_key: self.name_key,
            run_size,
        };
        draw_duration(self.duration, &first_try).max(SimDuration::ZERO)
    }
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
            name_rank: plan.dags[task.dag.index()].name_rank,
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
