//! How long sensors and deferred tasks wait for what they wait for, apart from how long they work.

use super::figures::in_seconds;
use super::observations::{Sample, TaskSeen};
use super::site::SiteTask;
use crate::calibrate::{Chosen, Fit, Rules, Samples, fit};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};

/// The waits of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// How long it waits.
    pub wait: Fit,
    /// Waits that were over; of more than [`MOST_CHOSEN`](crate::calibrate::MOST_CHOSEN) so many are fitted.
    pub of: usize,
    /// Whether it is deferred meanwhile.
    pub is_deferred: bool,
    /// From the end of a poke to the next; of a sensor alone.
    pub poke_interval: Option<SimDuration>,
    /// Pokes in vain, of all tries.
    pub pokes: u64,
}

/// The tries of which is known when they ran and how long, and nothing of that was a wait.
pub(super) fn series(task: &SiteTask, seen: &TaskSeen) -> Vec<Sample> {
    if is_deferrable(seen) || only_waits(task) {
        return Vec::new();
    }
    seen.succeeded.values().collect()
}

/// A sensor that stays at its worker only waits; how long it pokes is not recorded.
fn only_waits(task: &SiteTask) -> bool {
    let sensor = task.sensor.as_ref();
    sensor.is_some_and(|sensor| !sensor.is_rescheduled)
}

/// The run of each try and how long a worker works on it: a whole one, the last poke of a sensor, what a deferred task does after its wait.
pub(super) fn works(task: &SiteTask, seen: &TaskSeen) -> Vec<(usize, f64)> {
    if is_deferrable(seen) {
        return seen
            .resumed
            .values()
            .map(|resumed| (resumed.run as usize, resumed.rest as f64 / 1e6))
            .collect();
    }
    if only_waits(task) {
        return Vec::new();
    }
    let runs = seen.succeeded.values().map(|sample| sample.run as usize);
    runs.zip(in_seconds(&seen.succeeded)).collect()
}

/// How many tries [`works`] chooses from.
pub(super) fn worked(task: &SiteTask, seen: &TaskSeen) -> usize {
    match () {
        () if is_deferrable(seen) => seen.resumed.seen(),
        () if only_waits(task) => 0,
        () => seen.succeeded.seen(),
    }
}

/// Most tries began before they were queued for the last time. A few do where clocks disagree.
pub(super) fn is_deferrable(seen: &TaskSeen) -> bool {
    seen.resumed.seen() > seen.succeeded.seen() + seen.failed.seen()
}

/// The waits; none if the task does not wait. The streams of `key` decide the bootstrap.
pub(super) fn waits(
    task: &SiteTask,
    seen: &TaskSeen,
    end: SimTime,
    key: StreamKey,
) -> Option<Waits> {
    let fit = |samples: &Samples| fit(samples, &Rules::default(), key);
    if is_deferrable(seen) {
        let waits = seen
            .resumed
            .values()
            .map(|resumed| resumed.waited as f64 / 1e6);
        return Some(Waits {
            wait: fit(&Samples::complete(waits.collect()))?,
            of: seen.resumed.seen(),
            is_deferred: true,
            poke_interval: None,
            pokes: 0,
        });
    }
    let sensor = task.sensor.as_ref()?;
    if !sensor.is_rescheduled {
        let waits = in_seconds(&seen.succeeded).collect();
        let censored = in_seconds(&seen.failed).collect();
        return Some(Waits {
            wait: fit(&Samples::new(waits, censored))?,
            of: seen.succeeded.seen(),
            is_deferred: false,
            poke_interval: sensor.poke_interval,
            pokes: 0,
        });
    }
    let (samples, of) = rescheduled(seen, end);
    let sensings = seen.sensings.values();
    let intervals = sensings
        .clone()
        .map(|sensing| sensing.interval as f64 / 1e6);
    Some(Waits {
        wait: fit(&samples)?,
        of,
        is_deferred: false,
        poke_interval: middle(intervals.collect()).map(SimDuration::from_seconds_f64),
        pokes: sensings.map(|sensing| u64::from(sensing.pokes)).sum(),
    })
}

/// What is known of a wait, in microseconds: what it is waited for was not there yet, and then it was, if ever.
type Known = (i64, Option<i64>);

/// What a sensor waits for was there at the end of its last poke, and not yet at the end of the one before: the wait lies in
/// between. If the first poke found it, the wait was over before that ended. If it was given up, or the history ends, the wait
/// was longer. And how many of them were over.
fn rescheduled(seen: &TaskSeen, end: SimTime) -> (Samples, usize) {
    let poke = middle(in_seconds(&seen.succeeded).collect()).unwrap_or(0.0);
    let mut waits: Chosen<Known> = Chosen::default();
    let mut after_pokes = 0;
    for (&(run, ..), sensing) in &seen.sensings {
        let guess = sensing.first_end - SimDuration::from_seconds_f64(poke);
        let began = sensing.first_start.unwrap_or(guess);
        let since = |at: SimTime| (at - began).as_micros().max(0);
        let known = match sensing.end {
            Some((found, true)) => (since(sensing.last_end), Some(since(found))),
            Some((given_up, false)) => (since(given_up), None),
            None => (since(sensing.last_end.min(end)), None),
        };
        after_pokes += usize::from(known.1.is_some());
        waits.add(run.into(), known);
    }
    // These have no pokes in vain, so it is not recorded which they are.
    let at_once = seen.succeeded.seen().saturating_sub(after_pokes);
    let first_poke = (0, Some((poke * 1e6) as i64));
    for number in 0..at_once as u64 {
        waits.add(!number, first_poke);
    }
    waits.finish();
    let seconds = |micros: i64| micros as f64 / 1e6;
    let censored = waits.values().filter(|known| known.1.is_none());
    let censored = censored.map(|known| seconds(known.0)).collect();
    let over = waits
        .values()
        .filter_map(|(low, high)| Some((seconds(low), seconds(high?))));
    let of = after_pokes + at_once;
    if after_pokes == 0 {
        // Nothing tells how much less than a poke they are.
        let halves = over.map(|(low, high)| f64::midpoint(low, high));
        return (Samples::new(halves.collect(), censored), of);
    }
    (Samples::new(Vec::new(), censored).with_between(over), of)
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
