//! Whether a site achieves what its scenario asks for.

use std::fmt;

use serde::Serialize;

use super::measure::{Measure, name};
use super::sample::{Places, Sample};
use crate::ids::DagId;
use crate::metrics::{Entity, Metrics};
use crate::scenario::{Bound, Objective, ObjectiveTarget, Scenario};
use crate::stats::interval::{Interval, mean_interval};
use crate::trace::{EntityKind, Indicator};

/// An objective and the value that it was measured at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What was measured, such as `pool database_pool, pool_wait_p95`.
    pub what: String,
    /// The unit of the value and of the bound.
    pub unit: &'static str,
    /// The value, of one run without a width; none where there was nothing to measure, which meets no objective.
    pub value: Option<Interval>,
    /// The bound.
    pub bound: Bound,
    /// Whether the unfavourable end of the value keeps the bound.
    pub met: bool,
}

/// Judges every objective of a scenario by the metrics of one run, which are taken as they are.
pub fn judge(scenario: &Scenario, metrics: &Metrics) -> Vec<Verdict> {
    judge_by(scenario, |indicator, entity| {
        metrics.value(indicator, entity).map(Interval::exactly)
    })
}

/// Judges every objective by the confidence intervals over replications, of which all measures were kept.
///
/// A value that fewer than two of them have is infinitely wide, and meets no objective.
pub(super) fn judge_samples(
    scenario: &Scenario,
    measures: &[Measure],
    samples: &[Sample],
    level: f64,
) -> Vec<Verdict> {
    if scenario.objectives.is_empty() || samples.is_empty() {
        return Vec::new();
    }
    let places = Places::of(measures);
    judge_by(scenario, |indicator, entity| {
        interval(&places.values(samples, indicator, entity), level)
    })
}

/// The intervals of an indicator of all that a target means, each with words for what it is of.
pub(super) fn measured_of(
    target: ObjectiveTarget,
    indicator: Indicator,
    outcomes: &[Metrics],
    level: f64,
) -> Vec<(String, Option<Interval>)> {
    let Some(first) = outcomes.first() else {
        return Vec::new();
    };
    let of_entity = |entity: Entity| {
        let interval = interval_of(outcomes, indicator, entity, level);
        let name = first.name(entity);
        (in_words(entity, &name, indicator), interval)
    };
    let entities = entities(target, indicator, first.dags.len());
    entities.into_iter().map(of_entity).collect()
}

/// The interval over the replications that have a value; none if there is none.
fn interval_of(
    outcomes: &[Metrics],
    indicator: Indicator,
    entity: Entity,
    level: f64,
) -> Option<Interval> {
    let values = outcomes
        .iter()
        .filter_map(|one| one.value(indicator, entity));
    interval(&values.collect::<Vec<f64>>(), level)
}

fn interval(values: &[f64], level: f64) -> Option<Interval> {
    (!values.is_empty()).then(|| mean_interval(values, level))
}

/// What is measured, such as `pool database_pool, pool_wait_p95`.
fn in_words(entity: Entity, name: &str, indicator: Indicator) -> String {
    let kind = entity.kind().name();
    match entity {
        Entity::Site => format!("{kind}, {indicator}"),
        _ => format!("{kind} {name}, {indicator}"),
    }
}

/// Judges by what `measured` says.
fn judge_by(
    scenario: &Scenario,
    measured: impl Fn(Indicator, Entity) -> Option<Interval>,
) -> Vec<Verdict> {
    let deployment = &scenario.deployment;
    let judge_one = |objective: &Objective| {
        let indicator: Indicator = objective.indicator.parse().ok()?;
        let verdict = |entity: Entity| {
            let value = measured(indicator, entity);
            Verdict {
                what: in_words(entity, &name(entity, scenario), indicator),
                unit: indicator.unit(),
                value,
                bound: objective.bound,
                met: value.is_some_and(|value| keeps(objective.bound, value)),
            }
        };
        let entities = entities(objective.target, indicator, deployment.dags.len());
        Some(entities.into_iter().map(verdict).collect::<Vec<_>>())
    };
    let judged = scenario.objectives.iter().filter_map(judge_one);
    judged.flatten().collect()
}

/// An objective of the whole site is one for each of its DAGs, unless it can be asked of the whole alone.
fn entities(target: ObjectiveTarget, indicator: Indicator, dags: usize) -> Vec<Entity> {
    match target {
        ObjectiveTarget::Site if !indicator.applies_to(EntityKind::Dag) => vec![Entity::Site],
        ObjectiveTarget::Pool(pool) => vec![Entity::Pool(pool)],
        ObjectiveTarget::Resource(resource) => vec![Entity::Resource(resource)],
        ObjectiveTarget::Dag(dag) => vec![Entity::Dag(dag)],
        ObjectiveTarget::Task(task) => vec![Entity::Task(task)],
        ObjectiveTarget::Site => (0..dags).map(|at| Entity::Dag(DagId::new(at))).collect(),
    }
}

fn keeps(bound: Bound, value: Interval) -> bool {
    match bound {
        Bound::AtMost(most) => value.high() <= most,
        Bound::AtLeast(least) => value.low() >= least,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, .. } = self;
        let (words, bound) = match self.bound {
            Bound::AtMost(most) => ("at most", most),
            Bound::AtLeast(least) => ("at least", least),
        };
        let verdict = match self.value {
            _ if self.met => "met",
            // The mean keeps the bound, its unfavourable end does not.
            Some(value) if keeps(self.bound, Interval::exactly(value.mean)) => "NOT sure to be met",
            _ => "NOT met",
        };
        write!(f, "objective {verdict}: {what} ")?;
        match self.value {
            Some(value) if value.half_width > 0.0 => {
                write!(f, "is {:.3} ± {:.3} {unit}", value.mean, value.half_width)?;
            }
            Some(value) => write!(f, "is {:.3} {unit}", value.mean)?,
            None => f.write_str("was not measured")?,
        }
        write!(f, ", wanted {words} {bound} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(mean: f64, half_width: f64) -> Interval {
        let n = 10;
        Interval {
            mean,
            half_width,
            n,
        }
    }

    #[test]
    fn the_unfavourable_end_counts() {
        assert!(keeps(Bound::AtMost(120.0), value(100.0, 20.0)));
        assert!(!keeps(Bound::AtMost(120.0), value(100.0, 20.1)));
        assert!(keeps(Bound::AtLeast(0.5), value(0.75, 0.25)));
        assert!(!keeps(Bound::AtLeast(0.5), value(0.75, 0.26)));
        assert!(!keeps(Bound::AtMost(120.0), value(1.0, f64::INFINITY)));
    }

    #[test]
    fn a_verdict_reads_as_a_sentence() {
        let mut verdict = Verdict {
            what: "pool api, pool_wait_p95".into(),
            unit: "s",
            value: Some(value(101.5, 20.25)),
            bound: Bound::AtMost(120.0),
            met: false,
        };
        assert_eq!(
            verdict.to_string(),
            "objective NOT sure to be met: pool api, pool_wait_p95 is 101.500 ± 20.250 s, \
             wanted at most 120 s"
        );
        verdict.bound = Bound::AtMost(100.0);
        assert!(verdict.to_string().starts_with("objective NOT met: "));
        verdict.value = None;
        assert!(verdict.to_string().contains("was not measured"));
    }
}
