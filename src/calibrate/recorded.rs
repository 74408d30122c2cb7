//! A history taken apart: what each task tells of its durations, its failures, its lengths and its pokes.
//!
//! A duration is the time from start to end of a try that an executor had and that ended in success or failure; what is still
//! running when the record ends is censored there. Skipped instances and those that were done by the scheduler itself never had
//! an executor, and waiting (scheduled, queued, between pokes, for the next try) lies outside of start and end.

use std::collections::BTreeMap;

use super::counts::Counts;
use super::durations::DurationSamples;
use super::tries::{Outcomes, Work};
use crate::deployment::TaskInstanceState as State;
use crate::time::{SimDuration, SimTime};
use crate::trace::{History, RecordedTry};

/// What was recorded of a task.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedTask {
    /// Its DAG.
    pub(super) dag_id: String,
    /// Its name.
    pub(super) task_id: String,
    /// The pool of its newest try.
    pub(super) pool: String,
    /// Tries that succeeded, in order of their start: run, start, seconds.
    pub(super) succeeded: Vec<(usize, SimTime, f64)>,
    /// The seconds of tries that failed.
    pub(super) failed: Vec<f64>,
    /// How long tries had run that ran when the record ended.
    pub(super) running: Vec<f64>,
    /// Tries that began before they were queued: deferred ones that were resumed. Run, start, and the seconds before and
    /// after the last queueing.
    resumed: Vec<(usize, SimTime, [f64; 2])>,
    /// How tries ended.
    pub(super) outcomes: Outcomes,
    /// Tries that ended before they started, or say only one of the two.
    pub(super) impossible: usize,
    /// How many instances each run made of it; empty if it is not mapped.
    pub(super) lengths: Counts,
    /// Pokes in vain before each success; empty if there were none ever.
    pub(super) pokes: Counts,
    /// From the beginning of the first poke, or of the deferral, until what was waited for was there: between which two numbers
    /// of seconds that was.
    pub(super) waits: Vec<(f64, f64)>,
    /// How long sensors had waited in vain when they gave up or the record ended.
    pub(super) waiting: Vec<f64>,
}

/// The tasks by DAG and name.
pub(super) fn recorded_tasks(history: &History) -> Vec<RecordedTask> {
    let end = end_of_record(history);
    let pokes = pokes_by_try(history);
    let mut tasks: BTreeMap<(&str, &str), (RecordedTask, Extra)> = BTreeMap::new();
    for (at, attempt) in history.tries.iter().enumerate() {
        let Some(run) = history.runs.get(attempt.run) else {
            continue;
        };
        let key = (run.dag_id.as_str(), attempt.task_id.as_str());
        let (task, extra) = tasks.entry(key).or_default();
        task.pool.clone_from(&attempt.pool);
        extra.count_instance(attempt);
        if let Some(work) = Work::of(attempt) {
            task.outcomes.count(attempt, work);
            task.add(attempt, work, end);
        }
        extra.add_wait(attempt, pokes.get(&at).map_or(&[], Vec::as_slice));
    }
    let finish = |((dag_id, task_id), (task, extra)): ((&str, &str), (RecordedTask, Extra))| {
        let mut task = RecordedTask {
            dag_id: dag_id.to_owned(),
            task_id: task_id.to_owned(),
            ..task
        };
        task.tell_deferred_apart();
        task.succeeded.sort_by_key(|&(run, start, _)| (start, run));
        extra.finish(task)
    };
    tasks.into_iter().map(finish).collect()
}

/// The newest moment of the record: what runs then is known to have lasted until then.
fn end_of_record(history: &History) -> SimTime {
    let of_tries = history.tries.iter().flat_map(|attempt| {
        [
            attempt.scheduled_at,
            attempt.queued_at,
            attempt.started_at,
            attempt.ended_at,
        ]
    });
    let of_runs = history
        .runs
        .iter()
        .flat_map(|run| [run.queued_at, run.started_at, run.ended_at]);
    of_tries
        .chain(of_runs)
        .flatten()
        .max()
        .unwrap_or(SimTime::MIN)
}

fn pokes_by_try(history: &History) -> BTreeMap<usize, Vec<SimTime>> {
    let mut pokes: BTreeMap<usize, Vec<SimTime>> = BTreeMap::new();
    for poke in &history.pokes {
        pokes.entry(poke.of).or_default().push(poke.ended_at);
    }
    pokes
}

impl RecordedTask {
    /// The start and the seconds of each try that succeeded, in order of their start.
    pub(super) fn series(&self) -> Vec<(SimTime, f64)> {
        let tries = self.succeeded.iter();
        tries.map(|&(_, at, seconds)| (at, seconds)).collect()
    }

    /// What it tells of its durations.
    pub(super) fn durations(&self) -> DurationSamples {
        let tries = self.succeeded.iter();
        DurationSamples {
            dag_id: self.dag_id.clone(),
            task_id: self.task_id.clone(),
            pool: self.pool.clone(),
            is_sensor: !self.pokes.values().is_empty(),
            succeeded: tries.map(|&(run, _, seconds)| (run, seconds)).collect(),
            failed: self.failed.clone(),
            running: self.running.clone(),
        }
    }

    /// Tries that an executor had.
    pub(super) fn attempts(&self) -> usize {
        self.succeeded.len() + self.failed.len() + self.running.len() + self.impossible
    }

    /// A try that an executor had.
    fn add(&mut self, attempt: &RecordedTry, work: Work, end_of_record: SimTime) {
        match (work, attempt.state) {
            (Work::Ended { started, ended }, State::Success) => {
                let seconds = (ended - started).as_seconds();
                self.succeeded.push((attempt.run, started, seconds));
            }
            // What was put aside for another try had failed.
            (Work::Ended { started, ended }, State::Failed | State::UpForRetry) => {
                self.failed.push((ended - started).as_seconds());
            }
            (Work::Ended { .. }, _) => {}
            (
                Work::Resumed {
                    started,
                    queued,
                    ended,
                },
                _,
            ) => {
                let parts = [queued - started, ended - queued].map(SimDuration::as_seconds);
                self.resumed.push((attempt.run, started, parts));
            }
            (Work::Running { started }, _) => {
                self.running.push((end_of_record - started).as_seconds());
            }
            (Work::Impossible, _) => self.impossible += 1,
        }
    }

    /// If most tries began before they were queued, the task is one that defers itself: what comes after its last queueing is
    /// its work. A few tries do so where clocks disagree.
    fn tell_deferred_apart(&mut self) {
        if self.resumed.len() <= self.succeeded.len() + self.failed.len() {
            self.impossible += self.resumed.len();
            return;
        }
        let resumed = std::mem::take(&mut self.resumed);
        let works = resumed
            .iter()
            .map(|&(run, start, [_, after])| (run, start, after));
        self.succeeded = works.collect();
        self.waits = resumed
            .iter()
            .map(|&(_, _, [before, _])| (before, before))
            .collect();
    }
}

/// What is counted before it can be said.
#[derive(Default)]
struct Extra {
    lengths: BTreeMap<usize, u32>,
    is_mapped: bool,
    pokes: Vec<u32>,
    waits: Vec<(f64, f64)>,
    waiting: Vec<f64>,
}

impl Extra {
    /// Instances are counted by their last try.
    fn count_instance(&mut self, attempt: &RecordedTry) {
        if attempt.is_earlier {
            return;
        }
        let length = self.lengths.entry(attempt.run).or_default();
        if attempt.map_index >= 0 {
            self.is_mapped = true;
            *length += 1;
        }
    }

    /// What a sensor waited for came between the end of its last poke in vain and that of the one that succeeded. The first poke
    /// is as long as the last, because only its end is recorded.
    fn add_wait(&mut self, attempt: &RecordedTry, pokes: &[SimTime]) {
        let (State::Success, Some(started), Some(ended)) =
            (attempt.state, attempt.started_at, attempt.ended_at)
        else {
            if let (Some(&first), Some(&last)) = (pokes.first(), pokes.last()) {
                self.waiting.push((last - first).as_seconds());
            }
            return;
        };
        self.pokes.push(pokes.len() as u32);
        let poke = (ended - started).as_seconds().max(0.0);
        self.waits.push(match (pokes.first(), pokes.last()) {
            (Some(&first), Some(&last)) => {
                let since = |at: SimTime| (at - first).as_seconds().max(0.0) + poke;
                (since(last), since(ended))
            }
            _ => (0.0, poke),
        });
    }

    fn finish(self, mut task: RecordedTask) -> RecordedTask {
        if self.is_mapped {
            task.lengths = Counts::new(self.lengths.into_values().collect());
        }
        if self.pokes.iter().any(|&count| count > 0) {
            task.pokes = Counts::new(self.pokes);
            task.waits = self.waits;
            task.waiting = self.waiting;
        }
        task
    }
}
