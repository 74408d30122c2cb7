//! Whole workloads; run with `cargo bench --bench whole`. Items are task instances, and each workload says once how
//! many events it takes.

#![expect(clippy::print_stderr, reason = "a benchmark says what it measures")]

mod workloads;

use divan::Bencher;
use divan::counter::ItemsCount;
use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::Deployment;
use slotwise::random::StreamKey;
use slotwise::time::SimTime;
use slotwise::trace::{MeasurementWindow, NoRecorder, Recorder, RunningSummary};
use workloads::{W1_RATE, W2_RATE};

const W1_RUNS: u64 = 1_000_000;
const W2_RUNS: u64 = 50_000;
/// Ten runs a day for a year: the scheduler is idle nearly all the time.
const IDLE_RUNS: u64 = 3_650;
const IDLE_RATE: f64 = 10.0 / 86_400.0;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5)]
fn w1_ideal(bencher: Bencher) {
    bench(bencher, &workloads::w1(), (W1_RUNS, W1_RATE), |_, _| {
        NoRecorder
    });
}

#[divan::bench(sample_count = 5)]
fn w2_ideal(bencher: Bencher) {
    let deployment = workloads::w2(workloads::IDEAL, W2_RATE);
    bench(bencher, &deployment, (W2_RUNS, W2_RATE), |_, _| NoRecorder);
}

#[divan::bench(sample_count = 5)]
fn w2_ideal_summary(bencher: Bencher) {
    let deployment = workloads::w2(workloads::IDEAL, W2_RATE);
    bench(bencher, &deployment, (W2_RUNS, W2_RATE), summary);
}

#[divan::bench(sample_count = 5)]
fn w2_airflow(bencher: Bencher) {
    let deployment = workloads::w2(workloads::AIRFLOW, W2_RATE);
    bench(bencher, &deployment, (W2_RUNS, W2_RATE), |_, _| NoRecorder);
}

#[divan::bench(sample_count = 5)]
fn w2_airflow_without_timers(bencher: Bencher) {
    let deployment = workloads::w2(workloads::WITHOUT_TIMERS, W2_RATE);
    bench(bencher, &deployment, (W2_RUNS, W2_RATE), |_, _| NoRecorder);
}

#[divan::bench(sample_count = 5)]
fn w2_airflow_summary(bencher: Bencher) {
    let deployment = workloads::w2(workloads::AIRFLOW, W2_RATE);
    bench(bencher, &deployment, (W2_RUNS, W2_RATE), summary);
}

#[divan::bench(sample_count = 5)]
fn idle_year(bencher: Bencher) {
    let deployment = workloads::w2(workloads::AIRFLOW, IDLE_RATE);
    bench(bencher, &deployment, (IDLE_RUNS, IDLE_RATE), |_, _| {
        NoRecorder
    });
}

#[divan::bench(sample_count = 5)]
fn idle_year_without_timers(bencher: Bencher) {
    let deployment = workloads::w2(workloads::WITHOUT_TIMERS, IDLE_RATE);
    bench(bencher, &deployment, (IDLE_RUNS, IDLE_RATE), |_, _| {
        NoRecorder
    });
}

/// One replication in which `runs` runs arrive on average.
fn bench<R: Recorder>(
    bencher: Bencher,
    deployment: &Deployment,
    (runs, rate): (u64, f64),
    recorder: impl Fn(&Deployment, SimTime) -> R + Sync,
) {
    let end = workloads::horizon(runs, rate);
    let simulate = || {
        let key = StreamKey::root(1, 0);
        let recorder = recorder(deployment, end);
        let mut simulation = Simulation::new(
            deployment,
            SimTime::default(),
            key,
            Drawn::new(deployment),
            recorder,
        );
        simulation.run_until(end);
        simulation.events()
    };
    let events = simulate();
    let instances = runs * deployment.tasks.len() as u64;
    eprintln!("{instances} task instances, {events} events");
    bencher.counter(ItemsCount::new(instances)).bench(simulate);
}

fn summary(deployment: &Deployment, end: SimTime) -> RunningSummary {
    let start = SimTime::default();
    RunningSummary::new(
        deployment,
        MeasurementWindow {
            start,
            warm_up_end: start,
            end,
        },
    )
}
