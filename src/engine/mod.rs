//! The event engine: a clock, a future event list, and nothing that knows Airflow.
//!
//! Events are handled in the order of one tuple, `(time, rank, sequence)`: earlier first; at the same moment the
//! lower rank first (rank is a property of the event's kind); and within a rank first scheduled, first handled.

mod event_list;

pub use event_list::EventList;

use crate::time::SimTime;
use std::marker::PhantomData;

/// A kind of event with at most one small payload, packed into an integer so that the future event list holds
/// plain keys: no box, no downcast, and every kind stands in one closed list.
pub trait Event: Copy {
    /// Which kinds come first at the same moment: 0 first, 15 last.
    fn rank(self) -> u8;
    /// The event as 32 bits.
    fn pack(self) -> u32;
    /// The event back from [`Event::pack`].
    fn unpack(bits: u32) -> Self;
}

/// What happens in the world that is simulated.
pub trait Model {
    /// Everything that can happen.
    type Event: Event;
    /// Lets one event happen; `engine.now()` is its moment.
    fn handle(&mut self, event: Self::Event, engine: &mut Engine<Self::Event>);
}

/// Names a scheduled event, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHandle(u128);

/// The clock and the events to come.
#[derive(Debug)]
pub struct Engine<E> {
    now: SimTime,
    pending: EventList,
    /// Keys of cancelled events that have not come up yet. They meet their events at the head of the list, so that
    /// cancelling needs no search and costs nothing where it is not used.
    cancelled: EventList,
    last_key: u128,
    sequence: u64,
    kind: PhantomData<E>,
}

/// The fields of a key, from the lowest bit: 32 bits of event, 38 of sequence, 4 of rank, 54 of time (µs since 1970,
/// which reaches the year 2540).
const SEQUENCE_SHIFT: u32 = 32;
const RANK_SHIFT: u32 = 70;
const TIME_SHIFT: u32 = 74;

impl<E: Event> Engine<E> {
    /// The last moment the clock can show.
    pub const END_OF_TIME: SimTime = SimTime::from_micros((1 << 54) - 1);

    /// An engine whose clock shows `start`, at or after 1970.
    pub fn new(start: SimTime) -> Self {
        Self {
            now: start,
            pending: EventList::default(),
            cancelled: EventList::default(),
            last_key: 0,
            // From 1, so that every key is greater than the zero of "nothing handled yet".
            sequence: 1,
            kind: PhantomData,
        }
    }

    /// The moment of the event that is being handled.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// How many events have been scheduled so far.
    pub fn scheduled(&self) -> u64 {
        self.sequence - 1
    }

    /// Lets `event` happen at `time`. A time that has passed means now; one after [`Self::END_OF_TIME`] means never,
    /// since no horizon reaches it.
    #[inline]
    pub fn schedule(&mut self, time: SimTime, event: E) -> EventHandle {
        let time = time.max(self.now).min(Self::END_OF_TIME).as_micros() as u128;
        let key = time << TIME_SHIFT
            | u128::from(event.rank()) << RANK_SHIFT
            | u128::from(self.sequence) << SEQUENCE_SHIFT
            | u128::from(event.pack());
        self.sequence += 1;
        self.pending.push(key);
        EventHandle(key)
    }

    /// Takes a scheduled event back. Says whether it was still to come.
    pub fn cancel(&mut self, handle: EventHandle) -> bool {
        let to_come = handle.0 > self.last_key;
        if to_come {
            self.cancelled.push(handle.0);
        }
        to_come
    }

    /// Handles all events up to and including `end`, and leaves the clock there.
    pub fn run_until<M: Model<Event = E>>(&mut self, model: &mut M, end: SimTime) {
        while let Some(key) = self.pending.pop() {
            let time = SimTime::from_micros((key >> TIME_SHIFT) as i64);
            if time > end {
                self.pending.push(key);
                break;
            }
            if self.is_cancelled(key) {
                continue;
            }
            self.now = time;
            self.last_key = key;
            model.handle(E::unpack(key as u32), self);
        }
        self.now = self.now.max(end);
    }

    /// Takes the next event up to and including `end`, and moves the clock to it: for those who have more to handle than
    /// events.
    #[inline]
    pub fn next_until(&mut self, end: SimTime) -> Option<E> {
        while let Some(key) = self.pending.peek() {
            let time = SimTime::from_micros((key >> TIME_SHIFT) as i64);
            if time > end {
                return None;
            }
            self.pending.pop();
            if !self.is_cancelled(key) {
                self.now = time;
                self.last_key = key;
                return Some(E::unpack(key as u32));
            }
        }
        None
    }

    /// Moves the clock on to `time`; nothing that is still to come may be earlier.
    #[inline]
    pub fn advance(&mut self, time: SimTime) {
        debug_assert!(
            self.pending
                .peek()
                .is_none_or(|key| key >> TIME_SHIFT >= time.as_micros() as u128)
        );
        self.now = self.now.max(time);
    }

    /// Forgets all that was still to come: the present event is the last one.
    pub fn stop(&mut self) {
        self.pending = EventList::default();
        self.cancelled = EventList::default();
    }

    /// When the next event comes; none if nothing can happen any more.
    pub fn next_at(&mut self) -> Option<SimTime> {
        while let Some(key) = self.pending.pop() {
            if !self.is_cancelled(key) {
                self.pending.push(key);
                return Some(SimTime::from_micros((key >> TIME_SHIFT) as i64));
            }
        }
        None
    }

    #[inline]
    fn is_cancelled(&mut self, key: u128) -> bool {
        if self.cancelled.is_empty() {
            return false;
        }
        let mut found = false;
        while let Some(first) = self.cancelled.pop() {
            if first > key {
                self.cancelled.push(first);
                break;
            }
            found |= first == key;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Tick {
        rank: u8,
        name: u32,
    }

    impl Event for Tick {
        fn rank(self) -> u8 {
            self.rank
        }
        fn pack(self) -> u32 {
            u32::from(self.rank) << 24 | self.name
        }
        fn unpack(bits: u32) -> Self {
            Self {
                rank: (bits >> 24) as u8,
                name: bits & 0xff_ffff,
            }
        }
    }

    #[derive(Default)]
    struct Log(Vec<(i64, u32)>);

    impl Model for Log {
        type Event = Tick;
        fn handle(&mut self, event: Tick, engine: &mut Engine<Tick>) {
            self.0.push((engine.now().as_micros(), event.name));
        }
    }

    fn at(micros: i64) -> SimTime {
        SimTime::from_micros(micros)
    }

    proptest! {
        #[test]
        fn events_come_by_time_then_rank_then_first_scheduled(
            plan in prop::collection::vec((0i64..20, 0u8..3, any::<bool>()), 0..200)
        ) {
            let mut engine = Engine::new(at(0));
            let mut expected = Vec::new();
            for (name, &(time, rank, cancel)) in plan.iter().enumerate() {
                let handle = engine.schedule(at(time), Tick { rank, name: name as u32 });
                if cancel {
                    prop_assert!(engine.cancel(handle));
                } else {
                    expected.push((time, rank, name as u32));
                }
            }
            expected.sort_unstable();
            let mut log = Log::default();
            // Some of them one by one, the others all at once.
            while let Some(event) = engine.next_until(at(4)) {
                prop_assert!(engine.now() <= at(4));
                log.handle(event, &mut engine);
            }
            engine.advance(at(5));
            prop_assert_eq!(engine.now(), at(5));
            engine.run_until(&mut log, at(9));
            let halfway = log.0.len();
            prop_assert!(log.0.iter().all(|&(time, _)| time <= 9));
            engine.run_until(&mut log, at(100));
            prop_assert!(log.0[halfway..].iter().all(|&(time, _)| time > 9));
            let names: Vec<_> = expected.iter().map(|&(time, _, name)| (time, name)).collect();
            prop_assert_eq!(log.0, names);
        }
    }

    #[test]
    fn an_event_that_has_happened_cannot_be_cancelled() {
        let mut engine = Engine::new(at(0));
        let early = engine.schedule(at(1), Tick { rank: 0, name: 1 });
        let late = engine.schedule(at(5), Tick { rank: 0, name: 2 });
        let mut log = Log::default();
        engine.run_until(&mut log, at(3));
        assert_eq!(engine.now(), at(3));
        assert!(!engine.cancel(early));
        assert!(engine.cancel(late));
        assert!(engine.cancel(late), "twice is as once");
        engine.schedule(at(6), Tick { rank: 0, name: 3 });
        engine.run_until(&mut log, at(9));
        assert_eq!(log.0, [(1, 1), (6, 3)]);
    }

    #[test]
    fn the_next_event_is_one_that_is_not_cancelled() {
        let mut engine = Engine::new(at(0));
        assert_eq!(engine.next_at(), None);
        let first = engine.schedule(at(2), Tick { rank: 0, name: 1 });
        engine.schedule(at(4), Tick { rank: 0, name: 2 });
        assert_eq!(engine.next_at(), Some(at(2)));
        engine.cancel(first);
        assert_eq!(engine.next_at(), Some(at(4)));
        let mut log = Log::default();
        engine.run_until(&mut log, at(4));
        assert_eq!((log.0, engine.next_at()), (vec![(4, 2)], None));
    }

    #[test]
    fn a_time_that_has_passed_means_now() {
        let mut engine = Engine::new(at(10));
        engine.schedule(at(3), Tick { rank: 0, name: 7 });
        let mut log = Log::default();
        engine.run_until(&mut log, at(10));
        assert_eq!(log.0, [(10, 7)]);
    }
}
