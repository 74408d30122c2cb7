//! A high percentile of the demand of the last days, with a margin: what the vertical autoscaler of Kubernetes does.
//!
//! ```text
//! target = (1 + margin) P90;   lower = (1 + margin) P50 (1 + 0.001 / days)^-2;   upper = (1 + margin) P95 (1 + 1 / days)
//! ```
//!
//! The size is changed only where it lies outside of lower .. upper, which are wide while little is known. Demand is what
//! is in use and what waits, or a full pool would hide it. Source: Kubernetes autoscaler, recommender and its flags.

use super::decaying_histogram::DecayingHistogram;
use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::time::{SimDuration, SimTime};

/// Buckets of demand grow by 5 %.
const GROWTH: f64 = 1.05;

/// Sizes a pool for most of the moments of the last days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile {
    /// The share of moments for which the slots are to suffice.
    pub percentile: f64,
    /// What comes on top, as a share.
    pub margin: f64,
    /// After this time a moment counts half.
    pub half_life: SimDuration,
}

/// The demand that has been seen, and since when.
#[derive(Debug, Default)]
pub(super) struct SeenDemand {
    seen: Option<(SimTime, DecayingHistogram)>,
}

impl Percentile {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "percentile",
        summary: "a high percentile of the demand of the last days, as the vertical autoscaler of Kubernetes",
        parameters: &[
            Parameter::new(
                "percentile",
                ParameterKind::Above(0.0, 1.0),
                ParameterDefault::Number(0.9),
                "the share of moments for which the slots are to suffice",
            ),
            Parameter::new(
                "margin",
                ParameterKind::Number(0.0, 10.0),
                ParameterDefault::Number(0.15),
                "what comes on top, as a share",
            ),
            Parameter::new(
                "half_life",
                ParameterKind::Duration,
                ParameterDefault::Seconds(86_400),
                "after this time a moment counts half",
            ),
        ],
        build: |given| Ok(PolicySpec::Percentile(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            percentile: given.number("percentile"),
            margin: given.number("margin"),
            half_life: given.duration("half_life"),
        }
    }

    /// Lower bound, target and upper bound after so many days.
    pub(super) fn recommend(&self, seen: &DecayingHistogram, days: f64) -> Option<[f64; 3]> {
        let with_margin = |p| Some(seen.percentile(p)? * (1.0 + self.margin));
        let narrow = 1.0 + 0.001 / days;
        Some([
            with_margin(0.5)? / (narrow * narrow),
            with_margin(self.percentile)?,
            with_margin(0.95)? * (1.0 + 1.0 / days),
        ])
    }
}

impl PoolRule for Percentile {
    type Memory = SeenDemand;

    fn wish(&self, memory: &mut SeenDemand, load: &PoolLoad) -> Option<(f64, String)> {
        let demand = load.demand().max(0) as f64;
        let (since, seen) = memory.seen.get_or_insert_with(|| {
            let empty = DecayingHistogram::new(self.half_life, GROWTH, load.time);
            (load.time, empty)
        });
        seen.add(demand, 1.0, load.time);
        let days = (load.time - *since).as_seconds() / 86_400.0;
        if days <= 0.0 {
            return None;
        }
        let [lower, target, upper] = self.recommend(seen, days)?;
        let slots = load.slots as f64;
        let reason = || {
            format!(
                "{:.0} % of the demand of {days:.1} days, and {:.0} % more",
                100.0 * self.percentile,
                100.0 * self.margin
            )
        };
        (slots < lower || slots > upper.max(target)).then(|| (target, reason()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Percentile = Percentile {
        percentile: 0.9,
        margin: 0.15,
        half_life: SimDuration::from_seconds(86_400),
    };

    fn sizes(slots: i64, demands: impl Iterator<Item = i64>) -> Vec<Option<i64>> {
        let mut memory = SeenDemand::default();
        let wishes = demands.enumerate().map(|(minute, running)| {
            let load = PoolLoad {
                time: SimTime::default() + SimDuration::from_seconds(60 * minute as i64),
                slots,
                running,
                ..PoolLoad::default()
            };
            RULE.wish(&mut memory, &load)
        });
        wishes
            .map(|wish| wish.map(|(slots, _)| slots.ceil() as i64))
            .collect()
    }

    #[test]
    fn a_margin_of_15_percent_comes_on_top() {
        let mut seen =
            DecayingHistogram::new(SimDuration::from_seconds(60), 1.0, SimTime::default());
        seen.add(9.0, 1.0, SimTime::default());
        let [_, target, _] = RULE.recommend(&seen, 1e9).unwrap();
        assert!((target - 11.5).abs() < 1e-9);
    }

    #[test]
    fn it_acts_soon_when_too_small_and_late_when_too_large() {
        // Ten slots are asked for all the time; the bucket of 10 ends at 10.6.
        let small = sizes(5, std::iter::repeat_n(10, 12));
        assert_eq!(small[2], None, "after two minutes hardly anything is sure");
        assert_eq!(small[10], Some(13));
        let day = 1_440;
        let large = sizes(30, std::iter::repeat_n(10, 3 * day));
        assert_eq!(large[day / 2], None, "after half a day little is sure");
        assert_eq!(large[3 * day - 1], Some(13));
    }
}
