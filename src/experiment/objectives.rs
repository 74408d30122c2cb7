//! Whether a site achieves what its scenario asks for.

use std::fmt;

use crate::metrics::{Entity, Metrics};
use crate::scenario::{Bound, Objective, ObjectiveTarget, Scenario};
use crate::trace::Indicator;

/// An objective and the value that it was measured at.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was measured, such as `pool database_pool, pool_wait_p95`.
    pub what: String,
    /// The value; none where there was nothing to measure, which meets no objective.
    pub value: Option<f64>,
    /// The bound.
    pub bound: Bound,
    /// Whether the value keeps the bound.
    pub met: bool,
}

/// Judges every objective of a scenario by the metrics of one run.
pub fn judge(scenario: &Scenario, metrics: &Metrics) -> Vec<Verdict> {
    scenario
        .objectives
        .iter()
        .flat_map(|objective| judge_one(objective, metrics))
        .collect()
}

/// An objective of the whole site is one for each of its DAGs.
fn judge_one(objective: &Objective, metrics: &Metrics) -> Vec<Verdict> {
    let Ok(indicator) = objective.indicator.parse::<Indicator>() else {
        return Vec::new();
    };
    let entities = match objective.target {
        ObjectiveTarget::Pool(pool) => vec![Entity::Pool(pool)],
        ObjectiveTarget::Dag(dag) => vec![Entity::Dag(dag)],
        ObjectiveTarget::Task(task) => vec![Entity::Task(task)],
        ObjectiveTarget::Site => metrics
            .entities()
            .filter(|entity| matches!(entity, Entity::Dag(_)))
            .collect(),
    };
    let verdict = |entity| {
        let value = metrics.value(indicator, entity);
        Verdict {
            what: format!(
                "{} {}, {indicator}",
                entity.kind().name(),
                metrics.name(entity)
            ),
            value,
            bound: objective.bound,
            met: value.is_some_and(|value| keeps(objective.bound, value)),
        }
    };
    entities.into_iter().map(verdict).collect()
}

fn keeps(bound: Bound, value: f64) -> bool {
    match bound {
        Bound::AtMost(most) => value <= most,
        Bound::AtLeast(least) => value >= least,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, bound) = match self.bound {
            Bound::AtMost(most) => ("at most", most),
            Bound::AtLeast(least) => ("at least", least),
        };
        let verdict = if self.met { "met" } else { "NOT met" };
        match self.value {
            Some(value) => write!(
                f,
                "objective {verdict}: {} is {value:.6}, wanted {words} {bound}",
                self.what
            ),
            None => write!(
                f,
                "objective {verdict}: {} was not measured, wanted {words} {bound}",
                self.what
            ),
        }
    }
}
