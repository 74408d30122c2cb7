//! How much memory a task instance takes while it lives, under the scheduler of Airflow; run with
//! `cargo bench --bench live_memory`. 81,000 runs of W2 arrive within 38 s, so that nearly a million instances live: told is
//! by how much the process grows for each of them, with the clocks of waits and without, in the simulation of any site, and
//! where it is quick for plain sites. First most of them wait for the turn of their runs, then one loop takes in all runs,
//! so that a quarter is scheduled. Each figure is the difference of two processes, since memory is not given back.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark says what it measures, and its processes tell each other"
)]
#![expect(clippy::unwrap_used, reason = "the processes are its own")]

#[expect(dead_code, reason = "other benchmarks use the rest")]
mod workloads;

use slotwise::airflow::{Drawn, Simulation, as_plain_site};
use slotwise::deployment::Deployment;
use slotwise::random::StreamKey;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{MeasurementWindow, NoRecorder, Recorder, RunningSummary};
use std::process::Command;

/// Runs a second, of twelve instances each.
const RATE: f64 = 2_125.0;
const INSTANCES: f64 = 12.0 * RATE * (LONG - SHORT) as f64;
const SHORT: i64 = 2;
const LONG: i64 = 40;

const KINDS: [&str; 3] = ["any site, without clocks", "any site", "plain site"];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|it| !it.starts_with("--"));
    if let Some(kind) = arguments.next() {
        let [at_once, seconds] = [(); 2].map(|()| arguments.next().unwrap().parse().unwrap());
        simulate(&kind, at_once, seconds);
        return;
    }
    for kind in KINDS {
        for at_once in [20, 100_000] {
            let grown = memory_of(kind, at_once, LONG) - memory_of(kind, at_once, SHORT);
            let each = grown * 1_024.0 / INSTANCES;
            println!("{kind}, {at_once} runs a loop: {each:.0} bytes an instance");
        }
    }
}

/// The most kibibytes that a process of its own takes.
fn memory_of(kind: &str, at_once: i64, seconds: i64) -> f64 {
    let arguments = [kind, &at_once.to_string(), &seconds.to_string()];
    let program = std::env::current_exe().unwrap();
    let told = Command::new(program).args(arguments).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    told.trim().parse().unwrap()
}

fn simulate(kind: &str, at_once: i64, seconds: i64) {
    let mut site = workloads::w2(workloads::WITHOUT_TIMERS, RATE);
    site.airflow.max_dagruns_per_loop_to_schedule = at_once as u32;
    let (start, key) = (SimTime::default(), StreamKey::root(1, 0));
    let end = start + SimDuration::from_seconds(seconds);
    let window = MeasurementWindow {
        start,
        warm_up_end: start,
        end,
    };
    let summary = RunningSummary::new(&site, window);
    match kind {
        "plain site" => drop(as_plain_site(&site, key, start, end, summary).unwrap()),
        "any site" => whole(&site, key, end, summary),
        _ => whole(&site, key, end, NoRecorder),
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    println!("{}", peak.unwrap().split_whitespace().nth(1).unwrap());
}

fn whole<R: Recorder>(site: &Deployment, key: StreamKey, end: SimTime, recorder: R) {
    let drawn = Drawn::new(site);
    let mut simulation = Simulation::new(site, SimTime::default(), key, drawn, recorder);
    simulation.run_until(end);
}
