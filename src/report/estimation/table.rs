//! Estimates as tables for a terminal: pools, DAGs, and the tasks that wait longest.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::EstimationReport;
use crate::experiment::Estimated;
use crate::report::estimate_text::{estimate_text, precision_sentence};
use crate::report::meaning::Meaning;
use crate::report::run::measured_text;
use crate::report::table::{paragraph, table};
use crate::report::warm_up::warm_up_text;

/// The tasks that are shown, those that wait longest first.
const MAX_TASKS: usize = 10;

const POOL: [(&str, &str); 5] = [
    ("used", "utilisation"),
    ("full", "time_full"),
    ("wait\nmean", "pool_wait_mean"),
    ("\np95", "pool_wait_p95"),
    ("still\nwait", "still_waiting"),
];

const RESOURCE: [(&str, &str); 5] = [
    ("at work\nmean", "concurrency_mean"),
    ("slowed\ntimes", "slowdown"),
    ("done\nper hour", "throughput"),
    ("calls\nwait", "calls_waiting"),
    ("refused", "refused"),
];

const DAG: [(&str, &str); 5] = [
    ("late", "missed_deadlines"),
    ("makespan\nmean", "makespan_mean"),
    ("\np95", "makespan_p95"),
    ("wait\np95", "pool_wait_p95"),
    ("open", "unfinished"),
];

const TASK: [(&str, &str); 4] = [
    ("wait\nmean", "pool_wait_mean"),
    ("\np95", "pool_wait_p95"),
    ("runs for\nmean", "duration_mean"),
    ("fails", "failed"),
];

/// All estimates of one pool, DAG or task.
struct Entity<'a> {
    kind: &'static str,
    name: &'a str,
    estimates: &'a [Estimated],
}

impl Entity<'_> {
    fn get(&self, indicator: &str) -> Option<&Estimated> {
        self.estimates.iter().find(|one| one.indicator == indicator)
    }

    fn mean(&self, indicator: &str) -> f64 {
        self.get(indicator).map_or(0.0, |one| one.interval.mean)
    }

    fn text(&self, indicator: &str) -> String {
        self.get(indicator)
            .map_or_else(|| "-".into(), |one| estimate_text(&one.interval, one.unit))
    }

    fn cell(&self, indicator: &str) -> Cell {
        let is_bad = indicator == "missed_deadlines" && self.mean(indicator) > 0.0;
        Meaning::Bad.cell_if(is_bad, self.text(indicator))
    }
}

/// Title, what stands out, and the tables, in lines of at most `width` columns.
pub(super) fn estimation_table(report: &EstimationReport, width: u16) -> String {
    let entities = entities(&report.estimation.estimates);
    let of = |kind| entities.iter().filter(move |entity| entity.kind == kind);
    let in_use = |pool: &&Entity<'_>| pool.mean("started") > 0.0;
    let mut tasks: Vec<_> = of("task").collect();
    let wait = |task: &Entity<'_>| task.mean("pool_wait_p95");
    tasks.sort_by(|a, b| wait(b).total_cmp(&wait(a)));
    let hidden = tasks.len().saturating_sub(MAX_TASKS);
    tasks.truncate(MAX_TASKS);
    let mut blocks = vec![
        title(report, &entities, width),
        block::<5, 6>(width, "pool", POOL, of("pool").filter(in_use)),
        block::<5, 6>(width, "dag", DAG, of("dag")),
        block::<4, 5>(width, "task", TASK, tasks.into_iter()),
    ];
    if of("resource").next().is_some() {
        let protected = block::<5, 6>(width, "resource", RESOURCE, of("resource"));
        blocks.insert(2, protected);
    }
    if hidden > 0 {
        blocks.push(format!("and {hidden} more tasks that wait less"));
    }
    blocks.push(legend(report));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

/// Neighbours in the list of estimates are of the same entity.
fn entities(estimates: &[Estimated]) -> Vec<Entity<'_>> {
    let same = |a: &Estimated, b: &Estimated| a.kind == b.kind && a.name == b.name;
    let chunks = estimates.chunk_by(same);
    chunks
        .map(|estimates| Entity {
            kind: estimates[0].kind,
            name: &estimates[0].name,
            estimates,
        })
        .collect()
}

/// A table with a line for each entity; `M` is one more than the columns of figures.
fn block<'a, const N: usize, const M: usize>(
    width: u16,
    kind: &str,
    columns: [(&str, &str); N],
    entities: impl Iterator<Item = &'a Entity<'a>>,
) -> String {
    let mut titles = std::iter::once(kind).chain(columns.map(|(title, _)| title));
    let titles: [&str; M] = std::array::from_fn(|_| titles.next().unwrap_or_default());
    let row = |entity: &Entity<'_>| {
        let figures = columns.map(|(_, indicator)| entity.cell(indicator));
        let name = std::iter::once(Cell::new(entity.name));
        name.chain(figures).collect::<Vec<_>>()
    };
    table(width, titles, entities.map(row))
}

fn title(report: &EstimationReport, entities: &[Entity<'_>], width: u16) -> String {
    let (window, heading) = (&report.measured, &report.heading);
    let title = format!(
        "{}: {} replications, each {}",
        heading.scenario,
        report.estimation.replications,
        measured_text(window, heading.until_done),
    );
    let mut how = format!("seed {}, {} scheduler", heading.seed, report.mode);
    if let Some(policy) = &heading.policy {
        how.push_str(", policy ");
        how.push_str(policy);
    }
    let sentences = [
        heading.warm_up.as_ref().map(warm_up_text),
        report.estimation.precision.as_ref().map(precision_sentence),
    ];
    let sentences = sentences.into_iter().flatten().chain(stand_out(entities));
    paragraph([title, how].into_iter().chain(sentences), width)
}

/// What stands out, the most urgent first.
pub(in crate::report) fn outstanding(report: &EstimationReport) -> Vec<String> {
    stand_out(&entities(&report.estimation.estimates)).collect()
}

fn stand_out(entities: &[Entity<'_>]) -> impl Iterator<Item = String> {
    let sentences = [
        time_to_clear(entities),
        worst_pool(entities),
        latest_dag(entities),
    ];
    sentences.into_iter().flatten()
}

fn time_to_clear(entities: &[Entity<'_>]) -> Option<String> {
    let site = entities.iter().find(|entity| entity.kind == "site")?;
    site.get("time_to_clear")?;
    Some(format!("All is done after {}.", site.text("time_to_clear")))
}

fn worst_pool(entities: &[Entity<'_>]) -> Option<String> {
    let wait = |pool: &&Entity<'_>| pool.mean("pool_wait_p95");
    let pools = entities.iter().filter(|entity| entity.kind == "pool");
    let pool = pools.max_by(|a, b| wait(a).total_cmp(&wait(b)))?;
    (wait(&pool) > 0.0).then(|| {
        format!(
            "`{}` is full {} of the time; its tasks wait {} at p95.",
            pool.name,
            pool.text("time_full"),
            pool.text("pool_wait_p95"),
        )
    })
}

fn latest_dag(entities: &[Entity<'_>]) -> Option<String> {
    let late = |dag: &&Entity<'_>| dag.mean("missed_deadlines");
    let dags = entities.iter().filter(|entity| entity.kind == "dag");
    let dag = dags.max_by(|a, b| late(a).total_cmp(&late(b)))?;
    (late(&dag) > 0.0).then(|| {
        let share = dag.text("missed_deadlines");
        format!("`{}` misses its deadline in {share} of its runs.", dag.name)
    })
}

fn legend(report: &EstimationReport) -> String {
    let estimation = &report.estimation;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "± is a {} % confidence interval of each figure by itself, from n = {}.\n\
         All {} figures: `-o plain` or `-o json`.",
        estimation.level * 100.0,
        estimation.replications,
        estimation.estimates.len(),
    );
    text
}
