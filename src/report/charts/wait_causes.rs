//! Where does the time go? All that instances waited for their slots, by what they waited for: a bar a pool and a DAG.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::legend::LegendEntry;
use super::page::{head, subtitle, text};
use super::palette::{FAINT_TEXT, POOLS, TEXT};
use super::shortened::shortened;
use super::{Chart, ChartError};
use crate::metrics::WaitMetrics;
use crate::report::headline::percent;
use crate::report::{RunReport, duration_text};
use crate::trace::WaitCause;

/// In pixels.
const WIDTH: u32 = 1_000;
const HEAD: u32 = 130;
const ROW: i32 = 28;
const BAR: i32 = 16;
/// Names end here, and bars begin.
const NAMES: i32 = 210;
/// What is left of the widest bar for words.
const WORDS: i32 = 260;
/// A name of more letters would run into the bars.
pub(super) const LETTERS: usize = 26;

/// The pools, and the DAGs, that waited longest; more than these say nothing.
const MAX_ROWS: usize = 10;

/// One bar.
struct Row<'a> {
    name: &'a str,
    waits: &'a WaitMetrics,
}

/// Width and height in pixels.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    let lines = groups(report)
        .iter()
        .map(|(_, rows)| rows.len() as u32 + 1)
        .sum::<u32>();
    (WIDTH, HEAD + lines.max(1) * ROW as u32 + 20)
}

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let groups = groups(report);
    let rows = || groups.iter().flat_map(|(_, rows)| rows);
    let is_in_use = |cause: &WaitCause| rows().any(|row| row.waits.share(*cause) > Some(0.0));
    let causes: Vec<(WaitCause, RGBColor)> = WaitCause::ALL
        .into_iter()
        .zip(POOLS)
        .filter(|(cause, _)| is_in_use(cause))
        .collect();
    let legend = causes
        .iter()
        .map(|&(cause, color)| LegendEntry::area(words(cause), color));
    let title = Chart::WaitCauses.question();
    let below = head(root, title, &subtitle(report), &legend.collect::<Vec<_>>())?;
    let longest = rows().map(|row| row.waits.total()).fold(0.0, f64::max);
    if longest <= 0.0 {
        below.draw_text("Nothing waited.", &text(14, FAINT_TEXT), (0, 0))?;
        return Ok(());
    }
    let widest = f64::from(below.dim_in_pixel().0 as i32 - NAMES - WORDS);
    let mut y = 0;
    for (heading, rows) in &groups {
        below.draw_text(heading, &text(13, FAINT_TEXT), (0, y + 8))?;
        y += ROW;
        for row in rows {
            draw_row(&below, row, &causes, y, widest / longest)?;
            y += ROW;
        }
    }
    Ok(())
}

/// A name, its bar, and in words how long and mostly for what.
fn draw_row<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    row: &Row<'_>,
    causes: &[(WaitCause, RGBColor)],
    y: i32,
    scale: f64,
) -> Result<(), ChartError> {
    area.draw_text(&shortened(row.name, LETTERS), &text(14, TEXT), (0, y + 2))?;
    let total = row.waits.total();
    let mut so_far = 0.0;
    for &(cause, color) in causes {
        let from = NAMES + (so_far * scale) as i32;
        so_far += row.waits.share(cause).unwrap_or(0.0) * total;
        let to = NAMES + (so_far * scale) as i32;
        if to > from {
            area.draw(&Rectangle::new([(from, y), (to, y + BAR)], color.filled()))?;
        }
    }
    let end = NAMES + (total * scale) as i32 + 8;
    area.draw_text(&in_words(row.waits), &text(13, TEXT), (end, y + 2))?;
    Ok(())
}

/// `14d13h, 94 % no slot open`.
fn in_words(waits: &WaitMetrics) -> String {
    let share = |cause: &WaitCause| waits.share(*cause).unwrap_or(0.0);
    let by_share = |a: &WaitCause, b: &WaitCause| share(a).total_cmp(&share(b));
    let total = duration_text(waits.total());
    let most = WaitCause::ALL.into_iter().max_by(by_share);
    most.map_or_else(
        || total.clone(),
        |cause| format!("{total}, {} {}", percent(share(&cause)), words(cause)),
    )
}

/// The pools and the DAGs whose instances waited, longest first.
fn groups(report: &RunReport) -> [(&'static str, Vec<Row<'_>>); 2] {
    let pools = report.metrics.pools.iter().map(|pool| Row {
        name: &pool.pool,
        waits: &pool.task_instances.waited_for,
    });
    let dags = report.metrics.dags.iter().map(|dag| Row {
        name: &dag.dag_id,
        waits: &dag.task_instances.waited_for,
    });
    [
        ("pools, all their instances together", longest(pools)),
        ("DAGs", longest(dags)),
    ]
}

fn longest<'a>(rows: impl Iterator<Item = Row<'a>>) -> Vec<Row<'a>> {
    let mut rows: Vec<_> = rows.filter(|row| row.waits.total() > 0.0).collect();
    rows.sort_by(|a, b| b.waits.total().total_cmp(&a.waits.total()));
    rows.truncate(MAX_ROWS);
    rows
}

/// As short as a legend wants it.
const fn words(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Parallelism => "parallelism",
        WaitCause::Pool => "no slot open",
        WaitCause::PoolSlots => "too wide for what is open",
        WaitCause::MaxActiveTis => "limit of the task",
        WaitCause::MaxActiveTasks => "limit of the run",
        WaitCause::PassedOver => "passed over",
        WaitCause::Loop => "the loop",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn bars_are_told_in_words_and_long_names_are_cut() {
        let mut report = busy_report();
        let [(_, none), _] = groups(&report);
        assert!(none.is_empty());
        for (at, seconds) in [(0, 60.0), (1, 240.0)] {
            let waits = &mut report.metrics.pools[at].task_instances.waited_for;
            (waits.pool, waits.pool_slots) = (seconds, seconds / 3.0);
        }
        let [(_, pools), (_, dags)] = groups(&report);
        let names: Vec<_> = pools.iter().map(|row| row.name).collect();
        assert_eq!(names, ["api_pool", "database_pool"]);
        assert!(dags.is_empty());
        assert_eq!(in_words(pools[1].waits), "1m20s, 75 % no slot open");
    }
}
