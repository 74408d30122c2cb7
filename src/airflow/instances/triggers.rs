//! The triggers that deferred instances wait for, and the triggerer that runs them
//! (docs/background/scheduler.md, 6).

use crate::ids::InstanceId;
use crate::time::SimTime;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Triggers that exist: those that run, up to the capacity of the triggerers, and those that wait to be taken.
#[derive(Debug)]
pub(crate) struct Triggers {
    capacity: u32,
    running: u32,
    /// Beyond the capacity, each with the moment at which it would fire.
    waiting: BTreeMap<Place, SimTime>,
    /// Deferred instances that fail when their time is up, by that moment.
    timeouts: BTreeSet<(SimTime, InstanceId)>,
}

/// The place of a trigger among those that wait: the heaviest first, then the one that has waited longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    weight: Reverse<i64>,
    since: SimTime,
    id: InstanceId,
}

impl Place {
    /// The trigger of an instance of that weight, deferred since that moment.
    pub(crate) fn new(weight: i64, since: SimTime, id: InstanceId) -> Self {
        Self {
            weight: Reverse(weight),
            since,
            id,
        }
    }
}

impl Triggers {
    /// Triggerers that run so many triggers at a time.
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            capacity,
            running: 0,
            waiting: BTreeMap::new(),
            timeouts: BTreeSet::new(),
        }
    }

    /// A new trigger: whether it runs at once. If not, [`Self::done`] will give it back when there is room.
    pub(crate) fn add(&mut self, place: Place, fires_at: SimTime) -> bool {
        let runs = self.running < self.capacity;
        if runs {
            self.running += 1;
        } else {
            self.waiting.insert(place, fires_at);
        }
        runs
    }

    /// Takes a trigger out of the line; says whether it was there, so that it never ran.
    pub(crate) fn give_up_waiting(&mut self, place: Place) -> bool {
        self.waiting.remove(&place).is_some()
    }

    /// A trigger that ran is over; gives the next one that runs in its place and when it would fire.
    pub(crate) fn done(&mut self) -> Option<(InstanceId, SimTime)> {
        let next = self.waiting.pop_first();
        if next.is_none() {
            self.running -= 1;
        }
        next.map(|(place, fires_at)| (place.id, fires_at))
    }

    /// The instance fails if it is still deferred after this moment.
    pub(crate) fn set_timeout(&mut self, id: InstanceId, at: SimTime) {
        self.timeouts.insert((at, id));
    }

    /// The instance is not deferred any more.
    pub(crate) fn clear_timeout(&mut self, id: InstanceId, at: SimTime) {
        self.timeouts.remove(&(at, id));
    }

    /// Takes an instance whose time was up before `now`.
    pub(crate) fn take_timed_out(&mut self, now: SimTime) -> Option<InstanceId> {
        let first = *self.timeouts.first().filter(|(at, _)| *at < now)?;
        self.timeouts.remove(&first);
        Some(first.1)
    }

    /// When the next time will be up.
    pub(crate) fn next_timeout(&self) -> Option<SimTime> {
        self.timeouts.first().map(|&(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_capacity_the_heaviest_is_next_then_the_first() {
        let at = SimTime::from_micros;
        let place = |id, weight, since| Place::new(weight, at(since), InstanceId::new(id));
        let places = [
            place(0, 1, 0),
            place(1, 1, 0),
            place(2, 1, 3),
            place(3, 1, 2),
            place(4, 7, 4),
            place(5, 1, 1),
        ];
        let mut triggers = Triggers::new(2);
        let runs = places.map(|place| triggers.add(place, at(9)));
        assert_eq!(runs, [true, true, false, false, false, false]);
        assert!(triggers.give_up_waiting(places[5]));
        assert!(!triggers.give_up_waiting(places[0]), "it runs");
        for next in [4, 3, 2] {
            assert_eq!(triggers.done(), Some((InstanceId::new(next), at(9))));
        }
        assert_eq!([triggers.done(), triggers.done()], [None; 2]);
        assert!(triggers.add(places[0], at(9)), "everything is free again");
    }

    #[test]
    fn time_is_up_strictly_after_it() {
        let at = SimTime::from_micros;
        let mut triggers = Triggers::new(1);
        triggers.set_timeout(InstanceId::new(1), at(5));
        assert_eq!(triggers.take_timed_out(at(5)), None);
        assert_eq!(triggers.take_timed_out(at(6)), Some(InstanceId::new(1)));
        assert_eq!(triggers.take_timed_out(at(7)), None);
    }
}
