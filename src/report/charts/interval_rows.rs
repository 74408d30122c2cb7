//! Rows of a name, a mean with its confidence interval on a common axis, and both as text.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ChartError;
use super::page::text;
use super::palette::{FAINT_TEXT, GRID, TEXT};
use super::point::{Shape, draw_point};
use super::shortened::shortened;
use super::value_axis::ValueAxis;
use crate::stats::interval::Interval;

const ROW_HEIGHT: i32 = 22;
const CAPTION_HEIGHT: i32 = 30;
const AXIS_HEIGHT: i32 = 34;
const NAME_WIDTH: i32 = 136;
const TEXT_WIDTH: i32 = 122;
const FONT_SIZE: i32 = 12;
/// The space between a name and the plot.
const NAME_GAP: i32 = 10;
/// A letter is hardly ever wider.
const LETTER_WIDTH: i32 = 7;
/// Free space at both ends of the axis, as a share of its length.
const ROOM: f64 = 0.06;
/// What is more than so many times the median is off the axis.
const FAR: f64 = 6.0;
/// The arrow of such a value is so far beyond the end of the axis.
const BEYOND: i32 = 7;

/// Something with an interval.
pub(super) struct IntervalRow<'a> {
    pub(super) name: &'a str,
    pub(super) interval: Interval,
    pub(super) shape: Shape,
    pub(super) color: RGBColor,
    pub(super) words: String,
}

/// Rows that share an axis, which contains zero.
pub(super) struct IntervalRows<'a> {
    pub(super) caption: String,
    pub(super) unit: &'a str,
    pub(super) rows: Vec<IntervalRow<'a>>,
}

impl IntervalRows<'_> {
    /// The height of so many rows with caption and axis.
    pub(super) const fn height(rows: usize) -> i32 {
        CAPTION_HEIGHT + rows as i32 * ROW_HEIGHT + AXIS_HEIGHT
    }

    pub(super) fn draw<DB: DrawingBackend>(
        &self,
        place: &DrawingArea<DB, Shift>,
    ) -> Result<(), ChartError> {
        let width = place.dim_in_pixel().0 as i32;
        let limit = (self.name_width(width), width - TEXT_WIDTH);
        let bottom = CAPTION_HEIGHT + self.rows.len() as i32 * ROW_HEIGHT;
        let (from, to) = self.range();
        let axis = ValueAxis::between(self.unit, from, to);
        place.draw_text(&self.caption, &text(14, TEXT), (0, 6))?;
        let below = text(FONT_SIZE - 1, FAINT_TEXT).pos(Pos::new(HPos::Center, VPos::Top));
        for tick in axis.key_points(BoldPoints(10)) {
            let x = axis.map(&tick, limit);
            let style = if tick == 0.0 { FAINT_TEXT } else { GRID };
            place.draw(&PathElement::new(
                [(x, CAPTION_HEIGHT), (x, bottom)],
                style.stroke_width(1),
            ))?;
            place.draw_text(&axis.format_ext(&tick), &below, (x, bottom + 5))?;
        }
        for (at, row) in self.rows.iter().enumerate() {
            let y = CAPTION_HEIGHT + at as i32 * ROW_HEIGHT + ROW_HEIGHT / 2;
            let x = |value: f64| axis.map(&value.clamp(from, to), limit);
            row.draw(place, y, x, (limit.0, width))?;
            if row.interval.mean > to {
                draw_beyond(place, (limit.1 + BEYOND, y), 1, row.color)?;
            } else if row.interval.mean < from {
                draw_beyond(place, (limit.0 - BEYOND, y), -1, row.color)?;
            }
        }
        Ok(())
    }

    /// As much as the longest name needs, if that leaves enough for the plot.
    fn name_width(&self, width: i32) -> i32 {
        let letters = self.rows.iter().map(|row| row.name.chars().count()).max();
        let wanted = letters.unwrap_or(0) as i32 * LETTER_WIDTH + NAME_GAP;
        wanted.clamp(NAME_WIDTH, (width / 4).max(NAME_WIDTH))
    }

    fn range(&self) -> (f64, f64) {
        let all = self.rows.iter().map(|row| ends(&row.interval));
        let all: Vec<(f64, f64)> = all
            .filter(|(low, high)| low.is_finite() && high.is_finite())
            .collect();
        let reach = |ends: &(f64, f64)| ends.0.abs().max(ends.1.abs());
        let farthest = usual_reach(all.iter().map(reach));
        let shown = all.iter().filter(|ends| reach(ends) <= farthest);
        let (low, high) = shown.fold((0.0, 0.0), |(low, high): (f64, f64), ends| {
            (low.min(ends.0), high.max(ends.1))
        });
        let room = if high > low { (high - low) * ROOM } else { 1.0 };
        // What is never below zero begins there.
        let from = if low < 0.0 { low - room } else { 0.0 };
        let to = if high > 0.0 || low == 0.0 {
            high + room
        } else {
            room
        };
        (from, to)
    }
}

impl IntervalRow<'_> {
    fn draw<DB: DrawingBackend>(
        &self,
        place: &DrawingArea<DB, Shift>,
        y: i32,
        x: impl Fn(f64) -> i32,
        (left, right): (i32, i32),
    ) -> Result<(), ChartError> {
        let before = text(FONT_SIZE, TEXT).pos(Pos::new(HPos::Right, VPos::Center));
        let letters = ((left - NAME_GAP) / LETTER_WIDTH) as usize;
        place.draw_text(
            &shortened(self.name, letters),
            &before,
            (left - NAME_GAP, y),
        )?;
        place.draw_text(&self.words, &before, (right, y))?;
        if !self.interval.mean.is_finite() {
            return Ok(());
        }
        let (low, high) = ends(&self.interval);
        let whisker = [(x(low), y), (x(high), y)];
        place.draw(&PathElement::new(whisker, self.color.stroke_width(2)))?;
        draw_point(place, (x(self.interval.mean), y), self.shape, self.color)
    }
}

/// An interval without a width, of a single value, has no ends to show.
pub(super) fn ends(interval: &Interval) -> (f64, f64) {
    if interval.half_width.is_finite() {
        (interval.low(), interval.high())
    } else {
        (interval.mean, interval.mean)
    }
}

/// How far an axis reaches: one value far beyond all others would leave no room to tell those apart.
pub(super) fn usual_reach(reaches: impl Iterator<Item = f64>) -> f64 {
    let mut reaches: Vec<f64> = reaches.filter(|reach| *reach > 0.0).collect();
    reaches.sort_by(f64::total_cmp);
    let median = reaches.get(reaches.len() / 2).copied().unwrap_or(0.0);
    let usual = reaches.iter().filter(|reach| **reach <= median * FAR);
    usual.copied().fold(0.0, f64::max)
}

/// A small arrow that says: the value is farther out, as the text tells.
fn draw_beyond<DB: DrawingBackend>(
    place: &DrawingArea<DB, Shift>,
    (x, y): (i32, i32),
    direction: i32,
    color: RGBColor,
) -> Result<(), ChartError> {
    let corners = vec![(x, y - 4), (x + 5 * direction, y), (x, y + 4)];
    Ok(place.draw(&Polygon::new(corners, color.filled()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_beyond_all_others_is_off_the_axis() {
        let cases: [(&[f64], f64); 3] = [
            (&[1.0, 2.0, 3.0, 900.0], 3.0),
            (&[12.0, 1_500.0], 1_500.0),
            (&[0.0, 0.0], 0.0),
        ];
        for (values, farthest) in cases {
            let reach = usual_reach(values.iter().copied());
            assert!((reach - farthest).abs() < 1e-9, "{values:?}: {reach}");
        }
    }

    #[test]
    fn names_get_the_room_that_they_need_and_no_more_than_a_quarter() {
        let rows = |name| IntervalRows {
            caption: String::new(),
            unit: "seconds",
            rows: vec![IntervalRow {
                name,
                interval: Interval::exactly(1.0),
                shape: Shape::Disc,
                color: TEXT,
                words: String::new(),
            }],
        };
        assert_eq!(rows("as_is").name_width(960), NAME_WIDTH);
        assert_eq!(rows("max_active_tasks to 15").name_width(960), 164);
        assert_eq!(rows("max_active_tasks to 15").name_width(460), NAME_WIDTH);
        let long = "x".repeat(90);
        assert_eq!(rows(&long).name_width(960), 240);
    }
}
