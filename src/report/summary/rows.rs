//! The columns of the tables, and a row for each pool, resource, DAG and task.

use comfy_table::Cell;

use crate::metrics::{
    DagMetrics, InstanceMetrics, PoolMetrics, ResourceMetrics, SpanMetrics, TaskMetrics,
};
use crate::report::duration_text;
use crate::report::meaning::Meaning;
use crate::report::table::share;
use crate::trace::WaitCause;

/// A pool that is full for this share of the time holds work up.
const FULL: f64 = 0.25;

/// For this share, it may at busy hours.
const OFTEN_FULL: f64 = 0.05;

pub(super) const POOL_COLUMNS: [&str; 11] = [
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

pub(super) const CAUSE_COLUMNS: [&str; 9] = [
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

pub(super) const RESOURCE_COLUMNS: [&str; 7] = [
    "resource",
    "at work\nmean",
    "\nmax",
    "slowed\ntimes",
    "done\nper hour",
    "calls\nwait",
    "refused",
];

pub(super) const DAG_COLUMNS: [&str; 10] = [
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

pub(super) const TASK_COLUMNS: [&str; 9] = [
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

pub(super) fn pool_row(pool: &PoolMetrics) -> [Cell; 11] {
    let [mean, p95, max] = mean_p95_max(pool.task_instances.pool_wait.as_ref());
    let queue = pool.queue_mean;
    [
        Cell::new(&pool.pool),
        Cell::new(size(pool)),
        Cell::new(pool.utilisation.map_or_else(dash, share)),
        full(pool.time_full),
        Cell::new(format!("{queue:.*}", usize::from(queue < 99.95))),
        Cell::new(pool.queue_max),
        Cell::new(mean),
        Cell::new(p95),
        Cell::new(max),
        Cell::new(pool.task_instances.started),
        still_waiting(&pool.task_instances),
    ]
}

pub(super) fn resource_row(resource: &ResourceMetrics) -> [Cell; 7] {
    let slowdown = resource.slowdown.map(|times| format!("{times:.2}"));
    [
        Cell::new(&resource.resource),
        Cell::new(format!("{:.1}", resource.concurrency_mean)),
        Cell::new(resource.concurrency_max),
        Cell::new(slowdown.unwrap_or_else(dash)),
        Cell::new(format!("{:.1}", resource.throughput)),
        Cell::new(format!("{:.1}", resource.calls_waiting)),
        Meaning::Bad.cell_if(resource.refused > 0, resource.refused),
    ]
}

pub(super) fn cause_row(pool: &PoolMetrics) -> Option<[String; 9]> {
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

pub(super) fn dag_row(dag: &DagMetrics) -> [Cell; 10] {
    let runs = &dag.runs;
    let [mean, p95, max] = mean_p95_max(runs.makespan.as_ref());
    let late = runs.missed_deadlines;
    [
        Cell::new(&dag.dag_id),
        Cell::new(runs.succeeded + runs.failed),
        Meaning::Doubtful.cell_if(runs.failed > 0, runs.failed),
        Cell::new(runs.unfinished),
        Meaning::Bad.cell_if(late > Some(0.0), late.map_or_else(dash, share)),
        Cell::new(mean),
        Cell::new(p95),
        Cell::new(max),
        Cell::new(seconds(runs.lateness.map(|late| late.p95))),
        Cell::new(seconds(dag.task_instances.pool_wait.map(|wait| wait.p95))),
    ]
}

pub(super) fn task_row(task: &TaskMetrics) -> [Cell; 9] {
    let instances = &task.task_instances;
    let wait = instances.pool_wait;
    [
        Cell::new(format!("{}.{}", task.dag_id, task.task_id)),
        Cell::new(seconds(wait.map(|wait| wait.p50))),
        Cell::new(seconds(wait.map(|wait| wait.p95))),
        Cell::new(seconds(wait.map(|wait| wait.max))),
        Cell::new(seconds(instances.executor_wait.map(|wait| wait.p95))),
        Cell::new(seconds(instances.duration.map(|duration| duration.mean))),
        Cell::new(instances.started),
        Cell::new(instances.failed + instances.retried),
        still_waiting(instances),
    ]
}

/// Its slots, from the fewest to the most.
pub(in crate::report) fn size(pool: &PoolMetrics) -> String {
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

/// The share of time without an open slot.
fn full(time: f64) -> Cell {
    match time {
        time if time >= FULL => Meaning::Bad.cell(share(time)),
        time => Meaning::Doubtful.cell_if(time >= OFTEN_FULL, share(time)),
    }
}

fn still_waiting(instances: &InstanceMetrics) -> Cell {
    let waiting = instances.still_waiting;
    Meaning::Doubtful.cell_if(waiting > 0, waiting)
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

fn dash() -> String {
    "-".into()
}
