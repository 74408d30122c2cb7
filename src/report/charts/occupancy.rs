//! Is the pool large enough? The slots in use over time, stacked, under the line of its size.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::columns::{Column, steps};
use super::legend::LegendEntry;
use super::page::{head, subtitle};
use super::palette::{DEFERRED, QUEUED, RUNNING, SIZE};
use super::panels::{PanelPool, split, warm_up_entry};
use super::{Chart, ChartError};
use crate::metrics::PoolMetrics;
use crate::report::RunReport;
use crate::report::headline::percent;
use crate::trace::{PoolSignal, PoolTally};

/// The layers from the bottom to the top, and how they are called.
const LAYERS: [(PoolSignal, &str, RGBColor); 3] = [
    (PoolSignal::Running, "running", RUNNING),
    (PoolSignal::Queued, "queued for a worker", QUEUED),
    (PoolSignal::Deferred, "deferred", DEFERRED),
];

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let below = head(
        root,
        Chart::Occupancy.question(),
        &subtitle(report),
        &legend(report),
    )?;
    for pool in split(&below, report) {
        draw_panel(&pool, report)?;
    }
    Ok(())
}

/// Only what the chart really shows is explained.
fn legend(report: &RunReport) -> Vec<LegendEntry> {
    let mut bins = report.courses.iter().flat_map(|course| &course.bins);
    let occurs = |signal| bins.clone().any(|bin| bin.max(signal) > 0);
    let layers = LAYERS.iter().filter(|(signal, ..)| occurs(*signal));
    let mut legend: Vec<_> = layers
        .map(|(_, label, color)| LegendEntry::area(label, *color))
        .collect();
    if bins.any(|bin| bin.max(PoolSignal::Slots) >= 0) {
        legend.push(LegendEntry::line("size of the pool", SIZE));
    }
    legend.extend(warm_up_entry(report));
    legend
}

fn draw_panel<DB: DrawingBackend>(
    pool: &PanelPool<DB>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let columns = &pool.columns;
    let size = |tally: &PoolTally| tally.mean(PoolSignal::Slots);
    let highest = columns
        .iter()
        .map(|column| stacked(&column.tally, LAYERS.len()).max(size(&column.tally)))
        .fold(0.0, f64::max);
    let mut panel = pool.axes(report, &caption(pool.metrics), highest)?;
    // The whole stack is painted first and the lower layers over it.
    for (at, (signal, _, color)) in LAYERS.iter().enumerate().rev() {
        if columns.iter().any(|column| column.tally.max(*signal) > 0) {
            let line = steps(columns, |tally| stacked(tally, at + 1));
            panel.draw_series(AreaSeries::new(line, 0.0, *color))?;
        }
    }
    for limited in limited_stretches(columns) {
        panel.draw_series(LineSeries::new(steps(limited, size), SIZE.stroke_width(2)))?;
    }
    Ok(())
}

/// The mean height of the lowest `layers`.
fn stacked(tally: &PoolTally, layers: usize) -> f64 {
    let layers = LAYERS.iter().take(layers);
    layers.map(|&(signal, ..)| tally.mean(signal)).sum()
}

/// The stretches in which the pool had a size: an unlimited one has no line.
fn limited_stretches(columns: &[Column]) -> impl Iterator<Item = &[Column]> {
    columns
        .split(|column| column.tally.min(PoolSignal::Slots) < 0)
        .filter(|stretch| !stretch.is_empty())
}

fn caption(pool: &PoolMetrics) -> String {
    match pool.utilisation {
        Some(used) => format!(
            "{} of its slot-hours used, full {} of the time",
            percent(used),
            percent(pool.time_full)
        ),
        None if pool.slots_min < 0 => {
            format!("unlimited, {:.1} slot-hours used", pool.slot_hours_used)
        }
        None => "closed".into(),
    }
}
