//! Estimates the queue inside of what the pool protects, as TCP Vegas does of a network.
//!
//! ```text
//! queue = ⌈L (1 − rtt₀ / rtt)⌉        rtt₀: the shortest service time seen
//! l = max(1, ⌊log₁₀ L⌋)
//! queue ≤ l: L ← L + 6 l;   queue < 3 l: L ← L + l;   queue > 6 l or failures: L ← L − l
//! ```
//!
//! The shortest time is forgotten after each 30 L instances, so that it can rise. Nothing grows while fewer than half of
//! the slots are in use. Source: Netflix concurrency-limits, `VegasLimit`.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};

/// Keeps a short queue in what the pool protects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vegas {
    /// The greatest limit.
    pub max: u32,
    /// After so many times the limit of instances the shortest service time is forgotten.
    pub probe: u32,
}

/// The shortest service time of late, in seconds, and the instances since it was last forgotten.
#[derive(Debug, Default)]
pub(super) struct Shortest {
    seconds: Option<f64>,
    instances: u64,
}

impl Vegas {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "vegas",
        summary: "as many slots as leave a short queue in what the pool protects",
        parameters: &[
            Parameter::new(
                "max",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(1_000.0),
                "the most slots",
            ),
            Parameter::new(
                "probe",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(30.0),
                "after so many times the slots of instances the shortest time is forgotten",
            ),
        ],
        build: |given| Ok(PolicySpec::Vegas(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            max: given.whole("max"),
            probe: given.whole("probe"),
        }
    }

    /// The limit after a look with this queue.
    fn next(self, limit: i64, queue: i64, failed: bool) -> i64 {
        let step = i64::from(limit.max(1).ilog10()).max(1);
        let next = match queue {
            _ if failed || queue > 6 * step => limit - step,
            _ if queue <= step => limit + 6 * step,
            _ if queue < 3 * step => limit + step,
            _ => limit,
        };
        next.clamp(1, i64::from(self.max))
    }
}

impl PoolRule for Vegas {
    type Memory = Shortest;

    fn wish(&self, shortest: &mut Shortest, load: &PoolLoad) -> Option<(f64, String)> {
        let service = load.mean_service?.as_seconds();
        if service <= 0.0 || load.slots <= 0 {
            return None;
        }
        shortest.instances += load.finished;
        if shortest.instances >= u64::from(self.probe) * load.slots.unsigned_abs() {
            *shortest = Shortest::default();
        }
        let least = shortest.seconds.map_or(service, |least| least.min(service));
        shortest.seconds = Some(least);
        let queue = (load.slots as f64 * (1.0 - least / service)).ceil() as i64;
        let next = self.next(load.slots, queue, load.failed > 0);
        let is_idle = 2 * load.occupied() < load.slots;
        if next == load.slots || next > load.slots && is_idle {
            return None;
        }
        let reason = format!("queue of {queue}: service {service:.0} s, at best {least:.0} s");
        Some((next as f64, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn the_limit_follows_the_queue() {
        let rule = Vegas {
            max: 1_000,
            probe: 30,
        };
        for (service, expected) in [
            (100, Some(26)),
            (111, Some(21)),
            (125, None),
            (200, Some(19)),
        ] {
            let mut shortest = Shortest {
                seconds: Some(100.0),
                instances: 0,
            };
            let load = PoolLoad {
                slots: 20,
                running: 20,
                finished: 1,
                mean_service: Some(SimDuration::from_seconds(service)),
                ..PoolLoad::default()
            };
            let slots = rule
                .wish(&mut shortest, &load)
                .map(|(slots, _)| slots as i64);
            assert_eq!(slots, expected, "service of {service}");
            let idle = PoolLoad { running: 9, ..load };
            let slots = rule
                .wish(&mut shortest, &idle)
                .map(|(slots, _)| slots as i64);
            assert_eq!(
                slots,
                expected.filter(|&slots| slots < 20),
                "idle, {service}"
            );
        }
    }

    #[test]
    fn the_shortest_time_is_forgotten_after_a_while() {
        let rule = Vegas { max: 99, probe: 2 };
        let mut shortest = Shortest::default();
        let load = |service| PoolLoad {
            slots: 10,
            running: 10,
            finished: 5,
            mean_service: Some(SimDuration::from_seconds(service)),
            ..PoolLoad::default()
        };
        rule.wish(&mut shortest, &load(10));
        for _ in 0..2 {
            rule.wish(&mut shortest, &load(40));
            assert_eq!(shortest.seconds, Some(10.0));
        }
        rule.wish(&mut shortest, &load(40));
        assert_eq!(shortest.seconds, Some(40.0));
    }
}
