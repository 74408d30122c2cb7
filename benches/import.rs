//! Metadata databases of 100,000 and 1,000,000 tries; run with `cargo bench --bench import`. Items are tries. The largest
//! memory of the process is told after each, where the system tells it; the smaller database is the first, so each is its own.

#![expect(clippy::print_stderr, reason = "a benchmark says what it measures")]
#![expect(clippy::unwrap_used, reason = "the databases are its own")]

mod sites;

use std::io;

use divan::Bencher;
use divan::counter::ItemsCount;
use slotwise::import::airflow::{Imported, Selection, SqliteSource, import};

fn main() {
    divan::main();
}

fn read(path: &std::path::Path) -> Imported {
    let mut source = SqliteSource::open(path).unwrap();
    let nowhere = [io::sink(), io::sink(), io::sink()];
    import(&mut source, &Selection::default(), nowhere).unwrap()
}

/// Reading, and writing the history to nowhere.
#[divan::bench(args = [100_000, 1_000_000], sample_count = 3)]
fn a_history(bencher: Bencher, tries: usize) {
    let path = sites::database(tries);
    bencher
        .counter(ItemsCount::new(tries))
        .bench(|| read(&path).seen.tries);
    tell_memory(tries);
}

/// The same with all fits, the scenario and the calibration.
#[divan::bench(args = [100_000, 1_000_000], sample_count = 3)]
fn b_scenario(bencher: Bencher, tries: usize) {
    let path = sites::database(tries);
    bencher.counter(ItemsCount::new(tries)).bench(|| {
        let imported = read(&path);
        let figures = imported.figures();
        let calibration = imported.calibration(&figures);
        (imported.scenario(&figures), calibration.tasks.len())
    });
    tell_memory(tries);
}

fn tell_memory(tries: usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    if let Some(peak) = peak {
        eprintln!(
            "{tries} tries: {}",
            peak.replace("VmHWM:", "at most").trim()
        );
    }
}
