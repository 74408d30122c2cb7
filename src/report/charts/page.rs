//! What all charts share: the question as a title, what was run below it, and the legend.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::ChartError;
use super::legend::{self, LegendEntry};
use super::palette::{FAINT_TEXT, TEXT};
use crate::report::{RunReport, duration_text};

/// Around the whole page.
pub(super) const MARGIN: i32 = 20;
const TITLE_SIZE: i32 = 22;
const SUBTITLE_SIZE: i32 = 14;

/// Draws the head of a page and gives back what is left below it.
pub(super) fn head<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    title: &str,
    subtitle: &str,
    entries: &[LegendEntry],
) -> Result<DrawingArea<DB, Shift>, ChartError> {
    let page = root.margin(MARGIN, MARGIN / 2, MARGIN, MARGIN);
    page.draw_text(title, &text(TITLE_SIZE, TEXT), (0, 0))?;
    let mut y = TITLE_SIZE + 10;
    page.draw_text(subtitle, &text(SUBTITLE_SIZE, FAINT_TEXT), (0, y))?;
    y += SUBTITLE_SIZE + 12;
    let end = legend::draw(&page, entries, (0, y))?;
    Ok(page.split_vertically(end + 6).1)
}

/// What was run, in one line.
pub(super) fn subtitle(report: &RunReport) -> String {
    let heading = &report.heading;
    let policy = heading.policy.as_ref();
    let policy = policy.map_or_else(String::new, |policy| format!(", policy {policy}"));
    format!(
        "{}{policy}, seed {}, {} measured",
        heading.scenario,
        heading.seed,
        duration_text(report.measured.length().as_seconds())
    )
}

/// Text of that height in pixels.
pub(super) fn text(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color)
}
