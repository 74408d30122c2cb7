//! The Poisson process: the arrivals of many independent users, none of whom waits for another.
//!
//! Gaps are independent and exponential with mean 1 / rate, so that the number of arrivals in t seconds has mean and
//! variance rate * t.

use crate::random::Stream;
use crate::random::ziggurat::standard_exponential;
use crate::time::{SimDuration, SimTime};

/// The arrival after `previous` at `rate` arrivals per second; none unless the rate is positive and finite.
#[inline]
pub(super) fn next(rate: f64, previous: SimTime, stream: &mut Stream) -> Option<SimTime> {
    let possible = rate > 0.0 && rate < f64::INFINITY;
    possible.then(|| previous + SimDuration::from_seconds_f64(standard_exponential(stream) / rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    const DAY: i64 = 86_400;

    fn arrivals_in_a_day(rate: f64, replication: u64) -> f64 {
        let mut stream = StreamKey::root(11, replication).stream(Purpose::Arrival);
        let end = SimTime::default() + SimDuration::from_seconds(DAY);
        let follow = |&now: &SimTime| next(rate, now, &mut stream);
        let first = next(
            rate,
            SimTime::default(),
            &mut StreamKey::root(12, replication).stream(Purpose::Arrival),
        );
        std::iter::successors(first, follow)
            .take_while(|&now| now < end)
            .count() as f64
    }

    #[test]
    fn counts_have_equal_mean_and_variance() {
        let counts: Vec<f64> = (0..2_000)
            .map(|r| arrivals_in_a_day(24.0 / DAY as f64, r))
            .collect();
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / (n - 1.0);
        assert!((mean - 24.0).abs() < 4.0 * (24.0 / n).sqrt(), "{mean}");
        // The variance of a sample variance of nearly normal numbers is 2 v^2 / n.
        assert!(
            (variance - 24.0).abs() < 4.0 * 24.0 * (2.0 / n).sqrt(),
            "{variance}"
        );
    }

    #[test]
    fn an_impossible_rate_brings_nothing() {
        let mut stream = StreamKey::root(1, 0).stream(Purpose::Arrival);
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(next(rate, SimTime::default(), &mut stream), None);
        }
    }
}
