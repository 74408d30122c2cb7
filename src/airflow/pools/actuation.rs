//! From a decision to a size: it may be lost on its way, and it may take a while.

use crate::ids::PoolId;
use crate::policy::{Admitted, GuardSpec};
use crate::random::{Purpose, StreamKey};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// How the decisions of one policy become sizes.
#[derive(Debug)]
pub(super) struct Actuation {
    delay: SimDuration,
    loss: f64,
    key: StreamKey,
    /// Decisions that are to take effect, the earliest first: all take equally long.
    under_way: VecDeque<Admitted>,
}

impl Actuation {
    /// The way of decisions within those bounds; `key` is that of the replication.
    pub(super) fn new(guard: &GuardSpec, key: StreamKey) -> Self {
        Self {
            delay: guard.actuation_delay,
            loss: guard.loss,
            key,
            under_way: VecDeque::new(),
        }
    }

    /// Whether a decision about the pool of that name, made now, is lost: the same under every policy.
    pub(super) fn loses(&self, pool: &str, now: SimTime) -> bool {
        let moment = self
            .key
            .with(StreamKey::name(pool))
            .with(now.as_micros() as u64);
        self.loss > 0.0 && moment.stream(Purpose::Actuation).next_open() < self.loss
    }

    /// Sends a decision on its way if it takes a while, and says when it takes effect; else hands it back.
    pub(super) fn send(&mut self, mut resize: Admitted, now: SimTime) -> Result<SimTime, Admitted> {
        if self.delay == SimDuration::ZERO {
            return Err(resize);
        }
        resize.reason = format!("{}; decided at {now}", resize.reason);
        self.under_way.push_back(resize);
        Ok(now + self.delay)
    }

    /// The decision whose time has come.
    pub(super) fn arrive(&mut self) -> Option<Admitted> {
        self.under_way.pop_front()
    }

    /// The size that a pool will have once all decisions about it have taken effect; none if there are none.
    pub(super) fn pending(&self, pool: PoolId) -> Option<i64> {
        let mut latest = self.under_way.iter().rev();
        latest
            .find(|resize| resize.pool == pool)
            .map(|resize| resize.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actuation(loss: f64, delay: i64) -> Actuation {
        let guard = GuardSpec {
            loss,
            actuation_delay: SimDuration::from_seconds(delay),
            ..GuardSpec::default()
        };
        Actuation::new(&guard, StreamKey::root(1, 0))
    }

    fn at(second: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(second)
    }

    #[test]
    fn as_many_are_lost_as_the_probability_says() {
        let lost = |loss| {
            let actuation = actuation(loss, 0);
            let moments = 0..10_000;
            moments
                .filter(|&second| actuation.loses("p", at(second)))
                .count()
        };
        assert_eq!((lost(0.0), lost(1.0)), (0, 10_000));
        // Four standard deviations are 184 to either side.
        assert!((2_816..=3_184).contains(&lost(0.3)), "{}", lost(0.3));
        let some = actuation(0.5, 0);
        let differs = |second| some.loses("p", at(second)) != some.loses("q", at(second));
        assert!((0..64).any(differs), "each pool has luck of its own");
    }

    #[test]
    fn the_latest_decision_is_the_one_that_is_pending() {
        let resize = |slots| Admitted {
            pool: PoolId::new(0),
            from: 4,
            slots,
            reason: "because".into(),
        };
        assert_eq!(actuation(0.0, 0).send(resize(5), at(0)), Err(resize(5)));
        let mut actuation = actuation(0.0, 90);
        assert_eq!(actuation.send(resize(5), at(0)), Ok(at(90)));
        assert_eq!(actuation.send(resize(7), at(60)), Ok(at(150)));
        assert_eq!(actuation.pending(PoolId::new(0)), Some(7));
        assert_eq!(actuation.pending(PoolId::new(1)), None);
        let first = actuation.arrive().unwrap();
        assert_eq!(first.slots, 5);
        assert_eq!(
            first.reason,
            "because; decided at 1970-01-01T00:00:00.000000Z"
        );
    }
}
