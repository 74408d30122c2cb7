//! What does it depend on? The telling figures of a sweep against a factor, with their confidence intervals as bands.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::factor_axis::FactorAxis;
use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, GRID, POOLS, TEXT};
use super::value_axis::ValueAxis;
use super::{ChartError, Page};
use crate::report::sweep::{Curve, Curves, SweepReport};
use crate::stats::interval::Interval;

/// The figures that are shown, one a panel.
const MAX_PANELS: usize = 4;

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 150;
const PANEL_HEIGHT: u32 = 280;
const CAPTION_HEIGHT: i32 = 30;
/// The highest value stays below the frame.
const HEADROOM: f64 = 1.08;
/// How much of its colour a band has.
const BAND: f64 = 0.18;

/// A page with a panel for each figure that tells the points apart.
pub(super) struct ResponseChart<'a>(pub(super) &'a SweepReport);

impl Page for ResponseChart<'_> {
    fn size(&self) -> (u32, u32) {
        let panels = self.0.most_different(MAX_PANELS).len().max(1) as u32;
        (WIDTH, HEAD_HEIGHT + panels * PANEL_HEIGHT)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let report = self.0;
        let mut curves = Curves::of(report);
        let all = curves.list.len();
        // There are no more colours than that.
        curves.list.truncate(POOLS.len());
        let legend: Vec<_> = curves
            .list
            .iter()
            .zip(POOLS)
            .filter(|(curve, _)| !curve.label.is_empty())
            .map(|(curve, color)| LegendEntry::line(&curve.label, color))
            .collect();
        let title = format!("What does {} change?", curves.factor);
        let below = head(root, &title, &subtitle(report, all), &legend)?;
        let figures = report.most_different(MAX_PANELS);
        let places = below.split_evenly((figures.len().max(1), 1));
        for (&figure, place) in figures.iter().zip(&places) {
            draw_panel(report, &curves, figure, place)?;
        }
        Ok(())
    }
}

fn subtitle(report: &SweepReport, curves: usize) -> String {
    let heading = &report.heading;
    let mut text = format!(
        "{}, {} replications, bands are {} % confidence intervals",
        heading.scenario,
        heading.replications,
        heading.level * 100.0
    );
    if curves > POOLS.len() {
        text += &[
            ", the first ",
            &POOLS.len().to_string(),
            " of ",
            &curves.to_string(),
            " curves",
        ]
        .concat();
    }
    text
}

fn draw_panel<DB: DrawingBackend>(
    report: &SweepReport,
    curves: &Curves<'_>,
    at: usize,
    place: &DrawingArea<DB, Shift>,
) -> Result<(), ChartError> {
    let figure = &report.figures[at];
    let (above, plot) = place.split_vertically(CAPTION_HEIGHT);
    let caption = format!("{}, {}", figure.name, figure.words);
    above.draw_text(&caption, &text(15, TEXT), (0, 10))?;
    let lines: Vec<Vec<(f64, Interval)>> =
        curves.list.iter().map(|curve| values(curve, at)).collect();
    let tops = lines.iter().flatten().map(|(_, interval)| ends(interval).1);
    let highest = tops.fold(0.0, f64::max);
    let highest = if highest > 0.0 {
        highest * HEADROOM
    } else {
        1.0
    };
    let mut panel = ChartBuilder::on(&plot)
        .margin_right(40)
        .y_label_area_size(72)
        .x_label_area_size(44)
        .build_cartesian_2d(
            FactorAxis::new(&curves.ticks),
            ValueAxis::new(figure.unit, highest),
        )?;
    panel
        .configure_mesh()
        .bold_line_style(GRID)
        .max_light_lines(0)
        .x_desc(curves.factor)
        .label_style(text(12, TEXT))
        .axis_desc_style(text(12, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .draw()?;
    for (line, color) in lines.iter().zip(POOLS) {
        let upper = line.iter().map(|(at, interval)| (*at, ends(interval).1));
        let lower = line
            .iter()
            .rev()
            .map(|(at, interval)| (*at, ends(interval).0));
        let band: Vec<_> = upper.chain(lower).collect();
        panel.draw_series([Polygon::new(band, color.mix(BAND))])?;
        let means = line.iter().map(|(at, interval)| (*at, interval.mean));
        panel.draw_series(LineSeries::new(means.clone(), color.stroke_width(2)))?;
        panel.draw_series(means.map(|mean| Circle::new(mean, 3, color.filled())))?;
    }
    Ok(())
}

/// The points of a curve that have a value.
fn values(curve: &Curve<'_>, figure: usize) -> Vec<(f64, Interval)> {
    let points = curve.points.iter();
    points
        .filter_map(|(at, line)| Some((*at, (*line.figures.get(figure)?)?)))
        .filter(|(_, interval)| interval.mean.is_finite())
        .collect()
}

/// The ends of a band, which never goes below nothing; an interval without a width has none.
fn ends(interval: &Interval) -> (f64, f64) {
    if interval.half_width.is_finite() {
        (interval.low().max(0.0), interval.high())
    } else {
        (interval.mean, interval.mean)
    }
}
