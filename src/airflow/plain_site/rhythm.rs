//! When the next loop of a plain site begins: the same as [`Pace`] says, where nothing disturbs it.

use crate::airflow::scheduler::alarms::Alarms;
use crate::airflow::scheduler::pace::Pace;
use crate::airflow::scheduler::timers::TimerSet;
use crate::deployment::{Deployment, LoopPace, Timers};
use crate::time::{SimDuration, SimTime};

/// The loops of a scheduler that is alone and whose timers find nothing to do.
#[derive(Debug)]
pub(super) enum Rhythm {
    /// No timer ends a sleep, so that there are two gaps.
    Even {
        /// From a loop that queued something to the next.
        queued: SimDuration,
        /// From one that did not.
        idle: SimDuration,
    },
    Disturbed(Pace),
}

impl Rhythm {
    /// The first loop is at `start`; what loops take does not depend on what they handle.
    pub(super) fn new(pace: LoopPace, deployment: &Deployment, start: SimTime) -> Self {
        let (queued, idle) = match pace {
            LoopPace::Every(period) => (period, period),
            LoopPace::Paced {
                busy,
                idle,
                timers: Timers::None,
                ..
            } => (busy, busy + idle),
            LoopPace::Paced { .. } => {
                let kept = Alarms::new(deployment).kept();
                let pace = Pace::new(pace, kept, TimerSet::NONE, &deployment.airflow, start);
                return Self::Disturbed(pace);
            }
        };
        // Never nothing, or time would stand still.
        let least = SimDuration::from_micros(1);
        Self::Even {
            queued: queued.max(least),
            idle: idle.max(least),
        }
    }

    /// When the loop after that at `now` begins.
    #[inline]
    pub(super) fn after(&mut self, now: SimTime, has_queued: bool) -> SimTime {
        match self {
            Self::Even { queued, idle } => now + if has_queued { *queued } else { *idle },
            Self::Disturbed(pace) => pace.after(now, 0, has_queued).0,
        }
    }

    /// The first loop at or after `now`, if the one at `next` and all that follow change nothing; and how many before it
    /// there are.
    #[inline]
    pub(super) fn skip(&mut self, next: SimTime, now: SimTime) -> (SimTime, u64) {
        match self {
            _ if next >= now => (next, 0),
            Self::Even { idle, .. } => {
                let (span, gap) = (now.since(next).as_micros(), idle.as_micros());
                // Mostly a few are skipped. How many is chance, so they are counted without a branch; and to divide takes long.
                let loops = if span <= gap.saturating_mul(4) {
                    [1, 2, 3]
                        .map(|loops| i64::from(span > loops * gap))
                        .iter()
                        .sum::<i64>()
                        + 1
                } else {
                    (span - 1) / gap + 1
                };
                (next + SimDuration::from_micros(loops * gap), loops as u64)
            }
            Self::Disturbed(pace) => pace.skip(next, now, |_| {}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::AirflowSettings;
    use crate::trace::synthetic;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_even_rhythm_is_the_pace(
            fixed in prop::option::of(0i64..3_000_000),
            busy in 0i64..3_000_000,
            idle in 0i64..3_000_000,
            stretches in prop::collection::vec((0i64..400_000_000, any::<bool>()), 1..9),
        ) {
            let micros = SimDuration::from_micros;
            let rhythm = match fixed {
                Some(period) => LoopPace::Every(micros(period)),
                None => LoopPace::Paced {
                    busy: micros(busy),
                    per_task: SimDuration::ZERO,
                    idle: micros(idle),
                    timers: Timers::None,
                },
            };
            let mut now = SimTime::default();
            let settings = AirflowSettings::default();
            let mut plain = Pace::new(rhythm, TimerSet::NONE, TimerSet::NONE, &settings, now);
            let mut even = Rhythm::new(rhythm, &synthetic::deployment(), now);
            let is_even = matches!(even, Rhythm::Even { .. });
            prop_assert!(is_even);
            let mut next = now;
            for (stretch, queued) in stretches {
                now += micros(stretch);
                let skipped = even.skip(next, now);
                prop_assert_eq!(skipped, plain.skip(next, now, |_| {}));
                next = even.after(skipped.0, queued);
                prop_assert_eq!(next, plain.after(skipped.0, 0, queued).0);
            }
        }
    }
}
