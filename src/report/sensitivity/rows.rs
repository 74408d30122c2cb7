//! One turn of a knob a line, the knob that matters most first, for spreadsheets and data frames.

use super::SensitivityReport;
use crate::experiment::{Effect, KnobEffect};
use crate::report::comparison::fields;
use crate::report::csv::{lines, tabbed};

const COLUMNS: [&str; 18] = [
    "path",
    "counts",
    "of",
    "value",
    "turn",
    "to",
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

/// `sensitivity.csv`: every knob that was turned, to less and to more.
pub fn sensitivity_csv(report: &SensitivityReport) -> Vec<u8> {
    lines(rows(report))
}

/// The same separated by tabs.
pub(super) fn sensitivity_plain(report: &SensitivityReport) -> String {
    tabbed(rows(report))
}

fn rows(report: &SensitivityReport) -> impl Iterator<Item = [String; 18]> {
    let turns = report.sensitivity.knobs.iter().flat_map(move |knob| {
        let sides = [("less", &knob.less), ("more", &knob.more)];
        let turned = sides.into_iter();
        turned.filter_map(move |(turn, side)| Some(row(report, knob, turn, side.as_ref()?)))
    });
    std::iter::once(COLUMNS.map(String::from)).chain(turns)
}

fn row(report: &SensitivityReport, knob: &KnobEffect, turn: &str, effect: &Effect) -> [String; 18] {
    let sensitivity = &report.sensitivity;
    let [
        difference,
        half_width,
        verdict,
        p_value,
        more,
        correlation,
        reduction,
    ] = fields(&effect.difference);
    [
        knob.path.clone(),
        knob.counts.into(),
        knob.of.clone(),
        knob.value.to_string(),
        turn.into(),
        effect.to.to_string(),
        sensitivity.kind.into(),
        sensitivity.name.clone(),
        sensitivity.indicator.clone(),
        sensitivity.unit.into(),
        effect.difference.interval.n.to_string(),
        difference,
        half_width,
        verdict,
        p_value,
        more,
        correlation,
        reduction,
    ]
}
