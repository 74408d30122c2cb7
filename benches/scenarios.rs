//! From a scenario to its report: reading, recorders, policies, resources, replications and rendering; run with
//! `cargo bench --bench scenarios`. Where simulations are measured, items are task instances.

#![expect(clippy::unwrap_used, reason = "the scenarios are constants")]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use slotwise::experiment::{Case, Plan, Replication, estimate, replicate, summarise};
use slotwise::report::{OutputFormat, RunHeading, RunReport, summary, summary_csv, summary_json};
use slotwise::scenario::{self, NoFiles, Scenario};
use slotwise::trace::{CsvRows, FullTrace, NoRecorder, RunningSummary};
use std::fmt::Write;
use std::io;

/// W2 for so long that 500 runs arrive: 6,000 task instances.
const W2: &str = include_str!("workloads/w2.yaml");
const W2_INSTANCES: u64 = 6_000;

/// Pools of the site below that are sized by a policy.
const POLICY: &str = "
policies:
  sized: { pools: warehouse, size: { mwaa: { tasks_per_worker: 5 } }, guard: { max: 30 } }
";

/// A pool in front of something that slows down when many use it.
const RESOURCE: &str = "
resources:
  database: { slowdown: { usl: { contention: 0.02, coherency: 0.004 } } }
";

fn main() {
    divan::main();
}

/// A DAG that runs a thousand times in the mean, with one task.
fn site(pool: &str, more: &str) -> Scenario {
    let text = format!(
        "
horizon: 100h
pools: {{ warehouse: {pool} }}
dags:
  reports:
    schedule: {{ poisson: {{ rate: 10 per hour }} }}
    tasks: {{ load: {{ pool: warehouse, duration: {{ lognormal: {{ mean: 15m, cv: 1 }} }} }} }}
{more}"
    );
    scenario::read(&text, &NoFiles).unwrap().value
}

const SITE_INSTANCES: u64 = 1_000;

fn w2() -> Scenario {
    let text = W2.replace("941176s", "9412s");
    scenario::read(&text, &NoFiles).unwrap().value
}

fn first(scenario: &Scenario) -> Replication<'_> {
    Replication {
        scenario,
        policy: None,
        number: 0,
    }
}

/// A file of so many DAGs of ten tasks each.
#[divan::bench(args = [1, 10, 100, 1_000], sample_count = 10)]
fn reading(bencher: Bencher, dags: usize) {
    let mut text = String::from("horizon: 1d\npools: { warehouse: 16 }\ndags:\n");
    for dag in 0..dags {
        write!(
            text,
            "  dag_{dag}:\n    schedule: '@hourly'\n    tasks:\n      task_0: {{ pool: warehouse, duration: {{ constant: 60s }} }}\n"
            )
.unwrap();
        for task in 1..10 {
            let before = task - 1;
            writeln!(
                text,
                "      task_{task}: {{ upstream: task_{before}, pool: warehouse, duration: {{ constant: 60s }} }}"
            )
            .unwrap();
        }
    }
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| scenario::read(&text, &NoFiles).unwrap());
}

#[divan::bench(sample_count = 5)]
fn recorder_none(bencher: Bencher) {
    let scenario = w2();
    bencher
        .counter(ItemsCount::new(W2_INSTANCES))
        .bench(|| replicate(&first(&scenario), NoRecorder).unwrap());
}

#[divan::bench(sample_count = 5)]
fn recorder_summary(bencher: Bencher) {
    let scenario = w2();
    let replication = first(&scenario);
    bencher.counter(ItemsCount::new(W2_INSTANCES)).bench(|| {
        let empty = RunningSummary::new(&scenario.deployment, replication.window());
        replicate(&replication, empty).unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn recorder_full_rows(bencher: Bencher) {
    let scenario = w2();
    bencher
        .counter(ItemsCount::new(W2_INSTANCES))
        .bench(|| replicate(&first(&scenario), FullTrace::default()).unwrap());
}

#[divan::bench(sample_count = 5)]
fn recorder_rows_as_csv(bencher: Bencher) {
    let scenario = w2();
    bencher.counter(ItemsCount::new(W2_INSTANCES)).bench(|| {
        let rows = CsvRows::new(&scenario.deployment, io::sink());
        replicate(&first(&scenario), rows).unwrap().finish()
    });
}

/// The same site as in `resource` and `replications`, whose pool a policy sizes.
#[divan::bench(sample_count = 5)]
fn policy(bencher: Bencher) {
    let scenario = site("4", POLICY);
    let sized = Replication {
        policy: scenario.policies.get("sized"),
        ..first(&scenario)
    };
    bencher
        .counter(ItemsCount::new(SITE_INSTANCES))
        .bench(|| summarise(&sized).unwrap());
}

#[divan::bench(sample_count = 5)]
fn resource(bencher: Bencher) {
    let scenario = site("{ slots: 4, resource: database }", RESOURCE);
    bencher
        .counter(ItemsCount::new(SITE_INSTANCES))
        .bench(|| summarise(&first(&scenario)).unwrap());
}

/// What a point of a sweep is: replications, and intervals of everything.
#[divan::bench(sample_count = 5)]
fn point_of_a_sweep(bencher: Bencher) {
    let scenario = site("4", "");
    let case = Case {
        scenario: &scenario,
        policy: None,
    };
    let plan = Plan::new(20, 0.95).unwrap();
    bencher
        .counter(ItemsCount::new(20 * SITE_INSTANCES))
        .bench(|| estimate(case, &plan, &|_| ()).unwrap());
}

#[divan::bench(sample_count = 20)]
fn report(bencher: Bencher) {
    let scenario = w2();
    let facts = summarise(&first(&scenario)).unwrap();
    bencher.bench(|| {
        let report = RunReport::new(RunHeading::default(), &scenario.deployment, &facts);
        let text = summary(&report, OutputFormat::Table, 120);
        (text, summary_json(&report), summary_csv(&report))
    });
}
