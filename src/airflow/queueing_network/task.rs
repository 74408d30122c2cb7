//! What the events of a task need, side by side.

use super::station::Station;
use crate::airflow::outcomes::Attempt;
use crate::airflow::outcomes::drawn::draw_duration;
use crate::airflow::plan::Plan;
use crate::deployment::Deployment;
use crate::ids::TaskId;
use crate::random::{Distribution, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::WorkSummary;

/// A task, and what has become of its instances so far.
#[derive(Debug)]
pub(super) struct Task<'a> {
    id: TaskId,
    /// Its pool.
    pub(super) station: u32,
    /// Where its instances wait there.
    pub(super) lane: u32,
    pub(super) slots: u32,
    /// The place of its DAG's name among all.
    pub(super) name_rank: u32,
    /// The part of a stream key that stands for its name.
    name_key: u64,
    duration: &'a Distribution,
    /// How many instances an instance of it waits for.
    pub(super) upstream: u32,
    /// The tasks directly after it: where their places in the DAG stand in one list for all tasks.
    pub(super) downstream: (u32, u32),
    pub(super) work: WorkSummary,
}

/// What the durations of a run hang on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Luck {
    pub(super) created_at: SimTime,
    /// The key of its random numbers.
    pub(super) key: StreamKey,
    /// The common factor of its durations.
    pub(super) size: f64,
}

impl Task<'_> {
    /// How long its instance of a run will run: the same draw as that of its first try in the whole simulation.
    #[inline]
    pub(super) fn draw_duration(&self, luck: &Luck) -> SimDuration {
        let first_try = Attempt {
            task: self.id,
            logical_date: luck.created_at,
            map_index: -1,
            try_number: 1,
            segment: 1,
            // Nothing that is drawn depends on when it starts, which nobody knows yet.
            since: luck.created_at,
            waited: SimDuration::ZERO,
            trigger_timed_out: false,
            requeues: 0,
            run_key: luck.key,
            task_key: self.name_key,
            run_size: luck.size,
        };
        draw_duration(self.duration, &first_try).max(SimDuration::ZERO)
    }

    /// What has become of its instances.
    pub(super) fn into_work(mut self) -> WorkSummary {
        self.work.complete_served();
        self.work
    }
}

/// The tasks of a deployment with their lanes at the stations, and the list of who comes after whom.
pub(super) fn lay_out<'a>(
    deployment: &'a Deployment,
    plan: &Plan,
    stations: &mut [Station],
    work: Vec<WorkSummary>,
) -> (Vec<Task<'a>>, Vec<u32>) {
    for task in &plan.tasks {
        stations[task.pool.index()].open_lane(task.weight, task.pool_slots);
    }
    for station in stations.iter_mut() {
        station.sort_lanes();
    }
    let mut downstream = Vec::new();
    let tasks = plan.tasks.iter().zip(&deployment.tasks).zip(work);
    let tasks = tasks.enumerate().map(|(at, ((task, described), work))| {
        let station = &stations[task.pool.index()];
        let first_task = plan.layouts[task.dag.index()].first_task;
        let below = plan.downstream(TaskId::new(at)).iter();
        let first_below = downstream.len() as u32;
        downstream.extend(below.map(|below| (below.index() - first_task) as u32));
        Task {
            id: TaskId::new(at),
            station: task.pool.index() as u32,
            lane: station.lane_of(task.weight, task.pool_slots),
            slots: task.pool_slots,
            name_rank: plan.dags[task.dag.index()].name_rank,
            name_key: task.name_key,
            duration: &described.duration,
            upstream: task.upstream_instances,
            downstream: (first_below, downstream.len() as u32),
            work,
        }
    });
    let tasks = tasks.collect();
    (tasks, downstream)
}
