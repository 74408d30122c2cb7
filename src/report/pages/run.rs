//! The page of a run: which pool binds, when, for whom, and why.

use super::timeline::timeline;
use super::{Assumptions, advice, assumptions, confidence, objectives};
use crate::experiment::Verdict;
use crate::metrics::{InstanceMetrics, PoolMetrics, SpanMetrics};
use crate::report::charts::{Chart, ChartError, ImageFormat, draw};
use crate::report::document::{Cell, Document, Table};
use crate::report::headline::{headline_besides, percent};
use crate::report::run::measured_text;
use crate::report::summary::size;
use crate::report::warm_up::warm_up_text;
use crate::report::{AdviceReport, LongestRunReport, RunReport, duration_text};
use crate::trace::WaitCause;

/// The report of one run.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn run_document(
    report: &RunReport,
    verdicts: &[Verdict],
    advice: Option<&AdviceReport>,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let heading = &report.heading;
    let mut document = Document::new(&heading.scenario, heading.description.as_deref());
    document.answer(&answer(report, advice));
    objectives(&mut document, verdicts);
    if let Some(advice) = advice {
        advice::write(&mut document, advice)?;
    }
    pictures(&mut document, report)?;
    document.section("The figures");
    document.table(pools(&report.metrics.pools));
    document.table(dags(report));
    document.table(tasks(report));
    if !report.resizes.is_empty() {
        document.table(resizes(report));
    }
    assumptions(&mut document, &facts(report, advice, assumed), assumed);
    Ok(document)
}

/// What to do, if that is known, then what else the run shows.
pub(super) fn answer(report: &RunReport, advice: Option<&AdviceReport>) -> Vec<String> {
    let mut told = advice.map_or_else(Vec::new, |advice| advice.sentences(&report.metrics));
    let pool = advice.and_then(|advice| advice.sizes.as_ref());
    let pool = pool.map(|sizes| sizes.pool.as_str());
    told.extend(headline_besides(report, pool));
    told
}

/// The charts of one run, by question.
pub(super) fn pictures(document: &mut Document, report: &RunReport) -> Result<(), ChartError> {
    let told = |charts: &[Chart]| charts.iter().any(|chart| chart.is_told(report));
    document.section("Is it enough?");
    chart(document, report, Chart::Occupancy)?;
    if let Some(data) = timeline(report) {
        document.data("timeline", data);
        document.hint("Point at the chart for its values and the reason of the last resize; drag over a stretch to look closer, double-click to see all again.");
    }
    chart(document, report, Chart::QueueLength)?;
    chart(document, report, Chart::WaitPercentiles)?;
    chart(document, report, Chart::WaitDistribution)?;
    if told(&[Chart::Resizes]) {
        document.section("When did the pools change, and why?");
        chart(document, report, Chart::Resizes)?;
    }
    document.section("Where does the time go?");
    chart(document, report, Chart::WaitCauses)?;
    document.table(causes(&report.metrics.pools));
    chart(document, report, Chart::LongestRun)?;
    chart(document, report, Chart::HoursOfWeek)
}

fn chart(document: &mut Document, report: &RunReport, chart: Chart) -> Result<(), ChartError> {
    if !chart.is_told(report) {
        return Ok(());
    }
    let svg = draw(chart, report, ImageFormat::Svg)?;
    let pools = report.metrics.pools.iter();
    let words = match chart {
        Chart::Occupancy => pools
            .map(|pool| {
                format!(
                    "{}: full {} of the time",
                    pool.pool,
                    percent(pool.time_full)
                )
            })
            .collect::<Vec<_>>(),
        Chart::QueueLength => pools
            .map(|pool| format!("{}: {} slots waited for at most", pool.pool, pool.queue_max))
            .collect(),
        Chart::WaitPercentiles | Chart::WaitDistribution => pools
            .filter_map(|pool| {
                let wait = pool.task_instances.pool_wait?;
                Some(format!("{}: p95 {}", pool.pool, duration_text(wait.p95)))
            })
            .collect(),
        Chart::WaitCauses => pools
            .filter(|pool| pool.task_instances.waited_for.total() > 0.0)
            .map(|pool| {
                let waited = duration_text(pool.task_instances.waited_for.total());
                format!("{}: {waited} in all", pool.pool)
            })
            .collect(),
        Chart::LongestRun => report.longest_run.iter().map(run_in_words).collect(),
        Chart::HoursOfWeek => {
            vec!["The share of slots in use by weekday and hour, as text in each cell".into()]
        }
        Chart::Resizes => vec![format!(
            "{} changes; the reasons are in the table",
            report.resize_count
        )],
    };
    let words = format!("{} {}.", chart.question(), words.join("; "));
    document.figure(chart.file_stem(), &svg, &words);
    Ok(())
}

/// The run that waited longest, by its critical path.
fn run_in_words(run: &LongestRunReport) -> String {
    let path = run.critical().map(|one| {
        let waited = (one.queued - one.scheduled).as_seconds();
        let worked = (one.ended - one.started).as_seconds();
        let [waited, worked] = [waited, worked].map(duration_text);
        format!(
            "{} waits {waited} for its slots and runs {worked}",
            one.name
        )
    });
    let path: Vec<String> = path.collect();
    format!("{}, {}: {}", run.dag_id, run.run_id, path.join(", then "))
}

fn pools(pools: &[PoolMetrics]) -> Table {
    let mut table = Table::new(
        "Pools",
        &[
            ("pool", "its name"),
            ("slots", "its size, from the smallest to the largest"),
            ("used", "slot-hours used of those offered"),
            ("full", "share of the time without an open slot"),
            ("queue mean", "slots that ready tasks wait for, over time"),
            ("queue max", "the most slots that ready tasks waited for"),
            ("wait mean", "scheduled to queued"),
            ("wait p95", "95 % wait less"),
            ("wait max", "the longest"),
            ("tries", "executions that began"),
            ("still waiting", "at the end of the run"),
        ],
    );
    for pool in pools {
        let wait = pool.task_instances.pool_wait;
        table.row([
            Cell::name(&pool.pool),
            Cell::sorted(size(pool), pool.slots_max as f64),
            Cell::bar(pool.utilisation),
            Cell::bar(Some(pool.time_full)),
            Cell::sorted(format!("{:.1}", pool.queue_mean), pool.queue_mean),
            Cell::count(pool.queue_max.unsigned_abs()),
            Cell::seconds(wait.map(|wait| wait.mean)),
            Cell::seconds(wait.map(|wait| wait.p95)),
            Cell::seconds(wait.map(|wait| wait.max)),
            Cell::count(pool.task_instances.started),
            Cell::count(pool.task_instances.still_waiting),
        ]);
    }
    table
}

/// The causes of the waits of each pool in which something waited.
fn causes(pools: &[PoolMetrics]) -> Table {
    let mut table = Table::new(
        "What the waits for a slot were for; in all is the sum over all instances",
        &[
            ("pool", "its name"),
            ("in all", "all waits together"),
            ("parallelism", "the executor's limit was reached"),
            ("no slot open", "the pool was full: more slots help"),
            ("too wide", "slots were open, but fewer than the task takes"),
            ("task limit", "the task's own limit was reached"),
            ("run limit", "the DAG's limit was reached"),
            (
                "passed over",
                "others came first in a loop that could have taken it",
            ),
            ("loop", "the scheduler had not come round yet"),
        ],
    );
    for pool in pools {
        let waits = &pool.task_instances.waited_for;
        if waits.total() > 0.0 {
            let parts = WaitCause::ALL.map(|cause| Cell::bar(waits.share(cause)));
            let first = [Cell::name(&pool.pool), Cell::seconds(Some(waits.total()))];
            table.row(first.into_iter().chain(parts));
        }
    }
    table
}

fn dags(report: &RunReport) -> Table {
    let mut table = Table::new(
        "DAGs",
        &[
            ("dag", "its name"),
            ("runs", "runs that ended"),
            ("failed", "those that failed"),
            ("open", "runs that had not ended"),
            ("deadlines missed", "share of late and overdue runs"),
            ("makespan mean", "due to ended"),
            ("makespan p95", "95 % take less"),
            ("late by p95", "0 in time"),
            ("wait p95", "of its tasks, for a slot"),
        ],
    );
    for dag in &report.metrics.dags {
        let runs = &dag.runs;
        table.row([
            Cell::name(&dag.dag_id),
            Cell::count(runs.succeeded + runs.failed),
            Cell::count(runs.failed),
            Cell::count(runs.unfinished),
            Cell::share(runs.missed_deadlines),
            Cell::seconds(runs.makespan.map(|span| span.mean)),
            Cell::seconds(p95(runs.makespan)),
            Cell::seconds(p95(runs.lateness)),
            Cell::seconds(p95(dag.task_instances.pool_wait)),
        ]);
    }
    table
}

fn tasks(report: &RunReport) -> Table {
    let mut table = Table::new(
        "Tasks",
        &[
            ("task", "its DAG and name"),
            ("pool", "the pool it takes slots of"),
            ("wait mean", "scheduled to queued"),
            ("wait p95", "95 % wait less"),
            ("start p95", "queued to running"),
            ("runs for mean", "running to ended"),
            ("tries", "executions that began"),
            ("fails", "tries that failed"),
            ("still waiting", "at the end of the run"),
        ],
    );
    for task in &report.metrics.tasks {
        let InstanceMetrics {
            pool_wait,
            executor_wait,
            duration,
            ..
        } = task.task_instances;
        let counts = &task.task_instances;
        table.row([
            Cell::text(format!("{}.{}", task.dag_id, task.task_id)),
            Cell::name(&task.pool),
            Cell::seconds(pool_wait.map(|span| span.mean)),
            Cell::seconds(p95(pool_wait)),
            Cell::seconds(p95(executor_wait)),
            Cell::seconds(duration.map(|span| span.mean)),
            Cell::count(counts.started),
            Cell::count(counts.failed + counts.retried),
            Cell::count(counts.still_waiting),
        ]);
    }
    table
}

fn resizes(report: &RunReport) -> Table {
    let caption = format!(
        "The first {} of {} changes of pool sizes",
        report.resizes.len(),
        report.resize_count
    );
    let mut table = Table::new(
        &caption,
        &[
            ("at", "simulated time"),
            ("pool", "its name"),
            ("from", "slots before"),
            ("to", "slots from then on"),
            ("reason", "why"),
        ],
    );
    for line in &report.resizes {
        table.row([
            Cell::name(&line.at),
            Cell::name(&line.pool),
            Cell::sorted(line.from.to_string(), line.from as f64),
            Cell::sorted(line.to.to_string(), line.to as f64),
            Cell::name(&line.reason),
        ]);
    }
    table
}

fn p95(span: Option<SpanMetrics>) -> Option<f64> {
    span.map(|span| span.p95)
}

fn facts(
    report: &RunReport,
    advice: Option<&AdviceReport>,
    assumed: &Assumptions,
) -> Vec<(&'static str, String)> {
    let heading = &report.heading;
    let measured = measured_text(&report.measured, heading.until_done);
    let window = &report.window;
    let mut facts = vec![
        ("Workload", assumed.workload()),
        ("Scheduler", assumed.scheduler.to_owned()),
        (
            "Policy",
            heading
                .policy
                .as_ref()
                .map_or_else(|| "none".into(), |name| format!("`{name}`")),
        ),
        (
            "Measured",
            format!("{measured}: {} to {}", window.warm_up_end, window.end),
        ),
    ];
    if let Some(warm_up) = &heading.warm_up {
        facts.push(("Warm-up", warm_up_text(warm_up)));
    }
    let replications = match advice {
        Some(advice) => format!(
            "tables and charts show 1, one draw of luck; what is said of other sizes and policies comes from {} of each, \
             all on the same luck",
            advice.slots.replications
        ),
        None => {
            "1: one draw of luck. `--replications 20` gives every figure a confidence interval."
                .into()
        }
    };
    facts.push(("Replications", replications));
    if let Some(advice) = advice {
        facts.push(("± and verdicts", confidence(advice.slots.level, true)));
    }
    facts.push(("Seed", heading.seed.to_string()));
    facts
}
