//! The triggers that deferred instances wait for, and the triggerer that runs them
//! (docs/background/scheduler.md, 6).

use crate::ids::InstanceId;
use crate::time::SimTime;
use std::collections::{BTreeSet, VecDeque};

/// Triggers that exist: those that run, up to the capacity of the triggerers, and those that wait to be taken.
#[derive(Debug)]
pub(crate) struct Triggers {
    capacity: u32,
    running: u32,
    /// Beyond the capacity, first come, first served: with the moment at which each would fire.
    waiting: VecDeque<(InstanceId, SimTime)>,
    /// Deferred instances that fail when their time is up, by that moment.
    timeouts: BTreeSet<(SimTime, InstanceId)>,
}

impl Triggers {
    /// Triggerers that run so many triggers at a time.
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            capacity,
            running: 0,
            waiting: VecDeque::new(),
            timeouts: BTreeSet::new(),
        }
    }

    /// A new trigger: whether it runs at once. If not, [`Self::done`] will give it back when there is room.
    pub(crate) fn add(&mut self, id: InstanceId, fires_at: SimTime) -> bool {
        let runs = self.running < self.capacity;
        if runs {
            self.running += 1;
        } else {
            self.waiting.push_back((id, fires_at));
        }
        runs
    }

    /// Whether the trigger of this instance has not been taken by a triggerer yet.
    pub(crate) fn is_waiting(&self, id: InstanceId) -> bool {
        self.waiting.iter().any(|&(waiting, _)| waiting == id)
    }

    /// A trigger is over; gives the next one that runs in its place and when it would fire.
    pub(crate) fn done(&mut self, id: InstanceId) -> Option<(InstanceId, SimTime)> {
        if let Some(at) = self.waiting.iter().position(|&(waiting, _)| waiting == id) {
            self.waiting.remove(at);
            return None;
        }
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.running -= 1;
        }
        next
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
    fn beyond_the_capacity_triggers_wait_in_order() {
        let at = SimTime::from_micros;
        let ids: Vec<_> = (0..4).map(InstanceId::new).collect();
        let mut triggers = Triggers::new(2);
        let runs: Vec<bool> = ids.iter().map(|&id| triggers.add(id, at(9))).collect();
        assert_eq!(runs, [true, true, false, false]);
        assert_eq!(triggers.done(ids[2]), None, "it gave up while it waited");
        assert_eq!(triggers.done(ids[0]), Some((ids[3], at(9))));
        assert_eq!(triggers.done(ids[1]), None);
        assert_eq!(triggers.done(ids[3]), None);
        assert!(triggers.add(ids[0], at(9)), "everything is free again");
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
