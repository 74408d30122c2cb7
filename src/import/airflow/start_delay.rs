//! From queued to running: the delay of executor and worker, without the wait for a worker that was busy.

use super::observations::Span;

/// Start delays, cleaned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartDelays {
    /// Seconds from queued to running, of tries that found a free worker.
    pub clean: Vec<f64>,
    /// How many tries were left out, because the workers may have been full while they waited.
    pub full: usize,
    /// The most tries that ran at a time.
    pub most_running: usize,
    /// The most tries that were queued or running at a time: executor slots in use.
    pub most_in_executor: usize,
}

/// Cleans the start delays.
///
/// How many workers there are is not recorded. If there were too few, there were never more tries at work than workers,
/// and what waited began when another one ended. So a try is left out if at some moment from its queueing to its start
/// the most tries that ever ran at a time were running, or if it began within a tenth of a second after such a moment.
pub(super) fn clean(spans: &[Span]) -> StartDelays {
    let mut starts: Vec<i64> = spans.iter().map(|span| span.started).collect();
    let mut queued: Vec<i64> = spans.iter().map(|span| span.queued).collect();
    // What took no time at all was there all the same.
    let end = |span: &Span| span.ended.max(span.started + 1);
    let mut ends: Vec<i64> = spans.iter().map(end).collect();
    starts.sort_unstable();
    queued.sort_unstable();
    ends.sort_unstable();
    let most_in_executor = most(&queued, &ends).0;
    let (most_running, full) = most(&starts, &ends);
    let mut found = StartDelays {
        most_running,
        most_in_executor,
        ..StartDelays::default()
    };
    for span in spans {
        // The first time of fullness that ends after the queueing.
        let at = full.partition_point(|(_, end)| end.saturating_add(MARGIN) < span.queued);
        let is_full = full.get(at).is_some_and(|(start, _)| *start < span.started);
        if is_full {
            found.full += 1;
        } else {
            found.clean.push((span.started - span.queued) as f64 / 1e6);
        }
    }
    found
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
        assert_eq!(found.full, 1);
        assert_eq!(found.clean, [2.0, 3.0, 4.0]);
    }
}
