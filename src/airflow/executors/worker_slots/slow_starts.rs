//! Executors whose workers take longer to start what they are given, for a time.

use super::WorkerSlots;
use crate::airflow::executors::workload::Workload;
use crate::time::{SimDuration, SimTime};

/// All slow-downs that have begun.
#[derive(Debug, Default)]
pub(super) struct SlowStarts {
    rows: Vec<SlowStart>,
}

#[derive(Debug)]
struct SlowStart {
    executor: usize,
    factor: f64,
    until: SimTime,
}

impl WorkerSlots {
    /// The workers of an executor are slow until then.
    pub(crate) fn slow_down(&mut self, executor: usize, factor: f64, until: SimTime) {
        self.slow_starts.rows.push(SlowStart {
            executor,
            factor,
            until,
        });
    }

    /// How long a worker that begins now takes to start: slow-downs at one time multiply.
    #[inline]
    pub(crate) fn start_delay(&self, workload: &Workload, now: SimTime) -> SimDuration {
        if self.slow_starts.rows.is_empty() {
            return workload.delay;
        }
        let executor = workload.book as usize % self.routes.len();
        let slow = self.slow_starts.rows.iter();
        let factors = slow.filter(|slow| slow.executor == executor && now < slow.until);
        let factor: f64 = factors.map(|slow| slow.factor).product();
        SimDuration::from_seconds_f64(workload.delay.as_seconds() * factor)
    }
}
