//! What kept the runs of a DAG from starting, and when: a run may have been due long before it was created, so the past
//! is kept as far back as a run may still ask for it.

use crate::time::{SimDuration, SimTime};
use crate::trace::{RunWait, RunWaitCause};
use std::collections::VecDeque;

/// The causes of one queue of runs, one after the other. Before the first the DAG was not there.
#[derive(Debug)]
pub(crate) struct RunWaitHistory {
    changes: VecDeque<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Change {
    at: SimTime,
    /// What holds from then on.
    cause: RunWaitCause,
    /// How all time until then divides.
    before: RunWait,
}

impl Change {
    /// How all time until `moment` divides, if nothing changes after this.
    fn until(&self, moment: SimTime) -> RunWait {
        let mut parts = self.before;
        parts.add(self.cause, moment - self.at);
        parts
    }
}

impl RunWaitHistory {
    /// Nothing holds from `start` on, except that loops must come round.
    pub(crate) fn new(start: SimTime) -> Self {
        let first = Change {
            at: start,
            cause: RunWaitCause::Loop,
            before: RunWait::default(),
        };
        Self {
            changes: VecDeque::from([first]),
        }
    }

    /// From now on this is what holds.
    pub(crate) fn set(&mut self, cause: RunWaitCause, now: SimTime) {
        let Some(last) = self.changes.back() else {
            return;
        };
        if last.cause != cause {
            let before = last.until(now);
            self.changes.push_back(Change {
                at: now,
                cause,
                before,
            });
        }
    }

    /// How the time between two moments divides.
    #[inline]
    pub(crate) fn between(&self, from: SimTime, to: SimTime) -> RunWait {
        // Mostly nothing has changed since.
        if let Some(last) = self.changes.back().filter(|last| last.at <= from) {
            let mut wait = RunWait::default();
            wait.add(last.cause, to - from);
            return wait;
        }
        self.until(to).since(&self.until(from))
    }

    /// No run that is still to start was due before this moment.
    pub(crate) fn forget(&mut self, before: SimTime) {
        while self.changes.get(1).is_some_and(|next| next.at <= before) {
            self.changes.pop_front();
        }
    }

    fn until(&self, moment: SimTime) -> RunWait {
        let after = self.changes.partition_point(|change| change.at <= moment);
        match (after.checked_sub(1), self.changes.front()) {
            (Some(last), _) => self.changes[last].until(moment),
            (None, Some(first)) => {
                let mut parts = first.before;
                parts.add(
                    RunWaitCause::Paused,
                    SimDuration::ZERO - (first.at - moment),
                );
                parts
            }
            (None, None) => RunWait::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_divides_as_it_passed() {
        let at = |seconds: i64| SimTime::from_micros(seconds * 1_000_000);
        let mut history = RunWaitHistory::new(at(100));
        history.set(RunWaitCause::MaxActiveRuns, at(110));
        history.set(RunWaitCause::MaxActiveRuns, at(115));
        history.set(RunWaitCause::Loop, at(120));
        history.set(RunWaitCause::Paused, at(150));
        let parts = |from, to| {
            let wait = history.between(at(from), at(to));
            RunWaitCause::ALL.map(|cause| wait.of(cause).as_micros() / 1_000_000)
        };
        assert_eq!(parts(90, 160), [20, 10, 40], "10 before it was there");
        assert_eq!(parts(112, 119), [0, 7, 0]);
        assert_eq!(parts(119, 121), [0, 1, 1]);
        let mut shorter = RunWaitHistory {
            changes: history.changes.clone(),
        };
        shorter.forget(at(119));
        assert_eq!(shorter.changes.len(), 3);
        let whole = history.between(at(119), at(160));
        assert_eq!(shorter.between(at(119), at(160)), whole);
    }
}
