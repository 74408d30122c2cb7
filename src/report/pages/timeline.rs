//! The values behind the occupancy chart, for hovering and for a closer look.

use serde::Serialize;
use serde_json::Value;

use crate::report::charts::{PlotFrame, columns, shown_courses};
use crate::report::{ResizeLine, RunReport};
use crate::trace::{PoolSignal, PoolTally};

/// What is told of a moment: the signal and its name.
const SIGNALS: [(PoolSignal, &str); 4] = [
    (PoolSignal::Slots, "slots"),
    (PoolSignal::Running, "running"),
    (PoolSignal::Queued, "queued"),
    (PoolSignal::Scheduled, "waiting"),
];

/// The data that `page.js` reads.
#[derive(Debug, Serialize)]
struct Timeline<'a> {
    left: i32,
    right: i32,
    top: i32,
    /// The first moment, in milliseconds since 1970.
    from: i64,
    /// How long a column lasts, in milliseconds.
    width: f64,
    labels: [&'static str; SIGNALS.len()],
    pools: Vec<Course<'a>>,
    /// In the order of time.
    resizes: Vec<Resize<'a>>,
}

/// A change of a pool's size, and why.
#[derive(Debug, Serialize)]
struct Resize<'a> {
    pool: &'a str,
    at: &'a str,
    words: String,
}

#[derive(Debug, Serialize)]
struct Course<'a> {
    name: &'a str,
    /// By label, then by column.
    values: Vec<Vec<f64>>,
}

/// The timeline of the pools that the occupancy chart shows, as JSON; none without any.
pub(super) fn timeline(report: &RunReport) -> Option<Value> {
    let start = report.measured.start;
    let shown = shown_courses(report);
    let all: Vec<_> = shown.iter().map(|course| columns(course, start)).collect();
    let first = all.first()?.first()?;
    let pools = shown.iter().zip(&all).map(|(course, columns)| Course {
        name: &course.pool,
        values: SIGNALS
            .iter()
            .map(|&(signal, _)| {
                columns
                    .iter()
                    .map(|one| rounded(&one.tally, signal))
                    .collect()
            })
            .collect(),
    });
    let is_shown = |resize: &&ResizeLine| shown.iter().any(|course| course.pool == resize.pool);
    let resizes = report.resizes.iter().filter(is_shown).map(|resize| Resize {
        pool: &resize.pool,
        at: &resize.at,
        words: format!("{} → {}: {}", resize.from, resize.to, resize.reason),
    });
    let PlotFrame { left, right, top } = PlotFrame::of_pools();
    let timeline = Timeline {
        left,
        right,
        top,
        from: start.as_micros() / 1_000,
        width: (first.to - first.from).as_micros() as f64 / 1e3,
        labels: SIGNALS.map(|(_, label)| label),
        pools: pools.collect(),
        resizes: resizes.collect(),
    };
    serde_json::to_value(&timeline).ok()
}

/// A mean that is worth its digits; an unlimited size stays -1.
fn rounded(tally: &PoolTally, signal: PoolSignal) -> f64 {
    if tally.min(signal) < 0 {
        return -1.0;
    }
    (tally.mean(signal) * 100.0).round() / 100.0
}
