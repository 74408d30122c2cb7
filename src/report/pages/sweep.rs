//! The page of a sweep: which point will do, and how the figures follow the factors.

use super::{Assumptions, assumptions, confidence};
use crate::report::SweepReport;
use crate::report::charts::{ChartError, ImageFormat, draw_response, draw_sweep_map};
use crate::report::document::{Cell, Document, Table};
use crate::report::run::measured_text;
use crate::report::sweep::recommendations;
use crate::stats::interval::Interval;

/// More points than this make a page that nobody reads; all of them are in the tables beside it.
const MAX_LINES: usize = 500;

/// More figures than this leave no room for numbers.
const MAX_FIGURES: usize = 8;

/// The report of a sweep.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn sweep_document(report: &SweepReport, assumed: &Assumptions) -> Result<Document, ChartError> {
    let heading = &report.heading;
    let points = report.lines.chunk_by(|a, b| a.point == b.point).count();
    let title = format!("{}: {points} points", heading.scenario);
    let mut document = Document::new(&title, heading.description.as_deref());
    document.answer(&recommendations(report));
    document.section("What does it depend on?");
    let svg = draw_response(report, ImageFormat::Svg)?;
    let figures = report.most_different(MAX_FIGURES).into_iter();
    let figures: Vec<String> = figures
        .map(|at| format!("{}, {}", report.figures[at].name, report.figures[at].words))
        .collect();
    let words = format!(
        "Against {}: {}.",
        heading.factors.join(" and "),
        figures.join("; ")
    );
    document.figure("response", &svg, &words);
    if let Some(svg) = draw_sweep_map(report, ImageFormat::Svg)? {
        let words = format!(
            "The same over {}; the values are in the table below.",
            heading.factors.join(" and ")
        );
        document.figure("sweep_map", &svg, &words);
    }
    document.section("All points");
    document.table(lines(report));
    if report.lines.len() > MAX_LINES {
        let hidden = report.lines.len() - MAX_LINES;
        document.paragraph(&format!("{hidden} more are in `estimates.csv`."));
    }
    let mut facts = vec![
        ("Factors", heading.factors.join(", ")),
        (
            "Replications",
            format!(
                "{} of each point, all on the same luck",
                heading.replications
            ),
        ),
        ("±", confidence(heading.level, false)),
    ];
    if let Some(measured) = &report.measured {
        facts.push(("Measured", measured_text(measured, false)));
    }
    facts.push(("Seed", heading.seed.to_string()));
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

fn lines(report: &SweepReport) -> Table {
    let figures = report.most_different(MAX_FIGURES);
    let plain = |name: &str, meaning: &str| (name.to_owned(), meaning.to_owned());
    let mut columns = vec![plain("point", "its number")];
    let factors = report.heading.factors.iter();
    columns.extend(factors.map(|path| plain(path, "what varies")));
    columns.push(plain("policy", "what sizes the pools"));
    columns.push(plain("objectives met", "of those of the scenario"));
    columns.push(plain("slot-hours", "offered by the pools in use"));
    columns.extend(figures.iter().map(|&at| {
        let figure = &report.figures[at];
        plain(
            &format!("{}, {}", figure.name, figure.words),
            "mean and confidence interval",
        )
    }));
    let mut table = Table::owned("Means with confidence intervals", columns);
    for line in report.lines.iter().take(MAX_LINES) {
        let (met, all) = line.objectives;
        let value = |value: &Option<String>| {
            let text = value.clone().unwrap_or_else(|| "–".into());
            match text.parse() {
                Ok(number) => Cell::sorted(text, number),
                Err(_) => Cell::text(text),
            }
        };
        let mut row = vec![Cell::count(line.point as u64)];
        row.extend(line.values.iter().map(value));
        row.push(Cell::name(line.policy.as_deref().unwrap_or("–")));
        row.push(Cell::sorted(format!("{met} of {all}"), met as f64));
        row.push(interval(line.slot_hours, "slot-hours"));
        row.extend(figures.iter().map(|&at| {
            interval(
                line.figures.get(at).copied().flatten(),
                report.figures[at].unit,
            )
        }));
        table.row(row);
    }
    table
}

fn interval(value: Option<Interval>, unit: &str) -> Cell {
    value.map_or_else(Cell::nothing, |value| Cell::interval(&value, unit))
}
