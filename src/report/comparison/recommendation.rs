//! Which alternative is good enough at the least cost, in one sentence.

use super::ComparisonReport;
use crate::experiment::{Alternative, Comparison};

/// The cheapest alternative that meets every objective; none if there are no objectives.
pub(super) fn recommendation(report: &ComparisonReport) -> Option<String> {
    let comparison = &report.comparison;
    let alternatives = &comparison.alternatives;
    if alternatives.iter().all(|one| one.objectives.is_empty()) {
        return None;
    }
    let meets = |alternative: &Alternative| alternative.objectives.iter().all(|one| one.met);
    let good: Vec<usize> = (0..alternatives.len())
        .filter(|&at| meets(&alternatives[at]))
        .collect();
    let cheapest = good
        .iter()
        .copied()
        .min_by(|&a, &b| slot_hours(comparison, a).total_cmp(&slot_hours(comparison, b)));
    let Some(cheapest) = cheapest else {
        return Some(format!(
            "No {} is sure to meet every objective.",
            report.compared.noun()
        ));
    };
    let name = &alternatives[cheapest].name;
    Some(match (good.len(), alternatives.len()) {
        (_, 1) => format!("`{name}` meets every objective."),
        (1, _) => format!("Only `{name}` meets every objective."),
        _ => format!("`{name}` meets every objective with the fewest slot-hours."),
    })
}

/// Of all limited pools in use; a site without any has nothing to spare.
fn slot_hours(comparison: &Comparison, alternative: usize) -> f64 {
    let mut figures = comparison.figures.iter();
    let figure =
        figures.find(|figure| figure.kind == "site" && figure.indicator == "slot_hours_offered");
    figure.map_or(0.0, |figure| figure.estimates[alternative].interval.mean)
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;

    #[test]
    fn the_cheapest_of_the_good_ones_is_named() {
        let mut report = report();
        let said = |report: &ComparisonReport| recommendation(report).unwrap();
        assert_eq!(said(&report), "Only `office` meets every objective.");
        report.comparison.alternatives[0].objectives[0].met = true;
        assert_eq!(
            said(&report),
            "`as_is` meets every objective with the fewest slot-hours."
        );
        for alternative in &mut report.comparison.alternatives {
            alternative.objectives[0].met = false;
        }
        assert_eq!(said(&report), "No policy is sure to meet every objective.");
        for alternative in &mut report.comparison.alternatives {
            alternative.objectives.clear();
        }
        assert_eq!(recommendation(&report), None);
    }
}
