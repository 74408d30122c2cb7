//! What chance has no part in: statistics of given numbers, and tasks that always take the same time.

use slotwise::stats::interval::{
    mean_and_variance, mean_interval, paired_interval, welch_interval,
};
use slotwise::stats::mser::mser;
use slotwise::stats::quantile::rank_interval;
use slotwise::stats::selection::{eta, h_squared};
use slotwise::stats::student_t;
use slotwise::trace::FullTrace;

use super::measured::{Run, rows, scenario};
use super::{Effort, sharing};

/// A case, a metric, and what slotwise makes of it.
type Value = (&'static str, &'static str, f64);

const DELAYS: [f64; 10] = [1.53, 1.66, 1.24, 2.34, 2.0, 1.69, 2.69, 2.86, 1.7, 2.6];
const BATCH_MEANS: [f64; 20] = [
    10.0, 8.0, 6.0, 5.0, 3.2, 2.6, 3.3, 2.7, 3.4, 2.9, 3.1, 2.6, 3.4, 3.0, 2.7, 3.3, 2.8, 3.2, 2.9,
    3.1,
];
const A: [f64; 5] = [12.1, 14.3, 11.8, 15.2, 13.0];
const B: [f64; 5] = [11.4, 13.1, 11.0, 14.2, 12.1];

pub(super) fn values() -> Vec<Value> {
    [
        fan_out(),
        project(),
        starvation(),
        intervals(),
        ranks(),
        selection(),
        sharing::values(),
    ]
    .concat()
}

fn fan_out() -> Vec<Value> {
    const CASE: &str = "fanout-const-50-8";
    let trace = rows(
        &scenario("fan_out", &[], Effort::Long),
        0,
        FullTrace::default(),
    );
    let minutes = |span: slotwise::time::SimDuration| span.as_seconds() / 60.0;
    let mut waits: Vec<_> = trace
        .task_instances
        .iter()
        .map(|row| minutes(row.pool_wait().unwrap()))
        .collect();
    waits.sort_by(f64::total_cmp);
    assert_eq!(waits.len(), 50);
    let run = &trace.dag_runs[0];
    vec![
        (
            CASE,
            "makespan_min",
            minutes(run.ended_at.unwrap() - run.due_at()),
        ),
        (CASE, "mean_wait_min", mean_and_variance(&waits).0),
        (CASE, "p95_wait_min_nearest_rank", waits[48 - 1]),
    ]
}

/// By how much the chain to M may be late without a delay of the whole.
fn project() -> Vec<Value> {
    let mut scenario = scenario("project", &[], Effort::Long);
    scenario.horizon = slotwise::time::SimDuration::from_seconds(3_600);
    let trace = rows(&scenario, 0, FullTrace::default());
    let tasks = &scenario.deployment.tasks;
    let expected = scenario
        .deployment
        .dags
        .iter()
        .position(|dag| dag.dag_id == "expected")
        .unwrap();
    let end_of = |name: &str| {
        let mut rows = trace.task_instances.iter();
        let is_asked =
            |task: usize| tasks[task].task_id == name && tasks[task].dag.index() == expected;
        rows.find(|row| is_asked(row.task.index()))
            .and_then(|row| row.ended_at)
            .unwrap()
    };
    let slack = (end_of("N") - end_of("M")).as_seconds() / 60.0;
    vec![("pert-reliable", "slack_of_M_chain", slack)]
}

fn starvation() -> Vec<Value> {
    let scenario = scenario("starving", &[], Effort::Short);
    let run = Run::of(&scenario, 0);
    assert!(run.started("narrow") > 1_000);
    let share = run.started("wide") as f64 / run.started("narrow") as f64;
    vec![("msj-skip-starvation", "two_slot_start_probability", share)]
}

fn intervals() -> Vec<Value> {
    let bank = mean_interval(&DELAYS, 0.9);
    let paired = paired_interval(&A, &B, 0.95);
    let truncation = mser(&BATCH_MEANS).unwrap();
    vec![
        ("t-interval-law", "mean", bank.mean),
        ("t-interval-law", "variance", mean_and_variance(&DELAYS).1),
        (
            "t-interval-law",
            "t_quantile",
            student_t::quantile(0.95, 9.0),
        ),
        ("t-interval-law", "half_width", bank.half_width),
        ("paired-vs-welch", "diff", paired.mean),
        ("paired-vs-welch", "paired_half_width", paired.half_width),
        (
            "paired-vs-welch",
            "welch_half_width",
            welch_interval(&A, &B, 0.95).half_width,
        ),
        ("mser-20", "truncate_batches", truncation.cut as f64),
        ("mser-20", "statistic", truncation.statistic),
        ("mser-20", "mean_after", truncation.mean),
    ]
}

fn ranks() -> Vec<Value> {
    let cases = [
        ("quantile-ci-100-50", 100, 0.5),
        ("quantile-ci-1000-95", 1_000, 0.95),
        ("quantile-ci-10000-99", 10_000, 0.99),
    ];
    let values = cases.map(|(case, n, p)| {
        let ranks = rank_interval(n, p, 0.95).unwrap();
        [
            (case, "lower_rank", ranks.lower as f64),
            (case, "upper_rank", ranks.upper as f64),
            (case, "exact_coverage", ranks.coverage),
        ]
    });
    values.concat()
}

fn selection() -> Vec<Value> {
    vec![
        ("kn-constants", "eta", eta(10, 10, 0.05)),
        ("kn-constants", "h2", h_squared(10, 10, 0.05)),
    ]
}
