//! Additive increase, multiplicative decrease: grow slowly while what the pool protects is quick, shrink at once when it is
//! slow or fails.
//!
//! ```text
//! slow or failing:        L ← max(1, min(L − 1, ⌊b L⌋))      b = 0.9
//! at least half in use:   L ← L + 1
//! ```
//!
//! Source: Netflix concurrency-limits, `AIMDLimit`. The signal is the service time of what the pool protects, not the
//! wait for the pool.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad, whole_slots};
use crate::time::SimDuration;

/// Looks for the most slots at which instances still run quickly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aimd {
    /// A mean service time above this one is too slow.
    pub slow: SimDuration,
    /// What is left of the slots when it is.
    pub backoff: f64,
}

impl Aimd {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "aimd",
        summary: "one slot more while instances run quickly, a tenth fewer when they are slow or fail",
        parameters: &[
            Parameter::required(
                "slow",
                ParameterKind::Duration,
                "a mean service time above this one is too slow",
            ),
            Parameter::new(
                "backoff",
                ParameterKind::Above(0.0, 1.0),
                ParameterDefault::Number(0.9),
                "what is left of the slots when it is",
            ),
        ],
        build: |given| Ok(PolicySpec::Aimd(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            slow: given.duration("slow"),
            backoff: given.number("backoff"),
        }
    }
}

impl PoolRule for Aimd {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let limit = load.slots;
        if let Some(service) = load.mean_service.filter(|&service| service > self.slow) {
            let reason = format!("service of {:.0} s is slow", service.as_seconds());
            return Some((self.fewer(limit), reason));
        }
        if load.failed > 0 {
            return Some((self.fewer(limit), format!("{} failed", load.failed)));
        }
        let in_use = load.occupied();
        let grows = load.finished > 0 && 2 * in_use >= limit;
        grows.then(|| {
            (
                (limit + 1) as f64,
                format!("{in_use} slots in use, none slow"),
            )
        })
    }
}

impl Aimd {
    fn fewer(&self, limit: i64) -> f64 {
        let cut = whole_slots(limit as f64 * self.backoff, f64::floor);
        cut.min(limit - 1).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(slots: i64, running: i64, service: i64) -> Option<i64> {
        let rule = Aimd {
            slow: SimDuration::from_seconds(5),
            backoff: 0.9,
        };
        let load = PoolLoad {
            slots,
            running,
            finished: 1,
            mean_service: Some(SimDuration::from_seconds(service)),
            ..PoolLoad::default()
        };
        rule.wish(&mut (), &load).map(|(slots, _)| slots as i64)
    }

    #[test]
    fn the_limit_rises_holds_and_falls() {
        assert_eq!(limit(10, 5, 1), Some(11));
        assert_eq!(limit(10, 4, 1), None);
        assert_eq!(
            [10, 5, 1].map(|slots| limit(slots, 9, 6)),
            [Some(9), Some(4), Some(1)]
        );
    }
}
