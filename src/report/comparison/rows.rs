//! A comparison with one estimate a line, and all pairs likewise, for spreadsheets and data frames.

use super::ComparisonReport;
use crate::experiment::{Difference, Estimate, Figure, Outlook, Pair};
use crate::report::csv::{lines, number, tabbed};

const COLUMNS: [&str; 15] = [
    "alternative",
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
    "p_value",
    "more_replications",
    "correlation",
    "variance_reduction",
];

const PAIR_COLUMNS: [&str; 14] = [
    "alternative",
    "against",
    "kind",
    "name",
    "indicator",
    "unit",
    "n",
    "difference",
    "difference_half_width",
    "verdict",
    "p_value",
    "more_replications",
    "correlation",
    "variance_reduction",
];

/// `comparison.csv`: every figure under every alternative.
///
/// Differences are against the baseline; a field is empty where there is nothing to say, as for the baseline itself.
pub fn comparison_csv(report: &ComparisonReport) -> Vec<u8> {
    lines(rows(report))
}

/// `pairs.csv`: every figure for every two alternatives; none unless there are three to
/// [`crate::experiment::MAX_ALL_PAIRS`].
pub fn pairs_csv(report: &ComparisonReport) -> Option<Vec<u8>> {
    let comparison = &report.comparison;
    let name = |at: usize| comparison.alternatives[at].name.clone();
    let row = |figure: &Figure, pair: &Pair| {
        let [
            difference,
            half_width,
            verdict,
            p_value,
            more,
            correlation,
            reduction,
        ] = fields(&pair.difference);
        [
            name(pair.of),
            name(pair.against),
            figure.kind.into(),
            figure.name.clone(),
            figure.indicator.clone(),
            figure.unit.into(),
            pair.difference.interval.n.to_string(),
            difference,
            half_width,
            verdict,
            p_value,
            more,
            correlation,
            reduction,
        ]
    };
    let figures = comparison.figures.iter();
    let rows = figures.flat_map(|figure| figure.pairs.iter().map(move |pair| row(figure, pair)));
    let mut rows = rows.peekable();
    rows.peek()?;
    let header = std::iter::once(PAIR_COLUMNS.map(String::from));
    Some(lines(header.chain(rows)))
}

/// `comparison.csv` separated by tabs.
pub(super) fn comparison_plain(report: &ComparisonReport) -> String {
    tabbed(rows(report))
}

fn rows(report: &ComparisonReport) -> impl Iterator<Item = [String; 15]> {
    let comparison = &report.comparison;
    let estimates = comparison.figures.iter().flat_map(|figure| {
        let alternatives = comparison.alternatives.iter().zip(&figure.estimates);
        alternatives.map(move |(alternative, estimate)| row(&alternative.name, figure, estimate))
    });
    std::iter::once(COLUMNS.map(String::from)).chain(estimates)
}

fn row(alternative: &str, figure: &Figure, estimate: &Estimate) -> [String; 15] {
    let nothing = || std::array::from_fn(|_| String::new());
    let [
        difference,
        half_width,
        verdict,
        p_value,
        more,
        correlation,
        reduction,
    ] = estimate.difference.as_ref().map_or_else(nothing, fields);
    [
        alternative.into(),
        figure.kind.into(),
        figure.name.clone(),
        figure.indicator.clone(),
        figure.unit.into(),
        number(estimate.interval.mean),
        number(estimate.interval.half_width),
        estimate.interval.n.to_string(),
        difference,
        half_width,
        verdict,
        p_value,
        more,
        correlation,
        reduction,
    ]
}

/// What is said of a difference, from the difference itself to the variance reduction.
pub(in crate::report) fn fields(difference: &Difference) -> [String; 7] {
    let if_known = |value: Option<f64>| number(value.unwrap_or(f64::NAN));
    [
        number(difference.interval.mean),
        number(difference.interval.half_width),
        difference.verdict.words().into(),
        if_known(difference.p_value),
        match difference.outlook {
            Outlook::Decided | Outlook::Unknown => String::new(),
            Outlook::More(more) => more.to_string(),
            Outlook::Hopeless => "hopeless".into(),
        },
        if_known(difference.correlation),
        if_known(difference.variance_reduction),
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
        has("as_is,site,busy-week,slot_hours_offered,slot-hours,864,0,10,,,,,,,");
        has("office,site,busy-week,slot_hours_offered,slot-hours,1134,0,10,270,0,worse,0,,,");
        has("office,pool,warehouse,pool_wait_p95,s,12.5,2,10,-78,9,better,0.001,,0.9,12.5");
        has(
            "cautious,pool,warehouse,pool_wait_p95,s,90.5,9,10,0.9,1.8,no difference shown,0.4,35,0.9,12.5",
        );
    }

    #[test]
    fn every_two_have_a_line_of_their_own() {
        let text = String::from_utf8(pairs_csv(&report()).unwrap()).unwrap();
        let has = |line: &str| assert!(text.lines().any(|found| found == line), "{text}");
        has(&PAIR_COLUMNS.join(","));
        has("cautious,office,pool,warehouse,pool_wait_p95,s,10,78,9,worse,0.001,,0.9,12.5");
        let mut two = report();
        for figure in &mut two.comparison.figures {
            figure.pairs.clear();
        }
        assert_eq!(pairs_csv(&two), None);
    }

    #[test]
    fn what_is_not_defined_is_empty() {
        let mut report = report();
        report.comparison.figures[0].estimates[0]
            .interval
            .half_width = f64::INFINITY;
        let plain = comparison_plain(&report);
        let line = plain.lines().nth(1).unwrap();
        assert!(line.ends_with("\t864\t\t10\t\t\t\t\t\t\t"), "{line:?}");
    }
}
