//! The page of a critical section, as [`crate::airflow::scheduler::critical_section`] fetches it, where only pools and
//! executors bind.
//!
//! Within a page slots only get fewer, so what fails in a lane lets all behind it fail: as soon as each lane has failed
//! and another page cannot come, the rest of the page need not be fetched.

use super::live::LiveRuns;
use super::pool::{Lane, Pool, Ready};
use super::pool_set::PoolSet;
use crate::airflow::scheduler::critical_section::Outlook;
use crate::airflow::scheduler::starving::StarvingByPool;
use crate::ids::PoolId;
use crate::time::SimTime;
use std::hint::select_unpredictable;

/// Where a page has come in a lane. What comes next is not copied: it may have joined the lane a moment ago, and to read
/// in one piece what was written in several takes long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front {
    /// Smaller for what comes first, by weight and date; where it is equal, the rest decides.
    order: u128,
    pub(super) slots: u32,
    pub(super) pool: PoolId,
    pub(super) lane: u32,
    pub(super) at: usize,
    /// Whether its instances have begun to fail.
    fails: bool,
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

    /// Begins a query at the first of what waits for each pool that is not starved.
    #[inline]
    pub(super) fn begin(&mut self, startable: &PoolSet, pools: &[Pool], live: &LiveRuns) {
        self.query += 1;
        self.fronts.clear();
        for pool in startable.iter() {
            if self.is_starved(self.starved_pools[pool.index()]) {
                continue;
            }
            for (lane, waiting) in pools[pool.index()].lanes.iter().enumerate() {
                let at = self.next_from(0, waiting, live);
                if let Some(ready) = waiting.ready.get(at) {
                    self.fronts.push(Front {
                        order: order_of(waiting.weight, ready.date),
                        slots: waiting.slots,
                        pool,
                        lane: lane as u32,
                        at,
                        fails: false,
                    });
                }
            }
        }
    }

    /// Goes on to what is next in the lane of a front, whose first has passed and is gone, or has failed.
    #[inline]
    pub(super) fn go_on(&mut self, front: usize, has_passed: bool, pool: &Pool, live: &LiveRuns) {
        let lane = &pool.lanes[self.fronts[front].lane as usize];
        let at = self.fronts[front].at + usize::from(!has_passed);
        let at = self.next_from(at, lane, live);
        if let Some(ready) = lane.ready.get(at) {
            let front = &mut self.fronts[front];
            front.order = order_of(lane.weight, ready.date);
            front.at = at;
            front.fails |= !has_passed;
        } else {
            self.fronts.swap_remove(front);
        }
    }

    /// How much of what is left to fetch there is.
    pub(super) fn rest(&self, pools: &[Pool]) -> usize {
        let rest = self.fronts.iter().map(|front| {
            let lane = &pools[front.pool.index()].lanes[front.lane as usize];
            lane.ready.len() - front.at
        });
        rest.sum()
    }

    /// The first place from `at` on that an earlier page has not starved.
    #[inline]
    fn next_from(&self, mut at: usize, lane: &Lane, live: &LiveRuns) -> usize {
        if self.query > self.first_query {
            let mut ready = lane.ready.iter().skip(at);
            while ready.next().is_some_and(|ready| {
                let task = live.task_of(ready.instance);
                self.is_starved(self.starved_tasks[task as usize])
            }) {
                at += 1;
            }
        }
        at
    }

    /// The position among the fronts of what comes first. Which one that is is chance, so it is chosen without a branch.
    #[inline]
    pub(super) fn first(&self, pools: &[Pool]) -> Option<usize> {
        let mut fronts = self.fronts.iter().enumerate();
        let mut first = fronts.next()?;
        for front in fronts {
            let comes_before = front.1.comes_before(first.1, pools);
            first = select_unpredictable(comes_before, front, first);
        }
        Some(first.0)
    }

    /// So many slots are left in a pool, and whatever needs more of them fails from here on. Says how many lanes do not
    /// fail yet.
    #[inline]
    pub(super) fn passing(&mut self, pool: PoolId, open: i64) -> usize {
        let mut passing = 0;
        for front in &mut self.fronts {
            let fits = open > 0 && i64::from(front.slots) <= open;
            front.fails |= front.pool == pool && !fits;
            passing += usize::from(!front.fails);
        }
        passing
    }

    /// Whether an earlier query of this loop has starved what bears this mark.
    #[inline]
    fn is_starved(&self, mark: u64) -> bool {
        mark >= self.first_query && mark < self.query
    }

    /// Starves a pool; says whether that is new.
    #[inline]
    pub(super) fn starve_pool(&mut self, pool: PoolId) -> bool {
        starve(
            &mut self.starved_pools[pool.index()],
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
    fn comes_before(&self, other: &Self, pools: &[Pool]) -> bool {
        if self.order == other.order {
            return self.ready(pools) < other.ready(pools);
        }
        self.order < other.order
    }

    /// What comes next.
    #[inline]
    pub(super) fn ready(&self, pools: &[Pool]) -> Ready {
        pools[self.pool.index()].lanes[self.lane as usize].ready[self.at]
    }
}

/// Falling weight, then rising date, as one number.
#[inline]
fn order_of(weight: i64, date: SimTime) -> u128 {
    let rising = |number: i64| number as u64 ^ 1 << 63;
    u128::from(!rising(weight)) << 64 | u128::from(rising(date.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;

    proptest! {
        #[test]
        fn one_number_orders_as_weight_and_date(one in any::<(i64, i64)>(), other in any::<(i64, i64)>()) {
            let order = |(weight, date)| order_of(weight, SimTime::from_micros(date));
            let plain = |(weight, date)| (Reverse(weight), date);
            prop_assert_eq!(order(one).cmp(&order(other)), plain(one).cmp(&plain(other)));
        }
    }
}
