//! What the colours mean, in lines above the data and never over it.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::ChartError;
use super::palette::TEXT;
use super::point::{Shape, draw_point};

const FONT_SIZE: f64 = 14.0;
const LINE_HEIGHT: i32 = 22;
const MARK_WIDTH: i32 = 22;
const GAP: i32 = 7;

/// A colour and its meaning.
pub(super) struct LegendEntry {
    /// What it stands for.
    pub(super) label: String,
    /// The colour.
    pub(super) color: RGBColor,
    /// How it looks in the chart.
    pub(super) mark: Mark,
}

/// How a colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It fills an area.
    Area,
    /// It is a line.
    Line,
    /// It is a point of that shape.
    Point(Shape),
}

impl LegendEntry {
    pub(super) fn area(label: &str, color: RGBColor) -> Self {
        Self {
            label: label.into(),
            color,
            mark: Mark::Area,
        }
    }

    pub(super) fn line(label: &str, color: RGBColor) -> Self {
        Self {
            mark: Mark::Line,
            ..Self::area(label, color)
        }
    }

    pub(super) fn point(label: &str, color: RGBColor, shape: Shape) -> Self {
        Self {
            mark: Mark::Point(shape),
            ..Self::area(label, color)
        }
    }
}

/// Draws the entries from `top_left` on, in as many lines as they need, and says where they end.
pub(super) fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    entries: &[LegendEntry],
    top_left: (i32, i32),
) -> Result<i32, ChartError> {
    let style = ("sans-serif", FONT_SIZE).into_font().color(&TEXT);
    let right = area.dim_in_pixel().0 as i32;
    let (left, mut y) = top_left;
    let mut x = left;
    for entry in entries {
        let text_width = area.estimate_text_size(&entry.label, &style)?.0 as i32;
        let width = MARK_WIDTH + GAP + text_width;
        if x > left && x + width > right {
            x = left;
            y += LINE_HEIGHT;
        }
        draw_mark(area, entry, (x, y))?;
        area.draw_text(&entry.label, &style, (x + MARK_WIDTH + GAP, y))?;
        x += width + 3 * GAP;
    }
    Ok(y + LINE_HEIGHT)
}

fn draw_mark<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    entry: &LegendEntry,
    (x, y): (i32, i32),
) -> Result<(), ChartError> {
    let middle = y + FONT_SIZE as i32 / 2;
    match entry.mark {
        Mark::Area => area.draw(&Rectangle::new(
            [(x, middle - 6), (x + MARK_WIDTH, middle + 6)],
            entry.color.filled(),
        ))?,
        Mark::Line => area.draw(&PathElement::new(
            [(x, middle), (x + MARK_WIDTH, middle)],
            entry.color.stroke_width(2),
        ))?,
        Mark::Point(shape) => {
            draw_point(area, (x + MARK_WIDTH / 2, middle), shape, entry.color)?;
        }
    }
    Ok(())
}
