//! What a resource did: how many worked on it, how fast, and what it refused.

use super::MeasurementWindow;
use crate::stats::{Tally, TimeSeries};
use crate::time::SimTime;
use crate::trace::ResourceSample;

/// What is known of a resource at every moment; the position of the signal in a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum ResourceSignal {
    /// Task instances at work.
    Concurrency,
    /// What they get done together, in parts of 2^32 of what one does alone.
    Work,
    /// Task instances whose calls wait for tokens.
    Calling,
}

impl From<ResourceSignal> for usize {
    fn from(signal: ResourceSignal) -> Self {
        signal as Self
    }
}

const SIGNALS: usize = 3;

/// What the signals of a resource did over some span of time, by [`ResourceSignal`].
pub type ResourceTally = Tally<SIGNALS>;

/// A resource over the window.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceSummary {
    series: TimeSeries<SIGNALS>,
    /// Tries that failed because a call was refused.
    pub refused: u64,
}

impl ResourceSummary {
    pub(super) fn new(window: &MeasurementWindow) -> Self {
        let series = TimeSeries::new(window.start, window.measured(), [0; SIGNALS]);
        Self {
            series: series.without_course(),
            refused: 0,
        }
    }

    pub(super) fn record(&mut self, row: &ResourceSample) {
        let concurrency = i64::from(row.concurrency);
        let work = concurrency.saturating_mul(row.speed.cast_signed());
        self.series
            .set(row.at, [concurrency, work, i64::from(row.calling)]);
    }

    pub(super) fn record_refusal(&mut self, at: SimTime, window: &MeasurementWindow) {
        self.refused += u64::from(window.holds(at));
    }

    /// The window ends earlier than was said, at or after the last sample.
    pub(super) fn end_at(&mut self, end: SimTime) {
        self.series.end_at(end);
    }

    /// What its signals did within the window, exactly.
    pub fn over_window(&self) -> ResourceTally {
        self.series.over_window()
    }

    /// How many times as long work took as alone, in the mean of all that was done in the window; none if nothing was.
    pub fn slowdown(&self) -> Option<f64> {
        let seen = self.over_window();
        let spent = seen.integral(ResourceSignal::Concurrency) as f64;
        let done = seen.integral(ResourceSignal::Work) as f64 / (1_u64 << 32) as f64;
        (done > 0.0).then(|| spent / done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ResourceId;
    use crate::time::SimDuration;

    #[test]
    fn slowdown_is_time_spent_over_work_done() {
        let at = |seconds| SimTime::from_micros(0) + SimDuration::from_seconds(seconds);
        let window = MeasurementWindow {
            start: at(0),
            warm_up_end: at(10),
            end: at(100),
        };
        let mut summary = ResourceSummary::new(&window);
        assert_eq!(summary.slowdown(), None);
        let sample = |seconds, concurrency, parts: u64| ResourceSample {
            at: at(seconds),
            resource: ResourceId::new(0),
            concurrency,
            speed: (1 << 32) / parts,
            calling: 0,
        };
        // From 20 s to 50 s two tasks at half speed, then one alone to 60 s: 70 s for 40 s of work.
        for row in [sample(20, 2, 2), sample(50, 1, 1), sample(60, 0, 1)] {
            summary.record(&row);
        }
        assert!((summary.slowdown().unwrap() - 70.0 / 40.0).abs() < 1e-9);
        let mean = summary.over_window().mean(ResourceSignal::Concurrency);
        assert!((mean - 70.0 / 90.0).abs() < 1e-12);
        summary.record_refusal(at(9), &window);
        summary.record_refusal(at(11), &window);
        assert_eq!(summary.refused, 1, "the warm-up does not count");
    }
}
