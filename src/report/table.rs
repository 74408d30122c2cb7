//! The run as tables for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};

use super::headline::percent;
use super::run::measured_text;
use super::warm_up::warm_up_text;
use super::{RunReport, duration_text, headline};
use crate::metrics::{
    DagMetrics, InstanceMetrics, PoolMetrics, ResourceMetrics, SpanMetrics, TaskMetrics,
};
use crate::trace::WaitCause;

/// The tasks that are shown, worst first; all of them are in the other formats.
const MAX_TASKS: usize = 20;

/// Below this width columns stand one space apart, else two.
const ROOMY: u16 = 100;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-'));

const POOL_COLUMNS: [&str; 11] = [
    "pool",
    "slots",
    "used",
    "full",
    "queue\nmean",
    "\nmax",
    "wait\nmean",
    "\np95",
    "\nmax",
    "tries",
    "still\nwait",
];

const CAUSE_COLUMNS: [&str; 9] = [
    "why it waited",
    "in all",
    "parallelism",
    "no slot\nopen",
    "too\nwide",
    "task\nlimit",
    "run\nlimit",
    "passed\nover",
    "loop",
];

const RESOURCE_COLUMNS: [&str; 7] = [
    "resource",
    "at work\nmean",
    "\nmax",
    "slowed\ntimes",
    "done\nper hour",
    "calls\nwait",
    "refused",
];

const DAG_COLUMNS: [&str; 10] = [
    "dag",
    "runs",
    "failed",
    "open",
    "late",
    "makespan\nmean",
    "\np95",
    "\nmax",
    "late by\np95",
    "wait\np95",
];

const TASK_COLUMNS: [&str; 9] = [
    "task",
    "wait\np50",
    "\np95",
    "\nmax",
    "start\np95",
    "runs for\nmean",
    "tries",
    "fails",
    "still\nwait",
];

/// Headline, pools, DAGs and the tasks that wait longest, in lines of at most `width` columns.
///
/// Plain text without colour, so that it reads the same in a file.
pub fn summary_table(report: &RunReport, width: u16) -> String {
    let metrics = &report.metrics;
    let mut text = title(report);
    let blocks = [
        table(width, POOL_COLUMNS, metrics.pools.iter().map(pool_row)),
        why_they_waited(width, &metrics.pools),
        resources(width, &metrics.resources),
        table(width, DAG_COLUMNS, metrics.dags.iter().map(dag_row)),
        table(
            width,
            TASK_COLUMNS,
            worst_first(&metrics.tasks).map(task_row),
        ),
    ];
    for block in blocks.into_iter().filter(|block| !block.is_empty()) {
        text.push('\n');
        text.push_str(&block);
        text.push('\n');
    }
    let hidden = metrics.tasks.len().saturating_sub(MAX_TASKS);
    if hidden > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "and {hidden} more tasks that wait less");
    }
    text
}

fn title(report: &RunReport) -> String {
    let heading = &report.heading;
    let mut text = format!(
        "{}: {}, seed {}, {} scheduler",
        heading.scenario,
        how_long(report),
        heading.seed,
        report.mode
    );
    if let Some(policy) = &heading.policy {
        text.push_str(", policy ");
        text.push_str(policy);
    }
    text.push('\n');
    for sentence in heading.warm_up.iter().map(warm_up_text) {
        text.push_str(&sentence);
        text.push('\n');
    }
    for sentence in headline(report) {
        text.push_str(&sentence);
        text.push('\n');
    }
    text
}

/// How long was simulated, and whether all was done then.
fn how_long(report: &RunReport) -> String {
    let length = duration_text(report.measured.length().as_seconds());
    match report.metrics.site.time_to_clear {
        Some(_) => format!("all done after {length}"),
        None if report.heading.until_done => {
            format!("NOT all done, though nothing happens any more after {length}")
        }
        None => measured_text(&report.measured, false),
    }
}

/// A table of at most `width` columns, the first to the left and the others to the right.
pub(super) fn table<R: Into<Row>>(
    width: u16,
    columns: impl Into<Row>,
    rows: impl Iterator<Item = R>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(columns)
        .add_rows(rows);
    let gap = gap(width);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 0 } else { gap }, 0));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// How far apart columns stand.
pub(super) const fn gap(width: u16) -> u16 {
    if width < ROOMY { 1 } else { 2 }
}

fn pool_row(pool: &PoolMetrics) -> [String; 11] {
    let [mean, p95, max] = mean_p95_max(pool.task_instances.pool_wait.as_ref());
    let queue = pool.queue_mean;
    [
        pool.pool.clone(),
        size(pool),
        pool.utilisation.map_or_else(dash, share),
        share(pool.time_full),
        format!("{queue:.*}", usize::from(queue < 99.95)),
        pool.queue_max.to_string(),
        mean,
        p95,
        max,
        pool.task_instances.started.to_string(),
        still_waiting(&pool.task_instances),
    ]
}

/// What pools protect; nothing if they protect nothing.
fn resources(width: u16, resources: &[ResourceMetrics]) -> String {
    if resources.is_empty() {
        return String::new();
    }
    table(width, RESOURCE_COLUMNS, resources.iter().map(resource_row))
}

fn resource_row(resource: &ResourceMetrics) -> [String; 7] {
    [
        resource.resource.clone(),
        format!("{:.1}", resource.concurrency_mean),
        resource.concurrency_max.to_string(),
        resource
            .slowdown
            .map_or_else(dash, |times| format!("{times:.2}")),
        format!("{:.1}", resource.throughput),
        format!("{:.1}", resource.calls_waiting),
        resource.refused.to_string(),
    ]
}

/// The shares of each cause in the waits of each pool in which something waited; nothing if there is none.
fn why_they_waited(width: u16, pools: &[PoolMetrics]) -> String {
    let mut waited = pools.iter().filter_map(cause_row).peekable();
    match waited.peek() {
        Some(_) => table(width, CAUSE_COLUMNS, waited),
        None => String::new(),
    }
}

fn cause_row(pool: &PoolMetrics) -> Option<[String; 9]> {
    let waits = &pool.task_instances.waited_for;
    let total = waits.total();
    let part = |cause| waits.share(cause).map_or_else(dash, share);
    let [parallelism, slots, wide, task, run, passed_over, by_loop] = WaitCause::ALL.map(part);
    (total > 0.0).then(|| {
        [
            pool.pool.clone(),
            duration_text(total),
            parallelism,
            slots,
            wide,
            task,
            run,
            passed_over,
            by_loop,
        ]
    })
}

fn dag_row(dag: &DagMetrics) -> [String; 10] {
    let runs = &dag.runs;
    let [mean, p95, max] = mean_p95_max(runs.makespan.as_ref());
    [
        dag.dag_id.clone(),
        (runs.succeeded + runs.failed).to_string(),
        runs.failed.to_string(),
        runs.unfinished.to_string(),
        runs.missed_deadlines.map_or_else(dash, share),
        mean,
        p95,
        max,
        seconds(runs.lateness.map(|late| late.p95)),
        seconds(dag.task_instances.pool_wait.map(|wait| wait.p95)),
    ]
}

fn task_row(task: &TaskMetrics) -> [String; 9] {
    let instances = &task.task_instances;
    let wait = instances.pool_wait;
    [
        format!("{}.{}", task.dag_id, task.task_id),
        seconds(wait.map(|wait| wait.p50)),
        seconds(wait.map(|wait| wait.p95)),
        seconds(wait.map(|wait| wait.max)),
        seconds(instances.executor_wait.map(|wait| wait.p95)),
        seconds(instances.duration.map(|duration| duration.mean)),
        instances.started.to_string(),
        (instances.failed + instances.retried).to_string(),
        still_waiting(instances),
    ]
}

/// The tasks with the longest waits, an open wait at the horizon counted like one that ended.
fn worst_first(tasks: &[TaskMetrics]) -> impl Iterator<Item = &TaskMetrics> {
    let wait = |task: &TaskMetrics| {
        let instances = &task.task_instances;
        let served = instances.pool_wait.map_or(0.0, |wait| wait.p95);
        served.max(instances.longest_open_wait)
    };
    let mut ranked: Vec<_> = tasks.iter().collect();
    ranked.sort_by(|a, b| wait(b).total_cmp(&wait(a)));
    ranked.into_iter().take(MAX_TASKS)
}

/// Its slots, from the fewest to the most.
pub(super) fn size(pool: &PoolMetrics) -> String {
    let text = |slots: i64| {
        if slots < 0 {
            "∞".into()
        } else {
            slots.to_string()
        }
    };
    if pool.slots_min == pool.slots_max {
        return text(pool.slots_max);
    }
    format!("{}–{}", text(pool.slots_min), text(pool.slots_max))
}

fn still_waiting(instances: &InstanceMetrics) -> String {
    instances.still_waiting.to_string()
}

fn mean_p95_max(span: Option<&SpanMetrics>) -> [String; 3] {
    [
        seconds(span.map(|span| span.mean)),
        seconds(span.map(|span| span.p95)),
        seconds(span.map(|span| span.max)),
    ]
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(dash, duration_text)
}

/// A percentage without the space, which would cost a column.
pub(super) fn share(value: f64) -> String {
    percent(value).replace(' ', "")
}

fn dash() -> String {
    "-".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn the_busy_hour_at_eighty_columns() {
        insta::assert_snapshot!(summary_table(&busy_report(), 80), @r"
        busy-hour: 50m measured after 10m of warm-up, seed 42, airflow scheduler
        `database_pool` is full 100 % of the time; its tasks wait 10m59s at p95.
        `etl` misses its deadline in 67 % of its runs.

        pool          slots used full queue      wait               tries still
                                       mean max  mean    p95    max        wait
        -----------------------------------------------------------------------
        database_pool     2 100% 100%   6.9  12 6m23s 10m59s 11m30s    40    11
        api_pool          ∞    -   0%   0.0   0    0s     0s     0s    40     0

        dag runs failed open late makespan         late by   wait
                                      mean p95 max     p95    p95
        ---------------------------------------------------------
        etl    2      0    1  67%    2m45s  4m  4m   2m20s 10m33s

        task         wait               start runs for tries fails still
                      p50    p95    max   p95     mean              wait
        ----------------------------------------------------------------
        etl.extract 6m28s 10m59s 11m30s    1s    2m29s    40     0    11
        etl.load       0s     0s     0s    2s       8s    40     0     0
        ");
    }

    #[test]
    fn long_names_wrap_and_no_line_is_too_wide() {
        let mut report = busy_report();
        report.metrics.pools[0].pool = "warehouse_connections_of_the_reporting_team".into();
        report.metrics.tasks[0].task_id =
            "a_task_whose_name_alone_would_fill_the_whole_line_of_a_terminal".into();
        report.metrics.pools[0].task_instances.started = 1_234_567;
        for width in [80, 100, 140] {
            let tables = summary_table(&report, width);
            let (_, tables) = tables.split_once("\n\n").unwrap();
            let widest = tables
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap();
            assert!(
                widest <= usize::from(width),
                "{widest} at {width}:\n{tables}"
            );
        }
    }

    #[test]
    fn only_the_worst_tasks_are_listed() {
        let mut report = busy_report();
        let quiet = report.metrics.tasks[1].clone();
        report.metrics.tasks.resize(30, quiet);
        report.metrics.tasks.rotate_left(1);
        let text = summary_table(&report, 80);
        assert!(text.contains("and 10 more tasks that wait less"));
        assert!(text.contains("etl.extract"));
    }
}
