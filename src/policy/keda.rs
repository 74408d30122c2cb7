//! The rule of KEDA as the Helm chart of Apache Airflow sets it up.
//!
//! ```text
//! workers = ceil((queued + running) / worker_concurrency), within min and max
//! ```
//!
//! Source: documentation of the chart, "Autoscaling with KEDA".

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::worker_autoscaling::{slots_of, workers};
use super::{PolicySpec, PoolLoad};

/// Sizes a pool as KEDA would size the workers that run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keda {
    /// `[celery] worker_concurrency`.
    pub worker_concurrency: u32,
    /// The fewest workers.
    pub min_workers: u32,
    /// The most workers.
    pub max_workers: u32,
}

impl Keda {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "keda",
        summary: "the slots of the workers that KEDA would run: a baseline that does not see what waits for the pool",
        parameters: &[
            Parameter::new(
                "worker_concurrency",
                ParameterKind::Whole(1, 10_000),
                ParameterDefault::Number(16.0),
                "tasks that a worker runs",
            ),
            Parameter::new(
                "min_workers",
                ParameterKind::Whole(0, 10_000),
                ParameterDefault::Number(0.0),
                "the fewest workers",
            ),
            Parameter::new(
                "max_workers",
                ParameterKind::Whole(0, 10_000),
                ParameterDefault::Number(10.0),
                "the most workers",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::Keda),
    };

    /// The triggerers that the chart would run for so many triggers, of which each takes `capacity` (the chart's query says
    /// 1,000).
    ///
    /// ```
    /// assert_eq!(slotwise::policy::Keda::triggerers(2_500, 1_000), 3);
    /// ```
    pub fn triggerers(triggers: u64, capacity: u32) -> u64 {
        triggers.div_ceil(u64::from(capacity.max(1)))
    }

    fn from_given(given: &Given) -> Result<Self, String> {
        let [min_workers, max_workers] = given.bounds("min_workers", "max_workers")?;
        Ok(Self {
            worker_concurrency: given.whole("worker_concurrency"),
            min_workers,
            max_workers,
        })
    }
}

impl PoolRule for Keda {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let bounds = [self.min_workers, self.max_workers];
        let workers = workers(load, self.worker_concurrency, bounds);
        Some(slots_of(workers, self.worker_concurrency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_those_of_the_chart() {
        let rule = Keda {
            worker_concurrency: 16,
            min_workers: 0,
            max_workers: 10,
        };
        for (queued, running, workers) in
            [(0, 0, 0), (1, 0, 1), (20, 13, 3), (0, 33, 3), (164, 0, 10)]
        {
            let load = PoolLoad {
                queued,
                running,
                scheduled: 500,
                ..PoolLoad::default()
            };
            let (slots, _) = rule.wish(&mut (), &load).unwrap();
            assert_eq!(
                slots as i64,
                workers * 16,
                "{queued} queued, {running} running"
            );
        }
    }
}
