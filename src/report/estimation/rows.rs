//! One estimate a line, for spreadsheets and data frames.

use super::EstimationReport;
use crate::experiment::Estimated;
use crate::report::csv::{lines, number, tabbed};

/// The columns of any estimate.
pub(in crate::report) const COLUMNS: [&str; 9] = [
    "kind",
    "name",
    "indicator",
    "unit",
    "mean",
    "half_width",
    "n",
    "min",
    "max",
];

/// `estimates.csv`: everything that has a value in at least one replication.
pub fn estimation_csv(report: &EstimationReport) -> Vec<u8> {
    lines(rows(report))
}

/// The same separated by tabs.
pub(super) fn estimation_plain(report: &EstimationReport) -> String {
    tabbed(rows(report))
}

fn rows(report: &EstimationReport) -> impl Iterator<Item = [String; 9]> {
    let estimates = report.estimation.estimates.iter().map(fields);
    std::iter::once(COLUMNS.map(String::from)).chain(estimates)
}

/// An estimate by those columns.
pub(in crate::report) fn fields(one: &Estimated) -> [String; 9] {
    [
        one.kind.to_owned(),
        one.name.clone(),
        one.indicator.clone(),
        one.unit.to_owned(),
        number(one.interval.mean),
        number(one.interval.half_width),
        one.interval.n.to_string(),
        number(one.min),
        number(one.max),
    ]
}
