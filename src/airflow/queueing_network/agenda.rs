//! What is to come: instances that end, and runs that arrive.
//!
//! The order is that of the [`crate::engine::Engine`]: earlier first, at one moment ends before arrivals, and among equals
//! first planned, first come. Ends and arrivals stand in lists of their own: there are few arrivals to come, one for each
//! DAG, and they need not be sorted in among the ends of all instances that run.

use super::live_runs::Place;
use crate::engine::EventList;
use crate::time::SimTime;

/// All that is planned.
#[derive(Debug)]
pub(super) struct Agenda {
    ends: EventList,
    arrivals: EventList,
    /// When the first of the arrivals is.
    next_arrival: SimTime,
    /// Numbers what is planned.
    sequence: u64,
    /// Until when anything happens.
    horizon: SimTime,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// An instance ends.
    End(Place),
    /// A run of a DAG arrives.
    Arrival(u32),
}

/// The fields of a key, from the lowest bit: 36 bits of place, 38 of sequence, and the time.
const SEQUENCE_SHIFT: u32 = 36;
const TIME_SHIFT: u32 = 74;

impl Agenda {
    /// Nothing happens after `horizon`.
    pub(super) fn new(horizon: SimTime) -> Self {
        Self {
            ends: EventList::default(),
            arrivals: EventList::default(),
            next_arrival: SimTime::MAX,
            sequence: 0,
            horizon,
        }
    }

    /// The instance at a place ends at a moment within the horizon.
    #[inline]
    pub(super) fn plan_end(&mut self, time: SimTime, place: Place) {
        let key = self.key(time, place.0);
        self.ends.push(key);
    }

    /// A run of a DAG arrives, unless that is after the horizon.
    #[inline]
    pub(super) fn plan_arrival(&mut self, time: SimTime, dag: u32) {
        if time <= self.horizon {
            let key = self.key(time, u64::from(dag));
            self.arrivals.push(key);
            self.next_arrival = self.next_arrival.min(time);
        }
    }

    /// What happens next, and when.
    #[inline]
    pub(super) fn next(&mut self) -> Option<(SimTime, Event)> {
        let end = self.ends.peek();
        if let Some(end) = end.filter(|&end| time_of(end) <= self.next_arrival) {
            self.ends.pop();
            return Some((time_of(end), Event::End(place_of(end))));
        }
        let first = self.arrivals.pop()?;
        self.next_arrival = self.arrivals.peek().map_or(SimTime::MAX, time_of);
        Some((time_of(first), Event::Arrival(first as u32)))
    }

    #[inline]
    fn key(&mut self, time: SimTime, place: u64) -> u128 {
        self.sequence += 1;
        (time.as_micros() as u128) << TIME_SHIFT
            | u128::from(self.sequence) << SEQUENCE_SHIFT
            | u128::from(place)
    }
}

#[inline]
fn place_of(key: u128) -> Place {
    Place(key as u64 & ((1 << SEQUENCE_SHIFT) - 1))
}

#[inline]
fn time_of(key: u128) -> SimTime {
    SimTime::from_micros((key >> TIME_SHIFT) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_come_before_arrivals_and_equals_in_the_order_of_planning() {
        let at = SimTime::from_micros;
        let mut agenda = Agenda::new(at(20));
        agenda.plan_arrival(at(10), 7);
        agenda.plan_arrival(at(10), 3);
        agenda.plan_arrival(at(21), 1);
        agenda.plan_end(at(20), Place((1 << 36) - 1));
        agenda.plan_end(at(10), Place(9));
        agenda.plan_end(at(10), Place(2));
        let next = || agenda.next();
        let all = std::iter::from_fn(next).map(|(time, event)| match event {
            Event::End(place) => (time.as_micros(), "end", place.0),
            Event::Arrival(dag) => (time.as_micros(), "arrival", u64::from(dag)),
        });
        let expected = [
            (10, "end", 9),
            (10, "end", 2),
            (10, "arrival", 7),
            (10, "arrival", 3),
            (20, "end", (1 << 36) - 1),
        ];
        assert_eq!(all.collect::<Vec<_>>(), expected);
    }
}
