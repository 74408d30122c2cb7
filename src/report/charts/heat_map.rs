//! A grid of values by two things: each cell with its value as text, on a ground that is the stronger the higher it is.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ChartError;
use super::page::text;
use super::palette::{FAINT_TEXT, TEXT};

/// Text stays readable on the strongest ground.
const STRONGEST: f64 = 0.6;

/// A cell: what it shows, and how strong its ground is, from 0 to 1.
pub(super) type HeatCell = Option<(String, f64)>;

/// A grid, row by row.
pub(super) struct HeatMap {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<(String, Vec<HeatCell>)>,
    /// The width that names of rows have.
    pub(super) names: i32,
    pub(super) row_height: i32,
    pub(super) color: RGBColor,
}

impl HeatMap {
    /// Room for the names of columns, below the grid.
    pub(super) const FOOT: i32 = 24;

    /// Draws it from that height on, over the whole width.
    pub(super) fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        top: i32,
    ) -> Result<(), ChartError> {
        let width = area.dim_in_pixel().0 as i32 - self.names;
        let count = self.columns.len().max(1) as i32;
        let x = |column: usize| self.names + width * column as i32 / count;
        let centred = Pos::new(HPos::Center, VPos::Center);
        let right = Pos::new(HPos::Right, VPos::Center);
        for (at, (name, cells)) in self.rows.iter().enumerate() {
            let y = top + at as i32 * self.row_height;
            let middle = y + self.row_height / 2;
            area.draw_text(name, &text(12, TEXT).pos(right), (self.names - 8, middle))?;
            for (column, cell) in cells.iter().enumerate() {
                let Some((words, strength)) = cell else {
                    continue;
                };
                let (from, to) = (x(column), x(column + 1));
                let ground = self.color.mix(strength.clamp(0.0, 1.0) * STRONGEST);
                let corners = [(from, y), (to - 1, y + self.row_height - 1)];
                area.draw(&Rectangle::new(corners, ground.filled()))?;
                let place = (from.midpoint(to), middle);
                area.draw_text(words, &text(11, TEXT).pos(centred), place)?;
            }
        }
        let bottom = top + self.rows.len() as i32 * self.row_height;
        for (column, name) in self.columns.iter().enumerate() {
            let place = (x(column).midpoint(x(column + 1)), bottom + Self::FOOT / 2);
            area.draw_text(name, &text(11, FAINT_TEXT).pos(centred), place)?;
        }
        Ok(())
    }
}
