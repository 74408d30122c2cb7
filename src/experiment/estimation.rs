//! What replications say about a site under one policy: every indicator with its mean and a confidence interval.
//!
//! A quantile indicator is estimated from the quantile of each replication, never from waits thrown together: those of
//! one run depend on each other. Source: Law, "Simulation Modeling and Analysis", sections 9.4.1 and 9.4.2.

use serde::Serialize;

use super::case::Case;
use super::measure::Measure;
use super::objectives::{Verdict, judge_samples};
use super::plan::{Plan, PlanError, Precise, Progress};
use super::sample::Sample;
use crate::scenario::Scenario;
use crate::stats::interval::{Interval, MeanIntervals};

/// The estimates of one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimation {
    /// How often it was simulated.
    pub replications: u32,
    /// The confidence level of each interval by itself, such as 0.95.
    pub level: f64,
    /// How precise the estimate came to be that decided the number of replications, if one did.
    pub precision: Option<Precise>,
    /// Whether the site achieves what the scenario asks for.
    pub objectives: Vec<Verdict>,
    /// Everything that has a value in at least one replication.
    pub estimates: Vec<Estimated>,
    /// What each replication came to, in the order of [`Measure::all`].
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// An indicator of something over replications.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimated {
    /// `pool`, `dag`, `task`, or `site` for the whole.
    pub kind: &'static str,
    /// Its name; a task's is `dag_id.task_id`, the site's that of the scenario.
    pub name: String,
    /// The indicator's name, such as `pool_wait_p95`.
    pub indicator: String,
    /// The indicator's unit; shares run from 0 to 1.
    pub unit: &'static str,
    /// The mean over the replications that have a value.
    #[serde(flatten)]
    pub interval: Interval,
    /// The smallest value of a replication.
    pub min: f64,
    /// The largest value of a replication.
    pub max: f64,
}

/// Simulates a case as often as planned and estimates everything.
///
/// The outcome is the same to the last byte for any number of threads; `progress` is called from all of them, in no
/// particular order.
///
/// # Errors
/// A policy that cannot be attached to its pools.
pub fn estimate(
    case: Case<'_>,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Estimation, PlanError> {
    let mut replicated = plan.carry_out(&[case], progress)?;
    let measures = Measure::all(case.scenario);
    let outcomes = replicated.outcomes.pop().unwrap_or_default();
    let sample = |(number, outcome)| Sample::of(number, &measures, outcome);
    let samples = (0..).zip(&outcomes).map(sample).collect();
    Ok(Estimation {
        precision: replicated.precise,
        ..Estimation::of(case.scenario, &measures, samples, plan.level())
    })
}

impl Estimation {
    /// The estimates of a fixed number of replications, of which all measures were kept.
    pub fn of(scenario: &Scenario, measures: &[Measure], samples: Vec<Sample>, level: f64) -> Self {
        let mut intervals = MeanIntervals::new(level);
        let estimated = |(at, measure): (usize, &Measure)| {
            let values: Vec<f64> = samples
                .iter()
                .filter_map(|sample| sample.values[at])
                .collect();
            Estimated::of(measure, &values, &mut intervals)
        };
        Self {
            replications: samples.len() as u32,
            level,
            precision: None,
            objectives: judge_samples(scenario, measures, &samples, level),
            estimates: measures.iter().enumerate().filter_map(estimated).collect(),
            samples,
        }
    }
}

impl Estimated {
    /// The estimate from these values; none without any.
    fn of(measure: &Measure, values: &[f64], intervals: &mut MeanIntervals) -> Option<Self> {
        let min = values.iter().copied().reduce(f64::min)?;
        let max = values.iter().copied().reduce(f64::max)?;
        Some(Self {
            kind: measure.kind,
            name: measure.name.clone(),
            indicator: measure.indicator.clone(),
            unit: measure.unit,
            interval: intervals.of(values),
            min,
            max,
        })
    }
}
