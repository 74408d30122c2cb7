//! Which running runs a loop examines when there are more than `max_dagruns_per_loop_to_schedule`: they take turns
//! (docs/background/scheduler.md, 1.3).
//!
//! The order is never-examined first, then longest unexamined, then `run_after`, then creation. While no more runs
//! are running than one loop examines, every loop examines all of them, so nothing needs to be kept: the order is
//! made up when the limit is first exceeded.

use crate::ids::RunId;
use crate::time::SimTime;

/// The running runs in the order in which loops examine them.
#[derive(Debug)]
pub(crate) struct Turns {
    order: Vec<Turn>,
    limit: usize,
    /// Whether `order` is sorted: false as long as every loop examines all.
    sorted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    /// The loop that examined it last, counted from 1; 0 for never.
    examined: u64,
    run_after: SimTime,
    sequence: u64,
    run: RunId,
}

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            order: Vec::new(),
            limit,
            sorted: true,
        }
    }

    /// A run starts.
    pub(crate) fn add(&mut self, run: RunId, run_after: SimTime, sequence: u64) {
        self.order.push(Turn {
            examined: 0,
            run_after,
            sequence,
            run,
        });
        self.sorted = false;
    }

    /// A run has ended.
    pub(crate) fn remove(&mut self, run: RunId) {
        self.order.retain(|turn| turn.run != run);
    }

    /// Whether some run may have to wait for its turn.
    pub(crate) fn are_taken(&self) -> bool {
        self.order.len() > self.limit
    }

    /// The runs that the next loop examines, in their order; only meaningful while turns are taken.
    pub(crate) fn next(&mut self) -> impl Iterator<Item = RunId> + '_ {
        if !self.sorted {
            self.order.sort_unstable();
            self.sorted = true;
        }
        self.order.iter().take(self.limit).map(|turn| turn.run)
    }

    /// A loop has examined the runs whose turn it was.
    pub(crate) fn pass(&mut self, loop_number: u64) {
        if self.order.len() <= self.limit {
            for turn in &mut self.order {
                turn.examined = loop_number;
            }
            self.sorted = false;
        } else {
            let examined = &mut self.order[..self.limit];
            for turn in examined.iter_mut() {
                turn.examined = loop_number;
            }
            examined.sort_unstable();
            self.order.rotate_left(self.limit);
        }
    }
}
