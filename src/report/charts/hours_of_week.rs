//! When in the week is it busy? How much of each pool is used in each hour, from Monday to Sunday.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::heat_map::{HeatCell, HeatMap};
use super::page::{head, subtitle, text};
use super::palette::{FAINT_TEXT, RUNNING, TEXT};
use super::{Chart, ChartError};
use crate::report::RunReport;
use crate::report::headline::percent;
use crate::trace::{HOURS_OF_WEEK, HourOfWeek};

const WIDTH: u32 = 1_000;
const HEAD: u32 = 124;
const CAPTION: i32 = 32;
const ROW: i32 = 22;
/// The pools in which most is waited for; more would be a wall.
const MAX_POOLS: usize = 4;
/// A shorter run has not seen every hour of a day.
const LEAST_HOURS: usize = 24;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Whether there is a day to see, and a limited pool in use.
pub(super) fn is_told(report: &RunReport) -> bool {
    !shown(report).is_empty()
}

/// Width and height in pixels.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    let pools = shown(report);
    let rows: i32 = pools.iter().map(|(_, hours)| height(hours)).sum();
    (WIDTH, HEAD + rows.max(ROW) as u32)
}

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let words = format!(
        "{}; slots in use, in percent, hours in UTC",
        subtitle(report)
    );
    let below = head(root, Chart::HoursOfWeek.question(), &words, &[])?;
    let mut top = 0;
    for (name, hours) in shown(report) {
        let style = text(15, TEXT);
        let (width, _) = below.estimate_text_size(name, &style)?;
        below.draw_text(name, &style, (0, top + 8))?;
        below.draw_text(
            &caption(hours),
            &text(13, FAINT_TEXT),
            (width as i32 + 12, top + 10),
        )?;
        map(hours).draw(&below, top + CAPTION)?;
        top += height(hours);
    }
    Ok(())
}

fn map(hours: &[HourOfWeek]) -> HeatMap {
    let cell = |hour: &HourOfWeek| -> HeatCell {
        let used = hour.utilisation()?;
        Some((format!("{:.0}", used * 100.0), used))
    };
    let days = hours.chunks(24).zip(DAYS).filter(|(day, _)| is_seen(day));
    HeatMap {
        columns: (0..24).map(|hour| format!("{hour:02}")).collect(),
        rows: days
            .map(|(day, name)| (name.to_owned(), day.iter().map(cell).collect()))
            .collect(),
        names: 44,
        row_height: ROW,
        color: RUNNING,
    }
}

fn height(hours: &[HourOfWeek]) -> i32 {
    let days = hours.chunks(24).filter(|day| is_seen(day)).count() as i32;
    CAPTION + days * ROW + HeatMap::FOOT
}

fn is_seen(day: &[HourOfWeek]) -> bool {
    day.iter().any(|hour| hour.time > 0)
}

/// The busiest hour, and the one with the longest queue.
fn caption(hours: &[HourOfWeek]) -> String {
    let of = |value: &dyn Fn(&HourOfWeek) -> Option<f64>| {
        let known = hours.iter().enumerate();
        let known = known.filter_map(|(at, hour)| Some((at, value(hour)?)));
        known.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    };
    let moment = |at: usize| format!("{} {:02}:00", DAYS[at / 24], at % 24);
    let used = of(&HourOfWeek::utilisation);
    let used = used.map(|(at, used)| format!("busiest {}, {} used", moment(at), percent(used)));
    let queue = of(&HourOfWeek::queue).filter(|(_, queue)| *queue > 0.0);
    let queue =
        queue.map(|(at, queue)| format!("most waits {}, {queue:.1} slots on average", moment(at)));
    used.into_iter().chain(queue).collect::<Vec<_>>().join("; ")
}

/// The limited pools in use with their hours, the one that is waited for most first.
fn shown(report: &RunReport) -> Vec<(&str, &[HourOfWeek])> {
    let pools = report.metrics.pools.iter().zip(&report.hours_of_week);
    let seen = |hours: &[HourOfWeek]| hours.iter().filter(|hour| hour.time > 0).count();
    let mut pools: Vec<_> = pools
        .filter(|(_, hours)| hours.len() == HOURS_OF_WEEK && seen(hours) >= LEAST_HOURS)
        .filter(|(_, hours)| hours.iter().any(|hour| hour.offered > 0 && hour.used > 0))
        .collect();
    pools.sort_by(|(a, _), (b, _)| b.queue_mean.total_cmp(&a.queue_mean));
    pools.truncate(MAX_POOLS);
    let named = pools.into_iter();
    named
        .map(|(pool, hours)| (pool.pool.as_str(), hours.as_slice()))
        .collect()
}
