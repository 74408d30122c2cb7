//! When has the site settled? Welch's plot: the slots held or waited for in each pool, in the mean of the pilots.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, GRID, RUNNING, TEXT, WAITING_RANGE, WARM_UP};
use super::time_axis::TimeAxis;
use super::{ChartError, Page};
use crate::experiment::{WarmUp, WarmUpCourse};
use crate::report::duration_text;
use crate::report::warm_up::moment;
use crate::time::SimTime;

/// More panels would make no picture any more.
const MAX_PANELS: usize = 12;

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 130;
const PANEL_HEIGHT: u32 = 200;
const CAPTION_HEIGHT: i32 = 30;
/// The highest value stays below the frame.
const HEADROOM: f64 = 1.08;

/// A page with a panel for each pool.
pub(super) struct WelchPlot<'a>(pub(super) &'a WarmUp);

impl Page for WelchPlot<'_> {
    fn size(&self) -> (u32, u32) {
        let panels = self.0.courses.len().clamp(1, MAX_PANELS) as u32;
        (WIDTH, HEAD_HEIGHT + panels * PANEL_HEIGHT)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let warm_up = self.0;
        let legend = [
            LegendEntry::line("mean of the pilots", WAITING_RANGE),
            LegendEntry::line("moving average", RUNNING),
            LegendEntry::area("left out", WARM_UP),
        ];
        let cut = duration_text(warm_up.seconds);
        let decision = if warm_up.is_settled {
            format!("MSER-5 leaves out {cut}")
        } else {
            format!("NOT settled, {cut} left out")
        };
        let subtitle = format!("{} replications; {decision}", warm_up.replications);
        let below = head(root, "When has the site settled?", &subtitle, &legend)?;
        let shown = warm_up.courses.len().min(MAX_PANELS);
        let places = below.split_evenly((shown.max(1), 1));
        for (course, place) in warm_up.courses.iter().zip(&places) {
            draw_panel(course, warm_up, place)?;
        }
        Ok(())
    }
}

fn draw_panel<DB: DrawingBackend>(
    course: &WarmUpCourse,
    warm_up: &WarmUp,
    place: &DrawingArea<DB, Shift>,
) -> Result<(), ChartError> {
    let (above, plot) = place.split_vertically(CAPTION_HEIGHT);
    above.draw_text(&course.pool, &text(15, TEXT), (0, 10))?;
    let highest = course.values.iter().copied().fold(0.0, f64::max) * HEADROOM;
    let time = TimeAxis::new(course.start, moment(course, course.values.len()));
    let description = time.description();
    let mut panel = ChartBuilder::on(&plot)
        .margin_right(24)
        .y_label_area_size(56)
        .x_label_area_size(44)
        .build_cartesian_2d(time, 0.0..highest)?;
    let end = course.start + warm_up.length;
    panel.draw_series([Rectangle::new(
        [(course.start, 0.0), (end, highest)],
        WARM_UP.filled(),
    )])?;
    panel
        .configure_mesh()
        .bold_line_style(GRID)
        .max_light_lines(0)
        .y_labels(4)
        .y_desc("slots")
        .y_label_formatter(&|slots| slots.to_string())
        .x_desc(description)
        .label_style(text(12, TEXT))
        .axis_desc_style(text(12, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .draw()?;
    // A value stands for its bin, so it is drawn at the bin's middle.
    let middle = |at: usize| -> SimTime {
        let next = moment(course, at + 1);
        course.start
            + crate::time::SimDuration::from_micros(
                (moment(course, at) - course.start).as_micros() / 2
                    + (next - course.start).as_micros() / 2,
            )
    };
    let points = |values: &[f64]| -> Vec<(SimTime, f64)> {
        values
            .iter()
            .enumerate()
            .map(|(at, &value)| (middle(at), value))
            .collect()
    };
    panel.draw_series(LineSeries::new(points(&course.values), WAITING_RANGE))?;
    panel.draw_series(LineSeries::new(
        points(&course.smooth),
        RUNNING.stroke_width(2),
    ))?;
    Ok(())
}
