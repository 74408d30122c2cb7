//! How many task instances starve for slots, as Airflow's gauge `pool.starving_tasks` tells it.

use super::DagRunRecord;
use super::{MeasurementWindow, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord};
use crate::ids::PoolId;
use crate::stats::{Tally, TimeSeries};
use crate::time::{SimDuration, SimTime};

/// The gauge of every pool over time.
///
/// A critical section sets the gauge of each pool that its pages have instances of; other pools keep their last value, also
/// those that have been full from the beginning of the section on, because no page has any of theirs.
#[derive(Clone, Debug)]
pub struct StarvingTasks(Vec<TimeSeries<1>>);

/// A gauge over time, in equal bins.
#[derive(Clone, Debug, PartialEq)]
pub struct StarvingCourse {
    /// What it was in each of them, from the start of the run on.
    pub bins: Vec<Tally<1>>,
    /// How long a bin is; the last may be shorter.
    pub bin_width: SimDuration,
}

impl StarvingTasks {
    /// Nothing starves yet in so many pools.
    pub fn new(pools: usize, window: MeasurementWindow) -> Self {
        let nothing = TimeSeries::new(window.start, window.measured(), [0]);
        Self(vec![nothing; pools])
    }

    /// The courses of the pools, in the order of the deployment.
    pub fn into_courses(self) -> Vec<StarvingCourse> {
        let course = |series: TimeSeries<1>| StarvingCourse {
            bins: series.bins(),
            bin_width: series.bin_width(),
        };
        self.0.into_iter().map(course).collect()
    }
}

impl Recorder for StarvingTasks {
    const STARVING: bool = true;

    fn task_instance(&mut self, _: &TaskInstanceRecord) {}

    fn dag_run(&mut self, _: &DagRunRecord) {}

    fn pool(&mut self, _: &PoolSample) {}

    fn resize(&mut self, _: ResizeRecord) {}

    fn starving(&mut self, at: SimTime, pool: PoolId, tasks: u32) {
        self.0[pool.index()].set(at, [i64::from(tasks)]);
    }

    fn over(&mut self, at: SimTime) {
        for pool in &mut self.0 {
            pool.end_at(at);
        }
    }
}
