//! Keeps a pool's utilisation near a target, as target tracking of AWS does: out soon, in late.
//!
//! ```text
//! desired = current × utilisation / target
//! out: rounded up, once the utilisation has been above the target for `out_after` looks
//! in:  what is removed is rounded down, once it has been below `in_below × target` for `in_after` looks
//! ```
//!
//! Source: Amazon EC2 Auto Scaling User Guide, "Target tracking scaling policies"; three points out, fifteen in and 90 %
//! are those of the alarms that it creates.

use super::description::{
    Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription, SIGNALS,
};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad, Signal};

/// Sizes a pool so that the target share of its slots is in demand, slow to shrink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetTracking {
    /// The wanted share, above 0.
    pub target: f64,
    /// What counts as use.
    pub signal: Signal,
    /// Looks above the target before it grows.
    pub out_after: u32,
    /// Looks far enough below the target before it shrinks.
    pub in_after: u32,
    /// How far below: a share of the target.
    pub in_below: f64,
}

/// How many looks in a row the utilisation has been above, and far enough below.
#[derive(Debug, Default)]
pub(super) struct Breaches {
    above: u32,
    below: u32,
}

impl TargetTracking {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "target_tracking",
        summary: "by the use of the pool, as target tracking of AWS: out soon, in late",
        parameters: &[
            Parameter::required(
                "target",
                ParameterKind::Above(0.0, 1.0),
                "the wanted share of slots in use",
            ),
            Parameter::new(
                "signal",
                SIGNALS,
                ParameterDefault::Name("demand"),
                "what counts as use",
            ),
            Parameter::new(
                "out_after",
                ParameterKind::Whole(1, 10_000),
                ParameterDefault::Number(3.0),
                "looks above the target before it grows",
            ),
            Parameter::new(
                "in_after",
                ParameterKind::Whole(1, 10_000),
                ParameterDefault::Number(15.0),
                "looks far enough below the target before it shrinks",
            ),
            Parameter::new(
                "in_below",
                ParameterKind::Above(0.0, 1.0),
                ParameterDefault::Number(0.9),
                "how far below the target that is, as a share of it",
            ),
        ],
        build: |given| Ok(PolicySpec::TargetTracking(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            target: given.number("target"),
            signal: Signal::named(given.choice("signal")),
            out_after: given.whole("out_after"),
            in_after: given.whole("in_after"),
            in_below: given.number("in_below"),
        }
    }
}

impl PoolRule for TargetTracking {
    type Memory = Breaches;

    fn wish(&self, breaches: &mut Breaches, load: &PoolLoad) -> Option<(f64, String)> {
        let utilisation = self.signal.utilisation(load)?;
        let count = |count: u32, holds: bool| if holds { count + 1 } else { 0 };
        breaches.above = count(breaches.above, utilisation > self.target);
        breaches.below = count(breaches.below, utilisation < self.in_below * self.target);
        let (looks, needed) = if utilisation > self.target {
            (breaches.above, self.out_after)
        } else {
            (breaches.below, self.in_after)
        };
        // Rounding the size up rounds what is added up, and what is removed down.
        let desired = load.slots as f64 * utilisation / self.target;
        (looks >= needed).then(|| {
            let reason = format!(
                "utilisation {utilisation:.2} for {looks} looks, target {:.2}",
                self.target
            );
            (desired, reason)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::whole_slots;

    const RULE: TargetTracking = TargetTracking {
        target: 0.5,
        signal: Signal::Demand,
        out_after: 3,
        in_after: 5,
        in_below: 0.9,
    };

    fn sizes(loads: &[(i64, f64)]) -> Vec<Option<i64>> {
        let mut breaches = Breaches::default();
        let wishes = loads.iter().map(|&(slots, told)| {
            let load = PoolLoad {
                slots,
                ..PoolLoad::of(told)
            };
            RULE.wish(&mut breaches, &load)
        });
        wishes
            .map(|wish| wish.map(|(slots, _)| whole_slots(slots, f64::ceil)))
            .collect()
    }

    #[test]
    fn it_grows_at_the_third_look_and_shrinks_at_the_fifth() {
        assert_eq!(sizes(&[(10, 0.6); 4]), [None, None, Some(12), Some(12)]);
        assert_eq!(sizes(&[(10, 0.4); 5]), [None, None, None, None, Some(8)]);
        // Between 90 % of the target and the target nothing is done.
        assert_eq!(sizes(&[(10, 0.46); 6]), [None; 6]);
        assert_eq!(
            sizes(&[(10, 0.6), (10, 0.6), (10, 0.5), (10, 0.6)]),
            [None; 4]
        );
    }

    #[test]
    fn one_and_a_half_are_added_as_two_and_removed_as_one() {
        assert_eq!(sizes(&[(10, 0.575); 3])[2], Some(12));
        assert_eq!(sizes(&[(10, 0.425); 5])[4], Some(9));
    }
}
