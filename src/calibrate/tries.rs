//! What one recorded try tells of work, and how the tries of a task ended: one rule for whoever takes a history apart.

use std::collections::BTreeMap;

use super::proportion::Proportion;
use super::start_delay::Span;
use crate::deployment::TaskInstanceState as State;
use crate::time::SimTime;
use crate::trace::RecordedTry;

/// What a try that a worker had tells of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It began, and it ended.
    Ended {
        /// When it began.
        started: SimTime,
        /// When it ended.
        ended: SimTime,
    },
    /// It ended, and had begun before it was queued for the last time: a deferred one that was resumed, or clocks disagree.
    Resumed {
        /// When it began.
        started: SimTime,
        /// When it was queued for the last time.
        queued: SimTime,
        /// When it ended.
        ended: SimTime,
    },
    /// It runs when the record ends.
    Running {
        /// When it began.
        started: SimTime,
    },
    /// It came to an end of its own and does not say when it ran, or ended before it began.
    Impossible,
}

impl Work {
    /// That of a try; none if no worker had it, or it has not begun.
    ///
    /// Versions of Airflow before 2.10 keep of an earlier failure only when it ran. What was never queued otherwise, the scheduler
    /// did by itself.
    pub fn of(attempt: &RecordedTry) -> Option<Self> {
        let times = attempt.started_at.zip(attempt.ended_at);
        let times = times.filter(|(started, ended)| started <= ended);
        match (attempt.queued_at, times) {
            (None, Some((started, ended))) if attempt.is_earlier => {
                Some(Self::Ended { started, ended })
            }
            (None, _) => None,
            (Some(queued), Some((started, ended))) if started < queued => Some(Self::Resumed {
                started,
                queued,
                ended,
            }),
            (Some(_), Some((started, ended))) => Some(Self::Ended { started, ended }),
            (Some(queued), None) => match attempt.state {
                State::Success | State::Failed | State::UpForRetry => Some(Self::Impossible),
                State::Running => {
                    let started = attempt.started_at.filter(|&started| started >= queued);
                    started.map(|started| Self::Running { started })
                }
                _ => None,
            },
        }
    }

    /// When a try that has this work was queued, began and ended, if a worker took it from the queue to begin it.
    pub fn span(self, attempt: &RecordedTry) -> Option<Span> {
        let (started, ended) = match self {
            Self::Ended { started, ended } => (started, ended.as_micros()),
            Self::Running { started } => (started, i64::MAX),
            Self::Resumed { .. } | Self::Impossible => return None,
        };
        Some(Span {
            queued: attempt.queued_at?.as_micros(),
            started: started.as_micros(),
            ended,
        })
    }
}

/// How the tries of a task ended that a worker had and whose times are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Those that succeeded.
    pub succeeded: usize,
    /// Those that failed, whether another try came or not.
    pub failed: usize,
    /// Those that the worker ended as skipped.
    pub skipped: usize,
    /// How many failures were not followed by another try, by the number of the try.
    pub last_failures: BTreeMap<u32, usize>,
}

impl Outcomes {
    /// Counts a try.
    pub fn count(&mut self, attempt: &RecordedTry, work: Work) {
        if !matches!(work, Work::Ended { .. } | Work::Resumed { .. }) {
            return;
        }
        match attempt.state {
            State::Success => self.succeeded += 1,
            State::Skipped => self.skipped += 1,
            // What was put aside for another try had failed.
            State::Failed | State::UpForRetry => {
                self.failed += 1;
                if attempt.state == State::Failed && !attempt.is_earlier {
                    *self.last_failures.entry(attempt.try_number).or_default() += 1;
                }
            }
            _ => {}
        }
    }

    /// All that ended.
    pub fn ended(&self) -> usize {
        self.succeeded + self.failed + self.skipped
    }

    /// Failures among all that ended: what a scenario's `failure_rate` is drawn of.
    pub fn failures(&self) -> Proportion {
        Proportion {
            count: self.failed,
            of: self.ended(),
        }
    }

    /// Skipped ones among those that did not fail: `skip_rate` is drawn of what does not fail.
    pub fn skips(&self) -> Proportion {
        Proportion {
            count: self.skipped,
            of: self.succeeded + self.skipped,
        }
    }

    /// Failures after which no try was left though so many retries would have allowed one, among all failures.
    pub fn fatal(&self, retries: u32) -> Proportion {
        let last = self.last_failures.range(..=retries);
        Proportion {
            count: last.map(|(_, count)| count).sum(),
            of: self.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(state: State, times: [Option<i64>; 3]) -> RecordedTry {
        let [queued_at, started_at, ended_at] =
            times.map(|at| at.map(|at| SimTime::from_micros(at * 1_000_000)));
        RecordedTry {
            run: 0,
            task_id: "load".into(),
            map_index: -1,
            try_number: 1,
            state,
            is_earlier: false,
            scheduled_at: None,
            queued_at,
            started_at,
            ended_at,
            pool: "default_pool".into(),
            pool_slots: 1,
            priority_weight: 1,
        }
    }

    #[test]
    fn what_the_times_of_a_try_say_is_told_apart() {
        let of = |state, times| Work::of(&attempt(state, times));
        let at = |seconds: i64| SimTime::from_micros(seconds * 1_000_000);
        let (started, ended) = (at(3), at(9));
        assert_eq!(
            of(State::Success, [Some(1), Some(3), Some(9)]),
            Some(Work::Ended { started, ended })
        );
        let queued = at(7);
        assert_eq!(
            of(State::Failed, [Some(7), Some(3), Some(9)]),
            Some(Work::Resumed {
                started,
                queued,
                ended
            })
        );
        assert_eq!(
            of(State::Running, [Some(1), Some(3), None]),
            Some(Work::Running { started })
        );
        for times in [[Some(1), None, Some(9)], [Some(1), Some(9), Some(3)]] {
            assert_eq!(of(State::UpForRetry, times), Some(Work::Impossible));
        }
        // The scheduler did it by itself, it has not begun, or it was deferred and runs again.
        for (state, times) in [
            (State::Success, [None, Some(3), Some(3)]),
            (State::Queued, [Some(1), None, None]),
            (State::Running, [Some(7), Some(3), None]),
        ] {
            assert_eq!(of(state, times), None);
        }
        let failure = attempt(State::Failed, [None, Some(3), Some(9)]);
        let earlier = RecordedTry {
            is_earlier: true,
            ..failure
        };
        let work = Work::of(&earlier).unwrap();
        assert_eq!(work, Work::Ended { started, ended });
        assert_eq!(work.span(&earlier), None, "nobody knows when it was queued");
    }

    #[test]
    fn shares_are_those_that_a_simulation_draws() {
        let mut outcomes = Outcomes::default();
        let times = [Some(1), Some(3), Some(9)];
        for (state, times, count) in [
            (State::Success, times, 6),
            (State::Skipped, times, 2),
            (State::Failed, times, 1),
            (State::UpForRetry, [Some(7), Some(3), Some(9)], 1),
            (State::Failed, [Some(1), None, None], 5),
        ] {
            let attempt = attempt(state, times);
            for _ in 0..count {
                outcomes.count(&attempt, Work::of(&attempt).unwrap());
            }
        }
        let share = |count, of| Proportion { count, of };
        assert_eq!(outcomes.failures(), share(2, 10));
        assert_eq!(outcomes.skips(), share(2, 8));
        assert_eq!(outcomes.fatal(1), share(1, 2));
        assert_eq!(outcomes.fatal(0), share(0, 2));
    }
}
