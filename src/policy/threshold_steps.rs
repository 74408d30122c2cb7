//! Steps: the further the utilisation lies beyond a threshold, the more slots are added or removed.
//!
//! An adjustment in percent is of the present size; one of more than a slot is rounded towards zero, and a smaller one is a
//! whole slot. Of the steps that are reached the furthest one counts: `above` and `below` belong to their step.
//! Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies".

use super::description::{
    Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription, SIGNALS,
};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad, Signal};

/// Sizes a pool in steps by the share of its slots in demand.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdSteps {
    /// What counts as use.
    pub signal: Signal,
    /// The fewest slots that a step adds or removes.
    pub min_adjustment: u32,
    /// The steps, in any order.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// From where on it is reached.
    pub edge: StepEdge,
    /// What it does.
    pub adjustment: Adjustment,
}

/// From where on a step is reached: a utilisation, which belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepEdge {
    /// At this utilisation or more.
    Above(f64),
    /// At this utilisation or less.
    Below(f64),
}

/// A change of a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Adjustment {
    /// By so many slots.
    Slots(i32),
    /// By so many percent of the present size.
    Percent(f64),
}

impl Adjustment {
    /// The slots that are added to so many, or removed if negative.
    pub fn of(self, slots: i64) -> i64 {
        match self {
            Self::Slots(change) => i64::from(change),
            Self::Percent(percent) => {
                let change = slots as f64 * percent / 100.0;
                if change.abs() < 1.0 {
                    change.signum() as i64
                } else {
                    change.trunc() as i64
                }
            }
        }
    }
}

impl ThresholdSteps {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "threshold_steps",
        summary: "in steps by the use of the pool, as step scaling of AWS",
        parameters: &[
            Parameter::new(
                "signal",
                SIGNALS,
                ParameterDefault::Name("demand"),
                "what counts as use",
            ),
            Parameter::new(
                "min_adjustment",
                ParameterKind::Whole(1, 1_000_000),
                ParameterDefault::Number(1.0),
                "the fewest slots that a step adds or removes",
            ),
            Parameter::required(
                "steps",
                ParameterKind::Steps,
                "a list such as `[{above: 0.6, change: 10%}, {below: 0.4, change: -1}]`",
            ),
        ],
        build: |given| Ok(PolicySpec::ThresholdSteps(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            signal: Signal::named(given.choice("signal")),
            min_adjustment: given.whole("min_adjustment"),
            steps: given.steps("steps").to_vec(),
        }
    }

    /// The furthest step that is reached.
    fn step(&self, utilisation: f64) -> Option<&Step> {
        let reach = |step: &&Step| match step.edge {
            StepEdge::Above(edge) if utilisation >= edge => Some(edge),
            StepEdge::Below(edge) if utilisation <= edge => Some(-edge),
            _ => None,
        };
        let reached = self.steps.iter().filter(|step| reach(step).is_some());
        reached.max_by(|one, other| {
            reach(one)
                .partial_cmp(&reach(other))
                .unwrap_or(std::cmp::Ordering::Equal)
        })
    }
}

impl PoolRule for ThresholdSteps {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let utilisation = self.signal.utilisation(load)?;
        let change = self.step(utilisation)?.adjustment.of(load.slots);
        let least = i64::from(self.min_adjustment);
        let change = change.signum() * change.abs().max(least);
        let reason = format!("utilisation {utilisation:.2}, {change:+} slots");
        Some(((load.slots + change).max(0) as f64, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_the_guide() -> ThresholdSteps {
        let step = |edge, percent| Step {
            edge,
            adjustment: Adjustment::Percent(percent),
        };
        ThresholdSteps {
            signal: Signal::Demand,
            min_adjustment: 1,
            steps: vec![
                step(StepEdge::Above(0.6), 10.0),
                step(StepEdge::Above(0.7), 30.0),
                step(StepEdge::Below(0.4), -10.0),
                step(StepEdge::Below(0.3), -30.0),
            ],
        }
    }

    #[test]
    fn the_example_of_the_guide() {
        let rule = of_the_guide();
        let mut slots = 10;
        for (utilisation, expected) in [(0.6, 11), (0.7, 14), (0.4, 13), (0.3, 10), (0.5, 10)] {
            let load = PoolLoad {
                slots,
                ..PoolLoad::of(utilisation)
            };
            let wish = rule.wish(&mut (), &load);
            slots = wish.map_or(slots, |(slots, _)| slots as i64);
            assert_eq!(slots, expected, "at {utilisation}");
        }
    }

    #[test]
    fn parts_of_slots_are_rounded_as_the_guide_says() {
        let rounded = [12.7, 0.67, -0.58, -6.67].map(|slots| Adjustment::Percent(slots).of(100));
        assert_eq!(rounded, [12, 1, -1, -6]);
        assert_eq!(Adjustment::Slots(-3).of(5), -3);
    }

    #[test]
    fn a_step_changes_no_less_than_the_least() {
        let rule = ThresholdSteps {
            min_adjustment: 2,
            ..of_the_guide()
        };
        let load = |utilisation| PoolLoad {
            slots: 10,
            ..PoolLoad::of(utilisation)
        };
        let slots = |utilisation| {
            rule.wish(&mut (), &load(utilisation))
                .map(|(slots, _)| slots as i64)
        };
        assert_eq!(
            [slots(0.65), slots(0.35), slots(0.5)],
            [Some(12), Some(8), None]
        );
    }
}
