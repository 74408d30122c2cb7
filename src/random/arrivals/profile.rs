//! The Poisson process whose rate follows the hour of the week.
//!
//! The rate r(t) is constant within an hour of the local week, and L(t) is its integral. If E is a standard
//! exponential draw, the arrival after s is the t with L(t) = L(s) + E: the arrivals of a process of rate 1, mapped
//! through the inverse of L (Cinlar, "Introduction to Stochastic Processes", 1975, section 4.7). No draw is rejected,
//! so a point asks for one exponential number whatever the profile is.
//!
//! The clocks are changed by moving the offset from UTC: an hour that is left out brings nothing, one that is
//! repeated brings its arrivals twice.

use std::sync::Arc;

use crate::random::Stream;
use crate::random::ziggurat::standard_exponential;
use crate::time::{SimDuration, SimTime};

/// The hours of a week, from Monday 00:00 on.
pub const HOURS_OF_A_WEEK: usize = 7 * 24;

const HOUR: f64 = 3_600.0;
const WEEK: i64 = 604_800_000_000;
/// From the Monday before it to 1970-01-01, a Thursday.
const MONDAY_TO_EPOCH: SimDuration = SimDuration::from_seconds(3 * 86_400);

/// A rate for every hour of the local week; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile {
    week: Arc<Week>,
    /// From when on which offset from UTC holds; the first holds before, too.
    offsets: Arc<[(SimTime, SimDuration)]>,
}

#[derive(Debug, PartialEq)]
struct Week {
    /// Arrivals per second in each hour.
    rates: [f64; HOURS_OF_A_WEEK],
    /// Arrivals expected before each hour.
    before: [f64; HOURS_OF_A_WEEK],
    /// Arrivals expected in all.
    total: f64,
}

impl RateProfile {
    /// A profile of these rates, in arrivals per second, where clocks are ahead of UTC by `offsets`, each from its
    /// moment on; without any it is UTC. None if a rate is negative or none is positive, or if they are not finite.
    pub fn new(rates: [f64; HOURS_OF_A_WEEK], offsets: &[(SimTime, SimDuration)]) -> Option<Self> {
        let mut before = [0.0; HOURS_OF_A_WEEK];
        let mut total = 0.0;
        for (before, rate) in before.iter_mut().zip(rates) {
            *before = total;
            total += rate * HOUR;
        }
        let is_rate = rates.iter().all(|&rate| rate >= 0.0) && total > 0.0 && total.is_finite();
        let offsets = match offsets {
            [] => Arc::from([(SimTime::MIN, SimDuration::ZERO)]),
            some => Arc::from(some),
        };
        is_rate.then(|| Self {
            week: Arc::new(Week {
                rates,
                before,
                total,
            }),
            offsets,
        })
    }

    /// The arrival after `previous`.
    pub(super) fn next(&self, previous: SimTime, stream: &mut Stream) -> SimTime {
        self.after(previous, standard_exponential(stream))
    }

    /// When `expected` arrivals are to be expected from `from` on: the inverse of [`Self::expected`].
    fn after(&self, from: SimTime, mut expected: f64) -> SimTime {
        let mut from = from;
        let mut at = self.offset_at(from);
        loop {
            let offset = self.offsets[at].1;
            let reached = self.week.after(from + offset, expected) - offset;
            match self.offsets.get(at + 1) {
                Some(&(change, _)) if reached >= change => {
                    let passed = self.week.expected(from + offset, change + offset);
                    expected = (expected - passed).max(0.0);
                    from = change;
                    at += 1;
                }
                _ => return reached.max(from),
            }
        }
    }

    /// Arrivals to be expected from `from` to `to`, the integral of the rate.
    pub fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let mut from = from;
        let mut sum = 0.0;
        for at in self.offset_at(from)..self.offsets.len() {
            let change = self.offsets.get(at + 1).map_or(SimTime::MAX, |next| next.0);
            let offset = self.offsets[at].1;
            let until = change.min(to);
            if until <= from {
                break;
            }
            sum += self.week.expected(from + offset, until + offset);
            from = until;
        }
        sum
    }

    fn offset_at(&self, moment: SimTime) -> usize {
        let begun = self.offsets.partition_point(|&(from, _)| from <= moment);
        begun.saturating_sub(1)
    }
}

/// All moments are read from the local clock.
impl Week {
    fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let (first, start) = split(from);
        let (last, end) = split(to);
        let weeks = ((last - first).as_micros() / WEEK) as f64;
        weeks * self.total + self.until(end) - self.until(start)
    }

    fn after(&self, from: SimTime, expected: f64) -> SimTime {
        let (monday, second) = split(from);
        let target = self.until(second) + expected;
        let mut weeks = (target / self.total).floor();
        let mut rest = target - weeks * self.total;
        if rest >= self.total {
            (weeks, rest) = (weeks + 1.0, 0.0);
        }
        let whole = SimDuration::from_micros((weeks as i64).saturating_mul(WEEK));
        monday + whole + SimDuration::from_seconds_f64(self.second_of(rest.max(0.0)))
    }

    /// Arrivals expected from the beginning of the week until this second of it.
    fn until(&self, second: f64) -> f64 {
        let hour = ((second / HOUR) as usize).min(HOURS_OF_A_WEEK - 1);
        self.before[hour] + self.rates[hour] * (second - hour as f64 * HOUR)
    }

    /// The second of the week until which so many are expected, fewer than in all. Hours without a rate are passed
    /// over, so the hour that is found has one.
    fn second_of(&self, expected: f64) -> f64 {
        let begun = self.before.partition_point(|&before| before <= expected);
        let hour = begun.saturating_sub(1);
        hour as f64 * HOUR + (expected - self.before[hour]) / self.rates[hour]
    }
}

/// The Monday before a moment, and the seconds since then.
fn split(moment: SimTime) -> (SimTime, f64) {
    let into_week = (moment + MONDAY_TO_EPOCH).as_micros().rem_euclid(WEEK);
    let since = SimDuration::from_micros(into_week);
    (moment - since, since.as_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    fn at(text: &str) -> SimTime {
        SimTime::parse(text).unwrap()
    }

    /// Two an hour from 08 to 10, eight from 10 to 11, nothing in the rest of the day; nothing on Sundays.
    fn mornings(offsets: &[(SimTime, SimDuration)]) -> RateProfile {
        let rates = std::array::from_fn(|hour| match (hour / 24, hour % 24) {
            (6, _) => 0.0,
            (_, 8 | 9) => 2.0 / HOUR,
            (_, 10) => 8.0 / HOUR,
            _ => 0.0,
        });
        RateProfile::new(rates, offsets).unwrap()
    }

    fn check(profile: &RateProfile, from: &str, expected: f64, reached: &str) {
        let (from, reached) = (at(from), at(reached));
        assert_eq!(profile.after(from, expected), reached);
        assert!((profile.expected(from, reached) - expected).abs() < 1e-9);
    }

    #[test]
    fn the_inverse_is_exact_by_hand() {
        let profile = mornings(&[]);
        // Monday, 2 March 2026, has 2 + 2 + 8 = 12.
        check(
            &profile,
            "2026-03-02T00:00:00Z",
            1.0,
            "2026-03-02T08:30:00Z",
        );
        check(
            &profile,
            "2026-03-02T08:30:00Z",
            2.5,
            "2026-03-02T09:45:00Z",
        );
        check(
            &profile,
            "2026-03-02T09:45:00Z",
            4.5,
            "2026-03-02T10:30:00Z",
        );
        check(
            &profile,
            "2026-03-02T10:30:00Z",
            5.0,
            "2026-03-03T08:30:00Z",
        );
        // Saturday has 8 left from 10:00 on, Sunday nothing.
        check(
            &profile,
            "2026-03-07T10:00:00Z",
            9.0,
            "2026-03-09T08:30:00Z",
        );
        // A week has 72.
        check(
            &profile,
            "2026-03-02T00:00:00Z",
            721.0,
            "2026-05-11T08:30:00Z",
        );
    }

    #[test]
    fn the_local_clock_counts_also_when_it_is_changed() {
        // Berlin: an hour ahead of UTC, two from 2026-03-29T01:00:00Z on.
        let hours = |hours: i64| SimDuration::from_seconds(hours * 3_600);
        let summer = at("2026-03-29T01:00:00Z");
        let berlin = [(SimTime::MIN, hours(1)), (summer, hours(2))];
        let profile = mornings(&berlin);
        check(
            &profile,
            "2026-03-28T00:00:00Z",
            1.0,
            "2026-03-28T07:30:00Z",
        );
        check(
            &profile,
            "2026-03-28T00:00:00Z",
            13.0,
            "2026-03-30T06:30:00Z",
        );
        // Clocks that lose the hour from 08 to 09 lose its two arrivals.
        let change = at("2026-03-02T08:00:00Z");
        let profile = mornings(&[(SimTime::MIN, hours(0)), (change, hours(1))]);
        check(
            &profile,
            "2026-03-02T00:00:00Z",
            2.0,
            "2026-03-02T09:00:00Z",
        );
    }

    /// Counts in each hour of a day, over many days, against the integral of the rate. Chi-square of the 16 cells with
    /// a rate, each a sum of independent Poisson numbers: the 99.9 % quantile for 16 degrees of freedom is 39.25.
    #[test]
    fn counts_follow_the_rate() {
        let rates = std::array::from_fn(|hour| match hour % 24 {
            hour @ 4..20 => (1.0 + hour as f64) / HOUR / 10.0,
            _ => 0.0,
        });
        let profile = RateProfile::new(rates, &[]).unwrap();
        let days = 2_000;
        let end = SimTime::default() + SimDuration::from_seconds(days * 86_400);
        let root = StreamKey::root(1_975, 0);
        let (mut now, mut counts) = (SimTime::default(), [0u32; 24]);
        for number in 0.. {
            let mut stream = root.with(number).stream(Purpose::Arrival);
            let next = profile.next(now, &mut stream);
            assert!(next >= now);
            if next >= end {
                break;
            }
            now = next;
            counts[(now.as_micros() / 3_600_000_000 % 24) as usize] += 1;
        }
        let mut chi_square = 0.0;
        for (hour, &count) in counts.iter().enumerate() {
            let from = SimTime::default() + SimDuration::from_seconds(hour as i64 * 3_600);
            let one = profile.expected(from, from + SimDuration::from_seconds(3_600));
            if one < 1e-12 {
                assert_eq!(count, 0, "hour {hour}");
            } else {
                let expected = one * days as f64;
                let off = f64::from(count) - expected;
                chi_square += off * off / expected;
            }
        }
        assert!(chi_square < 39.25, "{chi_square}");
    }

    #[test]
    fn impossible_rates_are_refused() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            let profile = RateProfile::new([rate; HOURS_OF_A_WEEK], &[]);
            assert_eq!(profile, None, "{rate}");
        }
        let mut rates = [1.0; HOURS_OF_A_WEEK];
        rates[9] = -0.1;
        assert_eq!(RateProfile::new(rates, &[]), None);
    }
}
