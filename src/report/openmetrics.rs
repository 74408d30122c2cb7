//! The pools over time under Airflow's own metric names, to lay a simulation over what a monitoring system recorded.
//!
//! The text is that of `OpenMetrics` 1.0: the samples of a metric stand together, those of a pool in the order of time.

use std::fmt::Write as _;

use super::RunReport;
use super::number_text::push_number;
use super::run::PoolCourse;
use crate::time::{SimDuration, SimTime};
use crate::trace::{PoolSignal, PoolTally};

/// A metric: its name after `airflow_pool_`, what it tells, and its value in a bin.
type Gauge = (
    &'static str,
    &'static str,
    fn(&PoolCourse, &PoolTally) -> f64,
);

/// As Airflow emits them: `pool.open_slots` becomes `airflow_pool_open_slots`.
const GAUGES: [Gauge; 5] = [
    ("open_slots", "Slots of the pool that are free", open),
    ("queued_slots", "Slots of queued instances", |_, bin| {
        bin.mean(PoolSignal::Queued)
    }),
    ("running_slots", "Slots of running instances", |_, bin| {
        bin.mean(PoolSignal::Running)
    }),
    (
        "scheduled_slots",
        "Slots that scheduled instances wait for",
        |_, bin| bin.mean(PoolSignal::Scheduled),
    ),
    ("deferred_slots", "Slots of deferred instances", |_, bin| {
        bin.mean(PoolSignal::Deferred)
    }),
];

/// `pools.openmetrics`: a gauge per signal, a sample per pool and bin, with the bin's mean at its beginning.
pub fn pools_openmetrics(report: &RunReport) -> String {
    let mut text = String::new();
    for (name, help, value) in GAUGES {
        describe(&mut text, name, help);
        for course in &report.courses {
            let series = series(name, course);
            for (at, bin) in course.timed_bins(report.measured.start) {
                sample(&mut text, &series, at, value(course, bin));
            }
        }
    }
    starving(&mut text, report);
    text.push_str("# EOF\n");
    text
}

/// What the pages of the critical sections told, if anybody has recorded it.
fn starving(text: &mut String, report: &RunReport) {
    if report.starving.is_empty() {
        return;
    }
    let name = "starving_tasks";
    describe(text, name, "Task instances that found too few slots open");
    for (course, starving) in report.courses.iter().zip(&report.starving) {
        let series = series(name, course);
        let width = starving.bin_width.as_micros();
        for (at, bin) in starving.bins.iter().enumerate() {
            let since = SimDuration::from_micros(width * at as i64);
            let at = report.measured.start + since;
            sample(text, &series, at, bin.mean(0_usize));
        }
    }
}

fn describe(text: &mut String, name: &str, help: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# TYPE airflow_pool_{name} gauge");
    let _ = writeln!(text, "# HELP airflow_pool_{name} {help}.");
}

/// How each sample of a metric and pool begins.
fn series(name: &str, course: &PoolCourse) -> String {
    let pool = escaped(&course.pool);
    format!("airflow_pool_{name}{{pool_name=\"{pool}\"}} ")
}

fn sample(text: &mut String, series: &str, at: SimTime, value: f64) {
    text.push_str(series);
    if value.is_finite() {
        push_number(text, (value * 1e6).round() / 1e6);
    } else {
        text.push_str("+Inf");
    }
    text.push(' ');
    push_number(text, at.as_micros() as f64 / 1e6);
    text.push('\n');
}

/// What Airflow calls open: the size without all that is in use, below nought while a shrunk pool drains.
fn open(course: &PoolCourse, bin: &PoolTally) -> f64 {
    if bin.min(PoolSignal::Slots) < 0 {
        return f64::INFINITY;
    }
    bin.mean(PoolSignal::Slots) - course.in_use(bin)
}

/// A label's value, in which three characters have a meaning.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn every_signal_is_a_gauge_with_its_samples_together() {
        let mut report = busy_report();
        report.courses[0].pool = "a \"b\"".into();
        let text = pools_openmetrics(&report);
        let bins: usize = report.courses.iter().map(|course| course.bins.len()).sum();
        assert_eq!(text.lines().count(), GAUGES.len() * (bins + 2) + 1);
        assert!(text.ends_with("\n# EOF\n"));
        let first = &report.courses[0].bins[0];
        let open = first.mean(PoolSignal::Slots)
            - first.mean(PoolSignal::Running)
            - first.mean(PoolSignal::Queued);
        let line = format!(
            "airflow_pool_open_slots{{pool_name=\"a \\\"b\\\"\"}} {} 0",
            (open * 1e6).round() / 1e6
        );
        assert_eq!(text.lines().nth(2), Some(line.as_str()));
        assert!(
            text.contains("airflow_pool_open_slots{pool_name=\"api_pool\"} +Inf 0\n"),
            "an unlimited pool is always open"
        );
    }
}
