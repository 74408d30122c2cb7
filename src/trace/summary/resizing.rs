//! How a pool's size was changed, and how long its slots were overdrawn after a shrink.

use std::cmp::Ordering;

use super::MeasurementWindow;
use super::pool::size_of;
use crate::stats::Histogram;
use crate::time::SimTime;
use crate::trace::ResizeRecord;

/// The resizes of one pool within the measurement window.
#[derive(Clone, Debug, PartialEq)]
pub struct ResizeSummary {
    /// How many there were.
    pub count: u64,
    /// How many of them went against the one before, which may have been in the warm-up.
    pub direction_changes: u64,
    /// From a shrink until no more slots are in use than the pool has, in microseconds, of those that were over in the
    /// window. A running task is never stopped by a shrink, so a pool drains as its tasks end.
    pub drain: Histogram,
    last_direction: Ordering,
    draining_since: Option<SimTime>,
}

impl Default for ResizeSummary {
    fn default() -> Self {
        Self {
            count: 0,
            direction_changes: 0,
            drain: Histogram::default(),
            last_direction: Ordering::Equal,
            draining_since: None,
        }
    }
}

impl ResizeSummary {
    /// A resize; what the pool has and what is in use afterwards is told by [`Self::settle`].
    pub(super) fn record(&mut self, row: &ResizeRecord, window: &MeasurementWindow) {
        let direction = comparable(row.to).cmp(&comparable(row.from));
        if direction == Ordering::Equal {
            return;
        }
        let turns = direction == self.last_direction.reverse();
        self.last_direction = direction;
        if direction == Ordering::Less && self.draining_since.is_none() {
            self.draining_since = Some(row.at);
        }
        if window.holds(row.at) {
            self.count += 1;
            self.direction_changes += u64::from(turns);
        }
    }

    /// From `at` on no more slots are in use than there are, or still are.
    #[inline]
    pub(super) fn settle(&mut self, at: SimTime, is_overdrawn: bool, window: &MeasurementWindow) {
        if !is_overdrawn
            && let Some(since) = self.draining_since.take()
            && window.holds(at)
        {
            self.drain.record((at - since).as_micros() as u64);
        }
    }
}

/// A size that can be compared: an unlimited pool is larger than any other.
fn comparable(slots: i64) -> i64 {
    match size_of(Some(slots)) {
        -1 => i64::MAX,
        slots => slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;
    use crate::trace::synthetic::first_hour;

    /// Resizes at these seconds of the measured part, each with what is in use when, until one says that it is over.
    fn after(steps: &[(i64, i64, i64, i64)]) -> ResizeSummary {
        let window = first_hour();
        let mut resizes = ResizeSummary::default();
        for &(second, from, to, in_use) in steps {
            let at = window.warm_up_end + crate::time::SimDuration::from_seconds(second);
            let row = ResizeRecord {
                at,
                pool: PoolId::new(0),
                from,
                to,
                reason: String::new(),
            };
            resizes.record(&row, &window);
            resizes.settle(at, to != -1 && in_use > to.max(0), &window);
        }
        resizes
    }

    #[test]
    fn a_turn_is_a_resize_against_the_one_before() {
        let resizes = after(&[(1, 4, 6, 0), (2, 6, 8, 0), (3, 8, 5, 0), (4, 5, 7, 0)]);
        assert_eq!((resizes.count, resizes.direction_changes), (4, 2));
        let unlimited = after(&[(1, 4, -1, 0), (2, -1, 9, 0), (3, 9, 9, 0)]);
        assert_eq!((unlimited.count, unlimited.direction_changes), (2, 1));
    }

    #[test]
    fn the_warm_up_counts_for_nothing_but_the_direction() {
        let resizes = after(&[(-5, 4, 6, 0), (-4, 6, 3, 0), (1, 3, 4, 0)]);
        assert_eq!((resizes.count, resizes.direction_changes), (1, 1));
        assert_eq!(resizes.drain.count(), 0);
    }

    #[test]
    fn a_pool_drains_from_the_first_shrink_until_nothing_is_overdrawn() {
        let at_once = after(&[(1, 8, 4, 3)]);
        assert_eq!((at_once.drain.count(), at_once.drain.max()), (1, Some(0)));
        let twice = after(&[(1, 8, 4, 7), (31, 4, 3, 5), (61, 3, 3, 3)]);
        assert_eq!(
            (twice.drain.count(), twice.drain.max()),
            (1, Some(60_000_000))
        );
        let rescued = after(&[(1, 8, 4, 7), (11, 4, 9, 7)]);
        assert_eq!(rescued.drain.max(), Some(10_000_000));
        assert_eq!(after(&[(1, 8, 4, 7)]).drain.count(), 0);
    }
}
