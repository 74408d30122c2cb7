//! The pace of the scheduler's loop, read off the moments at which it queued something.
//!
//! All that a loop queues has one moment. So moments lie on a grid if the period is fixed; otherwise the gap from a loop
//! that queued something to the next one that did, when it came at once, is what one loop takes.

use crate::time::SimDuration;

/// The pace of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All decisions but some lie on multiples of this period.
    Every {
        /// The period.
        period: SimDuration,
        /// Decisions that were looked at.
        of: usize,
    },
    /// A loop takes so long, and then sleeps when there was nothing to do.
    Busy {
        /// What a loop takes.
        busy: SimDuration,
        /// Gaps that were looked at.
        of: usize,
    },
    /// There were too few decisions.
    Unknown,
}

/// Moments at which something was queued, in microseconds and in rising order: of many the newest, so that memory has a bound and an
/// older pace says nothing of the present one.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments(Vec<i64>);

/// So many are looked at.
const MOST_MOMENTS: usize = 1 << 16;

impl Moments {
    /// Sees a moment, which is none before the last.
    pub(super) fn see(&mut self, moment: i64) {
        if self.0.last() == Some(&moment) {
            return;
        }
        // Twice as many, so that older ones are seldom forgotten.
        if self.0.len() == 2 * MOST_MOMENTS {
            self.0.drain(..MOST_MOMENTS);
        }
        self.0.push(moment);
    }
}

/// Fewer decisions than this say nothing.
const ENOUGH: usize = 20;
/// The share of decisions that must lie on the grid.
const ON_GRID: f64 = 0.99;
/// No grid is finer than this: clocks of loops without a period are read in microseconds.
const FINEST: i64 = 100_000;
/// Scheduler loops that follow each other at once lie closer than this, which is less than the sleep of an idle one.
const CLOSE: i64 = 1_000_000;

impl Pace {
    /// The pace, from the newest moments at which something was queued.
    pub(super) fn of(Moments(moments): &Moments) -> Self {
        let newest = moments.len().saturating_sub(MOST_MOMENTS);
        let moments = &moments[newest..];
        if moments.len() < ENOUGH {
            return Self::Unknown;
        }
        let gaps: Vec<i64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if let Some(period) = grid(moments, &gaps) {
            let period = SimDuration::from_micros(period);
            return Self::Every {
                period,
                of: moments.len(),
            };
        }
        let mut close = gaps;
        close.retain(|gap| *gap < CLOSE);
        if close.len() < ENOUGH {
            return Self::Unknown;
        }
        close.sort_unstable();
        Self::Busy {
            busy: SimDuration::from_micros(close[close.len() / 2]),
            of: close.len(),
        }
    }
}

/// The largest period of which nearly all gaps are multiples: the greatest common divisor of those that occur most.
fn grid(moments: &[i64], gaps: &[i64]) -> Option<i64> {
    // A decision off the grid spoils the gaps on its two sides; those in the middle of a sample of gaps still agree.
    let candidates = (0..8).map(|part| {
        let step = (gaps.len() / 8).max(1);
        let part = gaps.iter().skip(part * step).take(step);
        part.fold(0, |divisor, gap| greatest_common_divisor(divisor, *gap))
    });
    let mut candidates: Vec<i64> = candidates.filter(|period| *period >= FINEST).collect();
    candidates.push(
        gaps.iter()
            .fold(0, |divisor, gap| greatest_common_divisor(divisor, *gap)),
    );
    candidates.sort_unstable_by(|a, b| b.cmp(a));
    candidates
        .into_iter()
        .filter(|period| *period >= FINEST)
        .find(|period| {
            let first = moments[0].rem_euclid(*period);
            let on = moments
                .iter()
                .filter(|at| at.rem_euclid(*period) == first)
                .count();
            on as f64 >= ON_GRID * moments.len() as f64
        })
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(mut moments: Vec<i64>) -> Moments {
        moments.sort_unstable();
        let mut seen = Moments::default();
        for moment in moments {
            seen.see(moment);
            seen.see(moment);
        }
        seen
    }

    #[test]
    fn the_newest_of_many_decisions_tell_the_pace() {
        let older = (0..3 * MOST_MOMENTS as i64).map(|k| k * 3_000_000);
        let newer = (0..MOST_MOMENTS as i64).map(|k| 1_000_000_000_000 + k * 5_000_000);
        let pace = Pace::of(&seen(older.chain(newer).collect()));
        let (period, of) = (SimDuration::from_seconds(5), MOST_MOMENTS);
        assert_eq!(pace, Pace::Every { period, of });
    }

    #[test]
    fn a_fixed_period_is_found_although_most_loops_queue_nothing() {
        let moments: Vec<i64> = (1..200)
            .map(|k: i64| (k * k % 977) * 2_000_000 + 500)
            .collect();
        let pace = Pace::of(&seen(moments.clone()));
        let period = SimDuration::from_seconds(2);
        assert!(
            matches!(pace, Pace::Every { period: found, .. } if found == period),
            "{pace:?}"
        );
        // One decision at a moment of its own.
        let mut disturbed = moments;
        disturbed.push(33_333_333);
        let pace = Pace::of(&seen(disturbed));
        assert!(
            matches!(pace, Pace::Every { period: found, .. } if found == period),
            "{pace:?}"
        );
    }

    #[test]
    fn without_a_period_a_loop_takes_the_gap_between_two_busy_ones() {
        // Bursts of five loops of about 217 ms, at odd moments.
        let burst = |k: i64| (0..5).map(move |of| k * 61_234_567 + of * (217_003 + k % 7));
        let pace = Pace::of(&seen((0..30).flat_map(burst).collect()));
        let Pace::Busy { busy, of } = pace else {
            panic!("{pace:?}");
        };
        assert_eq!(of, 120);
        assert!((217_000..217_020).contains(&busy.as_micros()), "{busy:?}");
    }

    #[test]
    fn few_decisions_say_nothing() {
        assert_eq!(
            Pace::of(&seen(vec![0, 2_000_000, 4_000_000])),
            Pace::Unknown
        );
    }
}
