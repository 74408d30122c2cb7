//! The alarm of a resource: one event at the moment when something may happen there, however often that moment changes.
//!
//! Every task that comes or goes moves the moment of the next end. An event that comes too early costs a look; one that was
//! taken back would stay in the event list until its time. So an alarm is set only if it is to ring earlier than all that
//! are set, and one that rings too early is set anew: there are never more than there were moments ever earlier.

use crate::time::SimTime;

/// The moments for which events are in the list, the earliest last.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    set: Vec<SimTime>,
}

impl Alarm {
    /// Sets it for this moment; says whether that takes an event, because none comes as early.
    pub(crate) fn set(&mut self, moment: SimTime) -> bool {
        let is_earlier = self.set.last().is_none_or(|&earliest| moment < earliest);
        if is_earlier {
            self.set.push(moment);
        }
        is_earlier
    }

    /// The event of the earliest moment has come.
    pub(crate) fn ring(&mut self) {
        self.set.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_earlier_moment_takes_an_event() {
        let at = SimTime::from_micros;
        let mut alarm = Alarm::default();
        let set = [9, 12, 5, 5, 7].map(|moment| alarm.set(at(moment)));
        assert_eq!(set, [true, false, true, false, false]);
        alarm.ring();
        assert!(!alarm.set(at(9)), "that one still comes");
        assert!(alarm.set(at(8)));
        alarm.ring();
        alarm.ring();
        assert!(alarm.set(at(20)));
    }
}
