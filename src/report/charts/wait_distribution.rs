//! How long do tasks wait for a slot? The share of instances that wait longer than a given time, by pool.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::legend::LegendEntry;
use super::page::{head, subtitle, text};
use super::palette::{FAINT_TEXT, GRID, POOLS, TEXT};
use super::wait_axis::WaitAxis;
use super::{Chart, ChartError};
use crate::report::{PoolCourse, RunReport, duration_text};
use crate::stats::Histogram;

/// Width and height in pixels.
pub(super) const PAGE_SIZE: (u32, u32) = (1_000, 600);

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let pools = shown(report);
    let legend: Vec<_> = pools
        .iter()
        .zip(POOLS)
        .map(|(pool, color)| entry(pool, color))
        .collect();
    let title = Chart::WaitDistribution.question();
    let below = head(root, title, &subtitle(report), &legend)?;
    let longest = pools.iter().filter_map(|pool| pool.waits.max()).max();
    let axis = WaitAxis::new(longest.map_or(0.0, seconds));
    let end = axis.end();
    let mut chart = ChartBuilder::on(&below)
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
        .y_desc("share of tasks that wait longer")
        .label_style(text(13, TEXT))
        .axis_desc_style(text(13, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .draw()?;
    for (pool, color) in pools.iter().zip(POOLS) {
        let line = share_that_waits_longer(&pool.waits, end);
        chart.draw_series(LineSeries::new(line, color.stroke_width(2)))?;
    }
    Ok(())
}

/// The pools whose instances waited, longest waits first; there are no more colours than that.
fn shown(report: &RunReport) -> Vec<&PoolCourse> {
    let mut pools: Vec<_> = report
        .courses
        .iter()
        .filter(|pool| pool.waits.count() > 0)
        .collect();
    pools.sort_by_key(|pool| std::cmp::Reverse(pool.waits.quantile(0.95)));
    pools.truncate(POOLS.len());
    pools
}

fn entry(pool: &PoolCourse, color: RGBColor) -> LegendEntry {
    let p95 = pool.waits.quantile(0.95).map_or(0.0, seconds);
    LegendEntry::line(
        &format!("{} (p95 {})", pool.pool, duration_text(p95)),
        color,
    )
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
