//! Is it trustworthy? How the mean of what is waited for most settles, and its interval narrows, with every replication.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, GRID, RUNNING, SKY as INTERVAL, TEXT};
use super::value_axis::ValueAxis;
use super::{ChartError, Page};
use crate::report::estimate_text::estimate_text;
use crate::report::{EstimationReport, Narrowing};

const SIZE: (u32, u32) = (1_000, 420);
const BAND: f64 = 0.5;

/// A page with the course of one estimate.
pub(super) struct IntervalWidth<'a> {
    report: &'a EstimationReport,
    course: &'a Narrowing,
}

impl<'a> IntervalWidth<'a> {
    /// None where nothing is waited for.
    pub(super) fn of(report: &'a EstimationReport) -> Option<Self> {
        let course = report.narrowing.as_ref()?;
        Some(Self { report, course })
    }
}

impl Page for IntervalWidth<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let Narrowing { what, unit, steps } = self.course;
        let legend = [
            LegendEntry::line("mean of the replications so far", RUNNING),
            LegendEntry::area("its confidence interval", INTERVAL),
        ];
        let last = steps
            .last()
            .map_or_else(String::new, |(_, last)| estimate_text(last, unit));
        let words = format!(
            "{}, {what}: {last} at {} %",
            self.report.heading.scenario,
            self.report.estimation.level * 100.0
        );
        let below = head(root, "How well is it known?", &words, &legend)?;
        let most = steps.last().map_or(2.0, |(n, _)| f64::from(*n));
        let highest = steps
            .iter()
            .skip(1)
            .map(|(_, it)| it.high())
            .fold(0.0, f64::max);
        let highest = if highest > 0.0 { highest * 1.08 } else { 1.0 };
        let mut panel = ChartBuilder::on(&below)
            .margin_right(24)
            .y_label_area_size(72)
            .x_label_area_size(44)
            .build_cartesian_2d(2.0..most.max(3.0), ValueAxis::new(unit, highest))?;
        panel
            .configure_mesh()
            .bold_line_style(GRID)
            .max_light_lines(0)
            .x_label_formatter(&|n| format!("{n:.0}"))
            .x_labels(10.min(steps.len().max(2)))
            .x_desc("replications")
            .label_style(text(12, TEXT))
            .axis_desc_style(text(12, FAINT_TEXT))
            .axis_style(FAINT_TEXT)
            .draw()?;
        let clamped = |value: f64| value.clamp(0.0, highest);
        let upper = steps
            .iter()
            .map(|(n, it)| (f64::from(*n), clamped(it.high())));
        let lower = steps
            .iter()
            .rev()
            .map(|(n, it)| (f64::from(*n), clamped(it.low())));
        let band: Vec<_> = upper.chain(lower).collect();
        panel.draw_series([Polygon::new(band, INTERVAL.mix(BAND))])?;
        let means = steps
            .iter()
            .map(|(n, it)| (f64::from(*n), clamped(it.mean)));
        panel.draw_series(LineSeries::new(means, RUNNING.stroke_width(2)))?;
        Ok(())
    }
}
