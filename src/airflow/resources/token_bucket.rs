//! A token bucket in integers: what is spent is kept as the moment from which on the bucket is full again.
//!
//! That moment moves by one token's time for each call (the generic cell rate algorithm, ITU-T I.371), so a bucket needs
//! neither an event nor a tick.

use crate::deployment::{Excess, RateLimit};
use crate::time::SimTime;

/// Time is counted in so many parts of a microsecond, so that rates are exact to a part in a million and far better where
/// they are below a million a second.
const PARTS: u32 = 20;

/// A bucket and its limit.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    calls_per_task: i128,
    excess: Excess,
    /// From one token to the next.
    interval: i128,
    burst: i128,
    /// When the bucket will be full, if nothing more is taken.
    full_at: i128,
}

/// What becomes of the calls of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calls {
    /// All are answered at once.
    Answered,
    /// The last one is answered at this later moment.
    AnsweredAt(SimTime),
    /// One is refused.
    Refused,
}

impl TokenBucket {
    pub(crate) fn new(limit: &RateLimit) -> Self {
        let part = f64::from(1 << PARTS);
        let interval = (1_000_000.0 / limit.rate * part).round();
        Self {
            calls_per_task: i128::from(limit.calls_per_task),
            excess: limit.excess,
            // A cast saturates, and a token takes some time.
            interval: (interval as i128).clamp(1, i128::from(i64::MAX)),
            burst: i128::from(limit.burst),
            full_at: i128::MIN,
        }
    }

    /// A try makes its calls.
    pub(crate) fn call(&mut self, now: SimTime) -> Calls {
        let now = i128::from(now.as_micros()) << PARTS;
        let spent_until = self.full_at.max(now);
        let left = self.burst - (spent_until - now + self.interval - 1) / self.interval;
        if left < self.calls_per_task && self.excess == Excess::Fail {
            self.full_at = spent_until + left.max(0) * self.interval;
            return Calls::Refused;
        }
        self.full_at = spent_until + self.calls_per_task * self.interval;
        let answered_at = self.full_at - self.burst * self.interval;
        if answered_at <= now {
            return Calls::Answered;
        }
        let micros = (answered_at + (1 << PARTS) - 1) >> PARTS;
        Calls::AnsweredAt(SimTime::from_micros(
            i64::try_from(micros).unwrap_or(i64::MAX),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(calls_per_task: u32, rate: f64, burst: u32, excess: Excess) -> TokenBucket {
        TokenBucket::new(&RateLimit {
            calls_per_task,
            rate,
            burst,
            excess,
        })
    }

    fn second(at: i64) -> SimTime {
        SimTime::from_micros(at * 1_000_000)
    }

    #[test]
    fn a_full_bucket_answers_its_burst_and_then_one_a_token() {
        let mut bucket = bucket(1, 0.5, 3, Excess::Delay);
        let calls: Vec<_> = (0..5).map(|_| bucket.call(second(10))).collect();
        let late = |at| Calls::AnsweredAt(second(at));
        assert_eq!(calls[..3], [Calls::Answered; 3]);
        assert_eq!(calls[3..], [late(12), late(14)]);
        assert_eq!(bucket.call(second(17)), Calls::Answered, "the token of 16");
        assert_eq!(bucket.call(second(17)), late(18));
    }

    #[test]
    fn a_refused_try_spends_what_was_left() {
        let mut bucket = bucket(3, 1.0, 4, Excess::Fail);
        assert_eq!(bucket.call(second(0)), Calls::Answered);
        assert_eq!(bucket.call(second(1)), Calls::Refused, "two were there");
        assert_eq!(bucket.call(second(3)), Calls::Refused, "and two again");
        assert_eq!(bucket.call(second(6)), Calls::Answered);
        assert_eq!(bucket.call(second(9)), Calls::Answered);
    }

    #[test]
    fn more_calls_than_the_bucket_holds_are_answered_as_tokens_come() {
        let mut bucket = bucket(10, 2.0, 4, Excess::Delay);
        assert_eq!(bucket.call(second(0)), Calls::AnsweredAt(second(3)));
        assert_eq!(bucket.call(second(100)), Calls::AnsweredAt(second(103)));
    }

    #[test]
    fn in_the_long_run_it_answers_its_rate() {
        let mut bucket = bucket(1, 7.0 / 3.0, 5, Excess::Fail);
        let answered = (0..100_000).filter(|call| {
            let now = SimTime::from_micros(call * 10_007);
            bucket.call(now) == Calls::Answered
        });
        let answered = answered.count();
        let expected = 5.0 + 99_999.0 * 0.010_007 * 7.0 / 3.0;
        assert!((answered as f64 - expected).abs() <= 1.0, "{answered}");
    }
}
