//! How much work waits for a slot? The queue in front of each pool over time.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::columns::steps;
use super::legend::LegendEntry;
use super::page::{head, subtitle};
use super::palette::{WAITING, WAITING_RANGE};
use super::panels::{PanelPool, split, warm_up_entry};
use super::{Chart, ChartError};
use crate::metrics::PoolMetrics;
use crate::report::{RunReport, duration_text};
use crate::trace::{PoolSignal, PoolTally};

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let mut legend = vec![
        LegendEntry::line("slots waited for, mean", WAITING),
        LegendEntry::area("from the least to the most", WAITING_RANGE),
    ];
    legend.extend(warm_up_entry(report));
    let title = Chart::QueueLength.question();
    let below = head(root, title, &subtitle(report), &legend)?;
    for pool in split(&below, report) {
        draw_panel(&pool, report)?;
    }
    Ok(())
}

fn draw_panel<DB: DrawingBackend>(
    pool: &PanelPool<DB>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let columns = &pool.columns;
    let most = |tally: &PoolTally| tally.max(PoolSignal::Scheduled) as f64;
    let least = |tally: &PoolTally| tally.min(PoolSignal::Scheduled) as f64;
    let mean = |tally: &PoolTally| tally.mean(PoolSignal::Scheduled);
    let highest = columns
        .iter()
        .map(|column| most(&column.tally))
        .fold(0.0, f64::max);
    let mut panel = pool.axes(report, &caption(pool.metrics), highest)?;
    let mut band = steps(columns, most);
    band.extend(steps(columns, least).into_iter().rev());
    panel.draw_series([Polygon::new(band, WAITING_RANGE)])?;
    panel.draw_series(LineSeries::new(
        steps(columns, mean),
        WAITING.stroke_width(2),
    ))?;
    Ok(())
}

fn caption(pool: &PoolMetrics) -> String {
    if pool.queue_max == 0 {
        return "nothing waits".into();
    }
    let queue = format!(
        "{:.2} slots on average, {} at most",
        pool.queue_mean, pool.queue_max
    );
    match pool.task_instances.pool_wait {
        Some(wait) => format!(
            "{queue}; one task in twenty waits over {}",
            duration_text(wait.p95)
        ),
        None => queue,
    }
}
