//! Bursts: points at a fixed period from the beginning on, each perhaps late by a random time.
//!
//! Lateness does not add up: the k-th burst comes at origin + k * period + its own lateness. A burst that would
//! overtake an earlier one comes right after it.

use crate::random::{Distribution, Stream};
use crate::time::{SimDuration, SimTime};

/// Points at a fixed period.
#[derive(Clone, Debug, PartialEq)]
pub struct Bursts {
    period: SimDuration,
    /// How late they are, in seconds.
    jitter: Option<Distribution>,
}

impl Bursts {
    /// A burst every `period`, which is a microsecond at least; each is late by a draw of `jitter`, in seconds.
    pub fn new(period: SimDuration, jitter: Option<Distribution>) -> Self {
        Self {
            period: period.max(SimDuration::from_micros(1)),
            jitter,
        }
    }

    /// When the burst of that number comes; the first one has the number 0.
    pub(super) fn at(&self, origin: SimTime, number: i64, stream: &mut Stream) -> SimTime {
        let nominal = SimDuration::from_micros(self.period.as_micros().saturating_mul(number));
        let late = match &self.jitter {
            None => SimDuration::ZERO,
            Some(jitter) => SimDuration::from_seconds_f64(jitter.sample(stream)),
        };
        origin + nominal + late
    }

    /// Bursts per second in the long run.
    pub(super) fn mean_rate(&self) -> f64 {
        1.0 / self.period.as_seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    const DAY: SimDuration = SimDuration::from_seconds(86_400);

    #[test]
    fn lateness_is_counted_from_the_period_and_does_not_add_up() {
        let jitter = Distribution::from_parameters("uniform", &[("low", 60.0), ("high", 120.0)]);
        let bursts = Bursts::new(DAY, Some(jitter.unwrap()));
        let root = StreamKey::root(2, 0);
        for number in 0..1_000 {
            let mut stream = root.with(number as u64).stream(Purpose::Arrival);
            let at = bursts.at(SimTime::default(), number, &mut stream);
            let late = at.as_micros() - number * DAY.as_micros();
            assert!((60_000_000..=120_000_000).contains(&late), "{late}");
        }
    }

    #[test]
    fn time_cannot_stand_still() {
        let mut stream = StreamKey::root(1, 0).stream(Purpose::Arrival);
        let bursts = Bursts::new(SimDuration::ZERO, None);
        let at = bursts.at(SimTime::default(), 3, &mut stream);
        assert_eq!(at.as_micros(), 3);
        assert!(bursts.mean_rate().is_finite());
    }
}
