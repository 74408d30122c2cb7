//! What a part of a history says of tasks, and the deployments that draw from it.
//!
//! A task draws from what it did at about the same time of day, where that is often enough, else from all that it did. Values
//! are drawn between recorded neighbours, and of few values from the lognormal distribution of their mean and variance,
//! because the longest of a few is not the longest there is.
//!
//! The values are a sample themselves, and another week would have given others. So every replication draws from a
//! sample of the sample, with replacement, and the spread of its results holds what is not known of tasks as well as their
//! luck: Barton and Schruben, "Uniform and bootstrap resampling of empirical distributions", Proceedings of the 1993
//! Winter Simulation Conference.

use std::collections::BTreeMap;

use super::names::Names;
use super::remembered::was_executed;
use crate::deployment::{Deployment, SensorMode, SensorWait, TaskInstanceState, TaskKind};
use crate::ids::TaskId;
use crate::random::{Distribution, EmpiricalMode, Purpose, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::{History, RecordedTry};

/// Fewer tries than this say nothing of an hour.
const LEAST_OF_HOUR: usize = 20;

/// Of fewer values than this the tails are taken from a law.
const LEAST_EMPIRICAL: usize = 20;

/// So many hours before and after count as the same time of day.
const HOURS_AROUND: i64 = 2;

const HOUR: i64 = 3_600_000_000;

/// One try that ended by itself.
#[derive(Clone, Copy, Debug)]
struct Observation {
    /// When in the day it began, in hours.
    hour: i64,
    seconds: f64,
    is_failure: bool,
    /// From the first poke of a sensor until what it waited for was there.
    wait: Option<f64>,
}

/// What was observed.
#[derive(Clone, Debug, Default)]
pub(super) struct Observations {
    tasks: BTreeMap<TaskId, Vec<Observation>>,
    /// Start delays in seconds, by executor.
    delays: BTreeMap<usize, Vec<f64>>,
}

impl Observations {
    /// What had ended before `until`.
    pub(super) fn before(
        until: SimTime,
        deployment: &Deployment,
        names: &Names<'_>,
        history: &History,
    ) -> Self {
        let mut all = Self::default();
        let mut pokes = history.pokes.clone();
        pokes.sort_by_key(|poke| (poke.of, poke.ended_at));
        for (at, attempt) in history.tries.iter().enumerate() {
            let name = names.of_try(&history.runs[attempt.run], attempt);
            let (Some(name), Some(queued), Some(started), Some(ended)) = (
                name,
                attempt.queued_at,
                attempt.started_at,
                attempt.ended_at,
            ) else {
                continue;
            };
            if !was_executed(attempt) || ended >= until || ended < started || started < queued {
                continue;
            }
            let executor = deployment.tasks[name.task.index()].executor;
            let delays = all.delays.entry(executor).or_default();
            delays.push((started - queued).as_seconds());
            let Some(is_failure) = is_failure(attempt) else {
                continue;
            };
            let duration = ended - started;
            let begin = pokes.partition_point(|poke| poke.of < at);
            let end = pokes.partition_point(|poke| poke.of <= at);
            let wait = match &pokes[begin..end] {
                // It came between the last poke in vain and the one that found it.
                [first, .., last] | [first @ last] => {
                    let first = first.ended_at - duration;
                    let shortest = (last.ended_at - first).as_seconds();
                    f64::midpoint(shortest, (ended - first).as_seconds())
                }
                [] => 0.0,
            };
            all.tasks.entry(name.task).or_default().push(Observation {
                hour: hour_of(started),
                seconds: duration.as_seconds(),
                is_failure,
                wait: (!is_failure).then_some(wait),
            });
        }
        all
    }

    /// The tasks that executors run and of which nothing was observed.
    pub(super) fn unknown(&self, deployment: &Deployment) -> Vec<TaskId> {
        let tasks = deployment.tasks.iter().enumerate();
        let unknown = tasks.filter(|(at, task)| {
            !self.tasks.contains_key(&TaskId::new(*at)) && !task.is_without_worker()
        });
        unknown.map(|(at, _)| TaskId::new(at)).collect()
    }

    /// As many observations of every task, drawn from its own.
    pub(super) fn resampled(&self, key: StreamKey) -> Self {
        let key = key.with(StreamKey::name("resampled observations"));
        let tasks = self.tasks.iter().map(|(&task, all)| {
            let key = key.with(task.index() as u64);
            (task, drawn_again(all, key, Purpose::Duration))
        });
        let delays = self.delays.iter().map(|(&executor, all)| {
            let key = key.with(executor as u64);
            (executor, drawn_again(all, key, Purpose::StartDelay))
        });
        Self {
            tasks: tasks.collect(),
            delays: delays.collect(),
        }
    }

    /// The deployment at each hour of the day.
    pub(super) fn by_hour(&self, deployment: &Deployment) -> Vec<Deployment> {
        let at = |hour: i64| {
            let mut deployment = deployment.clone();
            for (&executor, delays) in &self.delays {
                if let Some(delay) = law(delays.clone()) {
                    deployment.executors[executor].start_delay = delay;
                }
            }
            for (&task, all) in &self.tasks {
                let is_near = |one: &&Observation| {
                    let apart = (one.hour - hour).rem_euclid(24);
                    apart.min(24 - apart) <= HOURS_AROUND
                };
                let near: Vec<Observation> = all.iter().filter(is_near).copied().collect();
                let is_enough = near.len() >= LEAST_OF_HOUR;
                give(&mut deployment, task, if is_enough { &near } else { all });
            }
            deployment
        };
        (0..24).map(at).collect()
    }
}

/// The hour of the day, by UTC.
pub(super) fn hour_of(moment: SimTime) -> i64 {
    moment.as_micros().div_euclid(HOUR).rem_euclid(24)
}

fn drawn_again<T: Copy>(all: &[T], key: StreamKey, purpose: Purpose) -> Vec<T> {
    let mut stream = key.stream(purpose);
    // The cast rounds down, and an open unit never reaches the end.
    let draw = |_| all[(stream.next_open() * all.len() as f64) as usize];
    (0..all.len()).map(draw).collect()
}

fn give(deployment: &mut Deployment, task: TaskId, observed: &[Observation]) {
    let task = &mut deployment.tasks[task.index()];
    let failures = observed.iter().filter(|one| one.is_failure).count();
    task.failure_rate = failures as f64 / observed.len().max(1) as f64;
    let duration = law(observed.iter().map(|one| one.seconds).collect());
    let wait = observed.iter().filter_map(|one| one.wait).collect();
    let wait = Distribution::empirical(wait, EmpiricalMode::Interpolate).ok();
    match (&mut task.kind, duration) {
        // A sensor that keeps its worker was recorded as one execution: it waits so long, and its pokes take no time.
        (TaskKind::Sensor(sensor), Some(duration)) if sensor.mode == SensorMode::Poke => {
            sensor.wait = SensorWait::Time(duration);
            sensor.poke_interval = SimDuration::from_micros(1_000);
            task.duration = Distribution::ZERO;
        }
        (TaskKind::Sensor(sensor), Some(duration)) => {
            sensor.wait = wait.map_or_else(|| sensor.wait.clone(), SensorWait::Time);
            task.duration = duration;
        }
        (_, Some(duration)) => task.duration = duration,
        (_, None) => {}
    }
}

/// Whether it failed; none if it was neither that nor a success.
fn is_failure(attempt: &RecordedTry) -> Option<bool> {
    match attempt.state {
        TaskInstanceState::Success => Some(false),
        TaskInstanceState::Failed | TaskInstanceState::UpForRetry => Some(true),
        _ => None,
    }
}

fn law(values: Vec<f64>) -> Option<Distribution> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    let sd = (squares / (n - 1.0)).sqrt();
    if values.len() < LEAST_EMPIRICAL && mean > 0.0 && sd > 0.0 && sd.is_finite() {
        return Distribution::lognormal(mean, sd).ok();
    }
    Distribution::empirical(values, EmpiricalMode::Interpolate).ok()
}
