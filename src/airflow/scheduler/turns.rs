//! Which running runs a loop examines when there are more than `max_dagruns_per_loop_to_schedule`: they take turns
//! (docs/background/scheduler.md, 1.3).
//!
//! The order is runs outside of backfills first, then by their number in the backfill; never-examined first, then longest
//! unexamined, then `run_after` (in Airflow 2 the logical date), then creation. Outside of backfills those that the
//! latest loop has examined thus come last, by date, so they need not be marked one by one: a loop costs what it takes
//! in and leaves out, which is little while there are few more runs than one loop examines.

use crate::airflow::runs::dag_run::DagRun;
use crate::airflow::world::World;
use crate::ids::RunId;
use crate::time::SimTime;
use crate::trace::Recorder;
use std::collections::VecDeque;

/// The running runs in the order in which loops examine them: first those behind, then those examined.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Those that the latest loop has left out, and those that came later, in their order.
    behind: VecDeque<Turn>,
    /// Those that the latest loop has examined, by date.
    examined: Vec<Turn>,
    /// Runs of paused DAGs, as they last stood in the order.
    aside: Vec<Turn>,
    limit: usize,
    /// The latest loop, counted from 1.
    latest: u64,
    /// How many runs of backfills take turns: their number comes before the last examination.
    backfilling: usize,
    /// Working memory: runs that were found, and how many come before each.
    found: Vec<(usize, Turn)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    ordinal: u32,
    /// The loop that examined it last; 0 for never. Out of date for those that the latest loop has examined.
    examined: u64,
    date: SimTime,
    sequence: u64,
    run: RunId,
}

/// So many runs or fewer are put among those examined one by one; more are sorted.
const FEW: usize = 8;

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            behind: VecDeque::new(),
            examined: Vec::new(),
            aside: Vec::new(),
            limit,
            latest: 0,
            backfilling: 0,
            found: Vec::new(),
        }
    }

    /// A run begins to take turns, or to wait aside.
    pub(crate) fn add(&mut self, id: RunId, run: &DagRun, aside: bool) {
        let turn = Turn {
            ordinal: run.ordinal(),
            examined: 0,
            date: run.order_date,
            sequence: run.sequence,
            run: id,
        };
        if aside {
            self.aside.push(turn);
        } else {
            self.insert(turn);
        }
    }

    /// A run has ended. It mostly was examined just now.
    pub(crate) fn remove(&mut self, run: RunId) {
        self.sort_backfills();
        let is_it = |turn: &Turn| turn.run == run;
        if let Some(at) = self.examined.iter().position(is_it) {
            self.examined.remove(at);
        } else if let Some(at) = self.behind.iter().position(is_it) {
            let removed = self.behind.remove(at);
            self.backfilling -= usize::from(removed.is_some_and(|turn| turn.ordinal > 0));
        } else {
            self.aside.retain(|turn| !is_it(turn));
        }
    }

    /// Takes runs out of the order; when they were last examined is not forgotten.
    pub(crate) fn set_aside(&mut self, belongs: impl Fn(RunId) -> bool) {
        self.leave_examined(0);
        self.sort_backfills();
        let (aside, backfilling) = (&mut self.aside, &mut self.backfilling);
        self.behind.retain(|turn| {
            let goes = belongs(turn.run);
            if goes {
                aside.push(*turn);
                *backfilling -= usize::from(turn.ordinal > 0);
            }
            !goes
        });
    }

    /// Puts runs back into the order where they were.
    pub(crate) fn put_back(&mut self, belongs: impl Fn(RunId) -> bool) {
        for turn in std::mem::take(&mut self.aside) {
            if belongs(turn.run) {
                self.insert(turn);
            } else {
                self.aside.push(turn);
            }
        }
    }

    /// A run that waits aside was examined after the latest loop.
    pub(crate) fn examined_aside(&mut self, run: RunId) {
        for turn in &mut self.aside {
            if turn.run == run {
                turn.examined = self.latest;
            }
        }
    }

    /// Whether some run may have to wait for its turn.
    #[inline]
    pub(crate) fn are_taken(&self) -> bool {
        self.behind.len() + self.examined.len() > self.limit
    }

    /// The runs that the next loop examines, in their order.
    pub(crate) fn next(&mut self) -> impl Iterator<Item = RunId> + '_ {
        self.sort_backfills();
        let all = self.behind.iter().chain(&self.examined);
        all.take(self.limit).map(|turn| turn.run)
    }

    /// Finds the runs in which something happened and whose turn it is in the next loop, in their order. Notes of them and
    /// others in which something happened whether the latest loop had examined them.
    pub(crate) fn find_changed<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        found: &mut Vec<RunId>,
    ) {
        self.sort_backfills();
        self.found.clear();
        // Those that the latest loop has examined stand behind the others only if no place is left to them.
        let searched = match self.examined.len() {
            0 => self.behind.len(),
            _ => self.behind.len().min(self.limit),
        };
        let behind = self.behind.iter().take(searched).enumerate();
        let examined = (self.behind.len()..).zip(&self.examined);
        let standing = behind.chain(examined);
        // Whichever is less to look at.
        if world.changed.len() <= self.limit {
            for run in &world.changed {
                let found = standing.clone().find(|(_, turn)| turn.run == *run);
                self.found.extend(found.map(|(at, turn)| (at, *turn)));
            }
            self.found.sort_unstable_by_key(|&(at, _)| at);
        } else {
            let has_changed = |(_, turn): &(usize, &Turn)| world.run(turn.run).changed;
            let changed = standing.filter(has_changed);
            self.found.extend(changed.map(|(at, turn)| (at, *turn)));
        }
        found.clear();
        for &(at, turn) in &self.found {
            if at >= self.behind.len() || turn.examined == self.latest {
                world.note_latest_turn(turn.run);
            }
            if at < self.limit {
                found.push(turn.run);
            }
        }
    }

    /// The next loop examines the runs whose turn it is.
    #[inline]
    pub(crate) fn pass(&mut self) {
        self.sort_backfills();
        let taken = self.behind.len().min(self.limit);
        self.leave_examined(self.limit - taken);
        self.latest += 1;
        if taken <= FEW {
            for turn in self.behind.drain(..taken) {
                let before = |other: &Turn| other.by_date() < turn.by_date();
                let at = self.examined.partition_point(before);
                self.examined.insert(at, turn);
            }
        } else {
            self.examined.extend(self.behind.drain(..taken));
            self.examined.sort_by_key(Turn::by_date);
        }
    }

    /// So many loops examine the runs whose turn it is, and nothing else happens meanwhile.
    pub(crate) fn pass_idly(&mut self, loops: u64) {
        let runs = self.behind.len() + self.examined.len();
        let steps = if self.backfilling > 0 || runs > 2 * self.limit {
            loops
        } else if runs > self.limit {
            // What one loop leaves out the next one takes in, and leaves out the latest others: from the third loop on
            // two sets of runs are left out in turn.
            loops.min(2 + loops % 2)
        } else {
            loops.min(1)
        };
        self.latest += loops - steps;
        for _ in 0..steps {
            self.pass();
        }
    }

    fn insert(&mut self, turn: Turn) {
        self.sort_backfills();
        self.backfilling += usize::from(turn.ordinal > 0);
        let at = self.behind.partition_point(|other| *other < turn);
        self.behind.insert(at, turn);
    }

    /// All but the first so many of those that the latest loop has examined go behind the others.
    #[inline]
    fn leave_examined(&mut self, stay: usize) {
        if self.examined.len() > stay {
            let left = self.examined.drain(stay..);
            let examined = self.latest;
            self.behind
                .extend(left.map(|turn| Turn { examined, ..turn }));
        }
    }

    /// With runs of backfills the order is made up anew.
    #[inline]
    fn sort_backfills(&mut self) {
        if self.backfilling > 0 {
            self.leave_examined(0);
            self.behind.make_contiguous().sort_unstable();
        }
    }
}

impl Turn {
    /// The order of those that the same loop has examined.
    fn by_date(&self) -> (SimTime, u64) {
        (self.date, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(run: usize, ordinal: u32) -> Turn {
        Turn {
            ordinal,
            examined: 0,
            // Some dates are equal, and some go back.
            date: SimTime::from_micros((run * 7 % 5) as i64),
            sequence: run as u64,
            run: RunId::new(run),
        }
    }

    fn next(turns: &mut Turns) -> Vec<usize> {
        turns.next().map(RunId::index).collect()
    }

    /// Marks all that a loop examines and sorts them by the whole key, as the database does.
    #[derive(Default)]
    struct Plain {
        order: Vec<Turn>,
        aside: Vec<Turn>,
    }

    impl Plain {
        fn pass(&mut self, number: u64, limit: usize) {
            for turn in self.order.iter_mut().take(limit) {
                turn.examined = number;
            }
            self.order.sort();
        }

        fn next(&self, limit: usize) -> Vec<usize> {
            let turns = self.order.iter().take(limit);
            turns.map(|turn| turn.run.index()).collect()
        }
    }

    #[test]
    fn those_that_were_never_examined_come_first_then_those_that_have_waited_longest() {
        let mut turns = Turns::new(2);
        let add = |turns: &mut Turns, runs: &[usize]| {
            for &run in runs {
                turns.insert(Turn {
                    date: SimTime::default(),
                    ..turn(run, 0)
                });
            }
        };
        add(&mut turns, &[0, 1]);
        turns.pass();
        turns.pass();
        add(&mut turns, &[2, 3, 4]);
        let mut told = Vec::new();
        for _ in 0..4 {
            told.push(next(&mut turns));
            turns.pass();
        }
        assert_eq!(told, [[2, 3], [4, 0], [1, 2], [3, 0]].map(Vec::from));
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_plain_sort(
            limit in 1usize..12,
            backfills in any::<bool>(),
            steps in prop::collection::vec((0usize..8, 0usize..30), 0..120),
        ) {
            let mut turns = Turns::new(limit);
            let mut plain = Plain::default();
            let mut number = 0;
            for (run, (step, choice)) in steps.into_iter().enumerate() {
                let belongs = |run: RunId| run.index() % 3 == choice % 3;
                match step {
                    0..3 => {
                        let new = turn(run, if backfills { choice as u32 % 3 } else { 0 });
                        turns.insert(new);
                        plain.order.push(new);
                        plain.order.sort();
                    }
                    3 if !plain.order.is_empty() => {
                        let gone = plain.order.remove(choice % plain.order.len());
                        turns.remove(gone.run);
                    }
                    4 => {
                        turns.set_aside(belongs);
                        plain.aside.extend(plain.order.extract_if(.., |turn| belongs(turn.run)));
                    }
                    5 => {
                        turns.put_back(belongs);
                        plain.order.extend(plain.aside.extract_if(.., |turn| belongs(turn.run)));
                        plain.order.sort();
                    }
                    _ => {
                        turns.pass_idly(choice as u64);
                        for _ in 0..choice {
                            number += 1;
                            plain.pass(number, limit);
                        }
                    }
                }
                prop_assert_eq!(next(&mut turns), plain.next(limit));
            }
        }
    }
}
