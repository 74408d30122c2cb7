//! Who waits longest for a slot? The median, the 95 % and the 99 % quantile and the maximum of the waits of each pool and DAG.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::legend::LegendEntry;
use super::page::{head, subtitle, text};
use super::palette::{BETTER, FAINT_TEXT, GRID, TEXT, WORSE};
use super::point::{Shape, draw_point};
use super::shortened::shortened;
use super::wait_axis::WaitAxis;
use super::wait_causes::LETTERS;
use super::{Chart, ChartError};
use crate::metrics::SpanMetrics;
use crate::report::{RunReport, duration_text};

const WIDTH: u32 = 1_000;
const HEAD: u32 = 130;
const ROW: i32 = 26;
const NAMES: i32 = 210;
const WORDS: i32 = 150;
const FOOT: u32 = 36;
/// Those that wait longest; all are in the tables.
const MAX_ROWS: usize = 10;

/// What is shown of a wait, and how.
const MARKS: [(&str, Shape, RGBColor); 4] = [
    ("half wait longer", Shape::Ring, FAINT_TEXT),
    ("one in twenty (p95)", Shape::Disc, BETTER),
    ("one in a hundred (p99)", Shape::Diamond, WORSE),
    ("the longest", Shape::Bar, TEXT),
];

type Row<'a> = (&'a str, SpanMetrics);

/// Width and height in pixels.
pub(super) fn page_size(report: &RunReport) -> (u32, u32) {
    let lines = groups(report)
        .iter()
        .map(|(_, rows)| rows.len() + 1)
        .sum::<usize>();
    (WIDTH, HEAD + lines as u32 * ROW as u32 + FOOT)
}

pub(super) fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    report: &RunReport,
) -> Result<(), ChartError> {
    let groups = groups(report);
    let legend = MARKS.map(|(words, shape, color)| LegendEntry::point(words, color, shape));
    let title = Chart::WaitPercentiles.question();
    let below = head(root, title, &subtitle(report), &legend)?;
    let longest = groups
        .iter()
        .flat_map(|(_, rows)| rows)
        .map(|(_, wait)| wait.max);
    let axis = WaitAxis::new(longest.fold(0.0, f64::max));
    let limit = (NAMES, below.dim_in_pixel().0 as i32 - WORDS);
    let lines = groups.iter().map(|(_, rows)| rows.len() + 1).sum::<usize>() as i32;
    let bottom = lines * ROW;
    let centred = text(12, TEXT).pos(Pos::new(HPos::Center, VPos::Top));
    for tick in axis.key_points(BoldPoints(10)) {
        let x = axis.map(&tick, limit);
        below.draw(&PathElement::new([(x, 0), (x, bottom)], GRID))?;
        below.draw_text(&axis.format_ext(&tick), &centred, (x, bottom + 6))?;
    }
    let mut y = ROW / 2;
    let left = Pos::new(HPos::Left, VPos::Center);
    for (heading, rows) in &groups {
        below.draw_text(heading, &text(13, FAINT_TEXT).pos(left), (0, y))?;
        y += ROW;
        for (name, wait) in rows {
            below.draw_text(&shortened(name, LETTERS), &text(13, TEXT).pos(left), (0, y))?;
            let values = [wait.p50, wait.p95, wait.p99, wait.max];
            let x = values.map(|value| axis.map(&value, limit));
            below.draw(&PathElement::new(
                [(x[0], y), (x[3], y)],
                FAINT_TEXT.stroke_width(2),
            ))?;
            for (x, (_, shape, color)) in x.into_iter().zip(MARKS) {
                draw_point(&below, (x, y), shape, color)?;
            }
            let words = format!("p95 {}", duration_text(wait.p95));
            below.draw_text(&words, &text(13, TEXT).pos(left), (limit.1 + 14, y))?;
            y += ROW;
        }
    }
    Ok(())
}

/// The pools and the DAGs in which something waited, the longest waits first.
fn groups(report: &RunReport) -> [(&'static str, Vec<Row<'_>>); 2] {
    let pools = report.metrics.pools.iter();
    let pools = pools.filter_map(|pool| Some((pool.pool.as_str(), pool.task_instances.pool_wait?)));
    let dags = report.metrics.dags.iter();
    let dags = dags.filter_map(|dag| Some((dag.dag_id.as_str(), dag.task_instances.pool_wait?)));
    [("pools", longest(pools)), ("DAGs", longest(dags))]
}

fn longest<'a>(rows: impl Iterator<Item = Row<'a>>) -> Vec<Row<'a>> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| b.1.p95.total_cmp(&a.1.p95));
    rows.truncate(MAX_ROWS);
    rows
}
