//! Which figures a comparison has: everything that is measured and has a value under at least one policy.

use super::estimate::{Figure, estimates};
use crate::experiment::case::Outcome;
use crate::experiment::measure::Measure;
use crate::scenario::Scenario;

/// The figures of a scenario; `outcomes` are those of each policy, by the number of the replication.
pub(super) fn figures(scenario: &Scenario, outcomes: &[Vec<Outcome>], level: f64) -> Vec<Figure> {
    let measures = Measure::all(scenario).into_iter();
    let figures = measures.map(|measure| {
        let values = |runs: &Vec<Outcome>| runs.iter().map(|run| measure.value(run)).collect();
        let samples: Vec<Vec<Option<f64>>> = outcomes.iter().map(values).collect();
        Figure {
            kind: measure.kind,
            estimates: estimates(&samples, measure.better, level),
            name: measure.name,
            indicator: measure.indicator,
            unit: measure.unit,
        }
    });
    figures
        .filter(|figure| figure.estimates.iter().any(|one| one.interval.n > 0))
        .collect()
}
