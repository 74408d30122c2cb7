//! A sweep as a table for a terminal: a line a point, with what tells the points apart.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::recommendation::recommendations;
use super::{SweepLine, SweepReport};
use crate::report::duration_text;
use crate::report::estimate_text::estimate_text;
use crate::report::meaning::Meaning;
use crate::report::table::{gap, table, wrapped};
use crate::time::SimDuration;

/// The lines that still fit into a look.
const MAX_LINES: usize = 40;
/// The figures that fit beside each other.
const MAX_FIGURES: usize = 3;
/// The factors that fit beside them.
const MAX_FACTORS: usize = 4;

/// Title, the cheapest point that does what is wanted, and a line a point, in lines of at most `width` columns.
pub fn sweep_table(report: &SweepReport, width: u16) -> String {
    let mut blocks = vec![title(report, width)];
    if !report.lines.is_empty() {
        blocks.push(points(report, width));
    }
    let hidden = report.lines.len().saturating_sub(MAX_LINES);
    if hidden > 0 {
        blocks.push(format!("and {hidden} more lines"));
    }
    blocks.push(legend(report));
    blocks.join("\n\n") + "\n"
}

fn title(report: &SweepReport, width: u16) -> String {
    let heading = &report.heading;
    let span = |span: SimDuration| duration_text(span.as_seconds());
    let points = report.lines.chunk_by(|a, b| a.point == b.point).count();
    let mut text = format!(
        "{}: {points} {}, {} replications of each on the same luck\n",
        heading.scenario,
        if points == 1 { "point" } else { "points" },
        heading.replications,
    );
    if let Some(window) = &report.measured {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{} measured after {} of warm-up, ",
            span(window.length()),
            span(window.warm_up_end - window.start),
        );
    }
    let _ = write!(text, "seed {}, {} scheduler", heading.seed, heading.mode);
    for sentence in recommendations(report) {
        text.push('\n');
        text.push_str(&wrapped(&sentence, width));
    }
    text
}

/// What stands in one column.
struct Column {
    heading: String,
    cells: Vec<String>,
    /// What a line of it means, if anything in particular.
    meaning: Option<fn(&SweepLine) -> Meaning>,
}

impl Column {
    fn new(heading: String, lines: &[SweepLine], cell: impl Fn(&SweepLine) -> String) -> Self {
        let cells = lines.iter().take(MAX_LINES).map(cell).collect();
        Self {
            heading,
            cells,
            meaning: None,
        }
    }

    /// How wide it is without being wrapped.
    fn width(&self) -> usize {
        let lines = self
            .heading
            .lines()
            .chain(self.cells.iter().map(String::as_str));
        lines.map(|line| line.chars().count()).max().unwrap_or(0)
    }
}

/// A line a point; the figures that fit.
fn points(report: &SweepReport, width: u16) -> String {
    let mut columns = fixed_columns(report);
    let gap = usize::from(gap(width));
    let taken: usize = columns.iter().map(|column| gap + column.width()).sum();
    let mut room = (gap + usize::from(width)).saturating_sub(taken);
    let figures = report.most_different(MAX_FIGURES);
    for at in figures {
        let figure = &report.figures[at];
        let heading = format!("{}\n{}", figure.name, figure.words.replace(' ', "\n"));
        let column = Column::new(heading, &report.lines, |line| {
            let interval = line.figures.get(at).copied().flatten();
            interval.map_or_else(dash, |interval| estimate_text(&interval, figure.unit))
        });
        if let Some(rest) = room.checked_sub(gap + column.width()) {
            room = rest;
            columns.push(column);
        }
    }
    let headings: Vec<String> = columns
        .iter()
        .map(|column| column.heading.clone())
        .collect();
    let lines = report.lines.len().min(MAX_LINES);
    let row = |at: usize| -> Vec<Cell> {
        let cell = |column: &Column| match column.meaning {
            Some(meaning) => meaning(&report.lines[at]).cell(&column.cells[at]),
            None => Cell::new(&column.cells[at]),
        };
        columns.iter().map(cell).collect()
    };
    table(width, headings, (0..lines).map(row))
}

/// The point with what it sets, and what it costs.
fn fixed_columns(report: &SweepReport) -> Vec<Column> {
    let lines = &report.lines;
    let mut columns = vec![Column::new("point".into(), lines, |line| {
        line.point.to_string()
    })];
    for (at, path) in report.heading.factors.iter().enumerate().take(MAX_FACTORS) {
        let value = |line: &SweepLine| line.values[at].clone().unwrap_or_else(dash);
        columns.push(Column::new(path.replace('.', ".\n"), lines, value));
    }
    if report.has_policies() {
        let policy = |line: &SweepLine| line.policy.clone().unwrap_or_else(dash);
        columns.push(Column::new("policy".into(), lines, policy));
    }
    if lines.iter().any(|line| line.objectives.1 > 0) {
        let met = |line: &SweepLine| format!("{} of {}", line.objectives.0, line.objectives.1);
        let meaning = |line: &SweepLine| Meaning::of(line.objectives.0 == line.objectives.1);
        columns.push(Column {
            meaning: Some(meaning),
            ..Column::new("objectives\nmet".into(), lines, met)
        });
    }
    columns.push(Column::new("slot-hours".into(), lines, |line| {
        let hours = line.slot_hours;
        hours.map_or_else(dash, |hours| estimate_text(&hours, "slot-hours"))
    }));
    columns
}

fn legend(report: &SweepReport) -> String {
    let heading = &report.heading;
    let mut text = format!(
        "± is a {} % confidence interval of each figure by itself.",
        heading.level * 100.0
    );
    if heading.factors.len() > MAX_FACTORS {
        let hidden = heading.factors.len() - MAX_FACTORS;
        let _ = write!(text, "\n{hidden} more factors are in `points.csv`.");
    }
    text.push_str("\nAll figures of all points: `estimates.csv`, or `-o plain` or `-o json`.");
    text
}

fn dash() -> String {
    "-".into()
}
