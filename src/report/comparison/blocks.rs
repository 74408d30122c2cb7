//! The figures that tell alternatives apart: a block of two figures of one thing, a line an alternative, each with its
//! paired difference from the first and the verdict.

use comfy_table::Cell;

use crate::experiment::{Comparison, DifferenceVerdict, Figure};
use crate::report::estimate_text::{difference_text, estimate_text, mean_text};
use crate::report::meaning::verdict_cell;
use crate::report::table::table;

/// What is looked at together: figures of the same things, one or two. The first groups are the most telling, which
/// counts where not all fit into a look; all other figures are in the other formats.
const GROUPS: [(&str, &[(&str, &str)]); 8] = [
    (
        "pool",
        &[
            ("pool_wait_mean", "wait mean"),
            ("pool_wait_p95", "wait p95"),
        ],
    ),
    (
        "site",
        &[("cost", "cost"), ("time_over_budget", "over budget")],
    ),
    (
        "dag",
        &[
            ("missed_deadlines", "deadlines missed"),
            ("lateness_p95", "late by p95"),
        ],
    ),
    (
        "site",
        &[
            ("slot_hours_offered", "slot-hours offered"),
            ("slot_hours_used", "used"),
        ],
    ),
    (
        "site",
        &[("resizes", "resizes"), ("direction_changes", "turns")],
    ),
    (
        "pool",
        &[
            ("drain_max", "longest drain"),
            ("still_waiting", "still waiting"),
        ],
    ),
    ("dag", &[("makespan_p95", "makespan p95")]),
    (
        "site",
        &[
            ("time_to_clear", "time to clear"),
            ("throughput", "tasks per hour"),
        ],
    ),
];

/// So many blocks still fit into a look.
const MAX_BLOCKS: usize = 6;

/// A figure and its indicator in words.
pub(in crate::report) type Telling<'a> = (&'static str, &'a Figure);

/// One or two figures of one thing.
pub(in crate::report) type Block<'a> = Vec<Telling<'a>>;

/// All that could be told: every group of every thing.
pub(in crate::report) fn all(comparison: &Comparison) -> Vec<Vec<Block<'_>>> {
    let of_group = |&(kind, indicators): &(&str, &[(&str, &'static str)])| {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for figure in comparison.figures.iter().filter(|one| one.kind == kind) {
            let mut words = indicators.iter();
            let Some(&(_, words)) = words.find(|(name, _)| figure.indicator == *name) else {
                continue;
            };
            match blocks
                .iter_mut()
                .find(|block| block[0].1.name == figure.name)
            {
                Some(block) => block.push((words, figure)),
                None => blocks.push(vec![(words, figure)]),
            }
        }
        blocks
    };
    GROUPS.iter().map(of_group).collect()
}

/// Those that some alternative is shown to change: of each group the thing that changes most, then, while there is room,
/// those that change less; in the order of the groups.
pub(in crate::report) fn most_different(groups: Vec<Vec<Block<'_>>>) -> Vec<Block<'_>> {
    let mut ranked: Vec<(usize, usize, Block<'_>)> = Vec::new();
    for (group, blocks) in groups.into_iter().enumerate() {
        let changed = blocks.into_iter().filter_map(|mut block| {
            block.retain(|(_, figure)| largest_change(figure) > 0.0);
            let changes = block.iter().map(|(_, figure)| largest_change(figure));
            let largest = changes.fold(0.0, f64::max);
            (largest > 0.0).then_some((largest, block))
        });
        let mut changed: Vec<(f64, Block<'_>)> = changed.collect();
        changed.sort_by(|a, b| b.0.total_cmp(&a.0));
        let places = changed.into_iter().enumerate();
        ranked.extend(places.map(|(place, (_, block))| (place, group, block)));
    }
    ranked.sort_by_key(|&(place, group, _)| (place, group));
    ranked.truncate(MAX_BLOCKS);
    ranked.sort_by_key(|&(place, group, _)| (group, place));
    ranked.into_iter().map(|(.., block)| block).collect()
}

/// The figures that a chart has room for: one of each block, and where nothing is shown to differ one of each group.
pub(in crate::report) fn charted(comparison: &Comparison) -> Vec<Telling<'_>> {
    let mut blocks = most_different(all(comparison));
    if blocks.is_empty() {
        let groups = all(comparison).into_iter();
        blocks = groups
            .filter_map(|group| group.into_iter().next())
            .take(MAX_BLOCKS)
            .collect();
    }
    blocks.iter().filter_map(most_asked_for).collect()
}

/// Objectives ask for the quantile of a wait, which comes last; of all else for what comes first.
fn most_asked_for<'a>(block: &Block<'a>) -> Option<Telling<'a>> {
    match block.first()?.1.kind {
        "pool" => block.last().copied(),
        _ => block.first().copied(),
    }
}

/// As a share of the baseline's mean; of a single alternative, whether there is anything to tell.
fn largest_change(figure: &Figure) -> f64 {
    let (first, others) = (&figure.estimates[0], &figure.estimates[1..]);
    if others.is_empty() {
        return f64::from(u8::from(first.interval.mean > 0.0));
    }
    let shown = others
        .iter()
        .filter_map(|other| other.difference)
        .filter(|difference| difference.verdict.is_shown());
    shown
        .map(|difference| (difference.interval.mean / first.interval.mean).abs())
        .fold(0.0, f64::max)
}

/// A block as a table of at most `width` columns.
pub(super) fn block_table(comparison: &Comparison, block: &Block<'_>, width: u16) -> String {
    let is_alone = comparison.alternatives.len() == 1;
    // The last line of every heading is on the same level.
    let in_two_lines = block.iter().any(|(words, _)| words.contains(' '));
    let low = |heading: &str| format!("{}{heading}", if in_two_lines { "\n" } else { "" });
    let mut headings = vec![low(name(block[0].1))];
    for &(words, _) in block {
        let split = words.rsplit_once(' ');
        headings.push(split.map_or_else(|| low(words), |(first, last)| format!("{first}\n{last}")));
        if !is_alone {
            headings.extend([low("difference"), String::new()]);
        }
    }
    let rows = comparison.alternatives.iter().enumerate();
    let rows = rows.map(|(at, alternative)| {
        let mut row = vec![Cell::new(&alternative.name)];
        for &(_, figure) in block {
            let estimate = &figure.estimates[at];
            if is_alone {
                row.push(Cell::new(estimate_text(&estimate.interval, figure.unit)));
                continue;
            }
            row.push(Cell::new(mean_text(&estimate.interval, figure.unit)));
            let nothing = || [Cell::new(""), Cell::new("")];
            row.extend(estimate.difference.map_or_else(nothing, |one| {
                [
                    Cell::new(difference_text(&one.interval, figure.unit)),
                    verdict_cell(one.verdict, short(one.verdict)),
                ]
            }));
        }
        row
    });
    table(width, headings, rows)
}

/// What a figure is of; a scenario may have the name of a DAG.
pub(in crate::report) fn name(figure: &Figure) -> &str {
    match figure.kind {
        "site" => "site",
        _ => &figure.name,
    }
}

/// Short enough for its column; the notes say the rest.
pub(in crate::report) const fn short(verdict: DifferenceVerdict) -> &'static str {
    match verdict {
        DifferenceVerdict::NoneShown => "open",
        DifferenceVerdict::Same => "same",
        other => other.words(),
    }
}
