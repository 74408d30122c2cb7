//! Single answers of the real Airflow: timetables and retry delays, every one of them exactly.
#![expect(
    clippy::print_stdout,
    reason = "a replay lists every case that differs"
)]

use serde::Deserialize;
use serde::de::DeserializeOwned;
use slotwise::deployment::RetryPolicy;
use slotwise::deployment::timetable::{Bounds, PlannedRun, Timetable};
use slotwise::time::{SimDuration, SimTime};

use super::recordings::{self, Recordings};

#[test]
fn airflow_units_timetables() {
    replay("units/timetables.jsonl", |case: TimetableCase| {
        (case.id.clone(), case.difference())
    });
}

#[test]
fn airflow_units_retry_delays() {
    replay("units/retry_delays.jsonl", |case: RetryCase| {
        (case.id.clone(), case.difference())
    });
}

/// Runs all cases of a file; `check` gives a case's id and what differs first.
fn replay<C: DeserializeOwned>(relative: &str, check: impl Fn(C) -> (String, Option<String>)) {
    for recordings in recordings::all() {
        replay_one(&recordings, relative, &check);
    }
}

fn replay_one<C: DeserializeOwned>(
    recordings: &Recordings,
    relative: &str,
    check: &impl Fn(C) -> (String, Option<String>),
) {
    let lines = recordings.lines(relative).unwrap_or_default();
    let mut failed = 0;
    let cases = lines.iter().filter(|line| !line.trim().is_empty());
    let mut count = 0;
    for line in cases {
        count += 1;
        let (id, difference) = match serde_json::from_str(line) {
            Ok(case) => check(case),
            Err(error) => (format!("case {count}"), Some(error.to_string())),
        };
        if let Some(difference) = difference {
            failed += 1;
            println!("{id}: {difference}");
        }
    }
    let called = recordings.called(relative);
    println!("{called}: {count} cases, {failed} differ");
    assert_eq!(failed, 0, "{called}: {failed} of {count} cases differ");
}

/// A timetable and the runs it asks for, one after another, all computed at `now`; the last may be none.
#[derive(Deserialize)]
struct TimetableCase {
    id: String,
    kind: Kind,
    spec: Spec,
    timezone: String,
    start_date: String,
    end_date: Option<String>,
    catchup: bool,
    now: String,
    expected_runs: Vec<Option<ExpectedRun>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    CronTrigger,
    CronInterval,
    DeltaTrigger,
    DeltaInterval,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Spec {
    Cron(String),
    Seconds(f64),
}

#[derive(Deserialize)]
struct ExpectedRun {
    logical_date: String,
    interval_start: String,
    interval_end: String,
    run_after: String,
}

impl TimetableCase {
    /// What differs first, in words.
    fn difference(&self) -> Option<String> {
        let timetable = match self.timetable() {
            Ok(timetable) => timetable,
            Err(error) => return Some(error),
        };
        let bounds = Bounds {
            start_date: time(&self.start_date),
            end_date: self.end_date.as_deref().map(time),
            catchup: self.catchup,
        };
        let mut previous = None;
        for (at, expected) in self.expected_runs.iter().enumerate() {
            let run = timetable.next_run(previous.as_ref(), &bounds, time(&self.now));
            let difference = match (expected, &run) {
                (Some(expected), Some(run)) => expected.difference(run),
                (Some(expected), None) => Some(format!(
                    "expected one at {}, got none",
                    expected.logical_date
                )),
                (None, Some(run)) => Some(format!("expected none, got {}", run.logical_date)),
                (None, None) => None,
            };
            if let Some(difference) = difference {
                return Some(format!("run {at}: {difference}"));
            }
            previous = run;
        }
        None
    }

    fn timetable(&self) -> Result<Timetable, String> {
        let timetable = match (self.kind, &self.spec) {
            (Kind::CronTrigger, Spec::Cron(cron)) => Timetable::cron_trigger(cron, &self.timezone),
            (Kind::CronInterval, Spec::Cron(cron)) => {
                Timetable::cron_interval(cron, &self.timezone)
            }
            (Kind::DeltaTrigger, Spec::Seconds(seconds)) => {
                Timetable::delta_trigger(SimDuration::from_seconds_f64(*seconds))
            }
            (Kind::DeltaInterval, Spec::Seconds(seconds)) => {
                Timetable::delta_interval(SimDuration::from_seconds_f64(*seconds))
            }
            _ => return Err("kind and spec do not fit together".into()),
        };
        timetable.map_err(|error| error.to_string())
    }
}

impl ExpectedRun {
    /// The first field that differs.
    fn difference(&self, run: &PlannedRun) -> Option<String> {
        let fields = [
            ("logical_date", &self.logical_date, run.logical_date),
            ("interval_start", &self.interval_start, run.interval_start),
            ("interval_end", &self.interval_end, run.interval_end),
            ("run_after", &self.run_after, run.run_after),
        ];
        fields
            .iter()
            .find(|(_, expected, got)| time(expected) != *got)
            .map(|(name, expected, got)| format!("{name}: expected {expected}, got {got}"))
    }
}

/// A factor, and in Airflow 2 whether there is one.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Backoff {
    Doubles(bool),
    Factor(f64),
}

/// The delay after a failed try.
#[derive(Deserialize)]
struct RetryCase {
    id: String,
    dag_id: String,
    task_id: String,
    logical_date: String,
    try_number: u32,
    retry_delay_s: f64,
    retry_exponential_backoff: Backoff,
    max_retry_delay_s: Option<f64>,
    expected_delay_s: f64,
}

impl RetryCase {
    /// What differs, in words.
    fn difference(&self) -> Option<String> {
        let policy = RetryPolicy {
            retry_delay: SimDuration::from_seconds_f64(self.retry_delay_s),
            retry_exponential_backoff: match self.retry_exponential_backoff {
                Backoff::Factor(factor) => factor,
                Backoff::Doubles(true) => 2.0,
                Backoff::Doubles(false) => 0.0,
            },
            max_retry_delay: self.max_retry_delay_s.map(SimDuration::from_seconds_f64),
            ..RetryPolicy::default()
        };
        let logical_date = time(&self.logical_date);
        let delay = policy.delay(
            &self.dag_id,
            &self.task_id,
            Some(logical_date),
            self.try_number,
        );
        let expected = SimDuration::from_seconds_f64(self.expected_delay_s);
        (delay != expected).then(|| {
            format!(
                "delay: expected {} s, got {} s",
                expected.as_seconds(),
                delay.as_seconds()
            )
        })
    }
}

fn time(text: &str) -> SimTime {
    SimTime::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}
