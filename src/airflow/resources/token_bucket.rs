//! A token bucket in integers: what is spent is kept as the moment from which on the bucket is full again.
//!
//! That moment moves by one token's time for each call (the generic cell rate algorithm, ITU-T I.371), so a bucket needs
//! neither an event nor a tick.

use crate::deployment::{Excess, RateLimit};
use crate::time::SimTime;

/// Time is counted in so many binary digits of a microsecond: rates are exact to a part in a million where a million tokens
/// come each second, and far better below.
const DIGITS: u32 = 20;

/// A bucket and its limit.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    excess: Excess,
    /// From one token to the next.
    interval: i128,
    tokens: i128,
    /// When the bucket will be full, if nothing more is taken.
    full_at: i128,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// It is answered at once.
    Answered,
    /// It is answered at this later moment.
    AnsweredAt(SimTime),
    /// It is refused.
    Refused,
}

impl TokenBucket {
    pub(super) fn new(limit: &RateLimit) -> Self {
        let interval = (1_000_000.0 / limit.refill * f64::from(1 << DIGITS)).round();
        Self {
            excess: limit.excess,
            // The cast saturates; a token takes some time.
            interval: (interval as i128).clamp(1, i128::from(i64::MAX)),
            tokens: i128::from(limit.tokens),
            full_at: i128::MIN,
        }
    }

    /// Somebody calls.
    pub(super) fn call(&mut self, now: SimTime) -> Call {
        let now = i128::from(now.as_micros()) << DIGITS;
        let full_at = self.full_at.max(now) + self.interval;
        let answered_at = full_at - self.tokens * self.interval;
        if answered_at <= now {
            self.full_at = full_at;
            return Call::Answered;
        }
        if self.excess == Excess::Fail {
            return Call::Refused;
        }
        self.full_at = full_at;
        let micros = (answered_at + (1 << DIGITS) - 1) >> DIGITS;
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        Call::AnsweredAt(SimTime::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(refill: f64, tokens: u32, excess: Excess) -> TokenBucket {
        TokenBucket::new(&RateLimit {
            calls_per_task: 1,
            refill,
            tokens,
            excess,
        })
    }

    fn second(at: i64) -> SimTime {
        SimTime::from_micros(at * 1_000_000)
    }

    #[test]
    fn a_full_bucket_answers_all_its_tokens_and_then_one_call_a_token() {
        let mut bucket = bucket(0.5, 3, Excess::Delay);
        let calls: Vec<_> = (0..5).map(|_| bucket.call(second(10))).collect();
        let late = |at| Call::AnsweredAt(second(at));
        assert_eq!(calls[..3], [Call::Answered; 3]);
        assert_eq!(calls[3..], [late(12), late(14)]);
        assert_eq!(bucket.call(second(17)), Call::Answered, "the token of 16");
        assert_eq!(bucket.call(second(17)), late(18));
    }

    #[test]
    fn a_refused_call_takes_no_token() {
        let mut bucket = bucket(0.5, 1, Excess::Fail);
        let calls = [0, 0, 1, 2, 3, 4].map(|at| bucket.call(second(at)));
        let refused = calls.map(|call| call == Call::Refused);
        assert_eq!(refused, [false, true, true, false, true, false]);
    }

    #[test]
    fn in_the_long_run_it_answers_its_rate() {
        for excess in [Excess::Fail, Excess::Delay] {
            let mut bucket = bucket(7.0 / 3.0, 5, excess);
            let end = second(1_000);
            let calls = (0..100_000).map(|call| {
                let now = SimTime::from_micros(call * 10_000);
                bucket.call(now)
            });
            let is_answered = |call: &Call| match *call {
                Call::Answered => true,
                Call::AnsweredAt(at) => at <= end,
                Call::Refused => false,
            };
            let answered = calls.filter(is_answered).count() as f64;
            let expected = 5.0 + 1_000.0 * 7.0 / 3.0;
            assert!((answered - expected).abs() <= 1.0, "{answered}");
        }
    }
}
