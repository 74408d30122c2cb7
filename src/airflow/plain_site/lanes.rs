//! What waits for slots, and which of it a loop starts: the critical section of
//! [`crate::airflow::scheduler::critical_section`] where only pools and executors bind.
//!
//! Instances of equal pool, weight, width and executor wait in one lane, in the order of the page. Within a page slots
//! only get fewer, so what fails in a lane lets all behind it fail: as soon as each lane has failed and another page
//! cannot come, the rest of the page need not be fetched.

use super::task::Task;
use crate::airflow::scheduler::critical_section::Outlook;
use crate::airflow::scheduler::starving::StarvingByPool;
use crate::time::SimTime;
use crate::trace::Recorder;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// What waits for one pool.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By falling weight.
    pub(super) lanes: Vec<Lane>,
    pub(super) waiting: usize,
}

/// What waits with equal weight, width and executor.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) weight: i64,
    pub(super) slots: u32,
    pub(super) executor: usize,
    pub(super) ready: VecDeque<Ready>,
}

/// An instance that waits, ordered among those of equal weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ready {
    /// The logical date of its run, the place of its DAG's name, the number of its run, and its task.
    pub(super) date: SimTime,
    pub(super) name_rank: u32,
    pub(super) sequence: u64,
    pub(super) task: u32,
    pub(super) instance: u32,
}

/// Where a page has come in a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front {
    pub(super) pool: u32,
    pub(super) lane: u32,
    pub(super) at: usize,
    /// Whether its instances have begun to fail.
    pub(super) fails: bool,
}

/// The critical section's working memory, kept from loop to loop.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) fronts: Vec<Front>,
    /// By task and by pool, the query that has starved it.
    pub(super) starved_tasks: Vec<u64>,
    pub(super) starved_pools: Vec<u64>,
    pub(super) query: u64,
    pub(super) first_query: u64,
    pub(super) outlook: Outlook,
    pub(super) starving: StarvingByPool,
}

impl Lanes {
    /// The lanes of all pools, with each task told its own.
    pub(super) fn lay_out(pools: usize, tasks: &mut [Task<'_>]) -> Vec<Self> {
        let mut all: Vec<Self> = (0..pools).map(|_| Self::default()).collect();
        for task in tasks.iter() {
            let lanes = &mut all[task.pool.index()].lanes;
            if !lanes.iter().any(|lane| lane.takes(task)) {
                lanes.push(Lane {
                    weight: task.weight,
                    slots: task.slots,
                    executor: task.executor,
                    ready: VecDeque::new(),
                });
            }
        }
        for pool in &mut all {
            pool.lanes.sort_by_key(|lane| Reverse(lane.weight));
        }
        for task in tasks {
            let mut lanes = all[task.pool.index()].lanes.iter();
            task.lane = lanes.position(|lane| lane.takes(task)).unwrap_or_default() as u32;
        }
        all
    }

    /// An instance begins to wait.
    #[inline]
    pub(super) fn join(&mut self, lane: u32, ready: Ready) {
        self.waiting += 1;
        let queue = &mut self.lanes[lane as usize].ready;
        match queue.back() {
            Some(last) if *last > ready => {
                let at = queue.partition_point(|other| *other < ready);
                queue.insert(at, ready);
            }
            _ => queue.push_back(ready),
        }
    }

    /// An instance waits no longer.
    #[inline]
    pub(super) fn leave(&mut self, front: &Front) {
        self.waiting -= 1;
        self.lanes[front.lane as usize].ready.remove(front.at);
    }
}

impl Lane {
    fn takes(&self, task: &Task<'_>) -> bool {
        (self.weight, self.slots, self.executor) == (task.weight, task.slots, task.executor)
    }
}

impl Page {
    /// Notes whether an instance of the task starves, with so many slots open in its pool.
    pub(super) fn look<R: Recorder>(&mut self, task: &Task<'_>, open: i64) {
        let starves = open <= 0 || i64::from(task.slots) > open;
        self.starving.count::<R>(task.pool, starves);
    }

    pub(super) fn new(pools: usize, tasks: usize) -> Self {
        Self {
            starved_tasks: vec![0; tasks],
            starved_pools: vec![0; pools],
            ..Self::default()
        }
    }

    /// Begins a query at the first of what waits for this pool, if it is not starved.
    #[inline]
    pub(super) fn open(&mut self, pool: u32, lanes: &Lanes) {
        if self.is_starved(self.starved_pools[pool as usize]) {
            return;
        }
        for (lane, waiting) in lanes.lanes.iter().enumerate() {
            let front = Front {
                pool,
                lane: lane as u32,
                at: 0,
                fails: false,
            };
            let at = self.next_from(0, waiting);
            if at < waiting.ready.len() {
                self.fronts.push(Front { at, ..front });
            }
        }
    }

    /// The first place from `at` on that an earlier page has not starved.
    #[inline]
    pub(super) fn next_from(&self, mut at: usize, lane: &Lane) -> usize {
        if self.query > self.first_query {
            let mut ready = lane.ready.iter().skip(at);
            while ready
                .next()
                .is_some_and(|ready| self.is_starved(self.starved_tasks[ready.task as usize]))
            {
                at += 1;
            }
        }
        at
    }

    /// The position among the fronts of what comes first.
    #[inline]
    pub(super) fn first(&self, pools: &[Lanes]) -> Option<usize> {
        let key = |front: &Front| {
            let lane = &pools[front.pool as usize].lanes[front.lane as usize];
            (Reverse(lane.weight), lane.ready[front.at])
        };
        match self.fronts.len() {
            0 => None,
            1 => Some(0),
            fronts => (0..fronts).min_by_key(|&at| key(&self.fronts[at])),
        }
    }

    /// Whether an earlier query of this loop has starved what bears this mark.
    #[inline]
    fn is_starved(&self, mark: u64) -> bool {
        mark >= self.first_query && mark < self.query
    }

    /// Starves a pool; says whether that is new.
    #[inline]
    pub(super) fn starve_pool(&mut self, pool: u32) -> bool {
        starve(
            &mut self.starved_pools[pool as usize],
            self.first_query,
            self.query,
        )
    }

    /// Starves a task; says whether that is new.
    #[inline]
    pub(super) fn starve_task(&mut self, task: u32) -> bool {
        starve(
            &mut self.starved_tasks[task as usize],
            self.first_query,
            self.query,
        )
    }
}

fn starve(mark: &mut u64, first_query: u64, query: u64) -> bool {
    let is_new = *mark < first_query;
    if is_new {
        *mark = query;
    }
    is_new
}
