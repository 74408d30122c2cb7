//! A comparison with one estimate a line, for spreadsheets and data frames.

use super::ComparisonReport;
use crate::experiment::{Difference, Estimate, Figure};
use crate::report::csv::{lines, number, tabbed};

const COLUMNS: [&str; 11] = [
    "policy",
    "kind",
    "name",
    "indicator",
    "unit",
    "mean",
    "half_width",
    "n",
    "difference",
    "difference_half_width",
    "verdict",
];

/// `comparison.csv`: every figure under every policy.
///
/// Differences are against the first policy; a field is empty where there is nothing to say, as for the first itself.
pub fn comparison_csv(report: &ComparisonReport) -> Vec<u8> {
    lines(rows(report))
}

/// The same separated by tabs.
pub(super) fn comparison_plain(report: &ComparisonReport) -> String {
    tabbed(rows(report))
}

fn rows(report: &ComparisonReport) -> impl Iterator<Item = [String; 11]> {
    let comparison = &report.comparison;
    let estimates = comparison.figures.iter().flat_map(|figure| {
        let policies = comparison.policies.iter().zip(&figure.estimates);
        policies.map(move |(policy, estimate)| row(&policy.name, figure, estimate))
    });
    std::iter::once(COLUMNS.map(String::from)).chain(estimates)
}

fn row(policy: &str, figure: &Figure, estimate: &Estimate) -> [String; 11] {
    let difference = estimate.difference.as_ref();
    let of_difference = |value: fn(&Difference) -> f64| difference.map_or(f64::NAN, value);
    [
        policy.into(),
        figure.kind.into(),
        figure.name.clone(),
        figure.indicator.clone(),
        figure.unit.into(),
        number(estimate.interval.mean),
        number(estimate.interval.half_width),
        estimate.interval.n.to_string(),
        number(of_difference(|one| one.interval.mean)),
        number(of_difference(|one| one.interval.half_width)),
        difference.map_or_else(String::new, |one| one.verdict.words().into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;

    #[test]
    fn every_estimate_has_a_line_of_its_own() {
        let text = String::from_utf8(comparison_csv(&report())).unwrap();
        let has = |line: &str| assert!(text.lines().any(|found| found == line), "{text}");
        has(&COLUMNS.join(","));
        has("as_is,site,busy-week,slot_hours_offered,slot-hours,864,0,10,,,");
        has("office,site,busy-week,slot_hours_offered,slot-hours,1134,0,10,270,0,worse");
        has("office,pool,warehouse,pool_wait_p95,s,12.5,2,10,-78,9,better");
    }

    #[test]
    fn what_is_not_defined_is_empty() {
        let mut report = report();
        report.comparison.figures[0].estimates[0]
            .interval
            .half_width = f64::INFINITY;
        let plain = comparison_plain(&report);
        let line = plain.lines().nth(1).unwrap();
        assert!(line.ends_with("\t864\t\t10\t\t\t"), "{line:?}");
    }
}
