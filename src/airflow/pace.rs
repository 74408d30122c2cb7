//! When the next loop begins (SEMANTICS 1.5 in short: a loop is instantaneous at its start, takes `busy`, and is
//! followed at once if it queued something, else after a sleep that ends early when a timer is due).

use crate::deployment::{LoopPace, Timers};
use crate::time::{SimDuration, SimTime};

/// Seconds between two runs of each timer of the real scheduler: orphans, trigger timeouts, waiting for input,
/// finished backfills, tasks without heartbeat, runs of paused DAGs, stuck in queued, unused assets, unused triggers,
/// connection tests.
const TIMER_INTERVALS: [i64; 10] = [300, 15, 15, 30, 10, 60, 120, 60, 60, 30];

/// The rhythm of the loops.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    rhythm: LoopPace,
    /// When each timer is due; all at the end of time where timers are left out.
    due: [SimTime; TIMER_INTERVALS.len()],
    earliest: SimTime,
}

impl Pace {
    /// At the start every timer is due one interval later.
    pub(crate) fn new(rhythm: LoopPace, start: SimTime) -> Self {
        let exact = matches!(
            rhythm,
            LoopPace::Paced {
                timers: Timers::Exact,
                ..
            }
        );
        let due = TIMER_INTERVALS.map(|interval| {
            if exact {
                start + SimDuration::from_seconds(interval)
            } else {
                SimTime::MAX
            }
        });
        let mut pace = Self {
            rhythm,
            due,
            earliest: SimTime::MAX,
        };
        pace.find_earliest();
        pace
    }

    /// The loop after the one at `now`, which queued something or not.
    pub(crate) fn after(&mut self, now: SimTime, queued: bool) -> SimTime {
        match self.rhythm {
            LoopPace::Every(period) => now + period,
            LoopPace::Paced { busy, idle, .. } => {
                let end = now + busy;
                self.run_timers(end);
                if queued {
                    end
                } else {
                    (end + idle).min(self.earliest)
                }
            }
        }
    }

    /// The first loop at or after `now`, if the one at `next` and all that follow change nothing; and how many loops
    /// before it there are.
    pub(crate) fn skip(&mut self, mut next: SimTime, now: SimTime) -> (SimTime, u64) {
        let mut skipped = 0;
        while next < now {
            let (loops, period) = self.plain_loops(next, now);
            if loops > 0 {
                next += SimDuration::from_micros(loops * period);
            } else {
                next = self.after(next, false);
            }
            skipped += loops.max(1) as u64;
        }
        (next, skipped)
    }

    /// How many idle loops from the one at `next` on, before `now`, are a whole period long because no timer comes in
    /// between; and the period in microseconds.
    fn plain_loops(&self, next: SimTime, now: SimTime) -> (i64, i64) {
        let period = match self.rhythm {
            LoopPace::Every(period) => period,
            LoopPace::Paced { busy, idle, .. } => busy + idle,
        };
        let period = period.as_micros().max(1);
        let wanted = (now - next).as_micros().div_euclid(period)
            + i64::from((now - next).as_micros() % period != 0);
        let undisturbed = match self.earliest {
            SimTime::MAX => i64::MAX,
            earliest => (earliest - next).as_micros().div_euclid(period),
        };
        (wanted.min(undisturbed), period)
    }

    /// Timers run at the end of a loop and count their interval from there, so they drift.
    fn run_timers(&mut self, end: SimTime) {
        if self.earliest > end {
            return;
        }
        for (due, interval) in self.due.iter_mut().zip(TIMER_INTERVALS) {
            if *due <= end {
                *due = end + SimDuration::from_seconds(interval);
            }
        }
        self.find_earliest();
    }

    fn find_earliest(&mut self) {
        self.earliest = self.due.iter().copied().min().unwrap_or(SimTime::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paced(busy: i64, idle: i64, timers: Timers) -> Pace {
        let [busy, idle] = [busy, idle].map(SimDuration::from_micros);
        Pace::new(LoopPace::Paced { busy, idle, timers }, SimTime::default())
    }

    fn at(seconds: f64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds_f64(seconds)
    }

    #[test]
    fn a_timer_ends_a_sleep_early_and_drifts() {
        let mut pace = paced(200_000, 1_000_000, Timers::Exact);
        let mut now = at(0.0);
        let mut moments = Vec::new();
        for _ in 0..20 {
            now = pace.after(now, false);
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
        assert_eq!(pace.after(at(30.0), true), at(30.2));
    }

    proptest! {
        #[test]
        fn skipping_is_as_stepping(
            busy in 1i64..3_000_000,
            idle in 0i64..3_000_000,
            exact in any::<bool>(),
            stretches in prop::collection::vec(0i64..400_000_000, 1..6),
        ) {
            let timers = if exact { Timers::Exact } else { Timers::None };
            let (mut quick, mut plain) = (paced(busy, idle, timers), paced(busy, idle, timers));
            let (mut next_quick, mut next_plain) = (at(0.0), at(0.0));
            let mut now = at(0.0);
            for stretch in stretches {
                now += SimDuration::from_micros(stretch);
                let mut stepped = 0;
                while next_plain < now {
                    next_plain = plain.after(next_plain, false);
                    stepped += 1;
                }
                let skipped;
                (next_quick, skipped) = quick.skip(next_quick, now);
                prop_assert_eq!((next_quick, skipped), (next_plain, stepped));
                next_quick = quick.after(next_quick, true);
                next_plain = plain.after(next_plain, true);
                prop_assert_eq!(next_quick, next_plain);
            }
        }
    }
}
