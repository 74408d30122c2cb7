//! Sizes pools by the clock: from each point of a cron expression on, that many slots.
//!
//! It is what teams do first, by hand or by a maintenance DAG, because it needs no measurement: the warehouse is
//! shared by day and free by night.

use super::{Observation, PoolResize, SizingPolicy};
use crate::deployment::timetable::CronSchedule;
use crate::time::SimTime;

/// The window that began last holds. If two began at the same moment, the one that stands later in the list does.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeOfDay {
    windows: Vec<CronWindow>,
    held: Option<Held>,
}

/// From each point of the cron expression on, that many slots.
#[derive(Clone, Debug, PartialEq)]
pub struct CronWindow {
    /// When the window begins.
    pub begins: CronSchedule,
    /// Slots from then on.
    pub slots: u32,
}

/// What holds from one moment until just before another, kept because evaluating a cron expression costs
/// microseconds and a policy looks often.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    from: SimTime,
    until: SimTime,
    /// None if no window has ever begun.
    slots: Option<u32>,
}

impl TimeOfDay {
    /// A policy of these windows; without any it leaves the pools as they are.
    pub fn new(windows: Vec<CronWindow>) -> Self {
        Self {
            windows,
            held: None,
        }
    }

    /// Its windows.
    pub fn windows(&self) -> &[CronWindow] {
        &self.windows
    }

    /// The slots that hold at `now`.
    pub fn slots_at(&mut self, now: SimTime) -> Option<u32> {
        let held = self
            .held
            .filter(|held| held.from <= now && now < held.until)
            .unwrap_or_else(|| self.look_up(now));
        self.held = Some(held);
        held.slots
    }

    fn look_up(&self, now: SimTime) -> Held {
        let windows = self.windows.iter();
        // Of equal beginnings `max_by_key` takes the last one.
        let begun = windows
            .clone()
            .filter_map(|window| Some((window.begins.previous_at_or_before(now)?, window.slots)))
            .max_by_key(|&(begun, _)| begun);
        let next = windows.filter_map(|window| window.begins.next_after(now));
        Held {
            from: now,
            until: next.min().unwrap_or(SimTime::MAX),
            slots: begun.map(|(_, slots)| slots),
        }
    }
}

impl SizingPolicy for TimeOfDay {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let Some(slots) = self.slots_at(seen.time) else {
            return Vec::new();
        };
        let wish = |pool| PoolResize {
            pool,
            slots: f64::from(slots),
            reason: format!("{slots} slots by the time of day"),
        };
        let others = seen
            .pools
            .iter()
            .filter(|(_, load)| load.slots != i64::from(slots));
        others.map(|&(pool, _)| wish(pool)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;
    use crate::policy::PoolLoad;

    fn window(cron: &str, slots: u32) -> CronWindow {
        CronWindow {
            begins: CronSchedule::new(cron, "Europe/Berlin").unwrap(),
            slots,
        }
    }

    fn office() -> TimeOfDay {
        TimeOfDay::new(vec![window("0 7 * * 1-5", 12), window("0 20 * * *", 6)])
    }

    fn at(text: &str) -> SimTime {
        SimTime::parse(text).unwrap()
    }

    #[test]
    fn the_window_that_began_last_holds() {
        let mut policy = office();
        // Monday, 2 March 2026; Berlin is one hour ahead of UTC.
        assert_eq!(policy.slots_at(at("2026-03-02T05:59:59Z")), Some(6));
        assert_eq!(policy.slots_at(at("2026-03-02T06:00:00Z")), Some(12));
        assert_eq!(policy.slots_at(at("2026-03-02T18:59:59Z")), Some(12));
        assert_eq!(policy.slots_at(at("2026-03-02T19:00:00Z")), Some(6));
        // On a Saturday the day window does not begin.
        assert_eq!(policy.slots_at(at("2026-03-07T12:00:00Z")), Some(6));
    }

    #[test]
    fn it_may_be_asked_about_an_earlier_moment() {
        let mut policy = office();
        assert_eq!(policy.slots_at(at("2026-03-02T12:00:00Z")), Some(12));
        assert_eq!(policy.slots_at(at("2026-03-02T04:00:00Z")), Some(6));
    }

    #[test]
    fn the_wall_clock_counts_across_daylight_saving() {
        let mut policy = office();
        assert_eq!(policy.slots_at(at("2026-03-30T05:00:00Z")), Some(12));
    }

    #[test]
    fn the_later_of_two_equal_windows_holds() {
        let mut policy = TimeOfDay::new(vec![window("0 7 * * *", 1), window("0 7 * * *", 2)]);
        assert_eq!(policy.slots_at(at("2026-03-02T06:00:00Z")), Some(2));
    }

    #[test]
    fn it_asks_only_for_what_is_not_so_already() {
        let load = |slots| PoolLoad {
            slots,
            ..PoolLoad::default()
        };
        let seen = Observation {
            time: at("2026-03-02T12:00:00Z"),
            pools: vec![(PoolId::new(0), load(12)), (PoolId::new(1), load(4))],
        };
        let wishes = office().decide(&seen);
        assert_eq!(wishes.len(), 1);
        assert_eq!((wishes[0].pool, wishes[0].slots), (PoolId::new(1), 12.0));
        assert!(TimeOfDay::new(Vec::new()).decide(&seen).is_empty());
    }
}
