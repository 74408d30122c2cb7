//! The long table: one value of one replication a line, alike for every experiment.

use super::csv::lines;
use crate::experiment::{Measure, Outcome};

const COLUMNS: [&str; 8] = [
    "point",
    "policy",
    "replication",
    "kind",
    "name",
    "indicator",
    "value",
    "unit",
];

/// Which replication of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The point of a sweep, counted from 0; 0 where there are none.
    pub point: usize,
    /// The policy, if any.
    pub policy: Option<&'a str>,
    /// The number of the replication, counted from 0: the same number means the same luck.
    pub replication: u64,
}

/// The line of column names.
pub fn values_header() -> Vec<u8> {
    lines(std::iter::once(COLUMNS.map(String::from)))
}

/// The lines of a replication: everything that it has a value of.
pub fn values_csv(cell: Cell<'_>, measures: &[Measure], outcome: &Outcome) -> Vec<u8> {
    let row = |measure: &Measure| {
        Some([
            cell.point.to_string(),
            cell.policy.unwrap_or_default().to_owned(),
            cell.replication.to_string(),
            measure.kind.to_owned(),
            measure.name.clone(),
            measure.indicator.clone(),
            measure.value(outcome)?.to_string(),
            measure.unit.to_owned(),
        ])
    };
    lines(measures.iter().filter_map(row))
}
