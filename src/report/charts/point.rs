//! Points of a chart: what they mean is told by their shape and not by their colour alone.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::ChartError;
use super::palette::{BETTER, FAINT_TEXT, TEXT, WORSE};
use crate::experiment::DifferenceVerdict;

/// Half of a point's width in pixels.
const RADIUS: i32 = 5;

/// How a point looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Triangle,
    Diamond,
    Ring,
    Bar,
}

/// The shape, the colour and the words of a verdict.
pub(super) const fn of_verdict(verdict: DifferenceVerdict) -> (Shape, RGBColor, &'static str) {
    match verdict {
        DifferenceVerdict::Better => (Shape::Disc, BETTER, "better"),
        DifferenceVerdict::Worse => (Shape::Triangle, WORSE, "worse"),
        DifferenceVerdict::Higher | DifferenceVerdict::Lower => {
            (Shape::Diamond, TEXT, "different, neither better nor worse")
        }
        DifferenceVerdict::Same => (Shape::Bar, FAINT_TEXT, "the same in every replication"),
        DifferenceVerdict::NoneShown => (Shape::Ring, FAINT_TEXT, "open: no difference shown"),
    }
}

/// Draws a point with its middle there.
pub(super) fn draw_point<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    (x, y): (i32, i32),
    shape: Shape,
    color: RGBColor,
) -> Result<(), ChartError> {
    let r = RADIUS;
    match shape {
        Shape::Disc => area.draw(&Circle::new((x, y), r, color.filled()))?,
        Shape::Triangle => {
            let corners = vec![(x, y - r - 1), (x + r + 1, y + r), (x - r - 1, y + r)];
            area.draw(&Polygon::new(corners, color.filled()))?;
        }
        Shape::Diamond => {
            let corners = vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
            area.draw(&Polygon::new(corners, color.filled()))?;
        }
        Shape::Ring => {
            // The whisker does not shine through.
            area.draw(&Circle::new((x, y), r, WHITE.filled()))?;
            area.draw(&Circle::new((x, y), r, color.stroke_width(2)))?;
        }
        Shape::Bar => area.draw(&PathElement::new(
            [(x, y - r), (x, y + r)],
            color.stroke_width(3),
        ))?,
    }
    Ok(())
}
