//! The run as tables for a terminal.

mod over_time;
mod rows;

pub(super) use rows::size;

use std::fmt::Write as _;
use std::iter;

use over_time::over_time;
use rows::{
    CAUSE_COLUMNS, DAG_COLUMNS, POOL_COLUMNS, RESOURCE_COLUMNS, TASK_COLUMNS, cause_row, dag_row,
    pool_row, resource_row, task_row,
};

use super::csv::summary_plain;
use super::run::{measured_text, summary_json};
use super::table::{paragraph, table};
use super::warm_up::warm_up_text;
use super::{OutputFormat, RunReport, duration_text, headline};
use crate::metrics::{PoolMetrics, ResourceMetrics, TaskMetrics};

/// The tasks that are shown, worst first; all of them are in the other formats.
const MAX_TASKS: usize = 20;

/// The summary of a run in that format; tables are at most `width` columns wide, and coloured.
pub fn summary(report: &RunReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => summary_table(report, width),
        OutputFormat::Json => summary_json(report),
        OutputFormat::Plain => summary_plain(report),
    }
}

/// Headline, pools, DAGs and the tasks that wait longest, in lines of at most `width` columns.
///
/// Colours are ANSI codes, for the one who prints them to leave or to take out.
pub fn summary_table(report: &RunReport, width: u16) -> String {
    let metrics = &report.metrics;
    let mut text = title(report, width);
    let blocks = [
        table(width, POOL_COLUMNS, metrics.pools.iter().map(pool_row)),
        over_time(report, width),
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

fn title(report: &RunReport, width: u16) -> String {
    let heading = &report.heading;
    let mut first = format!(
        "{}: {}, seed {}, {} scheduler",
        heading.scenario,
        how_long(report),
        heading.seed,
        report.mode
    );
    if let Some(policy) = &heading.policy {
        first.push_str(", policy ");
        first.push_str(policy);
    }
    let warm_up = heading.warm_up.iter().map(warm_up_text);
    let sentences = iter::once(first).chain(warm_up).chain(headline(report));
    paragraph(sentences, width) + "\n"
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

/// What pools protect; nothing if they protect nothing.
fn resources(width: u16, resources: &[ResourceMetrics]) -> String {
    if resources.is_empty() {
        return String::new();
    }
    table(width, RESOURCE_COLUMNS, resources.iter().map(resource_row))
}

/// The shares of each cause in the waits of each pool in which something waited; nothing if there is none.
fn why_they_waited(width: u16, pools: &[PoolMetrics]) -> String {
    let mut waited = pools.iter().filter_map(cause_row).peekable();
    match waited.peek() {
        Some(_) => table(width, CAUSE_COLUMNS, waited),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::meaning::plain;
    use crate::report::run::tests::busy_report;

    #[test]
    fn the_busy_hour_at_eighty_columns() {
        insta::assert_snapshot!(plain(&summary_table(&busy_report(), 80)), @r"
        busy-hour: 50m measured after 10m of warm-up, seed 42, airflow scheduler
        `database_pool` is full 100 % of the time; its tasks wait 10m59s at p95.
        `etl` misses its deadline in 67 % of its runs.

        pool          slots used full queue      wait               tries still
                                       mean max  mean    p95    max        wait
        -----------------------------------------------------------------------
        database_pool     2 100% 100%   6.9  12 6m23s 10m59s 11m30s    40    11
        api_pool          ∞    -   0%   0.0   0    0s     0s     0s    40     0

        over 50m      in use, of its size              waited for, of the most
        -------------------------------------------------------------------------------
        database_pool ████████████████████████████████ ▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇██████
        api_pool      ▃▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂▃▂▂▃▂▂▂▂ ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁

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
            let tables = plain(&summary_table(&report, width));
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
        let text = plain(&summary_table(&report, 80));
        assert!(text.contains("and 10 more tasks that wait less"));
        assert!(text.contains("etl.extract"));
    }
}
