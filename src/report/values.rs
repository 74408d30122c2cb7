//! The long table: one value of one replication a line, alike for every experiment.

use super::csv::lines;
use crate::experiment::{Measure, Sample};

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

/// What was replicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuesOf<'a> {
    /// The point of a sweep, counted from 0; 0 where there are none.
    pub point: usize,
    /// The policy, if any.
    pub policy: Option<&'a str>,
}

/// The line of column names.
pub fn values_header() -> Vec<u8> {
    lines(std::iter::once(COLUMNS.map(String::from)))
}

/// The lines of a replication: everything that it has a value of.
pub fn values_csv(of: ValuesOf<'_>, measures: &[Measure], sample: &Sample) -> Vec<u8> {
    let row = |(measure, value): (&Measure, &Option<f64>)| {
        Some([
            of.point.to_string(),
            of.policy.unwrap_or_default().to_owned(),
            sample.replication.to_string(),
            measure.kind.to_owned(),
            measure.name.clone(),
            measure.indicator.clone(),
            (*value)?.to_string(),
            measure.unit.to_owned(),
        ])
    };
    lines(measures.iter().zip(&sample.values).filter_map(row))
}
