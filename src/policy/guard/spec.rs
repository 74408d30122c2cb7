//! What a guard is told: bounds, delays, and what it does about people.

use super::{ManualChange, Stabilisation, StepLimit};
use crate::time::SimDuration;

/// The bounds of a policy's decisions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardSpec {
    /// The fewest slots; it wins over a `max` that lies below.
    pub min: u32,
    /// The most slots, if there is a bound.
    pub max: Option<u32>,
    /// The shortest time between two resizes of a pool.
    pub cool_down: SimDuration,
    /// For how long a change has to be asked for.
    pub stabilisation: Stabilisation,
    /// How far a pool may grow within a time.
    pub step_up: StepLimit,
    /// How far it may shrink.
    pub step_down: StepLimit,
    /// The most slots of all pools of the policy together, if there is a bound.
    pub budget: Option<u32>,
    /// What it does once somebody else has resized its pool.
    pub on_manual_change: ManualChange,
    /// How old the loads are, at least, that the policy is shown.
    pub observation_delay: SimDuration,
    /// After which time a decided size takes effect.
    pub actuation_delay: SimDuration,
    /// The probability that a decision is lost on its way: the pool keeps its size until the next look.
    pub loss: f64,
}

impl Default for GuardSpec {
    /// At least one slot, no upper bound, no delay of any kind.
    fn default() -> Self {
        Self {
            min: 1,
            max: None,
            cool_down: SimDuration::ZERO,
            stabilisation: Stabilisation::default(),
            step_up: StepLimit::default(),
            step_down: StepLimit::default(),
            budget: None,
            on_manual_change: ManualChange::default(),
            observation_delay: SimDuration::ZERO,
            actuation_delay: SimDuration::ZERO,
            loss: 0.0,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimum_above_the_maximum_wins() {
        let spec = GuardSpec {
            min: 12,
            max: Some(10),
            ..GuardSpec::default()
        };
        assert_eq!((spec.bound(5), spec.bound(50)), (12, 12));
    }
}
