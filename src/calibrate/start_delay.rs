//! How long the executor takes from queued to running, without the wait for a worker that was busy.
//!
//! How many workers there are is not recorded. If there were too few, there were never more tries at work than workers, and what
//! waited began when another one ended. So a try is left out if at some moment from its queueing to its start the most tries
//! that ever ran at a time were running, or if it was queued within a tenth of a second after such a moment. Where workers were
//! never full this leaves out the few around the busiest moments, and nothing is lost.

use super::chosen::Chosen;
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

impl Span {
    /// Those of a history.
    pub(super) fn all(history: &History) -> Vec<Self> {
        let tries = history.tries.iter().filter_map(|attempt| {
            let (queued, started) = (attempt.queued_at?, attempt.started_at?);
            let is_over = attempt.ended_at.is_some() || !attempt.is_earlier;
            (queued <= started && is_over).then(|| Self {
                queued: queued.as_micros(),
                started: started.as_micros(),
                ended: attempt.ended_at.map_or(i64::MAX, SimTime::as_micros),
            })
        });
        tries.collect()
    }
}

/// The delay of the starts of these tries. The streams of `key` decide the bootstrap.
pub fn start_delay(spans: &[Span], rules: &Rules, key: StreamKey) -> StartDelay {
    let found = clean(spans);
    let delays = found.delays.values().map(|micros| micros as f64 / 1e6);
    StartDelay {
        fit: fit(&Samples::complete(delays.collect()), rules, key),
        clean: found.delays.seen(),
        left_out: found.left_out,
        most_running: found.most_running,
        most_in_executor: found.most_in_executor,
    }
}

/// Delays before they are fitted.
struct Clean {
    /// Microseconds from queued to running, of tries that found a free worker.
    delays: Chosen<i64>,
    left_out: usize,
    most_running: usize,
    most_in_executor: usize,
}

fn clean(spans: &[Span]) -> Clean {
    // What took no time at all was there all the same.
    let ends = sorted(spans, |span| span.ended.max(span.started + 1));
    let most_in_executor = most(&sorted(spans, |span| span.queued), &ends).0;
    let (most_running, full) = most(&sorted(spans, |span| span.started), &ends);
    drop(ends);
    let mut found = Clean {
        delays: Chosen::default(),
        left_out: 0,
        most_running,
        most_in_executor,
    };
    for span in spans {
        // The first time of fullness that ends after the queueing.
        let at = full.partition_point(|(_, end)| end.saturating_add(MARGIN) < span.queued);
        let is_full = full.get(at).is_some_and(|(start, _)| *start < span.started);
        if is_full {
            found.left_out += 1;
        } else {
            // Each for itself: what was queued in one loop may start one after the other.
            let key = (span.queued as u64).rotate_left(32) ^ span.started as u64;
            found.delays.add(key, span.started - span.queued);
        }
    }
    found.delays.finish();
    found
}

fn sorted(spans: &[Span], moment: impl Fn(&Span) -> i64) -> Vec<i64> {
    let mut moments: Vec<i64> = spans.iter().map(moment).collect();
    moments.sort_unstable();
    moments
}

/// What begins so many microseconds after another one's end may have waited for it.
const MARGIN: i64 = 100_000;

/// The most that are there at a time, and when: the times at which so many are.
fn most(starts: &[i64], ends: &[i64]) -> (usize, Vec<(i64, i64)>) {
    let (mut now, mut most, mut ended) = (0_usize, 0, 0);
    let mut times = Vec::new();
    for &start in starts {
        while ends[ended] <= start {
            ended += 1;
            now -= 1;
        }
        now += 1;
        if now > most {
            most = now;
            times.clear();
        }
        if now == most {
            times.push((start, ends[ended]));
        }
    }
    (most, times)
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
        let found = clean(&spans);
        assert_eq!(found.most_running, 2);
        assert_eq!(found.most_in_executor, 3);
        assert_eq!(found.left_out, 1);
        let delays: Vec<i64> = found.delays.values().collect();
        assert_eq!(delays, [2_000_000, 3_000_000, 4_000_000]);
    }
}
