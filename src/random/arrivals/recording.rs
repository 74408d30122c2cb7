//! Recorded arrivals: the moments at which something arrived in the past, once or again and again.
//!
//! A recording of n moments t(0) <= ... <= t(n - 1) that repeats with period P stands for the moments
//! t(k mod n) + P floor(k / n) for every whole k, also before the recording was made. Equal moments are a batch.

use std::sync::Arc;

use crate::time::{SimDuration, SimTime};

/// Recorded moments; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// In rising order.
    moments: Arc<[SimTime]>,
    period: Option<SimDuration>,
}

impl Recording {
    /// These moments, in any order, once.
    pub fn once(mut moments: Vec<SimTime>) -> Self {
        moments.sort_unstable();
        Self {
            moments: moments.into(),
            period: None,
        }
    }

    /// The same again and again with that period. None unless the period is longer than the recording, which would
    /// otherwise overlap with itself.
    #[must_use]
    pub fn repeated(self, period: SimDuration) -> Option<Self> {
        let is_longer = period > self.length().max(SimDuration::ZERO);
        is_longer.then_some(Self {
            period: Some(period),
            ..self
        })
    }

    /// Whether it comes again and again.
    pub(super) const fn repeats(&self) -> bool {
        self.period.is_some()
    }

    /// From the first moment to the last.
    pub fn length(&self) -> SimDuration {
        match (self.moments.first(), self.moments.last()) {
            (Some(&first), Some(&last)) => last - first,
            _ => SimDuration::ZERO,
        }
    }

    /// The moment of that number; the first row of the recording has the number 0.
    pub(super) fn at(&self, number: i64) -> Option<SimTime> {
        let count = self.moments.len() as i64;
        let cycle = number.checked_div_euclid(count)?;
        let moment = self.moments[number.rem_euclid(count) as usize];
        match self.period {
            None => (cycle == 0).then_some(moment),
            Some(period) => Some(moment + times(period, cycle)),
        }
    }

    /// The number of the first moment that does not lie before `from`.
    pub(super) fn first_at_or_after(&self, from: SimTime) -> i64 {
        let before = |from| self.moments.partition_point(|&moment| moment < from) as i64;
        match (self.period, self.moments.first()) {
            (Some(period), Some(&first)) => {
                let cycle = (from - first).as_micros().div_euclid(period.as_micros());
                cycle * self.moments.len() as i64 + before(from - times(period, cycle))
            }
            _ => before(from),
        }
    }
}

fn times(period: SimDuration, count: i64) -> SimDuration {
    SimDuration::from_micros(period.as_micros().saturating_mul(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(seconds: &[i64]) -> Recording {
        Recording::once(seconds.iter().map(|&s| at(s)).collect())
    }

    fn at(seconds: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(seconds)
    }

    fn from(recording: &Recording, seconds: i64) -> Vec<Option<SimTime>> {
        let first = recording.first_at_or_after(at(seconds));
        (first..first + 5)
            .map(|number| recording.at(number))
            .collect()
    }

    #[test]
    fn once_is_sorted_and_ends() {
        let recording = recording(&[30, 10, 20, 20]);
        let expected = [Some(at(20)), Some(at(20)), Some(at(30)), None, None];
        assert_eq!(from(&recording, 11), expected);
        assert_eq!(from(&recording, 31), [None; 5]);
        assert_eq!(recording.length(), SimDuration::from_seconds(20));
    }

    #[test]
    fn a_repeated_recording_has_neither_beginning_nor_end() {
        let recording = recording(&[110, 130, 110]);
        assert_eq!(
            recording.clone().repeated(SimDuration::from_seconds(20)),
            None
        );
        let weekly = recording.repeated(SimDuration::from_seconds(100)).unwrap();
        let after = |seconds: [i64; 5]| seconds.map(|s| Some(at(s)));
        assert_eq!(from(&weekly, 0), after([10, 10, 30, 110, 110]));
        assert_eq!(from(&weekly, 11), after([30, 110, 110, 130, 210]));
        assert_eq!(from(&weekly, -500), after([-490, -490, -470, -390, -390]));
        assert_eq!(
            from(&weekly, 1_000_031),
            after([1_000_110, 1_000_110, 1_000_130, 1_000_210, 1_000_210])
        );
    }

    #[test]
    fn nothing_was_recorded() {
        let nothing = recording(&[]);
        assert_eq!(from(&nothing, 0), [None; 5]);
        let weekly = nothing.repeated(SimDuration::from_seconds(1)).unwrap();
        assert_eq!(from(&weekly, 0), [None; 5]);
    }
}
