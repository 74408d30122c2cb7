//! Which running runs a loop examines when there are more than `max_dagruns_per_loop_to_schedule`: they take turns
//! (docs/background/scheduler.md, 1.3).
//!
//! The order is runs outside of backfills first, then by their number in the backfill; never-examined first, then
//! longest unexamined, then `run_after` (in Airflow 2 the logical date), then creation. While no more runs are running than
//! one loop examines, every loop examines all of them, so nothing needs to be kept: the order is made up when the limit
//! is first exceeded.

use super::dag_run::DagRun;
use crate::ids::RunId;
use crate::time::SimTime;

/// The running runs in the order in which loops examine them.
#[derive(Debug)]
pub(crate) struct Turns {
    order: Vec<Turn>,
    /// Runs of paused DAGs, as they last stood in the order.
    aside: Vec<Turn>,
    limit: usize,
    /// Whether `order` is sorted: false as long as every loop examines all.
    sorted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    ordinal: u32,
    /// The loop that examined it last, counted from 1; 0 for never.
    examined: u64,
    date: SimTime,
    sequence: u64,
    run: RunId,
}

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            order: Vec::new(),
            aside: Vec::new(),
            limit,
            sorted: true,
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
            self.order.push(turn);
            self.sorted = false;
        }
    }

    /// A run has ended.
    pub(crate) fn remove(&mut self, run: RunId) {
        self.order.retain(|turn| turn.run != run);
        self.aside.retain(|turn| turn.run != run);
    }

    /// Takes runs out of the order; when they were last examined is not forgotten.
    pub(crate) fn set_aside(&mut self, belongs: impl Fn(RunId) -> bool) {
        let aside = &mut self.aside;
        self.order.retain(|turn| {
            let goes = belongs(turn.run);
            if goes {
                aside.push(*turn);
            }
            !goes
        });
    }

    /// Puts runs back into the order where they were.
    pub(crate) fn put_back(&mut self, belongs: impl Fn(RunId) -> bool) {
        let order = &mut self.order;
        self.aside.retain(|turn| {
            let comes = belongs(turn.run);
            if comes {
                order.push(*turn);
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
        if self.order.len() <= self.limit {
            for turn in &mut self.order {
                turn.examined = loop_number;
            }
            self.sorted = false;
            return;
        }
        self.sort();
        let examined = &mut self.order[..self.limit];
        for turn in examined.iter_mut() {
            turn.examined = loop_number;
        }
        examined.sort_unstable();
        if self.order.last().is_some_and(|last| last.ordinal > 0) {
            // The number in the backfill comes before the last examination.
            self.sorted = false;
        } else {
            self.order.rotate_left(self.limit);
        }
    }

    fn sort(&mut self) {
        if !self.sorted {
            self.order.sort_unstable();
            self.sorted = true;
        }
    }
}
