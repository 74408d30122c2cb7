//! The mean service time, as measured from look to look.

use super::PoolLoad;
use crate::time::SimDuration;

/// The weight of a new look beside all earlier ones.
const WEIGHT: f64 = 0.2;

/// An exponentially weighted mean of the run times that looks have seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MeanService {
    seconds: Option<f64>,
}

impl MeanService {
    /// Counts what has ended since the last look.
    pub(super) fn see(&mut self, load: &PoolLoad) {
        if let Some(seen) = load.mean_service {
            let seen = seen.as_seconds();
            self.seconds = Some(
                self.seconds
                    .map_or(seen, |before| before + WEIGHT * (seen - before)),
            );
        }
    }

    /// The mean so far; none before anything has ended.
    pub(super) fn mean(&self) -> Option<SimDuration> {
        self.seconds.map(SimDuration::from_seconds_f64)
    }
}
