//! Nested clocks: what waits reads them at its beginning and at its end, and nothing touches it in between.
//!
//! Each clock stands for one condition that can keep instances from being queued. It runs while the condition does
//! not hold, *in the time of the clock outside it*: so the innermost one of a chain has run for as long as no condition
//! of the chain held, and what a clock is behind the one outside it is the time in which its own condition was the first
//! that held. When a condition changes, its own clock is written and no other.
//!
//! Each clock has a second hand that stands still, too, until a loop has looked since the condition ceased to hold.

use crate::time::{SimDuration, SimTime};
use crate::trace::{WaitCause, WaitParts};

/// All clocks.
#[derive(Debug, Default)]
pub(crate) struct WaitClocks {
    clocks: Vec<Clock>,
    /// Those whose condition has ceased to hold since the last look, and some that hold again.
    unseen: Vec<ClockId>,
}

/// The name of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClockId(u32);

/// Whether a reading is added to parts or taken away from them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign {
    Plus = 1,
    Minus = -1,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    /// None runs in real time.
    outer: Option<ClockId>,
    cause: WaitCause,
    state: State,
    /// What it showed when its state last changed.
    shown: Hands,
    /// What the clock outside it showed then.
    outside: Hands,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The condition holds.
    Held,
    /// It does not hold, and no loop has looked since it did.
    Unseen,
    /// It does not hold, and a loop has looked.
    Seen,
}

/// What a clock shows, in microseconds of real time at most, so that sums need no care.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Hands {
    free: i64,
    seen: i64,
}

impl WaitClocks {
    /// Adds a clock inside another one, or in real time.
    pub(crate) fn add(
        &mut self,
        outer: Option<ClockId>,
        cause: WaitCause,
        held: bool,
        now: SimTime,
    ) -> ClockId {
        self.clocks.push(Clock {
            outer,
            cause,
            state: if held { State::Held } else { State::Seen },
            shown: Hands::default(),
            outside: self.hands(outer, now),
        });
        ClockId(self.clocks.len() as u32 - 1)
    }

    /// Tells whether a condition holds from now on.
    #[inline]
    pub(crate) fn set(&mut self, id: ClockId, held: bool, now: SimTime) {
        if held == (self.clock(id).state == State::Held) {
            return;
        }
        let state = if held { State::Held } else { State::Unseen };
        self.change(id, state, now);
        if !held {
            self.unseen.push(id);
        }
    }

    /// A loop looks at what waits.
    #[inline]
    pub(crate) fn look(&mut self, now: SimTime) {
        while let Some(id) = self.unseen.pop() {
            if self.clock(id).state == State::Unseen {
                self.change(id, State::Seen, now);
            }
        }
    }

    /// Whether a condition may have ceased to hold since the last look.
    pub(crate) fn is_unseen(&self) -> bool {
        !self.unseen.is_empty()
    }

    /// How all time so far divides by cause along the chain from this clock outwards. Where nothing held it is charged
    /// to [`WaitCause::PassedOver`] from a loop's look on, and to [`WaitCause::Loop`] before.
    #[inline]
    pub(crate) fn read(&self, innermost: Option<ClockId>, now: SimTime) -> WaitParts {
        let mut parts = WaitParts::default();
        self.charge(innermost, now, Sign::Plus, &mut parts);
        parts
    }

    /// Adds the same to parts in their place, or takes it away from them. A reading is written part by part, so that to copy
    /// it as a whole at once would have to wait for each of these writes.
    #[inline]
    pub(crate) fn charge(
        &self,
        innermost: Option<ClockId>,
        now: SimTime,
        sign: Sign,
        parts: &mut WaitParts,
    ) {
        let sign = sign as i64;
        let free = self.divide(innermost, now, sign, parts);
        let seen = self.seen(innermost, now);
        parts.add_micros(WaitCause::PassedOver, sign * seen);
        parts.add_micros(WaitCause::Loop, sign * (free - seen));
    }

    /// The part of [`WaitCause::PassedOver`] alone.
    #[inline]
    pub(crate) fn passed_over(&self, innermost: Option<ClockId>, now: SimTime) -> SimDuration {
        SimDuration::from_micros(self.seen(innermost, now))
    }

    /// The clock after another one that was added after it.
    pub(crate) fn nth_after(first: ClockId, offset: usize) -> ClockId {
        ClockId(first.0 + offset as u32)
    }

    #[inline]
    fn clock(&self, id: ClockId) -> &Clock {
        &self.clocks[id.0 as usize]
    }

    #[inline]
    fn change(&mut self, id: ClockId, state: State, now: SimTime) {
        let outside = self.hands(self.clock(id).outer, now);
        let clock = &mut self.clocks[id.0 as usize];
        clock.shown = clock.hands(outside);
        clock.outside = outside;
        clock.state = state;
    }

    /// What a clock shows, or real time.
    #[inline]
    fn hands(&self, id: Option<ClockId>, now: SimTime) -> Hands {
        Hands {
            free: self.free(id, now),
            seen: self.seen(id, now),
        }
    }

    /// What the first hand of a clock shows: as the clock outside it but for a lag, out to the first one that stands still.
    #[inline]
    fn free(&self, mut id: Option<ClockId>, now: SimTime) -> i64 {
        let mut lag = 0;
        while let Some(at) = id {
            let clock = self.clock(at);
            if clock.state == State::Held {
                return clock.shown.free - lag;
            }
            lag += clock.outside.free - clock.shown.free;
            id = clock.outer;
        }
        real_time(now) - lag
    }

    /// The same of the second hand.
    #[inline]
    fn seen(&self, mut id: Option<ClockId>, now: SimTime) -> i64 {
        let mut lag = 0;
        while let Some(at) = id {
            let clock = self.clock(at);
            if clock.state != State::Seen {
                return clock.shown.seen - lag;
            }
            lag += clock.outside.seen - clock.shown.seen;
            id = clock.outer;
        }
        real_time(now) - lag
    }

    /// Adds to each part how far its clock is behind the one outside it; gives what the innermost one shows.
    ///
    /// This goes outwards, too. What is outside a clock that stands still is not known before the next one that does, or
    /// real time, is reached; until then it is wanting in the part of the former.
    #[inline]
    fn divide(
        &self,
        innermost: Option<ClockId>,
        now: SimTime,
        sign: i64,
        parts: &mut WaitParts,
    ) -> i64 {
        let (mut id, mut lag) = (innermost, 0);
        let mut wanting = None;
        let mut free = 0;
        let mut reach = |wanting, shown, parts: &mut WaitParts| match wanting {
            Some(cause) => parts.add_micros(cause, sign * shown),
            None => free = shown,
        };
        while let Some(at) = id {
            let clock = self.clock(at);
            if clock.state == State::Held {
                reach(wanting, clock.shown.free - lag, parts);
                parts.add_micros(clock.cause, -sign * clock.shown.free);
                (wanting, lag) = (Some(clock.cause), 0);
            } else {
                let behind = clock.outside.free - clock.shown.free;
                parts.add_micros(clock.cause, sign * behind);
                lag += behind;
            }
            id = clock.outer;
        }
        reach(wanting, real_time(now) - lag, parts);
        free
    }
}

impl Clock {
    #[inline]
    fn hands(&self, outside: Hands) -> Hands {
        let mut hands = self.shown;
        if self.state != State::Held {
            hands.free += outside.free - self.outside.free;
        }
        if self.state == State::Seen {
            hands.seen += outside.seen - self.outside.seen;
        }
        hands
    }
}

#[inline]
fn real_time(now: SimTime) -> i64 {
    now.since(SimTime::default()).as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_counts_for_the_outermost_condition_that_holds() {
        let at = |seconds| SimTime::default() + SimDuration::from_seconds(seconds);
        let span = SimDuration::from_seconds;
        let mut clocks = WaitClocks::default();
        let outer = clocks.add(None, WaitCause::Parallelism, false, at(0));
        let inner = clocks.add(Some(outer), WaitCause::Pool, false, at(0));
        let before = clocks.read(Some(inner), at(0));
        clocks.set(inner, true, at(1));
        clocks.set(outer, true, at(3));
        clocks.set(inner, false, at(4));
        // A look while the outer condition holds does not count for it.
        clocks.look(at(5));
        clocks.set(outer, false, at(8));
        clocks.look(at(10));
        let after = clocks.read(Some(inner), at(15));
        let parts = after.since(&before);
        assert_eq!(parts.of(WaitCause::Pool), span(2), "from 1 to 3");
        assert_eq!(parts.of(WaitCause::Parallelism), span(5), "from 3 to 8");
        assert_eq!(parts.of(WaitCause::Loop), span(2), "from 8 to 10");
        assert_eq!(
            parts.of(WaitCause::PassedOver),
            span(6),
            "until 1, and from 10 on"
        );
    }
}
