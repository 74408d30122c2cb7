//! The page of a critical section, as [`crate::airflow::scheduler::critical_section`] fetches it, where only pools and
//! executors bind.
//!
//! Within a page slots only get fewer, so what fails in a lane lets all behind it fail: as soon as each lane has failed
//! and another page cannot come, the rest of the page need not be fetched.

use super::pool::{Lane, Pool, Ready};
use crate::airflow::scheduler::critical_section::Outlook;
use crate::airflow::scheduler::starving::StarvingByPool;

/// Where a page has come in a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front {
    weight: i64,
    pub(super) slots: u32,
    /// What comes next.
    pub(super) ready: Ready,
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

impl Page {
    pub(super) fn new(pools: usize, tasks: usize) -> Self {
        Self {
            starved_tasks: vec![0; tasks],
            starved_pools: vec![0; pools],
            ..Self::default()
        }
    }

    /// Begins a query at the first of what waits for this pool, if it is not starved.
    #[inline]
    pub(super) fn open(&mut self, pool: u32, waiting: &Pool) {
        if self.is_starved(self.starved_pools[pool as usize]) {
            return;
        }
        for (lane, waiting) in waiting.lanes.iter().enumerate() {
            let at = self.next_from(0, waiting);
            if let Some(&ready) = waiting.ready.get(at) {
                self.fronts.push(Front {
                    weight: waiting.weight,
                    slots: waiting.slots,
                    ready,
                    pool,
                    lane: lane as u32,
                    at,
                    fails: false,
                });
            }
        }
    }

    /// How much of what is left to fetch there is.
    pub(super) fn rest(&self, pools: &[Pool]) -> usize {
        let rest = self.fronts.iter().map(|front| {
            let lane = &pools[front.pool as usize].lanes[front.lane as usize];
            lane.ready.len() - front.at
        });
        rest.sum()
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
    pub(super) fn first(&self) -> Option<usize> {
        let mut fronts = self.fronts.iter().enumerate();
        let (mut first, mut best) = fronts.next()?;
        for (at, front) in fronts {
            if front.comes_before(best) {
                (first, best) = (at, front);
            }
        }
        Some(first)
    }

    /// So many slots are left in a pool: whatever needs more of them fails from here on. Says of how many lanes that is
    /// news.
    #[inline]
    pub(super) fn fail_beyond(&mut self, open: i64, pool: u32) -> usize {
        let mut news = 0;
        for front in &mut self.fronts {
            let fits = open > 0 && i64::from(front.slots) <= open;
            if front.pool == pool && !fits && !front.fails {
                front.fails = true;
                news += 1;
            }
        }
        news
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

impl Front {
    #[inline]
    fn comes_before(&self, other: &Self) -> bool {
        self.weight > other.weight || self.weight == other.weight && self.ready < other.ready
    }
}
