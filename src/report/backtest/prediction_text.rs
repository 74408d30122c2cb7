//! A prediction for a terminal, and one figure a line.

use super::prediction::{PredictionReport, prediction_json};
use crate::experiment::PredictedFigure;
use crate::report::csv::{lines, tabbed};
use crate::report::table::{table, wrapped};
use crate::report::{OutputFormat, duration_text};

/// Figures outside their intervals that a terminal shows.
const MAX_OUTSIDE: usize = 12;

const COLUMNS: [&str; 11] = [
    "kind",
    "name",
    "figure",
    "unit",
    "day",
    "recorded",
    "low",
    "median",
    "high",
    "is_inside",
    "is_certain",
];

/// The report of a prediction in that format; tables are at most `width` columns wide.
pub fn prediction_text(report: &PredictionReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => prediction_table(report, width),
        OutputFormat::Json => prediction_json(report),
        OutputFormat::Plain => tabbed(rows(report)),
    }
}

/// `predictions.csv`: every daily figure with its interval.
pub fn prediction_csv(report: &PredictionReport) -> Vec<u8> {
    lines(rows(report))
}

fn rows(report: &PredictionReport) -> impl Iterator<Item = [String; 11]> {
    let figures = report.figures.iter().map(|one| {
        [
            one.kind.to_owned(),
            one.name.clone(),
            one.figure.to_owned(),
            one.unit.to_owned(),
            one.day.clone(),
            one.recorded.to_string(),
            one.low.to_string(),
            one.median.to_string(),
            one.high.to_string(),
            one.is_inside.to_string(),
            one.is_certain.to_string(),
        ]
    });
    std::iter::once(COLUMNS.map(String::from)).chain(figures)
}

fn prediction_table(report: &PredictionReport, width: u16) -> String {
    let title = format!(
        "{}: {} to {}, predicted from what came before, {} replications",
        report.scenario, report.split, report.end, report.replications
    );
    let mut told = vec![wrapped(&title, width)];
    told.extend(report.answer.iter().map(|it| wrapped(it, width)));
    let columns = ["figure", "days", "inside", "below", "above", "certain"];
    let kinds = report.by_figure.iter().map(|line| {
        [
            line.figure.to_owned(),
            line.figures.to_string(),
            line.inside.to_string(),
            line.below.to_string(),
            line.above.to_string(),
            line.certain.to_string(),
        ]
    });
    let mut blocks = vec![told.join("\n"), table(width, columns, kinds)];
    let outside: Vec<&PredictedFigure> = report.figures.iter().filter(|it| !it.is_inside).collect();
    if !outside.is_empty() {
        let columns = ["outside", "figure", "day", "recorded", "low", "high"];
        let shown = outside.iter().take(MAX_OUTSIDE).map(|one| {
            let value = |value: f64| value_text(value, one.unit);
            [
                one.name.clone(),
                one.figure.to_owned(),
                one.day.chars().take(10).collect(),
                value(one.recorded),
                value(one.low),
                value(one.high),
            ]
        });
        blocks.push(table(width, columns, shown));
        if outside.len() > MAX_OUTSIDE {
            blocks.push(format!("and {} more", outside.len() - MAX_OUTSIDE));
        }
    }
    blocks.join("\n\n") + "\n"
}

/// A value as people say it.
pub(in crate::report) fn value_text(value: f64, unit: &str) -> String {
    match unit {
        _ if value.is_infinite() => "never".into(),
        "s" => duration_text(value),
        _ => value.to_string(),
    }
}
