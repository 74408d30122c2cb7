//! One panel a pool, below each other on the same time axis.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::ChartError;
use super::columns::{Column, columns, is_in_use};
use super::legend::LegendEntry;
use super::page::{MARGIN, text};
use super::palette::{FAINT_TEXT, GRID, TEXT, WARM_UP};
use super::time_axis::TimeAxis;
use crate::metrics::PoolMetrics;
use crate::report::{PoolCourse, RunReport};

/// More panels would make no picture any more; the fullest pools are shown.
const MAX_PANELS: usize = 12;

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 130;
const PANEL_HEIGHT: u32 = 182;
const CAPTION_HEIGHT: i32 = 34;
const Y_LABELS_WIDTH: i32 = 56;
/// Room for the half of the last label that stands beyond the axis.
const RIGHT_MARGIN: i32 = 24;
/// The highest value stays below the frame.
const HEADROOM: f64 = 1.08;

/// The part of a page that belongs to a pool, with its coordinates.
pub(super) type Panel<'a, DB> = ChartContext<'a, DB, Cartesian2d<TimeAxis, RangedCoordf64>>;

/// A pool that has a panel, and its place on the page.
pub(super) struct PanelPool<'a, DB: DrawingBackend> {
    /// Its figures.
    pub(super) metrics: &'a PoolMetrics,
    /// Its course.
    pub(super) columns: Vec<Column>,
    place: DrawingArea<DB, Shift>,
    is_last: bool,
}

/// Where time runs in a chart of pools, in pixels.
pub(in crate::report) struct PlotFrame {
    /// Where it begins.
    pub(in crate::report) left: i32,
    /// Where it ends.
    pub(in crate::report) right: i32,
    /// Below the head of the page.
    pub(in crate::report) top: i32,
}

impl PlotFrame {
    /// That of every chart with a panel for each pool.
    pub(in crate::report) const fn of_pools() -> Self {
        Self {
            left: MARGIN + Y_LABELS_WIDTH,
            right: WIDTH as i32 - MARGIN - RIGHT_MARGIN,
            top: HEAD_HEIGHT as i32 - MARGIN,
        }
    }
}

/// The courses that have a panel, in their order.
pub(in crate::report) fn shown_courses(report: &RunReport) -> Vec<&PoolCourse> {
    shown(report, &is_in_use)
        .into_iter()
        .map(|(_, course)| course)
        .collect()
}

/// The size of a page with a panel for each pool.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    page_size_of(report, &is_in_use)
}

/// The same for some pools.
pub(super) fn page_size_of(
    report: &RunReport,
    is_wanted: &dyn Fn(&PoolCourse) -> bool,
) -> (u32, u32) {
    let panels = shown(report, is_wanted).len().max(1) as u32;
    (WIDTH, HEAD_HEIGHT + panels * PANEL_HEIGHT)
}

/// The pools that are in use, each with its share of the area.
pub(super) fn split<'a, DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    report: &'a RunReport,
) -> Vec<PanelPool<'a, DB>> {
    split_of(area, report, &is_in_use)
}

/// The same for some pools.
pub(super) fn split_of<'a, DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    report: &'a RunReport,
    is_wanted: &dyn Fn(&PoolCourse) -> bool,
) -> Vec<PanelPool<'a, DB>> {
    let pools = shown(report, is_wanted);
    let places = area.split_evenly((pools.len().max(1), 1));
    let last = pools.len().saturating_sub(1);
    let panel = |(at, ((metrics, course), place)): (usize, (Shown<'a>, _))| PanelPool {
        metrics,
        columns: columns(course, report.measured.start),
        place,
        is_last: at == last,
    };
    pools
        .into_iter()
        .zip(places)
        .enumerate()
        .map(panel)
        .collect()
}

/// What the grey ground means, if there is any.
pub(super) fn warm_up_entry(report: &RunReport) -> Option<LegendEntry> {
    let window = &report.measured;
    (window.start < window.warm_up_end).then(|| LegendEntry::area("warm-up, not measured", WARM_UP))
}

impl<DB: DrawingBackend> PanelPool<'_, DB> {
    /// The caption beside the pool's name, the axes up to `highest`, and the warm-up in grey.
    pub(super) fn axes(
        &self,
        report: &RunReport,
        caption: &str,
        highest: f64,
    ) -> Result<Panel<'_, DB>, ChartError> {
        let (above, plot) = self.place.split_vertically(CAPTION_HEIGHT);
        draw_caption(&above, &self.metrics.pool, caption)?;
        let window = &report.measured;
        let time = TimeAxis::new(window.start, window.end);
        let description = time.description();
        let mut panel = ChartBuilder::on(&plot)
            .margin_right(RIGHT_MARGIN)
            .y_label_area_size(Y_LABELS_WIDTH)
            .x_label_area_size(if self.is_last { 44 } else { 22 })
            .build_cartesian_2d(time, 0.0..highest.max(1.0) * HEADROOM)?;
        panel.draw_series([Rectangle::new(
            [
                (window.start, 0.0),
                (window.warm_up_end, highest.max(1.0) * HEADROOM),
            ],
            WARM_UP.filled(),
        )])?;
        let mut mesh = panel.configure_mesh();
        mesh.bold_line_style(GRID)
            .max_light_lines(0)
            .y_labels(4)
            .y_desc("slots")
            .y_label_formatter(&|slots| slots.to_string())
            .label_style(text(12, TEXT))
            .axis_desc_style(text(12, FAINT_TEXT))
            .axis_style(FAINT_TEXT);
        if self.is_last {
            mesh.x_desc(description);
        }
        mesh.draw()?;
        Ok(panel)
    }
}

type Shown<'a> = (&'a PoolMetrics, &'a PoolCourse);

/// The pools in use in the order of the deployment, or the fullest of them if they are too many.
fn shown<'a>(report: &'a RunReport, is_wanted: &dyn Fn(&PoolCourse) -> bool) -> Vec<Shown<'a>> {
    let pools = report.metrics.pools.iter().zip(&report.courses);
    let mut pools: Vec<_> = pools
        .filter(|(_, course)| is_wanted(course))
        .enumerate()
        .collect();
    pools.sort_by(|(_, (a, _)), (_, (b, _))| b.time_full.total_cmp(&a.time_full));
    pools.truncate(MAX_PANELS);
    pools.sort_by_key(|&(at, _)| at);
    pools.into_iter().map(|(_, pool)| pool).collect()
}

fn draw_caption<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    name: &str,
    caption: &str,
) -> Result<(), ChartError> {
    let style = text(15, TEXT);
    let (width, _) = area.estimate_text_size(name, &style)?;
    area.draw_text(name, &style, (0, 12))?;
    area.draw_text(caption, &text(13, FAINT_TEXT), (width as i32 + 12, 14))?;
    Ok(())
}
