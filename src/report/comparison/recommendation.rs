//! Which alternative is good enough at the least cost, in one sentence.

use super::ComparisonReport;
use crate::experiment::{Alternative, Comparison, Figure};

/// The cheapest alternative that meets every objective, by its cost where there are prices, else by its slot-hours; none if
/// there are neither objectives nor prices.
pub(super) fn recommendation(report: &ComparisonReport) -> Option<String> {
    let comparison = &report.comparison;
    let alternatives = &comparison.alternatives;
    let (dearness, least) = match of_site(comparison, "cost") {
        Some(cost) => (Some(cost), "at the least cost"),
        None => (
            of_site(comparison, "slot_hours_offered"),
            "with the fewest slot-hours",
        ),
    };
    let has_objectives = alternatives.iter().any(|one| !one.objectives.is_empty());
    if !has_objectives && least != "at the least cost" {
        return None;
    }
    let meets = |alternative: &Alternative| alternative.objectives.iter().all(|one| one.met);
    let good: Vec<usize> = (0..alternatives.len())
        .filter(|&at| meets(&alternatives[at]))
        .collect();
    // A site without a limited pool has nothing to spare.
    let spent = |at: usize| dearness.map_or(0.0, |figure| figure.estimates[at].interval.mean);
    let cheapest = good.iter().copied();
    let cheapest = cheapest.min_by(|&a, &b| spent(a).total_cmp(&spent(b)));
    let Some(cheapest) = cheapest else {
        return Some(format!(
            "No {} is sure to meet every objective.",
            report.compared.noun()
        ));
    };
    let name = &alternatives[cheapest].name;
    match (good.len(), alternatives.len()) {
        (_, 1) if !has_objectives => None,
        (_, 1) => Some(format!("`{name}` meets every objective.")),
        _ if !has_objectives => Some(format!("`{name}` costs least in the mean.")),
        (1, _) => Some(format!("Only `{name}` meets every objective.")),
        _ => Some(format!("`{name}` meets every objective {least}.")),
    }
}

fn of_site<'a>(comparison: &'a Comparison, indicator: &str) -> Option<&'a Figure> {
    let mut figures = comparison.figures.iter();
    figures.find(|figure| figure.kind == "site" && figure.indicator == indicator)
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
            "`office` meets every objective at the least cost."
        );
        let mut unpriced = report.clone();
        unpriced
            .comparison
            .figures
            .retain(|one| one.indicator != "cost");
        assert_eq!(
            said(&unpriced),
            "`as_is` meets every objective with the fewest slot-hours."
        );
        for alternative in &mut report.comparison.alternatives {
            alternative.objectives[0].met = false;
        }
        assert_eq!(said(&report), "No policy is sure to meet every objective.");
        for alternative in &mut report.comparison.alternatives {
            alternative.objectives.clear();
        }
        assert_eq!(said(&report), "`office` costs least in the mean.");
        report
            .comparison
            .figures
            .retain(|one| one.indicator != "cost");
        assert_eq!(recommendation(&report), None);
    }
}
