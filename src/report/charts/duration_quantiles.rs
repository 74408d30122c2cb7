//! Do the laws go with what was recorded? Recorded durations against the quantiles of what is drawn, a panel for each task, the
//! worst fits first: points on the diagonal agree.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{BETTER, FAINT_TEXT, GRID, TEXT, WORSE};
use super::point::Shape;
use super::shortened::shortened;
use super::value_axis::ValueAxis;
use super::{ChartError, Page};
use crate::calibrate::{Basis, Calibration, TaskCalibration};
use crate::report::calibration::{name, p_text, quantile_points, tested, worst_first};

/// More panels are not looked at; the table has all tasks.
const MOST_PANELS: usize = 12;
const COLUMNS: usize = 3;
const WIDTH: u32 = 1_000;
const PANEL_HEIGHT: u32 = 250;
const HEAD: u32 = 120;
const LEFT: i32 = 52;
const RIGHT: i32 = 16;
const TOP: i32 = 42;
const BOTTOM: i32 = 40;
const RADIUS: i32 = 2;
/// A character of a heading is about as wide; longer names are cut in the middle.
const MOST_LETTERS: usize = 40;

/// A page with the tasks whose durations vary.
pub(super) struct DurationQuantiles<'a> {
    panels: Vec<(&'a TaskCalibration, Vec<(f64, f64)>)>,
    tasks: usize,
}

impl<'a> DurationQuantiles<'a> {
    /// None where no duration varies.
    pub(super) fn of(calibration: &'a Calibration) -> Option<Self> {
        let panels = worst_first(calibration)
            .into_iter()
            .map(|task| (task, quantile_points(task)));
        let varies = |points: &[(f64, f64)]| {
            points
                .first()
                .zip(points.last())
                .is_some_and(|(low, high)| low.0.min(low.1) < high.0.max(high.1))
        };
        let mut panels: Vec<_> = panels.filter(|(_, points)| varies(points)).collect();
        panels.truncate(MOST_PANELS);
        let tasks = calibration.tasks.len();
        (!panels.is_empty()).then_some(Self { panels, tasks })
    }

    fn rows(&self) -> usize {
        self.panels.len().div_ceil(COLUMNS)
    }
}

impl Page for DurationQuantiles<'_> {
    fn size(&self) -> (u32, u32) {
        (WIDTH, HEAD + PANEL_HEIGHT * self.rows() as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let subtitle = format!(
            "{} of {} tasks, the worst fits first; up: recorded durations, across: quantiles of what is drawn; on the line both are the same",
            self.panels.len(),
            self.tasks
        );
        let legend = [
            LegendEntry::point(
                "a family that is accepted, or spread borrowed",
                BETTER,
                Shape::Disc,
            ),
            LegendEntry::point(
                "no family is accepted: recorded durations with a tail",
                WORSE,
                Shape::Disc,
            ),
        ];
        let place = head(
            root,
            "Do the laws go with what was recorded?",
            &subtitle,
            &legend,
        )?;
        let areas = place.split_evenly((self.rows(), COLUMNS));
        for ((task, points), area) in self.panels.iter().zip(&areas) {
            draw_panel(area, task, points)?;
        }
        Ok(())
    }
}

fn draw_panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    task: &TaskCalibration,
    points: &[(f64, f64)],
) -> Result<(), ChartError> {
    let (width, height) = area.dim_in_pixel();
    let across = (LEFT, width as i32 - RIGHT);
    let up = (height as i32 - BOTTOM, TOP);
    area.draw_text(
        &shortened(&name(task), MOST_LETTERS),
        &text(13, TEXT),
        (LEFT, 2),
    )?;
    area.draw_text(&verdict(task), &text(11, FAINT_TEXT), (LEFT, 21))?;
    let values = points.iter().flat_map(|&(law, recorded)| [law, recorded]);
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    let axis = ValueAxis::between("s", low, high);
    let style = |horizontal, vertical| text(11, FAINT_TEXT).pos(Pos::new(horizontal, vertical));
    for tick in axis.key_points(BoldPoints(10)) {
        let (x, y) = (axis.map(&tick, across), axis.map(&tick, up));
        area.draw(&PathElement::new([(x, up.0), (x, up.1)], GRID))?;
        area.draw(&PathElement::new([(across.0, y), (across.1, y)], GRID))?;
        let label = axis.format_ext(&tick);
        area.draw_text(&label, &style(HPos::Center, VPos::Top), (x, up.0 + 6))?;
        area.draw_text(&label, &style(HPos::Right, VPos::Center), (across.0 - 6, y))?;
    }
    area.draw(&PathElement::new(
        [(across.0, up.0), (across.1, up.1)],
        FAINT_TEXT,
    ))?;
    let color = match task.duration.as_ref().map(|fit| fit.basis) {
        Some(Basis::NothingElse) => WORSE,
        _ => BETTER,
    };
    for (law, recorded) in points {
        let at = (axis.map(law, across), axis.map(recorded, up));
        area.draw(&Circle::new(at, RADIUS, color.filled()))?;
    }
    Ok(())
}

/// The family, how many values stand for it, and what the test says.
fn verdict(task: &TaskCalibration) -> String {
    let Some(fit) = &task.duration else {
        return String::new();
    };
    let said = match (fit.basis, tested(task)) {
        (Basis::NothingElse, Some(nearest)) => format!(
            "nearest {}, p {}",
            nearest.family.name(),
            p_text(nearest.goodness.anderson_darling.p)
        ),
        (_, Some(taken)) => format!("p {}", p_text(taken.goodness.anderson_darling.p)),
        (Basis::Borrowed(_), None) => "spread borrowed".into(),
        (_, None) => "not tested".into(),
    };
    format!("{}, n {}, {said}", fit.law.family(), fit.n)
}

#[cfg(test)]
mod tests {
    use super::super::{ImageFormat, draw_duration_quantiles};
    use super::*;
    use crate::report::calibration::tests::calibration;

    #[test]
    fn a_dozen_tasks_are_drawn_and_names_cannot_break_out() {
        let mut calibration = calibration();
        let mut hostile = calibration.tasks[0].clone();
        hostile.dag_id = "</svg><b>".into();
        calibration.tasks = vec![hostile; 20];
        let svg = draw_duration_quantiles(&calibration, ImageFormat::Svg).unwrap();
        let text = String::from_utf8(svg.unwrap()).unwrap();
        assert_eq!(text.matches("</svg>").count(), 1);
        assert_eq!(text.matches("&lt;/svg&gt;").count(), MOST_PANELS);
        assert!(text.contains("12 of 20 tasks"), "{text}");
        let png = draw_duration_quantiles(&calibration, ImageFormat::Png).unwrap();
        assert!(png.unwrap().starts_with(b"\x89PNG"));
    }
}
