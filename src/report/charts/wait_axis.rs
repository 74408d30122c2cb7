//! A logarithmic axis of durations with ticks at seconds, minutes, hours and days.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::report::duration_text;

/// Where ticks may stand, in seconds: each about three to ten times the one before.
const TICKS: [f64; 13] = [
    0.1,
    0.3,
    1.0,
    3.0,
    10.0,
    30.0,
    60.0,
    300.0,
    1_800.0,
    7_200.0,
    43_200.0,
    259_200.0,
    2_592_000.0,
];

/// From a tenth of a second to the first tick that is not below the longest duration.
pub(super) struct WaitAxis {
    to: f64,
}

impl WaitAxis {
    /// The shortest duration that is shown, in seconds; nobody feels a shorter one.
    pub(super) const FROM: f64 = TICKS[0];

    /// An axis that reaches to `longest` seconds and at least to ten.
    pub(super) fn new(longest: f64) -> Self {
        let longest = longest.max(10.0);
        let tick = TICKS.into_iter().find(|&tick| tick >= longest);
        Self {
            to: tick.unwrap_or(longest),
        }
    }

    /// The longest duration that is shown, in seconds.
    pub(super) fn end(&self) -> f64 {
        self.to
    }
}

impl Ranged for WaitAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let octaves = |seconds: f64| libm::log2(seconds.max(Self::FROM) / Self::FROM);
        let share = octaves(*value) / octaves(self.to);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        TICKS.into_iter().filter(|&tick| tick <= self.to).collect()
    }

    fn range(&self) -> Range<f64> {
        Self::FROM..self.to
    }
}

impl ValueFormatter<f64> for WaitAxis {
    fn format_ext(&self, value: &f64) -> String {
        duration_text(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_fits() {
        assert!((WaitAxis::new(0.0).end() - 10.0).abs() < 1e-12);
        assert!((WaitAxis::new(61.0).end() - 300.0).abs() < 1e-12);
        let years = WaitAxis::new(1e9);
        assert_eq!(years.map(&1e9, (0, 100)), 100);
        assert_eq!(years.map(&0.0, (0, 100)), 0);
    }
}
