//! A sizing policy of your own, as a Rust type, beside a pool that keeps its size.
//!
//! `cargo run --example own_policy` prints what both come to on the same luck. A policy only looks and wishes: bounds,
//! rounding, cool-down and the reason log are the guard's.
#![expect(
    clippy::print_stdout,
    reason = "an example shows something in the terminal"
)]

use std::error::Error;

use slotwise::experiment::{Comparison, Contender, Plan, compare};
use slotwise::policy::{
    GuardSpec, Observation, OwnPolicy, PolicyPlan, PolicySpec, PoolResize, SizingPolicy,
};
use slotwise::scenario::{self, NoFiles};
use slotwise::time::SimDuration;

const SITE: &str = "
name: own policy
horizon: 1d
pools: {warehouse: 5}
dags:
  hourly_load:
    schedule: '@hourly'
    tasks:
      load: {pool: warehouse, map: 12, duration: {lognormal: {mean: 4m, sd: 2m}}}
";

/// As many slots as are asked for, and a few to spare. What was asked for at the look before counts too, so that a pool does
/// not shrink in the gap between two tasks.
#[derive(Clone, Debug, Default)]
struct Spare {
    slots: i64,
    before: Vec<i64>,
}

impl SizingPolicy for Spare {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let now: Vec<i64> = seen.pools.iter().map(|(_, load)| load.demand()).collect();
        let before = std::mem::replace(&mut self.before, now.clone());
        let wish = |(at, (pool, _)): (usize, &(_, _))| {
            let demand = now[at].max(before.get(at).copied().unwrap_or(0));
            PoolResize {
                pool: *pool,
                slots: (demand + self.slots) as f64,
                reason: format!("{demand} slots in demand, {} to spare", self.slots),
            }
        };
        seen.pools.iter().enumerate().map(wish).collect()
    }
}

/// The pool as it is, and sized by [`Spare`]: five replications of a day each, on the same luck.
fn both() -> Result<Comparison, Box<dyn Error>> {
    let scenario = scenario::read(SITE, &NoFiles)?.value;
    let warehouse = scenario.deployment.pool_named("warehouse");
    let spare = Spare {
        slots: 2,
        ..Spare::default()
    };
    let plan = PolicyPlan {
        pools: warehouse.into_iter().collect(),
        every: SimDuration::from_seconds(60),
        size: Some(PolicySpec::Own(OwnPolicy::new(spare))),
        guard: GuardSpec {
            min: 2,
            max: Some(16),
            ..GuardSpec::default()
        },
    };
    let contender = |name, policy| Contender {
        name,
        scenario: &scenario,
        policy,
    };
    let contenders = [contender("as it is", None), contender("spare", Some(&plan))];
    Ok(compare(&contenders, &Plan::new(5, 0.95)?, &|_| {})?)
}

/// What each came to, by the order of the contenders.
fn means(comparison: &Comparison, name: &str, indicator: &str) -> Vec<f64> {
    let mut figures = comparison.figures.iter();
    let figure = figures.find(|figure| figure.name == name && figure.indicator == indicator);
    let estimates = figure.into_iter().flat_map(|figure| &figure.estimates);
    estimates.map(|estimate| estimate.interval.mean).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let comparison = both()?;
    for (name, indicator) in [
        ("warehouse", "pool_wait_mean"),
        ("own policy", "slot_hours_offered"),
        ("own policy", "resizes"),
    ] {
        let values = means(&comparison, name, indicator);
        let values: Vec<_> = values.iter().map(|value| format!("{value:8.1}")).collect();
        println!("{indicator:<20} {}", values.join(" "));
    }
    Ok(())
}

#[test]
fn it_waits_less_for_fewer_slot_hours() {
    let comparison = both().unwrap();
    let waits = means(&comparison, "warehouse", "pool_wait_mean");
    let hours = means(&comparison, "own policy", "slot_hours_offered");
    let resizes = means(&comparison, "own policy", "resizes");
    assert!(waits[1] < waits[0] / 2.0, "{waits:?}");
    assert!(hours[1] < hours[0], "{hours:?}");
    assert!(resizes[0] < 1.0 && resizes[1] > 24.0, "{resizes:?}");
}
