//! What the events of a task need, side by side.

use super::live_runs::Instance;
use super::station::Station;
use crate::airflow::plan::Plan;
use crate::deployment::Deployment;
use crate::ids::TaskId;
use crate::random::Distribution;
use crate::time::{SimDuration, SimTime};
use crate::trace::{MeasurementWindow, WorkSummary};

/// A task, and what has become of its instances so far.
#[derive(Debug)]
pub(super) struct Task<'a> {
    /// Its pool.
    pub(super) station: u32,
    /// Where its instances wait there.
    pub(super) lane: u32,
    pub(super) slots: u32,
    /// The place of its DAG's name among all.
    pub(super) name_rank: u32,
    /// The part of a stream key that stands for its name.
    pub(super) name_key: u64,
    pub(super) duration: &'a Distribution,
    /// How many instances an instance of it waits for.
    pub(super) upstream: u32,
    /// The tasks directly after it.
    pub(super) downstream: Box<[u32]>,
    pub(super) work: WorkSummary,
}

impl Task<'_> {
    /// Records an instance that the horizon cuts off; `full_time` is that of its pool by then.
    pub(super) fn cut_off(
        &mut self,
        instance: &Instance,
        full_time: SimDuration,
        window: &MeasurementWindow,
    ) {
        let (scheduled_at, started_at) = (instance.scheduled_at, instance.started_at);
        if scheduled_at == SimTime::MIN {
            return;
        }
        if started_at == SimTime::MAX {
            let waited_for_pool = full_time - instance.full_time;
            self.work
                .record_waiting(scheduled_at, waited_for_pool, self.slots, window);
        } else {
            self.work
                .record_running(scheduled_at, started_at, self.slots, window);
        }
    }

    /// What has become of its instances.
    pub(super) fn into_work(mut self) -> WorkSummary {
        self.work.complete_served();
        self.work
    }
}

/// The tasks of a deployment, and their lanes at the stations.
pub(super) fn lay_out<'a>(
    deployment: &'a Deployment,
    plan: &Plan,
    stations: &mut [Station],
    work: Vec<WorkSummary>,
) -> Vec<Task<'a>> {
    for task in &plan.tasks {
        stations[task.pool.index()].open_lane(task.weight, task.pool_slots);
    }
    for station in stations.iter_mut() {
        station.sort_lanes();
    }
    let tasks = plan.tasks.iter().zip(&deployment.tasks).zip(work);
    let tasks = tasks.enumerate().map(|(at, ((task, described), work))| {
        let station = &stations[task.pool.index()];
        let below = plan.downstream(TaskId::new(at)).iter();
        Task {
            station: task.pool.index() as u32,
            lane: station.lane_of(task.weight, task.pool_slots),
            slots: task.pool_slots,
            name_rank: plan.dags[task.dag.index()].name_rank,
            name_key: task.name_key,
            duration: &described.duration,
            upstream: task.upstream_instances,
            downstream: below.map(|task| task.index() as u32).collect(),
            work,
        }
    });
    tasks.collect()
}
