//! Alternatives side by side on common random numbers: replication r brings the same luck to each of them, so their
//! paired differences show what the policy, or the design, alone does.
//!
//! Source: Law, "Simulation Modeling and Analysis", sections 10.2 (comparing two), 10.3 (comparing several) and 11.2
//! (common random numbers).

pub(super) mod difference;
mod figure;

pub use difference::{Difference, DifferenceVerdict, Outlook};
pub use figure::{Estimate, Figure, MAX_ALL_PAIRS, Pair};

use serde::Serialize;

use super::case::Case;
use super::measure::Measure;
use super::objectives::{Verdict, judge_samples};
use super::plan::{Plan, PlanError, Precise, Progress};
use super::sample::Sample;
use crate::policy::PolicyPlan;
use crate::scenario::Scenario;

/// An alternative that takes part: a policy of a scenario, or a scenario of its own.
#[derive(Clone, Copy, Debug)]
pub struct Contender<'a> {
    /// Its name.
    pub name: &'a str,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What sizes its pools; none leaves them as they are.
    pub policy: Option<&'a PolicyPlan>,
}

/// The outcome of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// How often each alternative was simulated.
    pub replications: u32,
    /// The confidence level of each interval by itself, such as 0.95.
    pub level: f64,
    /// How precise the estimate came to be that decided the number of replications, if one did.
    pub precision: Option<Precise>,
    /// The alternatives; differences are against the first, the baseline.
    pub alternatives: Vec<Alternative>,
    /// Every figure that has a value under at least one alternative: the site, pools, DAGs, tasks.
    pub figures: Vec<Figure>,
}

/// An alternative that took part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// Whether it achieves what its scenario asks for.
    pub objectives: Vec<Verdict>,
}

/// Simulates every alternative and estimates every figure. They meet the same luck if their scenarios have the same seed and
/// name their DAGs and tasks alike.
///
/// The outcome is the same to the last byte for any number of threads; `progress` is called from all of them, in no
/// particular order.
///
/// # Errors
/// A policy that cannot be attached to its pools.
pub fn compare(
    contenders: &[Contender<'_>],
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Comparison, PlanError> {
    let cases: Vec<Case<'_>> = contenders.iter().map(Contender::case).collect();
    let replicated = plan.carry_out(&cases, progress)?;
    let kept = contenders.iter().zip(&replicated.outcomes);
    let kept = kept.map(|(contender, outcomes)| {
        let measures = Measure::all(contender.scenario);
        let sample = |(number, outcome)| Sample::of(number, &measures, outcome);
        (0..).zip(outcomes).map(sample).collect()
    });
    Ok(Comparison {
        precision: replicated.precise,
        ..Comparison::of(contenders, &kept.collect::<Vec<_>>(), plan.level())
    })
}

impl Comparison {
    /// The comparison of a fixed number of replications, of which all measures were kept; `samples` has those of each
    /// contender. What is missing of one of them has no pair.
    pub fn of(contenders: &[Contender<'_>], samples: &[Vec<Sample>], level: f64) -> Self {
        let measures: Vec<Vec<Measure>> = contenders
            .iter()
            .map(|contender| Measure::all(contender.scenario))
            .collect();
        let each = contenders.iter().zip(&measures).zip(samples);
        let judged = each.map(|((contender, measures), samples)| Alternative {
            name: contender.name.to_owned(),
            objectives: judge_samples(contender.scenario, measures, samples, level),
        });
        let most = samples.iter().map(Vec::len).max();
        Self {
            replications: most.unwrap_or(0) as u32,
            level,
            precision: None,
            alternatives: judged.collect(),
            figures: figure::figures(measures, samples, level),
        }
    }
}

impl<'a> Contender<'a> {
    /// What is replicated of it.
    pub const fn case(&self) -> Case<'a> {
        Case {
            scenario: self.scenario,
            policy: self.policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Scenario, read};

    fn scenario() -> Scenario {
        let text = r#"
horizon: 12h
warm_up: 1h
pools: {warehouse: 3, api: 2}
dags:
  hourly:
    schedule: "@hourly"
    deadline: 15m
    tasks:
      load: {pool: warehouse, pool_slots: 2, duration: {lognormal: {mean: 4m, sd: 2m}}}
  reports:
    schedule: {poisson: {rate: 30 per hour}}
    tasks:
      serve: {pool: warehouse, duration: {exponential: {mean: 3m}}, failure_rate: 0.1, retries: 1}
policies:
  as_is: {}
  idle:
    pools: [warehouse]
    size: {target_utilisation: {target: 0.5}}
    guard: {min: 3, max: 3}
  larger: {pools: [warehouse], size: {schedule: [{cron: "0 0 * * *", slots: 8}]}}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 30s}
"#;
        read(text, &NoFiles).unwrap().value
    }

    fn comparison(names: &[&str], replications: u32) -> Comparison {
        let scenario = scenario();
        let contender = |name: &&'static str| Contender {
            name,
            scenario: &scenario,
            policy: Some(&scenario.policies[*name]),
        };
        let names: Vec<&'static str> = names
            .iter()
            .map(|name| {
                *["as_is", "idle", "larger"]
                    .iter()
                    .find(|known| *known == name)
                    .unwrap()
            })
            .collect();
        let policies: Vec<_> = names.iter().map(contender).collect();
        let plan = Plan::new(replications, 0.95).unwrap();
        compare(&policies, &plan, &|_| {}).unwrap()
    }

    fn figure<'a>(comparison: &'a Comparison, name: &str, indicator: &str) -> &'a Figure {
        let figures = &mut comparison.figures.iter();
        figures
            .find(|figure| figure.name == name && figure.indicator == indicator)
            .unwrap()
    }

    fn differences(comparison: &Comparison) -> impl Iterator<Item = Difference> {
        let estimates = comparison
            .figures
            .iter()
            .flat_map(|figure| &figure.estimates);
        estimates.filter_map(|estimate| estimate.difference)
    }

    #[test]
    fn any_number_of_threads_says_the_same_to_the_last_byte() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let comparison = pool.install(|| comparison(&["as_is", "larger"], 5));
            serde_json::to_string(&comparison).unwrap()
        };
        let alone = with(1);
        assert_eq!(alone, with(2));
        assert_eq!(alone, with(8));
    }

    #[test]
    fn the_same_policy_twice_differs_in_nothing() {
        let twice = comparison(&["larger", "larger"], 3);
        assert!(differences(&twice).count() > 50);
        for difference in differences(&twice) {
            assert_eq!(difference.verdict, DifferenceVerdict::Same);
            assert_eq!(
                (difference.interval.low(), difference.interval.high()),
                (0.0, 0.0)
            );
        }
    }

    #[test]
    fn a_policy_that_never_acts_meets_the_luck_of_none() {
        let both = comparison(&["as_is", "idle"], 3);
        assert!(differences(&both).all(|one| one.verdict == DifferenceVerdict::Same));
        let other = comparison(&["larger", "as_is"], 3);
        for figure in &both.figures {
            let alone = super::tests::figure(&other, &figure.name, &figure.indicator);
            assert_eq!(alone.estimates[1].interval, figure.estimates[0].interval);
        }
    }

    #[test]
    fn a_larger_pool_is_better_and_costs_more() {
        let both = comparison(&["as_is", "larger"], 5);
        let verdict = |name, indicator| {
            let figure = figure(&both, name, indicator);
            figure.estimates[1].difference.unwrap().verdict
        };
        assert_eq!(
            verdict("warehouse", "pool_wait_mean"),
            DifferenceVerdict::Better
        );
        assert_eq!(
            verdict("warehouse", "slot_hours_offered"),
            DifferenceVerdict::Worse
        );
        assert_eq!(
            verdict("scenario", "slot_hours_offered"),
            DifferenceVerdict::Worse
        );
        // It resizes once, in the warm-up.
        assert_eq!(verdict("scenario", "resizes"), DifferenceVerdict::Same);
        let met = |at: usize| both.alternatives[at].objectives[0].met;
        assert_eq!((met(0), met(1)), (false, true));
        let hours = figure(&both, "scenario", "slot_hours_offered").estimates[1]
            .interval
            .mean;
        assert!(
            (hours - 11.0 * 8.0).abs() < 0.1,
            "{hours}, without the pool that no task asks for"
        );
    }
}
