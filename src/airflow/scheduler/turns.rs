//! Which running runs a loop examines when there are more than `max_dagruns_per_loop_to_schedule`: they take turns
//! (docs/background/scheduler.md, 1.3).
//!
//! The order is runs outside of backfills first, then by their number in the backfill; never-examined first, then longest
//! unexamined, then `run_after` (in Airflow 2 the logical date), then creation. While no more runs are running than one
//! loop examines, every loop examines all of them, so only that loop is kept: the order is made up when the limit is first
//! exceeded.

use crate::airflow::runs::dag_run::DagRun;
use crate::ids::RunId;
use crate::time::SimTime;
use std::collections::VecDeque;

/// The running runs in the order in which loops examine them.
#[derive(Debug)]
pub(crate) struct Turns {
    order: VecDeque<Turn>,
    /// Runs of paused DAGs, as they last stood in the order.
    aside: Vec<Turn>,
    limit: usize,
    /// Whether `order` is sorted: false as long as every loop examines all.
    sorted: bool,
    /// The latest loop.
    latest: u64,
    /// The latest loop that examined all: those that have been in the order since before it.
    examined_all: u64,
    /// Working memory: those that a loop has examined.
    passing: Vec<Turn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    ordinal: u32,
    /// The loop that examined it last, counted from 1; 0 for never.
    examined: u64,
    date: SimTime,
    sequence: u64,
    run: RunId,
    /// The latest loop when it was put into the order.
    since: u64,
}

impl Turn {
    /// Writes down that a loop examined all, if it was in the order then.
    fn settle(&mut self, examined_all: u64) {
        if self.since < examined_all {
            self.examined = self.examined.max(examined_all);
        }
    }
}

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            order: VecDeque::new(),
            aside: Vec::new(),
            limit,
            sorted: true,
            latest: 0,
            examined_all: 0,
            passing: Vec::new(),
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
            since: self.latest,
        };
        if aside {
            self.aside.push(turn);
        } else {
            self.order.push_back(turn);
            self.sorted = false;
        }
    }

    /// A run has ended. Where turns are taken it was examined just now, so the search starts at the end.
    pub(crate) fn remove(&mut self, run: RunId) {
        match self.order.iter().rposition(|turn| turn.run == run) {
            Some(at) => drop(self.order.remove(at)),
            None => self.aside.retain(|turn| turn.run != run),
        }
    }

    /// Takes runs out of the order; when they were last examined is not forgotten.
    pub(crate) fn set_aside(&mut self, belongs: impl Fn(RunId) -> bool) {
        let (aside, examined_all) = (&mut self.aside, self.examined_all);
        self.order.retain(|turn| {
            let goes = belongs(turn.run);
            if goes {
                let mut turn = *turn;
                turn.settle(examined_all);
                aside.push(turn);
            }
            !goes
        });
    }

    /// Puts runs back into the order where they were.
    pub(crate) fn put_back(&mut self, belongs: impl Fn(RunId) -> bool) {
        let (order, since) = (&mut self.order, self.latest);
        self.aside.retain(|turn| {
            let comes = belongs(turn.run);
            if comes {
                order.push_back(Turn { since, ..*turn });
            }
            !comes
        });
        self.sorted = false;
    }

    /// A run that waits aside was examined after that loop.
    pub(crate) fn examined_aside(&mut self, run: RunId, loop_number: u64) {
        for turn in &mut self.aside {
            if turn.run == run {
                turn.examined = loop_number;
            }
        }
    }

    /// Whether some run may have to wait for its turn.
    pub(crate) fn are_taken(&self) -> bool {
        self.order.len() > self.limit
    }

    /// The runs that the next loop examines, in their order; only meaningful while turns are taken.
    pub(crate) fn next(&mut self) -> impl Iterator<Item = RunId> + '_ {
        self.sort();
        self.order.iter().take(self.limit).map(|turn| turn.run)
    }

    /// A loop has examined the runs whose turn it was.
    pub(crate) fn pass(&mut self, loop_number: u64) {
        self.latest = loop_number;
        if self.order.len() <= self.limit {
            self.examined_all = loop_number;
            self.sorted = false;
            return;
        }
        self.sort();
        self.passing.clear();
        self.passing.extend(self.order.drain(..self.limit));
        for turn in &mut self.passing {
            turn.examined = loop_number;
        }
        // The number in the backfill comes before the last examination.
        self.sorted = self.order.back().is_some_and(|last| last.ordinal == 0);
        self.append_passing();
    }

    /// Puts those that a loop has examined behind the others, in their order. They mostly are those that one earlier loop
    /// has examined behind those of another, and each of these two stretches is in order already.
    fn append_passing(&mut self) {
        let falls = self.passing.windows(2).position(|pair| pair[0] > pair[1]);
        let Some(last) = falls else {
            self.order.extend(&self.passing);
            return;
        };
        let (mut first, mut second) = self.passing.split_at(last + 1);
        if !second.is_sorted() {
            self.passing.sort_unstable();
            self.order.extend(&self.passing);
            return;
        }
        while let ([one, ones @ ..], [other, others @ ..]) = (first, second) {
            if one < other {
                self.order.push_back(*one);
                first = ones;
            } else {
                self.order.push_back(*other);
                second = others;
            }
        }
        self.order.extend(first);
        self.order.extend(second);
    }

    fn sort(&mut self) {
        if !self.sorted {
            for turn in &mut self.order {
                turn.settle(self.examined_all);
            }
            self.order.make_contiguous().sort_unstable();
            self.sorted = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(limit: usize, runs: &[usize]) -> Turns {
        let mut turns = Turns::new(limit);
        add(&mut turns, runs);
        turns
    }

    fn add(turns: &mut Turns, runs: &[usize]) {
        for &run in runs {
            turns.order.push_back(Turn {
                ordinal: 0,
                examined: 0,
                date: SimTime::default(),
                sequence: run as u64,
                run: RunId::new(run),
                since: turns.latest,
            });
            turns.sorted = false;
        }
    }

    fn next(turns: &mut Turns) -> Vec<usize> {
        turns.next().map(RunId::index).collect()
    }

    #[test]
    fn those_that_were_never_examined_come_first_then_those_that_have_waited_longest() {
        let mut turns = turns(2, &[0, 1]);
        turns.pass(1);
        turns.pass(2);
        add(&mut turns, &[2, 3, 4]);
        let mut told = Vec::new();
        for number in 3..7 {
            told.push(next(&mut turns));
            turns.pass(number);
        }
        assert_eq!(told, [[2, 3], [4, 0], [1, 2], [3, 0]].map(Vec::from));
    }

    #[test]
    fn those_that_one_loop_has_examined_are_in_order_again() {
        // Two, three and many stretches of earlier loops.
        for (count, limit) in [(7, 5), (7, 3), (5, 4), (9, 2)] {
            let mut turns = turns(limit, &(0..count).rev().collect::<Vec<_>>());
            turns.sort();
            for number in 1..50 {
                turns.pass(number);
                if number % 7 == 0 {
                    turns.remove(RunId::new(number as usize / 7 % count));
                    add(&mut turns, &[count + number as usize]);
                }
                turns.sort();
                assert!(turns.order.iter().is_sorted(), "{count} {limit} {number}");
            }
        }
    }

    #[test]
    fn a_run_that_was_aside_has_not_been_examined_with_all() {
        let mut turns = turns(2, &[0, 1]);
        turns.pass(1);
        turns.set_aside(|run| run == RunId::new(1));
        turns.pass(2);
        turns.put_back(|_| true);
        add(&mut turns, &[2]);
        assert_eq!(next(&mut turns), [2, 1]);
        turns.remove(RunId::new(2));
        turns.pass(3);
        assert_eq!(next(&mut turns), [0, 1]);
    }
}
