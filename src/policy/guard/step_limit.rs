//! How far a pool may grow or shrink within a time.
//!
//! Source: Kubernetes documentation, "Horizontal Pod Autoscaling", scaling policies: of the slots and the share given the one
//! counts that allows more; both are of the size at the beginning of the period.

use super::whole_slots;
use crate::time::{SimDuration, SimTime};

/// The greatest change within a period; without slots and share there is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepLimit {
    /// So many slots.
    pub slots: Option<u32>,
    /// This share of the size, in percent.
    pub percent: Option<f64>,
    /// Within this time.
    pub per: SimDuration,
}

/// A change that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) at: SimTime,
    /// The slots that were added, or removed if negative.
    pub(super) by: i64,
}

impl StepLimit {
    /// The size nearest to `wanted` that may be reached from `current` by growing, after those changes.
    pub(super) fn grow(&self, now: SimTime, current: i64, wanted: i64, made: &[Change]) -> i64 {
        let added = self.made(now, made).filter(|&by| by > 0).sum::<i64>();
        let began = current - added;
        let by_slots = self.slots.map(|slots| began + i64::from(slots));
        let share = |percent: f64| whole_slots(began as f64 * (1.0 + percent / 100.0), f64::ceil);
        match by_slots.max(self.percent.map(share)) {
            Some(limit) => wanted.min(limit).max(current),
            None => wanted,
        }
    }

    /// The same by shrinking.
    pub(super) fn shrink(&self, now: SimTime, current: i64, wanted: i64, made: &[Change]) -> i64 {
        let removed = self.made(now, made).filter(|&by| by < 0).sum::<i64>();
        let began = current - removed;
        let limits = [
            self.slots.map(|slots| began - i64::from(slots)),
            self.percent
                .map(|percent| whole_slots(began as f64 * (1.0 - percent / 100.0), f64::floor)),
        ];
        match limits.into_iter().flatten().min() {
            Some(limit) => wanted.max(limit).min(current),
            None => wanted,
        }
    }

    /// The changes within the period that ends now.
    fn made<'a>(&self, now: SimTime, made: &'a [Change]) -> impl Iterator<Item = i64> + use<'a> {
        let begin = now - self.per;
        let within = made.iter().filter(move |change| change.at > begin);
        within.map(|change| change.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(seconds)
    }

    /// The sizes from look to look, a period apart.
    fn course(
        limit: StepLimit,
        mut size: i64,
        wanted: i64,
        step: fn(&StepLimit, SimTime, i64, i64, &[Change]) -> i64,
    ) -> Vec<i64> {
        let mut made = Vec::new();
        let mut sizes = vec![size];
        for look in 0..20 {
            let now = at(look * limit.per.as_micros() / 1_000_000);
            let next = step(&limit, now, size, wanted, &made);
            made.push(Change {
                at: now,
                by: next - size,
            });
            size = next;
            sizes.push(size);
        }
        sizes.dedup();
        sizes
    }

    #[test]
    fn the_examples_of_kubernetes() {
        let minute = StepLimit {
            slots: Some(4),
            percent: Some(10.0),
            per: SimDuration::from_seconds(60),
        };
        assert_eq!(
            course(minute, 80, 10, StepLimit::shrink),
            [80, 72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10]
        );
        let quick = StepLimit {
            slots: Some(4),
            percent: Some(100.0),
            per: SimDuration::from_seconds(15),
        };
        assert_eq!(
            course(quick, 1, 60, StepLimit::grow),
            [1, 5, 10, 20, 40, 60]
        );
    }

    #[test]
    fn several_looks_share_one_period() {
        let limit = StepLimit {
            slots: Some(4),
            percent: None,
            per: SimDuration::from_seconds(60),
        };
        let made = [Change { at: at(30), by: 3 }];
        assert_eq!(limit.grow(at(40), 13, 20, &made), 14);
        assert_eq!(limit.grow(at(90), 13, 20, &made), 17);
        assert_eq!(limit.shrink(at(40), 13, 2, &made), 9);
        assert_eq!(StepLimit::default().grow(at(0), 1, 99, &[]), 99);
    }
}
