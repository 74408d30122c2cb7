//! Today as yesterday: the demand of one period ago is the forecast.
//!
//! ```text
//! size = demand(now + lead − period) + k × residual standard deviation
//! ```
//!
//! The baseline that any other forecast has to beat. Source: Hyndman and Athanasopoulos, "Forecasting: Principles and
//! Practice" (3rd ed.), 5.2.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::residuals::Residuals;
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Sizes a pool by what was asked for one period ago.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeasonalNaive {
    /// After this time the demand repeats.
    pub period: SimDuration,
    /// How far it looks ahead.
    pub lead: SimDuration,
    /// Standard deviations of its errors that come on top.
    pub safety: f64,
}

/// The demand of the last period, and how wrong the forecasts were.
#[derive(Debug, Default)]
pub(super) struct LastPeriod {
    demand: VecDeque<(SimTime, f64)>,
    residuals: Residuals,
}

impl SeasonalNaive {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "seasonal_naive",
        summary: "what was asked for one period ago, and a safety: the forecast that others have to beat",
        parameters: &[
            Parameter::new(
                "period",
                ParameterKind::Duration,
                ParameterDefault::Seconds(86_400),
                "after this time the demand repeats",
            ),
            Parameter::new(
                "lead",
                ParameterKind::Duration,
                ParameterDefault::Absent,
                "how far it looks ahead; without it not at all",
            ),
            Parameter::new(
                "safety",
                ParameterKind::Number(0.0, 100.0),
                ParameterDefault::Number(2.0),
                "standard deviations of its errors that come on top",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::SeasonalNaive),
    };

    fn from_given(given: &Given) -> Result<Self, String> {
        let (period, lead) = (given.duration("period"), given.duration("lead"));
        if lead >= period {
            return Err("`lead` is not shorter than `period`".into());
        }
        Ok(Self {
            period,
            lead,
            safety: given.number("safety"),
        })
    }
}

impl LastPeriod {
    /// The demand at the last look before or at `moment`; none if it is not known any more, or not yet.
    fn at(&self, moment: SimTime) -> Option<f64> {
        let after = self.demand.partition_point(|&(at, _)| at <= moment);
        Some(self.demand[after.checked_sub(1)?].1)
    }
}

impl PoolRule for SeasonalNaive {
    type Memory = LastPeriod;

    fn wish(&self, memory: &mut LastPeriod, load: &PoolLoad) -> Option<(f64, String)> {
        let demand = load.demand() as f64;
        if let Some(forecast) = memory.at(load.time - self.period) {
            memory.residuals.see(demand - forecast);
        }
        memory.demand.push_back((load.time, demand));
        // The last look before the period began stays: its demand held when the period began.
        while memory
            .demand
            .get(1)
            .is_some_and(|&(at, _)| at <= load.time - self.period)
        {
            memory.demand.pop_front();
        }
        let forecast = memory.at(load.time + self.lead - self.period)?;
        let spread = memory.residuals.standard_deviation();
        let reason = format!("{forecast:.0} slots a period ago, errors of {spread:.1}");
        Some((forecast + self.safety * spread, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_day_is_as_the_first() {
        let rule = SeasonalNaive {
            period: SimDuration::from_seconds(86_400),
            lead: SimDuration::from_seconds(3_600),
            safety: 2.0,
        };
        let mut memory = LastPeriod::default();
        for hour in 0..72i64 {
            let demand = |hour: i64| hour.rem_euclid(24) + 1;
            let load = PoolLoad {
                time: SimTime::default() + SimDuration::from_seconds(3_600 * hour),
                running: demand(hour),
                ..PoolLoad::default()
            };
            let slots = rule.wish(&mut memory, &load).map(|(slots, _)| slots as i64);
            // The hour to come is known after a day less an hour.
            assert_eq!(slots, (hour >= 23).then(|| demand(hour + 1)), "hour {hour}");
        }
        assert!(memory.demand.len() <= 25);
    }
}
