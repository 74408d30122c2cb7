//! What does a slow run wait for? The instances of one run over time, with the critical path.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, GRID, QUEUED, RUNNING, TEXT, WAITING};
use super::shortened::shortened;
use super::time_axis::TimeAxis;
use super::wait_causes::LETTERS;
use super::{Chart, ChartError};
use crate::report::{LongestRunReport, RunReport, RunTry, duration_text};

const WIDTH: u32 = 1_000;
const HEAD: u32 = 118;
const ROW: i32 = 17;
const BAR: i32 = 11;
const NAMES: i32 = 220;
const RIGHT: i32 = 24;
const FOOT: u32 = 46;
/// More bars are not looked at one by one; the table beside the chart has all.
const MAX_ROWS: usize = 48;

/// Width and height in pixels.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    let rows = report
        .longest_run
        .as_ref()
        .map_or(1, |run| shown(run).len());
    (WIDTH, HEAD + rows as u32 * ROW as u32 + FOOT)
}

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let Some(run) = &report.longest_run else {
        return Ok(());
    };
    let shown = shown(run);
    let legend = [
        LegendEntry::area("waits for its slots", WAITING),
        LegendEntry::area("waits for a worker", QUEUED),
        LegendEntry::area("runs", RUNNING),
        LegendEntry::line("framed and linked: the critical path", TEXT),
    ];
    let below = head(
        root,
        Chart::LongestRun.question(),
        &subtitle(run, shown.len()),
        &legend,
    )?;
    let limit = (NAMES, below.dim_in_pixel().0 as i32 - RIGHT);
    let axis = TimeAxis::new(run.due, run.ended);
    let bottom = shown.len() as i32 * ROW + 4;
    let ticks = text(12, TEXT).pos(Pos::new(HPos::Center, VPos::Top));
    for tick in axis.key_points(BoldPoints(10)) {
        let x = axis.map(&tick, limit);
        below.draw(&PathElement::new([(x, 0), (x, bottom)], GRID))?;
        below.draw_text(&axis.format_ext(&tick), &ticks, (x, bottom + 4))?;
    }
    let middle = limit.0.midpoint(limit.1);
    let under = text(12, FAINT_TEXT).pos(Pos::new(HPos::Center, VPos::Top));
    below.draw_text(&axis.description(), &under, (middle, bottom + 22))?;
    for (at, one) in shown.iter().enumerate() {
        draw_try(&below, one, &axis, limit, at as i32 * ROW + 3)?;
    }
    draw_links(&below, &shown, &axis, limit)
}

/// `pool_aware_etl, scheduled__2026-...: 1h10m from due to ended, 5h waited together`.
fn subtitle(run: &LongestRunReport, shown: usize) -> String {
    let makespan = duration_text((run.ended - run.due).as_seconds());
    let part = match run.tries.len() {
        all if all > shown => format!("; {shown} of {all} tries"),
        _ => String::new(),
    };
    format!(
        "{}, {}: {makespan} from due to ended, its instances waited {} together{part}",
        run.dag_id,
        run.run_id,
        duration_text(run.waited)
    )
}

fn draw_try<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    one: &RunTry,
    axis: &TimeAxis,
    limit: (i32, i32),
    y: i32,
) -> Result<(), ChartError> {
    let name = text(12, TEXT).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw_text(&shortened(&one.name, LETTERS), &name, (0, y + BAR / 2))?;
    let [scheduled, queued, started, ended] =
        [one.scheduled, one.queued, one.started, one.ended].map(|at| axis.map(&at, limit));
    for (from, to, color) in [
        (scheduled, queued, WAITING),
        (queued, started, QUEUED),
        (started, ended, RUNNING),
    ] {
        if to > from {
            area.draw(&Rectangle::new([(from, y), (to, y + BAR)], color.filled()))?;
        }
    }
    if one.is_critical {
        area.draw(&Rectangle::new(
            [
                (scheduled - 1, y - 1),
                (ended.max(scheduled + 1) + 1, y + BAR + 1),
            ],
            TEXT.stroke_width(2),
        ))?;
    }
    Ok(())
}

/// Lines from the end of each try of the critical path to the beginning of the next one.
fn draw_links<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    shown: &[&RunTry],
    axis: &TimeAxis,
    limit: (i32, i32),
) -> Result<(), ChartError> {
    let critical = shown.iter().enumerate().filter(|(_, one)| one.is_critical);
    let mut critical: Vec<_> = critical.collect();
    critical.sort_by_key(|(_, one)| one.ended);
    for pair in critical.windows(2) {
        let [(from, first), (to, second)] = [pair[0], pair[1]];
        let middle = |at: usize| at as i32 * ROW + 3 + BAR / 2;
        let end = axis.map(&first.ended, limit);
        let begin = axis.map(&second.scheduled, limit).max(end);
        let corners = [
            (end, middle(from)),
            (begin, middle(from)),
            (begin, middle(to)),
        ];
        area.draw(&PathElement::new(corners, TEXT.stroke_width(1)))?;
    }
    Ok(())
}

/// All tries, or of each task those that end last, the critical ones among them.
fn shown(run: &LongestRunReport) -> Vec<&RunTry> {
    if run.tries.len() <= MAX_ROWS {
        return run.tries.iter().collect();
    }
    let mut tasks: Vec<usize> = run.tries.iter().map(|one| one.task).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let each = (MAX_ROWS / tasks.len()).max(1);
    let is_late = |one: &&RunTry| {
        let of_task = run.tries.iter().filter(|other| other.task == one.task);
        of_task.filter(|other| other.ended > one.ended).count() < each
    };
    let tries = run
        .tries
        .iter()
        .filter(|one| one.is_critical || is_late(one));
    tries.take(2 * MAX_ROWS).collect()
}
