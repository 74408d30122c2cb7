//! Simulated time: integer microseconds in types of their own.
//!
//! A float clock needs epsilons and loses order after rounding; an integer clock
//! makes "at the same moment" an exact statement, which the order of events rests on.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(i64);

/// A span of simulated time in microseconds; negative spans are legal results of a subtraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(i64);

impl SimTime {
    /// Before every moment a simulation can reach: "never so far".
    pub const MIN: Self = Self(i64::MIN);
    /// After every moment a simulation can reach: "never again".
    pub const MAX: Self = Self(i64::MAX);

    /// The moment `micros` microseconds after the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is, for two moments that a simulation has reached. The plain subtraction that
    /// events can afford; `-` is for moments that may be [`Self::MIN`] or [`Self::MAX`].
    #[inline]
    pub(crate) const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.wrapping_sub(earlier.0))
    }

    /// Reads an RFC 3339 timestamp such as `2026-03-02T00:00:00Z`.
    ///
    /// # Errors
    /// The reason, in words, when the text is not a timestamp with an offset.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|e| e.to_string())
    }

    /// The moment as the time-zone library knows it.
    pub fn to_timestamp(self) -> jiff::Timestamp {
        let clamped = self.0.clamp(
            jiff::Timestamp::MIN.as_microsecond(),
            jiff::Timestamp::MAX.as_microsecond(),
        );
        jiff::Timestamp::from_microsecond(clamped).unwrap_or_default()
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * MICROS_PER_SECOND)
    }

    /// The span nearest to `seconds`, saturating; NaN becomes zero.
    pub fn from_seconds_f64(seconds: f64) -> Self {
        let micros = seconds * MICROS_PER_SECOND as f64;
        // The conversion truncates, so half a microsecond away from zero rounds; `round` would be a call.
        Self((micros + 0.5_f64.copysign(micros)) as i64)
    }

    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds, for reports and formulas.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }
}

impl fmt::Display for SimTime {
    /// RFC 3339 in UTC with six decimals, as the recordings print it: `2026-03-02T00:00:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.to_timestamp())
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, span: SimDuration) {
        *self = *self + span;
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    fn sub(self, span: SimDuration) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_round_trip_with_microseconds() {
        let moment = SimTime::parse("2025-03-03T00:06:28.024000Z").unwrap();
        assert_eq!(moment.to_string(), "2025-03-03T00:06:28.024000Z");
        assert!(SimTime::parse("2025-03-03 00:06").is_err());
    }

    #[test]
    fn spans_are_exact() {
        let start = SimTime::from_micros(10);
        assert_eq!(
            (start + SimDuration::from_seconds(1)) - start,
            SimDuration::from_micros(1_000_000)
        );
        assert_eq!(
            SimDuration::from_seconds_f64(171.59).as_micros(),
            171_590_000
        );
    }
}
