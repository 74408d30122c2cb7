//! How far are they apart? The mean of every candidate of a selection with its interval, those that are left first.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::interval_rows::{IntervalRow, IntervalRows};
use super::legend::LegendEntry;
use super::page::head;
use super::palette::{BETTER, FAINT_TEXT};
use super::point::Shape;
use super::{ChartError, Page};
use crate::report::SelectionReport;
use crate::report::estimate_text::estimate_text;

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 130;
/// More rows than that are not looked at one by one; all are in the table.
const MAX_ROWS: usize = 40;

/// A page with a row for each candidate.
pub(super) struct SelectionChart<'a>(pub(super) &'a SelectionReport);

impl Page for SelectionChart<'_> {
    fn size(&self) -> (u32, u32) {
        let rows = self.0.candidates.len().min(MAX_ROWS);
        (WIDTH, HEAD_HEIGHT + IntervalRows::height(rows) as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let report = self.0;
        let selection = &report.selection;
        let legend = [
            LegendEntry::point("left: it is, or may be, the best", BETTER, Shape::Disc),
            LegendEntry::point("dropped", FAINT_TEXT, Shape::Ring),
        ];
        let subtitle = format!(
            "{}, {} replications together, lines are {} % confidence intervals of each by itself",
            report.scenario,
            selection.spent,
            selection.plan.level * 100.0
        );
        let place = head(root, "How far are they apart?", &subtitle, &legend)?;
        let ranked = report.ranked();
        let names = ranked.iter().map(|(one, _)| one.name().replace('`', ""));
        let names: Vec<String> = names.collect();
        let row = |((_, case), name)| {
            let case: &crate::experiment::SelectedCase = case;
            let (shape, color) = if case.is_left {
                (Shape::Disc, BETTER)
            } else {
                (Shape::Ring, FAINT_TEXT)
            };
            IntervalRow {
                name,
                interval: case.interval,
                shape,
                color,
                words: estimate_text(&case.interval, selection.unit),
            }
        };
        let rows = ranked.iter().zip(names.iter().map(String::as_str));
        let rows = IntervalRows {
            caption: format!("{}, {}", selection.name, selection.indicator),
            unit: selection.unit,
            rows: rows
                .map(|((one, case), name)| row(((one, *case), name)))
                .take(MAX_ROWS)
                .collect(),
        };
        rows.draw(&place)
    }
}
