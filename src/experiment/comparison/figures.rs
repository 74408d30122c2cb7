//! Which figures a comparison has: what the site costs, and every indicator of every pool, DAG and task.

use std::collections::BTreeSet;

use super::design::Replicated;
use super::estimate::{Figure, estimates};
use crate::metrics::Metrics;
use crate::scenario::Scenario;
use crate::trace::{Better, Indicator};

/// What a policy costs: the resizes, and the slot-hours of the limited pools that tasks ask for.
pub(super) fn site_figures(
    scenario: &Scenario,
    replicated: &[Replicated],
    level: f64,
) -> Vec<Figure> {
    let tasks = &scenario.deployment.tasks;
    let in_use: BTreeSet<_> = tasks.iter().map(|task| task.pool).collect();
    let offered = |metrics: &Metrics| {
        let pools = in_use.iter().map(|pool| &metrics.pools[pool.index()]);
        let limited = pools.filter_map(|pool| pool.slot_hours_offered);
        limited.reduce(|sum, hours| sum + hours)
    };
    let hours = replicated
        .iter()
        .map(|runs| runs.metrics.iter().map(offered).collect());
    let resizes = replicated
        .iter()
        .map(|runs| runs.resizes.iter().copied().map(Some).collect());
    let figure = |indicator: &str, unit, samples: Vec<Vec<Option<f64>>>| Figure {
        kind: "site",
        name: scenario.name.clone(),
        indicator: indicator.into(),
        unit,
        estimates: estimates(&samples, Better::Lower, level),
    };
    let figures = vec![
        figure("slot_hours_offered", "slot-hours", hours.collect()),
        figure("resizes", "count", resizes.collect()),
    ];
    figures.into_iter().filter(has_a_value).collect()
}

/// Every indicator of every pool, DAG and task.
pub(super) fn entity_figures(
    replicated: &[Replicated],
    level: f64,
) -> impl Iterator<Item = Figure> {
    let names = replicated.first().and_then(|runs| runs.metrics.first());
    let asked = names.into_iter().flat_map(|metrics| {
        let all = metrics.entities();
        all.flat_map(|entity| Indicator::all().map(move |indicator| (entity, indicator)))
            .filter(|(entity, indicator)| indicator.applies_to(entity.kind()))
            .map(move |(entity, indicator)| (metrics.name(entity), entity, indicator))
    });
    let figures = asked.map(move |(name, entity, indicator)| {
        let values = |runs: &Replicated| {
            let values = runs.metrics.iter();
            values.map(|run| run.value(indicator, entity)).collect()
        };
        let samples: Vec<Vec<Option<f64>>> = replicated.iter().map(values).collect();
        Figure {
            kind: entity.kind().name(),
            name,
            indicator: indicator.to_string(),
            unit: indicator.unit(),
            estimates: estimates(&samples, indicator.better(), level),
        }
    });
    figures.filter(has_a_value)
}

fn has_a_value(figure: &Figure) -> bool {
    figure.estimates.iter().any(|one| one.interval.n > 0)
}
