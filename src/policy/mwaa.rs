//! The rule of Amazon Managed Workflows for Apache Airflow (MWAA): workers come by what is running and queued, and go
//! when all are idle.
//!
//! ```text
//! workers = ceil((running + queued) / tasks per worker), up to max; back to min when nothing is running or queued
//! ```
//!
//! Source: Amazon MWAA User Guide, "Configuring Amazon MWAA worker automatic scaling".

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::worker_autoscaling::{slots_of, workers};
use super::{PolicySpec, PoolLoad, whole_slots};

/// Sizes a pool as MWAA would size the workers that run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mwaa {
    /// Tasks that a worker runs: 5 on small, 10 on medium ones.
    pub tasks_per_worker: u32,
    /// The fewest workers.
    pub min_workers: u32,
    /// The most workers.
    pub max_workers: u32,
}

impl Mwaa {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "mwaa",
        summary: "the slots of the workers that Amazon MWAA would run: they go only when all are idle",
        parameters: &[
            Parameter::new(
                "tasks_per_worker",
                ParameterKind::Whole(1, 10_000),
                ParameterDefault::Number(5.0),
                "tasks that a worker runs: 5 on small, 10 on medium ones",
            ),
            Parameter::new(
                "min_workers",
                ParameterKind::Whole(0, 10_000),
                ParameterDefault::Number(1.0),
                "the fewest workers",
            ),
            Parameter::new(
                "max_workers",
                ParameterKind::Whole(0, 10_000),
                ParameterDefault::Number(10.0),
                "the most workers",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::Mwaa),
    };

    /// The workers that the capacity guide of AWS would provide for a peak of so many concurrent tasks, with a buffer such as
    /// 0.05 for 5 %. (AWS Big Data Blog, "Capacity planning for Airflow worker pools in Amazon MWAA".)
    ///
    /// ```
    /// // 104 / 10 × 1.05 is 10.92.
    /// assert_eq!(slotwise::policy::Mwaa::workers_for_peak(104, 10, 0.05), 11);
    /// ```
    pub fn workers_for_peak(peak_tasks: u32, tasks_per_worker: u32, buffer: f64) -> i64 {
        let workers = f64::from(peak_tasks) / f64::from(tasks_per_worker.max(1));
        whole_slots(workers * (1.0 + buffer), f64::ceil)
    }

    fn from_given(given: &Given) -> Result<Self, String> {
        let [min_workers, max_workers] = given.bounds("min_workers", "max_workers")?;
        Ok(Self {
            tasks_per_worker: given.whole("tasks_per_worker"),
            min_workers,
            max_workers,
        })
    }
}

impl PoolRule for Mwaa {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let bounds = [self.min_workers, self.max_workers];
        let workers = workers(load, self.tasks_per_worker, bounds);
        let (slots, reason) = slots_of(workers, self.tasks_per_worker);
        let is_idle = load.running + load.queued == 0;
        (is_idle || slots > load.slots as f64).then_some((slots, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Mwaa = Mwaa {
        tasks_per_worker: 5,
        min_workers: 1,
        max_workers: 10,
    };

    fn slots(slots: i64, running: i64, queued: i64) -> Option<i64> {
        let load = PoolLoad {
            slots,
            running,
            queued,
            ..PoolLoad::default()
        };
        SMALL.wish(&mut (), &load).map(|(slots, _)| slots as i64)
    }

    #[test]
    fn it_grows_to_what_runs_and_shrinks_when_idle() {
        // 53 / 5 would be 11 workers, of 10 allowed.
        assert_eq!(slots(5, 33, 20), Some(50));
        assert_eq!(slots(50, 7, 0), None);
        assert_eq!(slots(50, 0, 0), Some(5));
    }
}
