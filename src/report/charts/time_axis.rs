//! An axis of simulated time with ticks where people expect them: full hours, midnights, Mondays.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::time::SimTime;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// Distances of ticks, in microseconds.
const STEPS: [i64; 20] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    WEEK,
    4 * WEEK,
    13 * WEEK,
];

/// More labels than this would touch each other.
const MAX_TICKS: i64 = 10;

/// Weeks are counted from Monday, 1970-01-05; days and hours do not mind.
const FIRST_MONDAY: i64 = 4 * DAY;

/// A linear axis from one moment to a later one.
pub(super) struct TimeAxis {
    from: SimTime,
    to: SimTime,
    step: i64,
}

impl TimeAxis {
    pub(super) fn new(from: SimTime, to: SimTime) -> Self {
        let span = (to - from).as_micros();
        let fits = |step: &&i64| span / **step <= MAX_TICKS;
        let step = STEPS.iter().find(fits).copied();
        Self {
            from,
            to,
            step: step.unwrap_or_else(|| round_up(span / MAX_TICKS, 52 * WEEK)),
        }
    }

    /// What the axis shows, in words: the dates are here, because ticks may show the hour alone.
    pub(super) fn description(&self) -> String {
        let date = |at: SimTime| at.to_timestamp().strftime("%Y-%m-%d").to_string();
        let (first, last) = (date(self.from), date(self.to));
        if first == last {
            return format!("time on {first} (UTC)");
        }
        format!("time from {first} to {last} (UTC)")
    }
}

impl Ranged for TimeAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = SimTime;

    fn map(&self, value: &SimTime, limit: (i32, i32)) -> i32 {
        let span = (self.to - self.from).as_micros().max(1) as f64;
        let share = (*value - self.from).as_micros() as f64 / span;
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<SimTime> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        let first = round_up(self.from.as_micros() - FIRST_MONDAY, self.step) + FIRST_MONDAY;
        let ticks = (0..=MAX_TICKS).map(|at| SimTime::from_micros(first + at * self.step));
        ticks.take_while(|&tick| tick <= self.to).collect()
    }

    fn range(&self) -> Range<SimTime> {
        self.from..self.to
    }
}

impl ValueFormatter<SimTime> for TimeAxis {
    fn format_ext(&self, value: &SimTime) -> String {
        let of_day = value.as_micros().rem_euclid(DAY);
        let format = match self.step {
            step if step >= DAY || of_day == 0 => "%b %-d",
            step if step >= MINUTE => "%H:%M",
            _ => "%H:%M:%S",
        };
        value.to_timestamp().strftime(format).to_string()
    }
}

fn round_up(micros: i64, step: i64) -> i64 {
    micros.div_euclid(step) * step + if micros.rem_euclid(step) > 0 { step } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::coord::ranged1d::BoldPoints;

    fn labels(from: &str, to: &str) -> Vec<String> {
        let axis = TimeAxis::new(SimTime::parse(from).unwrap(), SimTime::parse(to).unwrap());
        let ticks = axis.key_points(BoldPoints(10));
        ticks.iter().map(|tick| axis.format_ext(tick)).collect()
    }

    #[test]
    fn ticks_stand_on_round_moments() {
        assert_eq!(
            labels("2026-03-02T22:50:00Z", "2026-03-03T04:00:00Z"),
            [
                "23:00", "23:30", "Mar 3", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00",
                "03:30", "04:00"
            ]
        );
        assert_eq!(
            labels("2026-03-02T06:00:00Z", "2026-03-09T06:00:00Z"),
            [
                "Mar 3", "Mar 4", "Mar 5", "Mar 6", "Mar 7", "Mar 8", "Mar 9"
            ]
        );
        let quarter = labels("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
        assert_eq!(quarter[0], "Jan 5", "a Monday");
    }

    #[test]
    fn many_years_still_have_few_ticks() {
        let ticks = labels("1990-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
        assert!((2..=11).contains(&ticks.len()), "{ticks:?}");
    }
}
