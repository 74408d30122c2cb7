//! Which runs a loop examines: the same order as [`crate::airflow::scheduler::turns`] keeps, where runs arrive.
//!
//! Runs that arrive are dated in the order of their creation, so their numbers stand for their dates, and each run
//! knows in which of the two stretches it stands. A loop thus costs what moves between the stretches, and finding the
//! turn of a run in which something happened is a short search; the others are not looked at.

use super::live::LiveRuns;
use crate::time::SimTime;
use std::collections::VecDeque;

/// The running runs in the order in which loops examine them: first those behind, then those examined.
#[derive(Debug)]
pub(super) struct Turns {
    /// Those that the latest loop has left out, and those that came later, in their order.
    behind: VecDeque<u32>,
    /// How many of them, in front, no loop has examined.
    never: usize,
    /// Those that the latest loop has examined, by number.
    examined: Vec<(u64, u32)>,
    limit: usize,
    /// When the latest loop was.
    latest_at: SimTime,
    found: Vec<(usize, Found)>,
}

/// A run whose turn it is and in which something happened, and when a loop last examined it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) run: u32,
    pub(super) examined_at: SimTime,
}

/// So many runs or fewer are put among those examined one by one; more are sorted.
const FEW: usize = 8;

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            behind: VecDeque::new(),
            never: 0,
            examined: Vec::new(),
            limit,
            latest_at: SimTime::MIN,
            found: Vec::new(),
        }
    }

    /// A run begins to take turns, behind the others that no loop has examined.
    #[inline]
    pub(super) fn add(&mut self, run: u32, live: &mut LiveRuns) {
        live.run(run).is_behind = true;
        self.behind.insert(self.never, run);
        self.never += 1;
    }

    /// A run has ended in its examination.
    #[inline]
    pub(super) fn remove(&mut self, sequence: u64) {
        if let Ok(at) = self.place_of(sequence) {
            self.examined.remove(at);
        }
    }

    /// Whether some run may have to wait for its turn.
    #[inline]
    pub(super) fn are_taken(&self) -> bool {
        self.behind.len() + self.examined.len() > self.limit
    }

    /// Finds the runs among `changed` whose turn it is in the loop at `now`, in their order, and lets that loop pass.
    #[inline]
    pub(super) fn take(
        &mut self,
        changed: &VecDeque<u32>,
        live: &mut LiveRuns,
        found: &mut Vec<Found>,
        now: SimTime,
    ) {
        found.clear();
        if self.are_taken() {
            self.find(changed, live);
            found.extend(self.found.iter().map(|&(_, found)| found));
        } else {
            let all = changed.iter();
            found.extend(all.map(|&run| self.told(run, live)));
        }
        self.pass(live);
        self.latest_at = now;
    }

    fn find(&mut self, changed: &VecDeque<u32>, live: &mut LiveRuns) {
        self.found.clear();
        if changed.len() > self.limit {
            let behind = self.behind.iter().copied();
            let examined = self.examined.iter().map(|&(_, run)| run);
            let first = behind.chain(examined).take(self.limit).enumerate();
            for (at, run) in first {
                if live.run(run).changed {
                    self.found.push((at, self.told(run, live)));
                }
            }
            return;
        }
        for &run in changed {
            let place = if live.run(run).is_behind {
                let mut first = self.behind.iter().take(self.limit);
                first.position(|&other| other == run)
            } else {
                let place = self.place_of(live.run(run).sequence);
                place.ok().map(|at| self.behind.len() + at)
            };
            if let Some(at) = place.filter(|&at| at < self.limit) {
                self.found.push((at, self.told(run, live)));
            }
        }
        if self.found.len() > 1 {
            self.found.sort_unstable_by_key(|&(at, _)| at);
        }
    }

    fn told(&self, id: u32, live: &mut LiveRuns) -> Found {
        let run = live.run(id);
        let examined_at = if run.is_behind {
            run.examined_at
        } else {
            self.latest_at
        };
        Found {
            run: id,
            examined_at,
        }
    }

    fn place_of(&self, sequence: u64) -> Result<usize, usize> {
        self.examined
            .binary_search_by_key(&sequence, |&(sequence, _)| sequence)
    }

    /// The next loop examines the runs whose turn it is.
    #[inline]
    fn pass(&mut self, live: &mut LiveRuns) {
        let taken = self.behind.len().min(self.limit);
        let stay = self.limit - taken;
        if self.examined.len() > stay {
            for (_, run) in self.examined.drain(stay..) {
                let left = live.run(run);
                left.is_behind = true;
                left.examined_at = self.latest_at;
                self.behind.push_back(run);
            }
        }
        self.never = self.never.saturating_sub(taken);
        for run in self.behind.drain(..taken) {
            let row = live.run(run);
            row.is_behind = false;
            let sequence = row.sequence;
            if taken <= FEW {
                let before = |&(other, _): &(u64, u32)| other < sequence;
                let at = self.examined.partition_point(before);
                self.examined.insert(at, (sequence, run));
            } else {
                self.examined.push((sequence, run));
            }
        }
        if taken > FEW {
            self.examined.sort_unstable();
        }
    }

    /// So many loops examine the runs whose turn it is, and nothing else happens meanwhile.
    pub(super) fn pass_idly(&mut self, loops: u64, live: &mut LiveRuns) {
        let runs = self.behind.len() + self.examined.len();
        let steps = if runs > 2 * self.limit {
            loops
        } else if runs > self.limit {
            // What one loop leaves out the next one takes in, and leaves out the latest others: from the third loop on
            // two sets of runs are left out in turn.
            loops.min(2 + loops % 2)
        } else {
            loops.min(1)
        };
        for _ in 0..steps {
            self.pass(live);
        }
    }
}
