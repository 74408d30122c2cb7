//! The running summary: a recorder whose memory does not grow with the simulated time.
//!
//! Each row touches the counts and histograms of its own task alone; those of pools and DAGs are merged from the
//! tasks when someone asks.

mod first_success;
mod over_budget;
mod pool;
mod resizing;
mod resource;
mod runs;
mod work;

pub use over_budget::OverBudget;
pub use pool::{PoolSignal, PoolSummary, PoolTally};
pub use resizing::ResizeSummary;
pub use resource::{ResourceSignal, ResourceSummary, ResourceTally};
pub use runs::RunSummary;
pub use work::{SlotTime, Unfinished, WorkSummary};

use std::ops::Range;

use super::{
    DagRunRecord, DeadlockRecord, PoolSample, Recorder, ResizeRecord, ResourceSample, ServedRecord,
    TaskInstanceRecord,
};
use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId, ResourceId, TaskId};
use crate::time::{SimDuration, SimTime};

/// The most resizes that are kept one by one; later ones are only counted.
pub const MAX_RESIZES: usize = 2_048;

/// The most deadlocks that are kept one by one; later ones are only counted.
pub const MAX_DEADLOCKS: usize = 2_048;

/// When a run begins, is measured, and ends: `start <= warm_up_end <= end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasurementWindow {
    /// The first simulated moment.
    pub start: SimTime,
    /// Nothing before this moment counts.
    pub warm_up_end: SimTime,
    /// The horizon.
    pub end: SimTime,
}

impl MeasurementWindow {
    /// How long is measured.
    pub fn length(&self) -> SimDuration {
        self.end - self.warm_up_end
    }

    /// Whether this moment is measured: from the end of warm-up to the horizon, both included, so that what ends
    /// with the last simulated moment counts.
    pub fn holds(&self, at: SimTime) -> bool {
        self.warm_up_end <= at && at <= self.end
    }

    /// How much of `from..to` is measured.
    pub fn overlap(&self, from: SimTime, to: SimTime) -> SimDuration {
        (to.min(self.end) - from.max(self.warm_up_end)).max(SimDuration::ZERO)
    }

    /// The measured part.
    pub fn measured(&self) -> Range<SimTime> {
        self.warm_up_end..self.end
    }
}

/// What a run came to, in constant memory.
///
/// Waits and durations are those of segments that ended within the window. Rows that are unfinished at the
/// horizon (handed over when the run is cut off) are counted apart: see [`Unfinished`].
#[derive(Clone, Debug, PartialEq)]
pub struct RunningSummary {
    window: MeasurementWindow,
    /// Whether it was over before the horizon, because all was done or nothing could happen any more.
    is_cut_short: bool,
    tasks: Vec<WorkSummary>,
    dags: Vec<RunSummary>,
    pools: Vec<PoolSummary>,
    over_budget: Option<OverBudget>,
    resources: Vec<ResourceSummary>,
    resizes: Vec<ResizeRecord>,
    resize_count: u64,
    deadlocks: Vec<DeadlockRecord>,
    deadlock_count: u64,
    /// The DAG and the pool of each task.
    places: Vec<(DagId, PoolId)>,
}

impl RunningSummary {
    /// An empty summary for one run of this deployment.
    pub fn new(deployment: &Deployment, window: MeasurementWindow) -> Self {
        Self {
            window,
            is_cut_short: false,
            tasks: vec![WorkSummary::default(); deployment.tasks.len()],
            dags: deployment
                .dags
                .iter()
                .map(|dag| RunSummary::new(dag.deadline))
                .collect(),
            pools: deployment
                .pools
                .iter()
                .map(|pool| PoolSummary::new(pool, &window))
                .collect(),
            over_budget: deployment
                .budget
                .as_ref()
                .map(|budget| OverBudget::new(budget, &deployment.pools, &window)),
            resources: vec![ResourceSummary::new(&window); deployment.resources.len()],
            resizes: Vec::new(),
            resize_count: 0,
            deadlocks: Vec::new(),
            deadlock_count: 0,
            places: deployment
                .tasks
                .iter()
                .map(|task| (task.dag, task.pool))
                .collect(),
        }
    }

    /// The same without the courses of pools over time, which cost more than a short run itself; all figures are the same.
    #[must_use]
    pub fn without_courses(self) -> Self {
        let pools = self.pools.into_iter();
        Self {
            pools: pools.map(PoolSummary::without_course).collect(),
            ..self
        }
    }

    /// The same for a run that is known to go on until the horizon: courses need not be made coarser on the way.
    #[must_use]
    pub fn to_the_horizon(self) -> Self {
        let pools = self.pools.into_iter();
        Self {
            pools: pools.map(PoolSummary::with_final_bins).collect(),
            ..self
        }
    }

    /// What was measured, and when.
    pub fn window(&self) -> MeasurementWindow {
        self.window
    }

    /// The instances of one task.
    pub fn work_of_task(&self, task: TaskId) -> &WorkSummary {
        &self.tasks[task.index()]
    }

    /// The runs of one DAG.
    pub fn runs_of(&self, dag: DagId) -> &RunSummary {
        &self.dags[dag.index()]
    }

    /// The slots of one pool.
    pub fn slots_of(&self, pool: PoolId) -> &PoolSummary {
        &self.pools[pool.index()]
    }

    /// How long the pools of the budget offered more slots than it has, if there is one.
    pub fn over_budget(&self) -> Option<&OverBudget> {
        self.over_budget.as_ref()
    }

    /// What one resource did.
    pub fn resource(&self, resource: ResourceId) -> &ResourceSummary {
        &self.resources[resource.index()]
    }

    /// The pools' ids.
    pub fn pool_ids(&self) -> impl Iterator<Item = PoolId> + use<> {
        (0..self.pools.len()).map(PoolId::new)
    }

    /// The instances of all tasks of one DAG.
    pub fn work_of_dag(&self, dag: DagId) -> WorkSummary {
        self.merged(|&(its_dag, _)| its_dag == dag)
    }

    /// The instances of all tasks that ask for this pool.
    pub fn work_of_pool(&self, pool: PoolId) -> WorkSummary {
        self.merged(|&(_, its_pool)| its_pool == pool)
    }

    /// All instances.
    pub fn work_of_site(&self) -> WorkSummary {
        self.merged(|_| true)
    }

    /// From the end of the warm-up until all was done; none if the simulation went to its horizon or left something
    /// unfinished.
    pub fn time_to_clear(&self) -> Option<SimDuration> {
        let is_done = self.dags.iter().all(|dag| dag.unfinished == 0);
        (self.is_cut_short && is_done).then(|| self.window.length())
    }

    /// The first [`MAX_RESIZES`] changes of pool sizes, in the order of time, those of the warm-up included.
    pub fn resizes(&self) -> &[ResizeRecord] {
        &self.resizes
    }

    /// How often pools were resized, the warm-up included.
    pub fn resize_count(&self) -> u64 {
        self.resize_count
    }

    /// The first [`MAX_DEADLOCKS`] deadlocks of pools that were not over before the warm-up was, in the order of their
    /// end.
    pub fn deadlocks(&self) -> &[DeadlockRecord] {
        &self.deadlocks
    }

    /// How often pools were deadlocked.
    pub fn deadlock_count(&self) -> u64 {
        self.deadlock_count
    }

    /// The parts of which a summary consists, for who records in them without making rows: the work by task, the runs by
    /// DAG, the slots by pool.
    pub(crate) fn parts_mut(
        &mut self,
    ) -> (
        &mut Vec<WorkSummary>,
        &mut Vec<RunSummary>,
        &mut Vec<PoolSummary>,
    ) {
        (&mut self.tasks, &mut self.dags, &mut self.pools)
    }

    fn merged(&self, wanted: impl Fn(&(DagId, PoolId)) -> bool) -> WorkSummary {
        let mut whole = WorkSummary::default();
        for (task, place) in self.tasks.iter().zip(&self.places) {
            if wanted(place) {
                whole.merge(task);
            }
        }
        whole
    }
}

impl Recorder for RunningSummary {
    const WAIT_PARTS: bool = true;

    #[inline]
    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        self.tasks[row.task.index()].record(row, &self.window);
    }

    #[inline]
    fn served(&mut self, row: &ServedRecord<'_>) {
        self.tasks[row.task.index()].record_first_success(row, &self.window);
    }

    fn dag_run(&mut self, row: &DagRunRecord) {
        self.dags[row.dag.index()].record(row, &self.window);
    }

    #[inline]
    fn pool(&mut self, row: &PoolSample) {
        self.pools[row.pool.index()].record(row, &self.window);
    }

    #[inline]
    fn pool_use(&mut self, row: &PoolSample) {
        self.pools[row.pool.index()].set(row.at, row.running, row.scheduled);
    }

    fn resize(&mut self, row: ResizeRecord) {
        self.pools[row.pool.index()].record_resize(&row, &self.window);
        if let Some(budget) = &mut self.over_budget {
            budget.record(&row);
        }
        // A resize that was lost, or a change that was noticed, is a row and no change.
        self.resize_count += u64::from(row.from != row.to);
        if self.resizes.len() < MAX_RESIZES {
            self.resizes.push(row);
        }
    }

    fn resource(&mut self, row: &ResourceSample) {
        self.resources[row.resource.index()].record(row);
    }

    fn refusal(&mut self, at: SimTime, resource: ResourceId) {
        self.resources[resource.index()].record_refusal(at, &self.window);
    }

    fn over(&mut self, at: SimTime) {
        self.is_cut_short = at < self.window.end;
        self.window.end = self.window.end.min(at);
        for task in &mut self.tasks {
            task.complete_first_successes();
        }
        for pool in &mut self.pools {
            pool.end_at(self.window.end);
        }
        for resource in &mut self.resources {
            resource.end_at(self.window.end);
        }
        if let Some(budget) = &mut self.over_budget {
            budget.end_at(self.window.end);
        }
    }

    fn deadlock(&mut self, row: DeadlockRecord) {
        if row
            .until
            .is_some_and(|until| until <= self.window.warm_up_end)
        {
            return;
        }
        self.deadlock_count += 1;
        if self.deadlocks.len() < MAX_DEADLOCKS {
            self.deadlocks.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::synthetic::{busy_hour, deployment, first_hour, summary_of};

    #[test]
    fn pools_and_dags_are_the_sums_of_their_tasks() {
        let summary = summary_of(&deployment(), first_hour(), &busy_hour(30));
        let [extract, load] = [0, 1].map(|task| summary.work_of_task(TaskId::new(task)).clone());
        assert_eq!(summary.work_of_pool(PoolId::new(0)), extract);
        let mut both = extract;
        both.merge(&load);
        assert_eq!(summary.work_of_dag(DagId::new(0)), both);
        assert_eq!(both.started, 100);
    }

    #[test]
    fn the_log_of_resizes_is_bounded_and_their_number_is_not() {
        let mut summary = RunningSummary::new(&deployment(), first_hour());
        for to in 0..5_000 {
            summary.resize(ResizeRecord {
                at: first_hour().start,
                pool: PoolId::new(0),
                from: to,
                to: to + 1,
                reason: String::new(),
            });
        }
        assert_eq!(summary.resizes().len(), MAX_RESIZES);
        assert_eq!(summary.resize_count(), 5_000);
    }
}
