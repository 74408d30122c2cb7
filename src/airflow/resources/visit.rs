//! A task's visit to a resource: its work, the calls that it makes meanwhile, and where it stands.

use crate::airflow::resources::shared_work::Place;
use crate::time::SimTime;

/// A moment, and for those of one moment who came first.
pub(super) type Turn = (SimTime, u64);

/// A visit under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// All its work.
    work: u128,
    /// How many calls are spread over it, and how many of them it has made.
    calls: u32,
    called: u32,
    pub(super) phase: Phase,
    pub(super) ends_by: Option<Turn>,
}

/// What a visitor does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// A call waits for its token.
    Calling(Turn),
    /// It works.
    AtWork(Place),
}

impl Visit {
    /// One that has made its first call, if it makes any.
    pub(super) fn new(work: u128, calls: u32, phase: Phase, ends_by: Option<Turn>) -> Self {
        Self {
            work,
            calls,
            called: 1,
            phase,
            ends_by,
        }
    }

    /// The work from the latest call to the next, or to the end.
    pub(super) fn part(&self) -> u128 {
        let done_at = |call: u32| self.work / u128::from(self.calls.max(1)) * u128::from(call);
        if self.called >= self.calls {
            return self.work - done_at(self.calls.max(1) - 1);
        }
        done_at(self.called) - done_at(self.called - 1)
    }

    /// Makes the next call; says whether there is one.
    pub(super) fn calls_again(&mut self) -> bool {
        let calls = self.called < self.calls;
        self.called += u32::from(calls);
        calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_spread_evenly_and_the_parts_are_the_whole() {
        let phase = Phase::Calling((SimTime::MIN, 0));
        for (work, calls, parts) in [
            (100, 4, vec![25; 4]),
            (11, 3, vec![3, 3, 5]),
            (7, 1, vec![7]),
            (7, 0, vec![7]),
            (0, 2, vec![0, 0]),
        ] {
            let mut visit = Visit::new(work, calls, phase, None);
            let mut found = vec![visit.part()];
            while visit.calls_again() {
                found.push(visit.part());
            }
            assert_eq!(found, parts, "{calls} calls in {work}");
        }
    }
}
