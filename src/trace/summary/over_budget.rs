//! How long some pools together offered more slots than their budget has.

use super::MeasurementWindow;
use super::pool::size_of;
use crate::deployment::{Budget, Pool};
use crate::ids::PoolId;
use crate::stats::TimeSeries;
use crate::time::SimTime;
use crate::trace::ResizeRecord;

/// An unlimited pool is above every budget.
const BEYOND: i64 = 1 << 40;

/// The slots that the pools of a budget offer together, over time.
#[derive(Clone, Debug, PartialEq)]
pub struct OverBudget {
    budget: Budget,
    offered: i64,
    /// 1 while that is above the budget.
    is_over: TimeSeries<1>,
}

impl OverBudget {
    pub(super) fn new(budget: &Budget, pools: &[Pool], window: &MeasurementWindow) -> Self {
        let sizes = budget.pools.iter();
        let offered = sizes.map(|pool| counted(pools[pool.index()].slots)).sum();
        let is_over = i64::from(offered > i64::from(budget.slots));
        Self {
            budget: budget.clone(),
            offered,
            is_over: TimeSeries::new(window.start, window.measured(), [is_over]).without_course(),
        }
    }

    pub(super) fn record(&mut self, row: &ResizeRecord) {
        if self.holds(row.pool) {
            self.offered += counted(row.to) - counted(row.from);
            let is_over = self.offered > i64::from(self.budget.slots);
            self.is_over.set(row.at, [i64::from(is_over)]);
        }
    }

    pub(super) fn end_at(&mut self, end: SimTime) {
        self.is_over.end_at(end);
    }

    /// The share of the measured time in which they offered more.
    pub fn share(&self) -> f64 {
        self.is_over.over_window().mean(0usize)
    }

    fn holds(&self, pool: PoolId) -> bool {
        self.budget.pools.contains(&pool)
    }
}

fn counted(slots: i64) -> i64 {
    match size_of(Some(slots)) {
        -1 => BEYOND,
        slots => slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;
    use crate::trace::synthetic::first_hour;

    /// The share over a budget of 10 slots for two pools of 4 slots, the first of which is resized at these minutes of
    /// the 50 that are measured.
    fn share(resizes: &[(usize, i64, i64, i64)]) -> f64 {
        let pool = Pool {
            slots: 4,
            ..Pool::default_pool()
        };
        let pools = [pool.clone(), pool.clone(), pool];
        let budget = Budget {
            slots: 10,
            pools: vec![PoolId::new(0), PoolId::new(1)],
        };
        let window = first_hour();
        let mut over = OverBudget::new(&budget, &pools, &window);
        for &(pool, minute, from, to) in resizes {
            over.record(&ResizeRecord {
                at: window.warm_up_end + SimDuration::from_seconds(minute * 60),
                pool: PoolId::new(pool),
                from,
                to,
                reason: String::new(),
            });
        }
        over.share()
    }

    #[test]
    fn it_is_over_while_the_pools_offer_more_together() {
        let close = |share: f64, wanted: f64| assert!((share - wanted).abs() < 1e-12, "{share}");
        close(share(&[]), 0.0);
        close(share(&[(0, 10, 4, 6)]), 0.0);
        close(share(&[(0, 10, 4, 7), (1, 20, 4, 3)]), 0.2);
        close(share(&[(2, 10, 4, 70)]), 0.0);
        close(share(&[(0, 25, 4, -1)]), 0.5);
        close(share(&[(0, -5, 4, 9), (0, 30, 9, -7)]), 0.6);
    }
}
