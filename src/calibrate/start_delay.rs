//! How long the executor takes from queued to running, without the wait for a worker that was busy.
//!
//! How many workers there are is not recorded. If there were too few, there were never more tries at work than workers, and what
//! waited began when another one ended. So a try is left out if at some moment from its queueing to its start the most tries
//! that ever ran at a time were running, or if it was queued within a tenth of a second after such a moment. Where workers were
//! never full this leaves out the few around the busiest moments, and nothing is lost.

use std::convert::Infallible;

use super::chosen::Chosen;
use super::fit::{Fit, Rules, fit};
use super::samples::Samples;
use crate::random::StreamKey;

/// The delay of a start.
#[derive(Clone, Debug, PartialEq)]
pub struct StartDelay {
    /// Its law; none if no try is left.
    pub fit: Option<Fit>,
    /// How many tries found a free worker; of more than [`MOST_CHOSEN`](super::MOST_CHOSEN) so many are fitted.
    pub clean: usize,
    /// How many tries may have waited for a worker and were left out.
    pub left_out: usize,
    /// The most tries that ran at a time.
    pub most_running: usize,
    /// The most tries that were queued or running at a time: executor slots in use.
    pub most_in_executor: usize,
}

/// A try that an executor had, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it was queued.
    pub queued: i64,
    /// When it began.
    pub started: i64,
    /// When it ended; [`i64::MAX`] if it never did.
    pub ended: i64,
}

/// What happens to tries, in the order of time and then of [`What`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// What.
    pub what: What,
}

/// What happens to a try. At one moment ends come first: who begins then has the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It ends.
    Ended,
    /// It is queued.
    Queued,
    /// It begins.
    Began {
        /// So many microseconds after it was queued.
        after: i64,
    },
}

impl Span {
    /// What happens in it.
    pub fn changes(self) -> impl Iterator<Item = Change> {
        let began = What::Began {
            after: self.started - self.queued,
        };
        // What took no time at all was there all the same.
        let ended = self.ended.max(self.started + 1);
        let changes = [
            (self.queued, What::Queued),
            (self.started, began),
            (ended, What::Ended),
        ];
        let changes = changes.map(|(at, what)| Change { at, what });
        changes.into_iter().filter(|change| change.at < i64::MAX)
    }
}

/// The delays of starts before they are fitted.
#[derive(Clone, Debug, Default)]
pub struct Starts {
    /// Microseconds from queued to running, of tries that found a free worker.
    delays: Chosen<i64>,
    left_out: usize,
    most_running: usize,
    most_in_executor: usize,
}

/// What begins so many microseconds after another one's end may have waited for it.
const MARGIN: i64 = 100_000;

impl Starts {
    /// Those of some tries, all of whose changes `each` hands over in rising order, whenever it is called: once to find the most
    /// that run at a time, and once to see who began when so many were.
    ///
    /// # Errors
    /// What `each` has failed with.
    pub fn of<E>(mut each: impl FnMut(&mut dyn FnMut(Change)) -> Result<(), E>) -> Result<Self, E> {
        let (mut running, mut in_executor, mut found) = (0, 0, Self::default());
        each(&mut |change| match change.what {
            What::Queued => {
                in_executor += 1;
                found.most_in_executor = found.most_in_executor.max(in_executor);
            }
            What::Began { .. } => {
                running += 1;
                found.most_running = found.most_running.max(running);
            }
            What::Ended => (running, in_executor) = (running - 1, in_executor - 1),
        })?;
        // When so many ran for the last time.
        let (mut running, mut full_until) = (0, None::<i64>);
        each(&mut |change| match change.what {
            What::Queued => {}
            What::Began { after } => {
                running += 1;
                let queued = change.at - after;
                if full_until.is_some_and(|end| end.saturating_add(MARGIN) >= queued) {
                    found.left_out += 1;
                } else {
                    // Each for itself: what was queued in one loop may start one after the other.
                    let key = (queued as u64).rotate_left(32) ^ change.at as u64;
                    found.delays.add(key, after);
                }
            }
            What::Ended => {
                if running == found.most_running {
                    full_until = Some(change.at);
                }
                running -= 1;
            }
        })?;
        found.delays.finish();
        Ok(found)
    }

    /// Those of tries in any order.
    pub(super) fn of_spans(spans: &[Span]) -> Self {
        let mut changes: Vec<Change> = spans.iter().flat_map(|span| span.changes()).collect();
        changes.sort_unstable();
        let Ok(starts) = Self::of(|see| {
            changes.iter().copied().for_each(see);
            Ok::<(), Infallible>(())
        });
        starts
    }

    /// How many tries there were.
    pub const fn tries(&self) -> usize {
        self.delays.seen() + self.left_out
    }

    /// The law of the delay. The streams of `key` decide the bootstrap.
    pub fn delay(&self, rules: &Rules, key: StreamKey) -> StartDelay {
        let delays = self.delays.values().map(|micros| micros as f64 / 1e6);
        StartDelay {
            fit: fit(&Samples::complete(delays.collect()), rules, key),
            clean: self.delays.seen(),
            left_out: self.left_out,
            most_running: self.most_running,
            most_in_executor: self.most_in_executor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(queued: i64, started: i64, ended: i64) -> Span {
        let second = |at: i64| at * 1_000_000;
        Span {
            queued: second(queued),
            started: second(started),
            ended: second(ended),
        }
    }

    #[test]
    fn who_waits_for_a_worker_does_not_count() {
        // Two workers: the third begins when the first ends.
        let spans = [
            span(0, 2, 100),
            span(0, 3, 200),
            span(50, 100, 150),
            span(300, 304, 310),
        ];
        let found = Starts::of_spans(&spans);
        assert_eq!(found.most_running, 2);
        assert_eq!(found.most_in_executor, 3);
        assert_eq!(found.left_out, 1);
        let delays: Vec<i64> = found.delays.values().collect();
        assert_eq!(delays, [2_000_000, 3_000_000, 4_000_000]);
    }
}
