//! How do two factors act together? The telling figures of a sweep over both of them, as grids.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::heat_map::{HeatCell, HeatMap};
use super::page::{head, text};
use super::palette::{FAINT_TEXT, TEXT, WAITING};
use super::{ChartError, Page};
use crate::report::estimate_text::mean_text;
use crate::report::sweep::{SweepLine, SweepReport, values_of};

/// The figures that are shown, one a grid.
const MAX_GRIDS: usize = 3;

const WIDTH: u32 = 1_000;
const HEAD: u32 = 124;
const CAPTION: i32 = 34;
const ROW: i32 = 30;
const NAMES: i32 = 150;
/// Below the names of columns.
const FACTOR: i32 = 24;
/// More values of a factor leave no room for text.
const MAX_VALUES: usize = 14;

/// A page with a grid for each figure that tells the points apart.
pub(super) struct SweepMap<'a> {
    report: &'a SweepReport,
    rows: Vec<&'a str>,
    columns: Vec<&'a str>,
}

impl<'a> SweepMap<'a> {
    /// None unless there are two factors with at least two values each.
    pub(super) fn of(report: &'a SweepReport) -> Option<Self> {
        if report.heading.factors.len() != 2 || report.has_policies() {
            return None;
        }
        let [rows, columns] = [0, 1].map(|factor| values_of(report, factor));
        let fits = |values: &[&str]| (2..=MAX_VALUES).contains(&values.len());
        let is_grid = fits(&rows) && fits(&columns) && !report.most_different(1).is_empty();
        is_grid.then_some(Self {
            report,
            rows,
            columns,
        })
    }

    fn height(&self) -> i32 {
        CAPTION + self.rows.len() as i32 * ROW + HeatMap::FOOT + FACTOR
    }

    fn line(&self, row: &str, column: &str) -> Option<&SweepLine> {
        let is_it = |line: &&SweepLine| {
            line.values[0].as_deref() == Some(row) && line.values[1].as_deref() == Some(column)
        };
        self.report.lines.iter().find(is_it)
    }

    fn grid(&self, figure: usize) -> HeatMap {
        let unit = self.report.figures[figure].unit;
        let value = |line: &SweepLine| line.figures.get(figure).copied().flatten();
        let means = self
            .report
            .lines
            .iter()
            .filter_map(|line| Some(value(line)?.mean));
        let (low, high) = means.fold((f64::INFINITY, 0.0_f64), |(low, high), mean| {
            (low.min(mean), high.max(mean))
        });
        let cell = |row: &str, column: &str| -> HeatCell {
            let line = self.line(row, column)?;
            let interval = value(line)?;
            let (met, all) = line.objectives;
            let mark = if all > 0 && met == all { " · met" } else { "" };
            let share = if high > low {
                (interval.mean - low) / (high - low)
            } else {
                0.0
            };
            Some((format!("{}{mark}", mean_text(&interval, unit)), share))
        };
        let row = |row: &&str| {
            let cells = self.columns.iter().map(|column| cell(row, column));
            ((*row).to_owned(), cells.collect())
        };
        HeatMap {
            columns: self
                .columns
                .iter()
                .map(|&column| column.to_owned())
                .collect(),
            rows: self.rows.iter().map(row).collect(),
            names: NAMES,
            row_height: ROW,
            color: WAITING,
        }
    }
}

impl Page for SweepMap<'_> {
    fn size(&self) -> (u32, u32) {
        let grids = self.report.most_different(MAX_GRIDS).len() as i32;
        (WIDTH, HEAD + (grids * self.height()) as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let heading = &self.report.heading;
        let [rows, columns] = [&heading.factors[0], &heading.factors[1]];
        let subtitle = format!(
            "{}, means of {} replications; met: every objective is",
            heading.scenario, heading.replications
        );
        let title = format!("How do {rows} and {columns} act together?");
        let below = head(root, &title, &subtitle, &[])?;
        for (at, figure) in self
            .report
            .most_different(MAX_GRIDS)
            .into_iter()
            .enumerate()
        {
            let top = at as i32 * self.height();
            let about = &self.report.figures[figure];
            let caption = format!("{}, {}", about.name, about.words);
            below.draw_text(&caption, &text(15, TEXT), (0, top + 8))?;
            self.grid(figure).draw(&below, top + CAPTION)?;
            let words = format!("down: {rows}; across: {columns}");
            let foot = top + self.height() - FACTOR;
            below.draw_text(&words, &text(12, FAINT_TEXT), (NAMES, foot))?;
        }
        Ok(())
    }
}
