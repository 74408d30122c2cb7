//! The pools that have changed in the present event. Their rows are written when it is over, because what lies between two
//! changes at one moment never was.

use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::ids::{PoolId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;

/// Pools of which a count or the size has changed.
#[derive(Debug)]
pub(crate) struct ChangedPools {
    pools: Vec<PoolId>,
    /// By pool, whether it is among them.
    contains: Vec<bool>,
}

impl ChangedPools {
    pub(crate) fn new(pools: usize) -> Self {
        Self {
            pools: Vec::with_capacity(pools),
            contains: vec![false; pools],
        }
    }

    #[inline]
    fn add(&mut self, pool: PoolId) {
        if !std::mem::replace(&mut self.contains[pool.index()], true) {
            self.pools.push(pool);
        }
    }

    #[inline]
    fn take(&mut self) -> Option<PoolId> {
        let pool = self.pools.pop()?;
        self.contains[pool.index()] = false;
        Some(pool)
    }
}

impl<R: Recorder> World<R> {
    /// A count or the size of a pool changes.
    #[inline]
    pub(crate) fn pool_changed(&mut self, pool: PoolId) {
        self.changed_pools.add(pool);
    }

    /// An instance of a task changes its state, which may change the counts of its pool.
    #[inline]
    pub(crate) fn counts_changed(
        &mut self,
        task: TaskId,
        before: TaskInstanceState,
        next: TaskInstanceState,
    ) {
        let counts =
            |state: TaskInstanceState| state.is_active() || state == TaskInstanceState::Scheduled;
        if counts(before) || counts(next) {
            self.pool_changed(self.plan.tasks[task.index()].pool);
        }
    }

    /// Writes the rows of the pools that have changed, and tells what they hold up.
    #[inline]
    pub(crate) fn sample_pools(&mut self, now: SimTime) {
        while let Some(pool) = self.changed_pools.take() {
            let sample = self.pool_sample(pool, now);
            self.recorder.pool(&sample);
            self.look_for_deadlock(pool, now);
            if R::WAIT_PARTS {
                self.attribution.set_pool(pool, self.pools.open(pool), now);
            }
        }
    }
}
