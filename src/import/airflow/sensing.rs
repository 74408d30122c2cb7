//! How long sensors and deferred tasks wait for what they wait for, apart from how long they work.

use super::figures::in_seconds;
use super::observations::{Sensing, TaskSeen};
use super::site::SiteTask;
use crate::calibrate::{Fit, Rules, Samples, fit};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};

/// The waits of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    /// How long it waits.
    pub wait: Fit,
    /// From the end of a poke to the next; of a sensor alone.
    pub poke_interval: Option<SimDuration>,
    /// Pokes in vain, of all tries.
    pub pokes: u64,
}

/// The run of each try and how long a worker works on it: a whole one, the last poke of a sensor, what a deferred task does after its wait.
pub(super) fn works(task: &SiteTask, seen: &TaskSeen) -> Vec<(usize, f64)> {
    if is_deferrable(seen) {
        return seen
            .resumed
            .iter()
            .map(|resumed| (resumed.run as usize, resumed.rest as f64 / 1e6))
            .collect();
    }
    if task
        .sensor
        .as_ref()
        .is_some_and(|sensor| !sensor.is_rescheduled)
    {
        // A sensor that stays at its worker only waits; how long it pokes is not recorded.
        return Vec::new();
    }
    let runs = seen.succeeded.iter().map(|sample| sample.run as usize);
    runs.zip(in_seconds(&seen.succeeded)).collect()
}

/// Most tries began before they were queued for the last time. A few do where clocks disagree.
pub(super) fn is_deferrable(seen: &TaskSeen) -> bool {
    seen.resumed.len() > seen.succeeded.len() + seen.failed.len()
}

/// The waits; none if the task does not wait. The streams of `key` decide the bootstrap.
pub(super) fn waits(
    task: &SiteTask,
    seen: &TaskSeen,
    end: SimTime,
    key: StreamKey,
) -> Option<Waits> {
    let fit = |ended, censored| fit(&Samples::new(ended, censored), &Rules::default(), key);
    if is_deferrable(seen) {
        let waits = seen
            .resumed
            .iter()
            .map(|resumed| resumed.waited as f64 / 1e6);
        let wait = fit(waits.collect(), Vec::new())?;
        return Some(Waits {
            wait,
            poke_interval: None,
            pokes: 0,
        });
    }
    let sensor = task.sensor.as_ref()?;
    if !sensor.is_rescheduled {
        let waits: Vec<f64> = in_seconds(&seen.succeeded).collect();
        let censored: Vec<f64> = in_seconds(&seen.failed).collect();
        return Some(Waits {
            wait: fit(waits, censored)?,
            poke_interval: sensor.poke_interval,
            pokes: 0,
        });
    }
    let (waits, censored) = rescheduled(seen, end);
    let sensings = seen.sensings.values();
    let intervals = sensings
        .clone()
        .map(|sensing| sensing.interval as f64 / 1e6);
    Some(Waits {
        wait: fit(waits, censored)?,
        poke_interval: middle(intervals.collect()).map(SimDuration::from_seconds_f64),
        pokes: sensings.map(|sensing| u64::from(sensing.pokes)).sum(),
    })
}

/// What a sensor waits for was there at the end of its last poke, and not yet at the end of the one before. In between
/// nothing is known: the middle is taken. If the first poke found it, the wait was over before that ended: half of it.
///
/// Also those of which only so much is known that they were longer.
fn rescheduled(seen: &TaskSeen, end: SimTime) -> (Vec<f64>, Vec<f64>) {
    let poke = middle(in_seconds(&seen.succeeded).collect()).unwrap_or(0.0);
    let (mut waits, mut censored) = (Vec::new(), Vec::new());
    for sensing in seen.sensings.values() {
        let guess = sensing.first_end - SimDuration::from_seconds_f64(poke);
        let began = sensing.first_start.unwrap_or(guess);
        let since = |at: SimTime| (at - began).as_seconds().max(0.0);
        match sensing.end {
            Some((found, true)) => waits.push(f64::midpoint(since(sensing.last_end), since(found))),
            Some((given_up, false)) => censored.push(since(given_up)),
            None => censored.push(since(sensing.last_end.min(end))),
        }
    }
    let after_pokes = seen
        .sensings
        .values()
        .filter(|sensing| found(sensing))
        .count();
    let at_once = seen.succeeded.len().saturating_sub(after_pokes);
    waits.extend(std::iter::repeat_n(poke / 2.0, at_once));
    (waits, censored)
}

fn found(sensing: &Sensing) -> bool {
    sensing.end.is_some_and(|(_, found)| found)
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
