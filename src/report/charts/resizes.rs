//! Who changed the pools, and why? The size of each pool that was resized over what was asked of it, with the changes.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::columns::steps;
use super::legend::LegendEntry;
use super::page::{head, subtitle, text};
use super::palette::{BETTER, SIZE, TEXT, WAITING_RANGE, WORSE};
use super::panels::{PanelPool, page_size_of, split_of, warm_up_entry};
use super::point::Shape;
use super::{Chart, ChartError};
use crate::report::{PoolCourse, ResizeLine, RunReport};
use crate::time::SimTime;
use crate::trace::{PoolSignal, PoolTally};

/// So many changes of a pool have their reasons written below it; of more they are in the table.
const MAX_REASONS: usize = 6;
const REASON: i32 = 17;
const ABOVE_NOTES: i32 = 10;
/// Changes closer together than this share of the time are one mark.
const MARKS: i64 = 160;

/// Whether a pool was resized at all.
pub(super) fn is_told(report: &RunReport) -> bool {
    report
        .courses
        .iter()
        .any(|course| is_resized(report, course))
}

fn is_resized(report: &RunReport, course: &PoolCourse) -> bool {
    changes(report, &course.pool).next().is_some()
}

/// Changes of the size; lines with the same size before and after say why there was none.
fn changes<'a>(report: &'a RunReport, pool: &'a str) -> impl Iterator<Item = &'a ResizeLine> {
    let lines = report.resizes.iter();
    lines.filter(move |line| line.pool == pool && line.from != line.to)
}

/// Width and height in pixels.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    let (width, height) = page_size_of(report, &|course| is_resized(report, course));
    (
        width,
        height + notes(report).len() as u32 * REASON as u32 + ABOVE_NOTES as u32,
    )
}

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let mut legend = vec![
        LegendEntry::line("size of the pool", SIZE),
        LegendEntry::area("slots asked for: in use or waited for", WAITING_RANGE),
        LegendEntry::point("made larger", BETTER, Shape::Triangle),
        LegendEntry::point("made smaller", WORSE, Shape::Diamond),
    ];
    legend.extend(warm_up_entry(report));
    let below = head(root, Chart::Resizes.question(), &subtitle(report), &legend)?;
    let notes = notes(report);
    let height = below.dim_in_pixel().1 as i32 - notes.len() as i32 * REASON - ABOVE_NOTES;
    let (panels, words) = below.split_vertically(height);
    for pool in split_of(&panels, report, &|course| is_resized(report, course)) {
        draw_panel(&pool, report)?;
    }
    for (at, note) in notes.iter().enumerate() {
        words.draw_text(note, &text(12, TEXT), (0, ABOVE_NOTES + at as i32 * REASON))?;
    }
    Ok(())
}

fn draw_panel<DB: DrawingBackend>(
    pool: &PanelPool<DB>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let columns = &pool.columns;
    let size = |tally: &PoolTally| tally.mean(PoolSignal::Slots).max(0.0);
    let asked = |tally: &PoolTally| {
        let signals = [
            PoolSignal::Running,
            PoolSignal::Queued,
            PoolSignal::Scheduled,
        ];
        signals
            .into_iter()
            .map(|signal| tally.mean(signal))
            .sum::<f64>()
    };
    let largest = |tally: &PoolTally| tally.max(PoolSignal::Slots) as f64;
    let highest = columns
        .iter()
        .map(|one| largest(&one.tally))
        .fold(1.0, f64::max)
        * 1.6;
    let count = changes(report, &pool.metrics.pool).count();
    let caption = format!(
        "{count} changes{}",
        if report.resizes.len() as u64 >= report.resize_count {
            ""
        } else {
            " among the first that are kept"
        }
    );
    let mut panel = pool.axes(report, &caption, highest)?;
    let capped = steps(columns, |tally| asked(tally).min(highest));
    panel.draw_series(AreaSeries::new(capped, 0.0, WAITING_RANGE))?;
    panel.draw_series(LineSeries::new(steps(columns, size), SIZE.stroke_width(2)))?;
    for (at, line) in thinned(report, &pool.metrics.pool) {
        let place = (at, line.to.max(0) as f64);
        if line.to > line.from {
            panel.draw_series([TriangleMarker::new(place, 6, BETTER.filled())])?;
        } else {
            let diamond = EmptyElement::at(place)
                + Polygon::new(vec![(0, -5), (5, 0), (0, 5), (-5, 0)], WORSE.filled());
            panel.draw_series([diamond])?;
        }
    }
    Ok(())
}

/// The changes with their moments; of those that would lie on each other, the first.
fn thinned<'a>(report: &'a RunReport, pool: &'a str) -> Vec<(SimTime, &'a ResizeLine)> {
    let window = &report.measured;
    let apart = (window.end - window.start).as_micros() / MARKS;
    let mut kept: Vec<(SimTime, &ResizeLine)> = Vec::new();
    for line in changes(report, pool) {
        let Ok(at) = SimTime::parse(&line.at) else {
            continue;
        };
        let is_larger = line.to > line.from;
        let near = kept
            .iter()
            .rev()
            .find(|(_, other)| (other.to > other.from) == is_larger);
        if near.is_none_or(|(last, _)| (at - *last).as_micros() >= apart) {
            kept.push((at, line));
        }
    }
    kept
}

/// The reasons of the first changes, in words.
fn notes(report: &RunReport) -> Vec<String> {
    let all: Vec<&ResizeLine> = report
        .resizes
        .iter()
        .filter(|line| line.from != line.to)
        .collect();
    let note = |line: &&ResizeLine| {
        let at = line.at.get(..16).unwrap_or(&line.at).replace('T', " ");
        format!(
            "{at}  {}: {} → {}, {}",
            line.pool, line.from, line.to, line.reason
        )
    };
    let mut notes: Vec<String> = all.iter().take(MAX_REASONS).map(note).collect();
    if all.len() > MAX_REASONS {
        notes.push(format!(
            "and {} more, all in resizes.csv",
            report.resize_count.saturating_sub(MAX_REASONS as u64)
        ));
    }
    notes
}
