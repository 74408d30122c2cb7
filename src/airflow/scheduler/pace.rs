//! When the next loop begins (docs/background/scheduler.md, 1.4): a loop is instantaneous at its start, takes `busy`,
//! and is followed at once if it queued something, else after a sleep that ends early when a timer is due.
//!
//! Several schedulers take strict turns: each gap between two loops of a single scheduler is divided by their number.

use crate::airflow::scheduler::timers::{Timer, TimerSet, Timers};
use crate::deployment::{AirflowSettings, LoopPace, Timers as TimerMode};
use crate::time::{SimDuration, SimTime};

/// The rhythm of the loops.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    rhythm: LoopPace,
    /// Whether timers end sleeps early.
    exact: bool,
    /// One for each scheduler.
    hands: Vec<Hand>,
    /// Whose the next loop is.
    turn: usize,
}

/// What one scheduler knows of time.
#[derive(Clone, Debug)]
struct Hand {
    timers: Timers,
    /// What its last loop took, and thus what its next one takes if nothing happens before.
    busy: SimDuration,
}

/// The end of a loop: the timers that run in it, of which scheduler, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoopEnd {
    pub(crate) scheduler: usize,
    pub(crate) at: SimTime,
    pub(crate) ran: TimerSet,
}

impl Pace {
    /// The first loop is at `start`. Where timers do not end sleeps, only those that may act are kept.
    pub(crate) fn new(
        rhythm: LoopPace,
        kept: TimerSet,
        acting: TimerSet,
        settings: &AirflowSettings,
        start: SimTime,
    ) -> Self {
        let exact = matches!(
            rhythm,
            LoopPace::Paced {
                timers: TimerMode::Exact,
                ..
            }
        );
        let busy = match rhythm {
            LoopPace::Every(_) => SimDuration::ZERO,
            LoopPace::Paced { busy, .. } => busy,
        };
        let hand = Hand {
            timers: Timers::new(if exact { kept } else { acting }, settings, start),
            busy,
        };
        Self {
            rhythm,
            exact,
            hands: vec![hand; settings.schedulers.max(1) as usize],
            turn: 0,
        }
    }

    /// How many schedulers there are.
    pub(crate) fn schedulers(&self) -> usize {
        self.hands.len()
    }

    /// Whose the next loop is.
    pub(crate) fn turn(&self) -> usize {
        self.turn
    }

    /// The loop at `now` has handled so many instances, and has queued some or not: when the next one begins.
    #[inline]
    pub(crate) fn after(
        &mut self,
        now: SimTime,
        handled: usize,
        queued: bool,
    ) -> (SimTime, LoopEnd) {
        if let LoopPace::Paced { busy, per_task, .. } = self.rhythm {
            let more = per_task.as_micros().saturating_mul(handled as i64);
            self.hands[self.turn].busy = busy + SimDuration::from_micros(more);
        }
        self.pass(now, queued)
    }

    /// The first loop at or after `now`, if the one at `next` and all that follow change nothing; and how many loops
    /// before it there are. `in_flight` is told of those that end at `now` or later, because what happens now may
    /// give their timers something to do.
    pub(crate) fn skip(
        &mut self,
        mut next: SimTime,
        now: SimTime,
        mut in_flight: impl FnMut(LoopEnd),
    ) -> (SimTime, u64) {
        let mut skipped = 0;
        while next < now {
            let rounds = self.plain_rounds(next, now);
            if rounds > 0 {
                next = self.pass_rounds(next, rounds, now, &mut in_flight);
                skipped += rounds as u64 * self.hands.len() as u64;
            } else {
                let end;
                (next, end) = self.pass(next, false);
                skipped += 1;
                if end.at >= now {
                    in_flight(end);
                }
            }
        }
        (next, skipped)
    }

    /// The earliest loop in which this timer may run and find something that is there from `from` on begins no sooner
    /// than this.
    pub(crate) fn loop_of(&self, timer: Timer, from: SimTime) -> SimTime {
        let begins = |hand: &Hand| hand.timers.due(timer).max(from) - hand.busy;
        self.hands.iter().map(begins).min().unwrap_or(SimTime::MAX)
    }

    /// The end of the loop at `now`, and the beginning of the next.
    #[inline]
    fn pass(&mut self, now: SimTime, queued: bool) -> (SimTime, LoopEnd) {
        let scheduler = self.turn;
        let schedulers = self.hands.len();
        let hand = &mut self.hands[scheduler];
        let at = now + hand.busy;
        let ran = hand.timers.run(at);
        let gap = match self.rhythm {
            LoopPace::Every(period) => period,
            LoopPace::Paced { .. } if queued => hand.busy,
            LoopPace::Paced { idle, .. } if self.exact => {
                (at + idle).min(hand.timers.earliest()) - now
            }
            LoopPace::Paced { idle, .. } => hand.busy + idle,
        };
        self.turn = if scheduler + 1 == schedulers {
            0
        } else {
            scheduler + 1
        };
        let end = LoopEnd { scheduler, at, ran };
        (now + share(gap, schedulers), end)
    }

    /// What a scheduler alone would have between two idle loops that no timer disturbs.
    fn idle_gap(&self, hand: &Hand) -> SimDuration {
        match self.rhythm {
            LoopPace::Every(period) => period,
            LoopPace::Paced { idle, .. } => hand.busy + idle,
        }
    }

    /// How long it takes until each scheduler has had an idle loop.
    #[inline]
    fn round(&self) -> SimDuration {
        self.hands.iter().fold(SimDuration::ZERO, |sum, hand| {
            sum + share(self.idle_gap(hand), self.hands.len())
        })
    }

    /// How many rounds of idle loops from `next` on, before `now`, are undisturbed by timers.
    #[inline]
    fn plain_rounds(&self, next: SimTime, now: SimTime) -> i64 {
        let round = self.round();
        let span = now.since(next);
        if span < round {
            // Where much happens, little is skipped; and to divide takes long.
            return 0;
        }
        let rounds = span.as_micros() / round.as_micros();
        if !self.exact {
            return rounds;
        }
        let earliest = self.hands.iter().map(|hand| hand.timers.earliest()).min();
        // The last loop of a round sleeps until after the round if there are several schedulers.
        let gaps = self.hands.iter().map(|hand| self.idle_gap(hand));
        let whole = gaps.fold(SimDuration::ZERO, |sum, gap| sum + gap);
        let undisturbed = earliest.unwrap_or(SimTime::MAX) - (next + (whole - round));
        rounds.min(undisturbed.as_micros().div_euclid(round.as_micros()).max(0))
    }

    /// Lets so many rounds of plain loops go by; gives the moment of the loop after them.
    fn pass_rounds(
        &mut self,
        next: SimTime,
        rounds: i64,
        now: SimTime,
        in_flight: &mut impl FnMut(LoopEnd),
    ) -> SimTime {
        let round = self.round();
        let schedulers = self.hands.len();
        let before_last = SimDuration::from_micros((rounds - 1) * round.as_micros());
        let mut first = next;
        for step in 0..schedulers {
            let scheduler = (self.turn + step) % schedulers;
            let gap = self.idle_gap(&self.hands[scheduler]);
            let hand = &mut self.hands[scheduler];
            let first_end = first + hand.busy;
            let at = first_end + before_last;
            let ran = hand.timers.run_stretch(first_end, round, rounds);
            if at >= now {
                in_flight(LoopEnd { scheduler, at, ran });
            }
            first += share(gap, schedulers);
        }
        first + before_last
    }
}

/// A gap divided among schedulers; never nothing, or time would stand still.
#[inline]
fn share(gap: SimDuration, schedulers: usize) -> SimDuration {
    let micros = match schedulers {
        1 => gap.as_micros(),
        _ => gap.as_micros() / schedulers as i64,
    };
    SimDuration::from_micros(micros.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paced(busy: i64, idle: i64, timers: TimerMode, schedulers: u32) -> Pace {
        let [busy, idle] = [busy, idle].map(SimDuration::from_micros);
        let rhythm = LoopPace::Paced {
            busy,
            per_task: SimDuration::from_micros(700),
            idle,
            timers,
        };
        let settings = AirflowSettings {
            schedulers,
            ..AirflowSettings::default()
        };
        let all = TimerSet::of(Timer::ALL);
        let acting = TimerSet::of([Timer::StuckInQueued]);
        Pace::new(rhythm, all, acting, &settings, SimTime::default())
    }

    fn at(seconds: f64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds_f64(seconds)
    }

    #[test]
    fn a_timer_ends_a_sleep_early_and_drifts() {
        let mut pace = paced(200_000, 1_000_000, TimerMode::Exact, 1);
        let mut now = at(0.0);
        let mut moments = Vec::new();
        for _ in 0..20 {
            now = pace.after(now, 0, false).0;
            moments.push(now);
        }
        // Eight loops of 1.2 s come to 9.6 s; the ninth sleeps only until the timer of 10 s.
        assert_eq!(moments[7], at(9.6));
        assert_eq!(
            moments[8],
            at(10.0),
            "the loop at 9.6 ends at 9.8, and the timer is due at 10"
        );
        assert_eq!(
            moments[9],
            at(11.2),
            "the timer ran at 10.2, so it is due again at 20.2"
        );
        assert_eq!(pace.after(at(30.0), 0, true).0, at(30.2));
        assert_eq!(pace.after(at(31.0), 10, true).0, at(31.207));
    }

    #[test]
    fn several_schedulers_share_each_gap() {
        let mut pace = paced(200_000, 1_000_000, TimerMode::None, 3);
        let mut now = at(0.0);
        let turns: Vec<_> = (0..4)
            .map(|_| {
                let turn = pace.turn();
                now = pace.after(now, 0, false).0;
                (turn, now)
            })
            .collect();
        assert_eq!(
            turns,
            [(0, at(0.4)), (1, at(0.8)), (2, at(1.2)), (0, at(1.6))]
        );
    }

    proptest! {
        #[test]
        fn skipping_is_as_stepping(
            busy in 1i64..3_000_000,
            idle in 0i64..3_000_000,
            exact in any::<bool>(),
            schedulers in 1u32..4,
            stretches in prop::collection::vec((0i64..400_000_000, 0usize..9), 1..6),
        ) {
            let timers = if exact { TimerMode::Exact } else { TimerMode::None };
            let (mut quick, mut plain) = (paced(busy, idle, timers, schedulers), paced(busy, idle, timers, schedulers));
            let (mut next_quick, mut next_plain) = (at(0.0), at(0.0));
            let mut now = at(0.0);
            for (stretch, handled) in stretches {
                now += SimDuration::from_micros(stretch);
                let (mut stepped, mut ends) = (0, Vec::new());
                while next_plain < now {
                    let end;
                    (next_plain, end) = plain.pass(next_plain, false);
                    stepped += 1;
                    if end.at >= now && end.ran != TimerSet::NONE {
                        ends.push(end);
                    }
                }
                let mut told = Vec::new();
                let skipped;
                (next_quick, skipped) = quick.skip(next_quick, now, |end| told.push(end));
                told.retain(|end: &LoopEnd| end.ran != TimerSet::NONE);
                prop_assert_eq!((next_quick, skipped, told), (next_plain, stepped, ends));
                prop_assert_eq!(quick.turn(), plain.turn());
                for _ in 0..schedulers {
                    next_quick = quick.after(next_quick, handled, handled > 0).0;
                    next_plain = plain.after(next_plain, handled, handled > 0).0;
                    prop_assert_eq!(next_quick, next_plain);
                }
            }
        }
    }
}
