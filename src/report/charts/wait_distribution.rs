//! How long do tasks wait for a slot? The share of instances that wait longer than a given time, by pool and by DAG.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::legend::{self, LegendEntry};
use super::page::{head, subtitle, text};
use super::palette::{FAINT_TEXT, GRID, POOLS, TEXT};
use super::wait_axis::WaitAxis;
use super::{Chart, ChartError};
use crate::report::{RunReport, duration_text};
use crate::stats::Histogram;

/// Width and height in pixels.
pub(super) const PAGE_SIZE: (u32, u32) = (1_000, 920);

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let title = Chart::WaitDistribution.question();
    let below = head(root, title, &subtitle(report), &[])?;
    let [pools, dags] = [pools(report), dags(report)];
    let longest = pools
        .iter()
        .chain(&dags)
        .filter_map(|(_, waits)| waits.max());
    let longest = longest.max().map_or(0.0, seconds);
    for ((heading, lines), place) in [("by pool", pools), ("by DAG", dags)]
        .into_iter()
        .zip(below.split_evenly((2, 1)))
    {
        draw_panel(&place, heading, &lines, longest)?;
    }
    Ok(())
}

fn draw_panel<DB: DrawingBackend>(
    place: &DrawingArea<DB, Shift>,
    heading: &str,
    lines: &[Line<'_>],
    longest: f64,
) -> Result<(), ChartError> {
    place.draw_text(heading, &text(15, TEXT), (0, 4))?;
    let named: Vec<_> = lines
        .iter()
        .zip(POOLS)
        .map(|(line, color)| entry(line, color))
        .collect();
    let end = legend::draw(place, &named, (0, 26))?;
    let plot = place.split_vertically(end + 4).1;
    let axis = WaitAxis::new(longest);
    let end = axis.end();
    let mut chart = ChartBuilder::on(&plot)
        .margin_right(24)
        .y_label_area_size(64)
        .x_label_area_size(48)
        .build_cartesian_2d(axis, 0.0..1.0)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .max_light_lines(0)
        .y_labels(6)
        .y_label_formatter(&|share| format!("{:.0} %", share * 100.0))
        .x_desc("time from scheduled to queued")
        .y_desc("share that waits longer")
        .label_style(text(13, TEXT))
        .axis_desc_style(text(13, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .draw()?;
    for ((_, waits), color) in lines.iter().zip(POOLS) {
        let line = share_that_waits_longer(waits, end);
        chart.draw_series(LineSeries::new(line, color.stroke_width(2)))?;
    }
    Ok(())
}

/// A name and the waits of its instances.
type Line<'a> = (&'a str, &'a Histogram);

fn pools(report: &RunReport) -> Vec<Line<'_>> {
    let pools = report.courses.iter();
    longest_first(pools.map(|pool| (pool.pool.as_str(), &pool.waits)))
}

fn dags(report: &RunReport) -> Vec<Line<'_>> {
    let dags = report.metrics.dags.iter().zip(&report.dag_waits);
    longest_first(dags.map(|(dag, waits)| (dag.dag_id.as_str(), waits)))
}

/// Those whose instances waited, longest waits first; there are no more colours than that.
fn longest_first<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<Line<'a>> {
    let mut lines: Vec<_> = lines.filter(|(_, waits)| waits.count() > 0).collect();
    lines.sort_by_key(|(_, waits)| std::cmp::Reverse(waits.quantile(0.95)));
    lines.truncate(POOLS.len());
    lines
}

fn entry((name, waits): &Line<'_>, color: RGBColor) -> LegendEntry {
    let p95 = waits.quantile(0.95).map_or(0.0, seconds);
    LegendEntry::line(&format!("{name} (p95 {})", duration_text(p95)), color)
}

/// The complement of the distribution function as steps, from the shortest time shown to the longest.
fn share_that_waits_longer(waits: &Histogram, end: f64) -> Vec<(f64, f64)> {
    let share = |longer: u64| longer as f64 / waits.count().max(1) as f64;
    let mut longer = waits.count();
    let mut line = Vec::new();
    for (low, width, count) in waits.buckets() {
        let at = seconds(low + width / 2).max(WaitAxis::FROM);
        line.push((at, share(longer)));
        longer -= count;
        line.push((at, share(longer)));
    }
    // What waits less than the axis shows is a drop at its very beginning, which would only look like a frame.
    let hidden = line.partition_point(|&(at, _)| at <= WaitAxis::FROM);
    line.drain(..hidden.saturating_sub(1));
    if line.first().is_some_and(|&(at, _)| at > WaitAxis::FROM) {
        line.insert(0, (WaitAxis::FROM, 1.0));
    }
    line.push((end, 0.0));
    line
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_falls_from_those_that_wait_to_none() {
        let mut waits = Histogram::default();
        for micros in [0, 0, 2_000_000, 50_000_000] {
            waits.record(micros);
        }
        let line = share_that_waits_longer(&waits, 60.0);
        assert_eq!(line.first(), Some(&(0.1, 0.5)), "half of them do not wait");
        assert_eq!(line.last(), Some(&(60.0, 0.0)));
        let at = |time: f64| line.iter().rfind(|point| point.0 <= time).unwrap().1;
        assert!((at(30.0) - 0.25).abs() < 1e-12);
        assert!(line.is_sorted_by(|a, b| a.0 <= b.0 && a.1 >= b.1));
    }
}
