//! An axis of values, with ticks where people expect them: round numbers, and round durations such as 10 minutes.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::report::duration_text;
use crate::report::headline::percent;

/// Distances between ticks that are read at a glance, in seconds; below and beyond are decimal ones, of seconds and days.
const DURATIONS: [f64; 19] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0,
];
const DAY: f64 = 86_400.0;

/// Ticks that fit beside a panel.
const MAX_TICKS: f64 = 5.0;

/// A linear axis of values of a unit.
pub(super) struct ValueAxis<'a> {
    unit: &'a str,
    from: f64,
    to: f64,
    step: f64,
}

impl<'a> ValueAxis<'a> {
    /// An axis up to a value above zero; `unit` is one of those that indicators have, such as `s` and `share`.
    pub(super) fn new(unit: &'a str, to: f64) -> Self {
        Self::between(unit, 0.0, to)
    }

    /// An axis from a value to a higher one, on both sides of zero or far from it.
    pub(super) fn between(unit: &'a str, from: f64, to: f64) -> Self {
        let least = (to - from) / MAX_TICKS;
        let duration = DURATIONS.into_iter().find(|&step| step >= least);
        let step = match (unit, duration) {
            ("s", Some(step)) if least > 0.5 => step,
            ("s", None) => DAY * decimal_step(least / DAY),
            _ => decimal_step(least),
        };
        Self {
            unit,
            from,
            to,
            step,
        }
    }
}

/// The smallest of 1, 2 and 5, and what is ten times as much or as little, that is not below `least`.
fn decimal_step(least: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(least).floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    let fits = steps.into_iter().find(|&step| step >= least);
    fits.unwrap_or(10.0 * power)
}

impl Ranged for ValueAxis<'_> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        let first = (self.from / self.step).ceil();
        let ticks = (0..=MAX_TICKS as u32).map(|at| (first + f64::from(at)) * self.step);
        ticks.take_while(|&tick| tick <= self.to).collect()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for ValueAxis<'_> {
    fn format_ext(&self, value: &f64) -> String {
        match self.unit {
            "s" => duration_text(*value),
            "share" => percent(*value),
            // The digits that a multiple of the step has, without those of its binary fraction.
            _ => {
                let digits = (-libm::log10(self.step)).ceil().max(0.0) as usize;
                format!("{value:.digits$}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::coord::ranged1d::BoldPoints;

    fn labels(unit: &str, to: f64) -> Vec<String> {
        let axis = ValueAxis::new(unit, to);
        let ticks = axis.key_points(BoldPoints(10));
        ticks.iter().map(|tick| axis.format_ext(tick)).collect()
    }

    #[test]
    fn ticks_stand_on_round_values() {
        assert_eq!(labels("s", 2_000.0), ["0s", "10m", "20m", "30m"]);
        assert_eq!(labels("s", 60.0), ["0s", "15s", "30s", "45s", "1m"]);
        assert_eq!(labels("s", 1.2), ["0s", "500ms", "1s"]);
        assert_eq!(labels("s", 30.0 * DAY), ["0s", "10d", "20d", "30d"]);
        assert_eq!(
            labels("share", 0.25),
            ["0 %", "5 %", "10 %", "15 %", "20 %", "25 %"]
        );
        assert_eq!(labels("1", 0.7), ["0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(labels("slots", 12_000.0), ["0", "5000", "10000"]);
    }

    #[test]
    fn ticks_stand_on_both_sides_of_zero() {
        let axis = ValueAxis::between("s", -150.0, 70.0);
        let ticks = axis.key_points(BoldPoints(10));
        let labels: Vec<String> = ticks.iter().map(|tick| axis.format_ext(tick)).collect();
        assert_eq!(labels, ["-2m", "-1m", "0s", "1m"]);
        assert_eq!(axis.map(&-150.0, (10, 230)), 10);
        assert_eq!(axis.map(&0.0, (10, 230)), 160);
    }
}
