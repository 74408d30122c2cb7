//! Which alternative is good enough at the least cost, in one sentence.

use super::ComparisonReport;
use crate::experiment::{Alternative, Comparison, Figure};

/// The cheapest alternative that meets every objective, by its cost where there are prices, else by its slot-hours; none if
/// there are neither objectives nor prices.
pub(super) fn recommendation(report: &ComparisonReport) -> Option<String> {
    let comparison = &report.comparison;
    let alternatives = &comparison.alternatives;
    let least = match of_site(comparison, "cost") {
        Some(_) => "at the least cost",
        None => "with the fewest slot-hours",
    };
    if !can_recommend(comparison) {
        return None;
    }
    let good = good(comparison);
    let Some(cheapest) = recommended(comparison) else {
        return Some(format!(
            "No {} is sure to meet every objective.",
            report.compared.noun()
        ));
    };
    let has_objectives = has_objectives(comparison);
    let name = &alternatives[cheapest].name;
    match (good.len(), alternatives.len()) {
        (_, 1) if !has_objectives => None,
        (_, 1) => Some(format!("`{name}` meets every objective.")),
        _ if !has_objectives => Some(format!("`{name}` costs least in the mean.")),
        (1, _) => Some(format!("Only `{name}` meets every objective.")),
        _ => Some(format!("`{name}` meets every objective {least}.")),
    }
}

/// The alternative that is recommended, by position.
pub(in crate::report) fn recommended(comparison: &Comparison) -> Option<usize> {
    if !can_recommend(comparison) {
        return None;
    }
    let cost = of_site(comparison, "cost");
    let dearness = cost.or_else(|| of_site(comparison, "slot_hours_offered"));
    // A site without a limited pool has nothing to spare.
    let spent = |at: usize| dearness.map_or(0.0, |figure| figure.estimates[at].interval.mean);
    let good = good(comparison).into_iter();
    good.min_by(|&a, &b| spent(a).total_cmp(&spent(b)))
}

fn can_recommend(comparison: &Comparison) -> bool {
    has_objectives(comparison) || of_site(comparison, "cost").is_some()
}

fn has_objectives(comparison: &Comparison) -> bool {
    let mut alternatives = comparison.alternatives.iter();
    alternatives.any(|one| !one.objectives.is_empty())
}

fn good(comparison: &Comparison) -> Vec<usize> {
    let meets = |alternative: &Alternative| alternative.objectives.iter().all(|one| one.met);
    let all = comparison.alternatives.iter().enumerate();
    all.filter(|(_, one)| meets(one))
        .map(|(at, _)| at)
        .collect()
}

/// A figure of the whole site.
pub(in crate::report) fn of_site<'a>(
    comparison: &'a Comparison,
    indicator: &str,
) -> Option<&'a Figure> {
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
