//! Compares the service time of late with that of long: growing times mean too much concurrency.
//!
//! ```text
//! g = clamp(long / short, 0.5, 1)
//! L ← (1 − s) L + s (g L + q)        s = 0.2, q = 4 slots of queue
//! long: exponential mean over 600 looks, the plain mean over the first 10; cut by a tenth while long / short > 2
//! no change while fewer than half of the slots are in use
//! ```
//!
//! Source: Netflix concurrency-limits, `Gradient2Limit`, with its constants. Its least limit of 20 is large for a pool:
//! lower `min` there.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};

/// Looks after which the long mean is an exponential one.
const WARM_UP: u32 = 10;

/// Looks for the concurrency at which service times begin to grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient2 {
    /// Slots of queue that are welcome.
    pub queue: f64,
    /// The weight of the new limit.
    pub smoothing: f64,
    /// Looks that the long mean reaches back.
    pub long_window: u32,
    /// The least limit.
    pub min: u32,
    /// The greatest limit.
    pub max: u32,
}

/// The limit with its fraction, and the long mean.
#[derive(Debug, Default)]
pub(super) struct Trend {
    limit: Option<f64>,
    long: f64,
    looks: u32,
}

impl Gradient2 {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "gradient2",
        summary: "fewer slots while instances take longer than they used to",
        parameters: &[
            Parameter::new(
                "queue",
                ParameterKind::Number(0.0, 10_000.0),
                ParameterDefault::Number(4.0),
                "slots of queue that are welcome",
            ),
            Parameter::new(
                "smoothing",
                ParameterKind::Above(0.0, 1.0),
                ParameterDefault::Number(0.2),
                "the weight of the new limit",
            ),
            Parameter::new(
                "long_window",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(600.0),
                "looks that the long mean reaches back",
            ),
            Parameter::new(
                "min",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(20.0),
                "the fewest slots; that of Netflix is large for a pool",
            ),
            Parameter::new(
                "max",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(200.0),
                "the most slots",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::Gradient2),
    };

    fn from_given(given: &Given) -> Result<Self, String> {
        let [min, max] = given.bounds("min", "max")?;
        Ok(Self {
            queue: given.number("queue"),
            smoothing: given.number("smoothing"),
            long_window: given.whole("long_window"),
            min,
            max,
        })
    }

    /// The limit after a look, by the service times of late and of long.
    pub(super) fn next(&self, limit: f64, short: f64, long: f64) -> f64 {
        let gradient = (long / short).clamp(0.5, 1.0);
        let wanted = gradient * limit + self.queue;
        let next = (1.0 - self.smoothing) * limit + self.smoothing * wanted;
        next.clamp(f64::from(self.min), f64::from(self.max))
    }
}

impl Trend {
    /// Counts the service time of a look, and says that of long.
    fn see(&mut self, short: f64, window: u32) -> f64 {
        self.looks = self.looks.saturating_add(1);
        let weight = if self.looks <= WARM_UP {
            1.0 / f64::from(self.looks)
        } else {
            2.0 / (f64::from(window) + 1.0)
        };
        self.long += weight * (short - self.long);
        // After an overload the long mean would take for ever to come down.
        if self.long / short > 2.0 {
            self.long *= 0.9;
        }
        self.long
    }
}

impl PoolRule for Gradient2 {
    type Memory = Trend;

    fn wish(&self, trend: &mut Trend, load: &PoolLoad) -> Option<(f64, String)> {
        let short = load.mean_service?.as_seconds();
        if short <= 0.0 {
            return None;
        }
        let long = trend.see(short, self.long_window);
        let limit = trend.limit.unwrap_or(load.slots as f64);
        if (load.occupied() as f64) < limit / 2.0 {
            return None;
        }
        let next = self.next(limit, short, long);
        trend.limit = Some(next);
        let reason = format!("service {short:.0} s of late, {long:.0} s of long");
        // A part of a slot is not there yet.
        Some((next.floor(), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    const NETFLIX: Gradient2 = Gradient2 {
        queue: 4.0,
        smoothing: 0.2,
        long_window: 600,
        min: 20,
        max: 200,
    };

    #[test]
    fn the_limit_follows_the_gradient() {
        assert!((NETFLIX.next(20.0, 100.0, 100.0) - 20.8).abs() < 1e-12);
        assert!((NETFLIX.next(100.0, 200.0, 100.0) - 90.8).abs() < 1e-12);
        assert!((NETFLIX.next(20.0, 200.0, 100.0) - 20.0).abs() < 1e-12);
    }

    #[test]
    fn an_idle_pool_does_not_grow_and_fractions_add_up() {
        let mut trend = Trend::default();
        let load = |running| PoolLoad {
            slots: 20,
            running,
            mean_service: Some(SimDuration::from_seconds(100)),
            ..PoolLoad::default()
        };
        assert_eq!(NETFLIX.wish(&mut trend, &load(9)), None);
        let mut sizes = (0..3).map(|_| NETFLIX.wish(&mut trend, &load(15)).unwrap().0 as i64);
        assert_eq!(sizes.next(), Some(20));
        assert_eq!(sizes.next(), Some(21));
        assert_eq!(sizes.next(), Some(22));
    }

    #[test]
    fn the_long_mean_comes_down_after_an_overload() {
        let mut trend = Trend::default();
        for _ in 0..20 {
            trend.see(100.0, 600);
        }
        let long = trend.see(10.0, 600);
        assert!(long < 91.0, "{long}");
    }
}
