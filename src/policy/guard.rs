//! The guard: what every policy's wish passes before it becomes a pool's size.
//!
//! Bounds, rounding, cool-down and the reason live here once and in no policy, so that a policy stays a formula and
//! the same rules hold in a simulation and before a running Airflow.

use std::collections::BTreeMap;

use super::PoolResize;
use crate::ids::PoolId;
use crate::time::{SimDuration, SimTime};

/// How far above a whole number a wish may lie and still mean it: 21 / 0.7 is 30, not 30.000000000000004.
const ROUNDING_NOISE: f64 = 1e-9;

/// The bounds of a policy's decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardSpec {
    /// The fewest slots; it wins over a `max` that lies below.
    pub min: u32,
    /// The most slots, if there is a bound.
    pub max: Option<u32>,
    /// The shortest time between two resizes of a pool.
    pub cool_down: SimDuration,
}

/// Keeps the decisions of one policy within its bounds.
#[derive(Clone, Debug)]
pub struct Guard {
    spec: GuardSpec,
    last_resize: BTreeMap<PoolId, SimTime>,
}

/// A resize that the guard lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The size from now on.
    pub slots: i64,
    /// The policy's reason, and the bound if one was met.
    pub reason: String,
}

impl Default for GuardSpec {
    /// At least one slot, no upper bound, no cool-down.
    fn default() -> Self {
        Self {
            min: 1,
            max: None,
            cool_down: SimDuration::ZERO,
        }
    }
}

impl GuardSpec {
    /// The size within the bounds that is nearest to `slots`.
    pub fn bound(&self, slots: i64) -> i64 {
        let most = self.max.map_or(i64::MAX, i64::from);
        slots.min(most).max(i64::from(self.min))
    }
}

impl Guard {
    /// A guard that has let nothing pass yet.
    pub fn new(spec: GuardSpec) -> Self {
        Self {
            spec,
            last_resize: BTreeMap::new(),
        }
    }

    /// The bounds.
    pub fn spec(&self) -> &GuardSpec {
        &self.spec
    }

    /// What becomes of a wish for a pool that has `current` slots: it is rounded up (a part of a slot needs a whole
    /// one), bounded, and dropped if it changes nothing, comes within the cool-down of the pool's last resize, or is
    /// no number. An unlimited pool, and one closed by a negative size, is never resized.
    pub fn admit(&mut self, now: SimTime, current: i64, wish: &PoolResize) -> Option<Admitted> {
        if current < 0 || !wish.slots.is_finite() || self.cools_down(wish.pool, now) {
            return None;
        }
        let wanted = whole_slots(wish.slots, f64::ceil);
        let slots = self.spec.bound(wanted);
        if slots == current {
            return None;
        }
        self.last_resize.insert(wish.pool, now);
        let reason = match slots - wanted {
            0 => wish.reason.clone(),
            1.. => format!("{}; at least {slots}", wish.reason),
            _ => format!("{}; at most {slots}", wish.reason),
        };
        Some(Admitted { slots, reason })
    }

    fn cools_down(&self, pool: PoolId, now: SimTime) -> bool {
        self.last_resize
            .get(&pool)
            .is_some_and(|&last| now - last < self.spec.cool_down)
    }
}

/// A computed number of slots made whole by `round` (`f64::ceil` or `f64::floor`), blind to an error of 10⁻⁹ that
/// floating point may have left.
pub fn whole_slots(slots: f64, round: fn(f64) -> f64) -> i64 {
    let nearest = slots.round();
    if (slots - nearest).abs() <= ROUNDING_NOISE {
        nearest as i64
    } else {
        round(slots) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: GuardSpec = GuardSpec {
        min: 2,
        max: Some(10),
        cool_down: SimDuration::from_seconds(60),
    };

    fn wish(slots: f64) -> PoolResize {
        PoolResize {
            pool: PoolId::new(0),
            slots,
            reason: "because".into(),
        }
    }

    fn admitted(current: i64, slots: f64) -> Option<(i64, String)> {
        Guard::new(SPEC)
            .admit(SimTime::default(), current, &wish(slots))
            .map(|admitted| (admitted.slots, admitted.reason))
    }

    #[test]
    fn wishes_are_rounded_up_and_bounded() {
        assert_eq!(admitted(5, 6.1), Some((7, "because".into())));
        assert_eq!(admitted(5, 21.0 / 7.0 + 4e-16), Some((3, "because".into())));
        assert_eq!(admitted(5, 99.0), Some((10, "because; at most 10".into())));
        assert_eq!(admitted(5, 0.0), Some((2, "because; at least 2".into())));
    }

    #[test]
    fn what_changes_nothing_or_means_nothing_is_dropped() {
        assert_eq!(admitted(7, 6.1), None);
        assert_eq!(admitted(10, 99.0), None);
        assert_eq!(admitted(5, f64::NAN), None);
        assert_eq!(admitted(5, f64::INFINITY), None);
    }

    #[test]
    fn unlimited_pools_are_left_alone_and_closed_ones_opened() {
        assert_eq!(admitted(-1, 5.0), None);
        assert_eq!(admitted(-7, 5.0), None);
        assert_eq!(admitted(0, 5.0), Some((5, "because".into())));
    }

    #[test]
    fn the_cool_down_counts_from_the_last_resize_of_the_pool() {
        let mut guard = Guard::new(SPEC);
        let at = |second: i64| SimTime::from_micros(second * 1_000_000);
        assert!(guard.admit(at(0), 5, &wish(6.0)).is_some());
        assert!(guard.admit(at(59), 6, &wish(7.0)).is_none());
        let other = PoolResize {
            pool: PoolId::new(1),
            ..wish(7.0)
        };
        assert!(guard.admit(at(59), 6, &other).is_some());
        assert!(guard.admit(at(60), 6, &wish(6.0)).is_none());
        assert!(guard.admit(at(61), 6, &wish(7.0)).is_some());
    }

    #[test]
    fn a_minimum_above_the_maximum_wins() {
        let spec = GuardSpec { min: 12, ..SPEC };
        assert_eq!((spec.bound(5), spec.bound(50)), (12, 12));
    }
}
