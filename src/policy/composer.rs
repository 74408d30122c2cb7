//! The rule of Cloud Composer: the concurrency of a worker follows from its size, their number from what is running and
//! queued.
//!
//! ```text
//! worker concurrency = min(32, 12 × CPUs, 8 × GB of memory)
//! workers = ceil((running + queued) / worker concurrency), within min and max
//! ```
//!
//! Source: Google Cloud, "Cloud Composer: scale environments", and its defaults for `[celery] worker_concurrency`.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::worker_autoscaling::{slots_of, workers};
use super::{PolicySpec, PoolLoad, whole_slots};

/// Sizes a pool as Composer would size the workers that run it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Composer {
    /// CPUs of a worker.
    pub cpu: f64,
    /// Gigabytes of memory of a worker.
    pub memory_gb: f64,
    /// The fewest workers.
    pub min_workers: u32,
    /// The most workers.
    pub max_workers: u32,
}

impl Composer {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "composer",
        summary: "the slots of the workers that Cloud Composer would run",
        parameters: &[
            Parameter::new(
                "cpu",
                ParameterKind::Above(0.0, 1_000.0),
                ParameterDefault::Number(0.5),
                "CPUs of a worker",
            ),
            Parameter::new(
                "memory_gb",
                ParameterKind::Above(0.0, 10_000.0),
                ParameterDefault::Number(2.0),
                "gigabytes of memory of a worker",
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
                ParameterDefault::Number(3.0),
                "the most workers",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::Composer),
    };

    fn from_given(given: &Given) -> Result<Self, String> {
        let [min_workers, max_workers] = given.bounds("min_workers", "max_workers")?;
        Ok(Self {
            cpu: given.number("cpu"),
            memory_gb: given.number("memory_gb"),
            min_workers,
            max_workers,
        })
    }

    /// Tasks that a worker runs: whole ones, and at least one.
    pub fn worker_concurrency(&self) -> u32 {
        let concurrency = (12.0 * self.cpu).min(8.0 * self.memory_gb).min(32.0);
        whole_slots(concurrency, f64::floor).max(1) as u32
    }
}

impl PoolRule for Composer {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let concurrency = self.worker_concurrency();
        let bounds = [self.min_workers, self.max_workers];
        Some(slots_of(workers(load, concurrency, bounds), concurrency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_of_half_a_cpu_and_two_gigabytes_runs_six_tasks() {
        let mut rule = Composer {
            cpu: 0.5,
            memory_gb: 2.0,
            min_workers: 1,
            max_workers: 3,
        };
        assert_eq!(rule.worker_concurrency(), 6);
        let load = PoolLoad {
            running: 8,
            ..PoolLoad::default()
        };
        assert_eq!(rule.wish(&mut (), &load).unwrap().0 as i64, 12);
        rule.cpu = 4.0;
        rule.memory_gb = 64.0;
        assert_eq!(rule.worker_concurrency(), 32);
    }
}
