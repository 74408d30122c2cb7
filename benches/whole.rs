//! Whole workloads; run with `cargo bench --bench whole`. Items are task instances.

mod workloads;

use divan::Bencher;
use divan::counter::ItemsCount;
use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::Deployment;
use slotwise::random::StreamKey;
use slotwise::time::SimTime;
use slotwise::trace::NoRecorder;

fn main() {
    divan::main();
}

const W1_RUNS: u64 = 1_000_000;
const W2_RUNS: u64 = 50_000;

#[divan::bench(sample_count = 5)]
fn w1_ideal(bencher: Bencher) {
    let deployment = workloads::w1();
    bencher
        .counter(ItemsCount::new(W1_RUNS))
        .bench(|| run(&deployment, workloads::horizon(W1_RUNS, workloads::W1_RATE)));
}

#[divan::bench(sample_count = 5)]
fn w2_ideal(bencher: Bencher) {
    let deployment = workloads::w2(workloads::IDEAL);
    let items = W2_RUNS * workloads::W2_TASKS;
    bencher
        .counter(ItemsCount::new(items))
        .bench(|| run(&deployment, workloads::horizon(W2_RUNS, workloads::W2_RATE)));
}

#[divan::bench(sample_count = 5)]
fn w2_airflow(bencher: Bencher) {
    let deployment = workloads::w2(workloads::AIRFLOW);
    let items = W2_RUNS * workloads::W2_TASKS;
    bencher
        .counter(ItemsCount::new(items))
        .bench(|| run(&deployment, workloads::horizon(W2_RUNS, workloads::W2_RATE)));
}

/// Events of one replication, without any record.
fn run(deployment: &Deployment, end: SimTime) -> u64 {
    let key = StreamKey::root(1, 0);
    let mut simulation = Simulation::new(
        deployment,
        SimTime::default(),
        key,
        Drawn::new(deployment),
        NoRecorder,
    );
    simulation.run_until(end);
    simulation.events()
}
