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

/// Fewer decisions than this say nothing.
const ENOUGH: usize = 20;
/// The share of decisions that must lie on the grid.
const ON_GRID: f64 = 0.99;
/// No grid is finer than this: clocks of loops without a period are read in microseconds.
const FINEST: i64 = 100_000;
/// Scheduler loops that follow each other at once lie closer than this, which is less than the sleep of an idle one.
const CLOSE: i64 = 1_000_000;

impl Pace {
    /// The pace, from all moments at which something was queued, in microseconds and in any order.
    pub(super) fn of(mut moments: Vec<i64>) -> Self {
        moments.sort_unstable();
        moments.dedup();
        if moments.len() < ENOUGH {
            return Self::Unknown;
        }
        let gaps: Vec<i64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if let Some(period) = grid(&moments, &gaps) {
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

    #[test]
    fn a_fixed_period_is_found_although_most_loops_queue_nothing() {
        let moments: Vec<i64> = (1..200)
            .map(|k: i64| (k * k % 977) * 2_000_000 + 500)
            .collect();
        let pace = Pace::of(moments.clone());
        let period = SimDuration::from_seconds(2);
        assert!(
            matches!(pace, Pace::Every { period: found, .. } if found == period),
            "{pace:?}"
        );
        // One decision at a moment of its own.
        let mut disturbed = moments;
        disturbed.push(33_333_333);
        let pace = Pace::of(disturbed);
        assert!(
            matches!(pace, Pace::Every { period: found, .. } if found == period),
            "{pace:?}"
        );
    }

    #[test]
    fn without_a_period_a_loop_takes_the_gap_between_two_busy_ones() {
        // Bursts of five loops of about 217 ms, at odd moments.
        let burst = |k: i64| (0..5).map(move |of| k * 61_234_567 + of * (217_003 + k % 7));
        let pace = Pace::of((0..30).flat_map(burst).collect());
        let Pace::Busy { busy, of } = pace else {
            panic!("{pace:?}");
        };
        assert_eq!(of, 120);
        assert!((217_000..217_020).contains(&busy.as_micros()), "{busy:?}");
    }

    #[test]
    fn few_decisions_say_nothing() {
        assert_eq!(Pace::of(vec![0, 2_000_000, 4_000_000]), Pace::Unknown);
    }
}
