//! How long the executor takes from queued to running, cleaned of the times when its workers were full.
//!
//! A try that was queued while as many tasks ran as ever did may have waited for a worker, which the simulation makes anew; so
//! whoever met that number between being queued and starting is left out. Where workers were never full this leaves out the few
//! around the busiest moments, and nothing is lost.

use super::fit::{Fit, Rules, fit};
use super::samples::Samples;
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::History;

/// The delay of a start.
#[derive(Clone, Debug, PartialEq)]
pub struct StartDelay {
    /// Its law; none if no try is left.
    pub fit: Option<Fit>,
    /// How many tries may have waited for a worker and were left out.
    pub left_out: usize,
    /// The most tasks that ran at a time.
    pub most_running: usize,
}

pub(super) fn start_delay(history: &History, rules: &Rules, key: StreamKey) -> StartDelay {
    let (full, most_running) = fullest(history);
    let mut delays = Vec::new();
    let mut left_out = 0;
    for attempt in &history.tries {
        let (Some(queued), Some(started)) = (attempt.queued_at, attempt.started_at) else {
            continue;
        };
        // The first stretch that ends after it was queued.
        let next = full.partition_point(|&(_, end)| end <= queued);
        if full.get(next).is_some_and(|&(begin, _)| begin < started) {
            left_out += 1;
        } else {
            delays.push((started - queued).as_seconds());
        }
    }
    StartDelay {
        fit: fit(&Samples::complete(delays), rules, key),
        left_out,
        most_running,
    }
}

/// The stretches of time in which the most tasks ran, in order, and how many that were.
fn fullest(history: &History) -> (Vec<(SimTime, SimTime)>, usize) {
    let mut changes: Vec<(SimTime, i32)> = Vec::new();
    for attempt in history
        .tries
        .iter()
        .filter(|attempt| attempt.queued_at.is_some())
    {
        if let (Some(started), Some(ended)) = (attempt.started_at, attempt.ended_at) {
            changes.extend([(started, 1), (ended, -1)]);
        }
    }
    // At one moment ends come first.
    changes.sort_unstable();
    let (mut running, mut most) = (0, 0);
    let mut full: Vec<(SimTime, SimTime)> = Vec::new();
    for (at, change) in changes {
        if running == most
            && change < 0
            && most > 0
            && let Some(last) = full.last_mut()
        {
            last.1 = at;
        }
        running += change;
        if running > most {
            most = running;
            full.clear();
        }
        if running == most && change > 0 {
            full.push((at, SimTime::MAX));
        }
    }
    (full, usize::try_from(most).unwrap_or(0))
}
