//! The simulated pools: what the scheduler consults before it queues a task, and what a person sees of it.
//!
//! Airflow counts slots by a query in every loop; here they are kept up to date as instances change state, so
//! that a look costs nothing. The rules are those of Airflow 3.3.2 (`Pool.slots_stats`):
//!
//! ```text
//! total(pool)    = unlimited if slots = -1, else slots        (0 or below -1: a closed pool)
//! occupied(pool) = running + queued (+ deferred, if include_deferred)
//! open(pool)     = total - occupied                           (negative after a shrink; nothing is evicted)
//! ```

use crate::airflow::pools::{PoolChange, PoolError, PoolStatus, Pools, SlotCounts, check};
use crate::deployment::{DEFAULT_POOL, Pool, TaskInstanceState};
use crate::ids::PoolId;
use crate::policy::PoolLoad;
use crate::time::SimTime;

/// The slots that mean "unlimited".
const UNLIMITED: i64 = -1;

/// The pools of a simulation by [`PoolId`].
///
/// A deleted pool keeps its id, because tasks that ask for it wait for ever; it comes back when a pool of its name
/// is created again. A pool with a new name gets the next id.
///
/// ```
/// use slotwise::airflow::{PoolManager, Pools};
/// use slotwise::deployment::{Pool, TaskInstanceState::{None, Queued, Scheduled}};
///
/// let mut pools = PoolManager::new([Pool::default_pool()]);
/// pools.create_pool("database", 8, "Warehouse connections")?;
///
/// let database = pools.id_of("database").expect("it has just been created");
/// pools.shift(database, None, Scheduled, 3);
/// pools.shift(database, Scheduled, Queued, 3);
/// assert_eq!(pools.open(database), 5);
/// assert_eq!(pools.get_pool_status("database")?.utilisation, Some(0.375));
/// # Ok::<(), slotwise::airflow::PoolError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PoolManager {
    pools: Vec<SimulatedPool>,
}

#[derive(Clone, Debug)]
struct SimulatedPool {
    declared: Pool,
    deleted: bool,
    counts: SlotCounts,
}

impl PoolManager {
    /// The pools of a deployment, empty; the first has id 0.
    pub fn new(pools: impl IntoIterator<Item = Pool>) -> Self {
        let pools = pools.into_iter().map(SimulatedPool::new).collect();
        Self { pools }
    }

    /// Slots still to be had: `i64::MAX` in an unlimited pool, none in a deleted one, negative after a shrink.
    #[inline]
    pub fn open(&self, pool: PoolId) -> i64 {
        let pool = &self.pools[pool.index()];
        match pool.total() {
            i64::MAX => i64::MAX,
            total => total - if pool.deleted { 0 } else { pool.occupied() },
        }
    }

    /// The size: `i64::MAX` if unlimited, 0 once deleted.
    #[inline]
    pub fn total(&self, pool: PoolId) -> i64 {
        self.pools[pool.index()].total()
    }

    /// Whether the pool has not been deleted.
    #[inline]
    pub fn exists(&self, pool: PoolId) -> bool {
        !self.pools[pool.index()].deleted
    }

    /// The size as Airflow writes it, -1 for unlimited; none once the pool is deleted.
    #[inline]
    pub fn slots(&self, pool: PoolId) -> Option<i64> {
        let pool = &self.pools[pool.index()];
        (!pool.deleted).then_some(pool.declared.slots)
    }

    /// The slots by state; they are kept for a deleted pool too.
    #[inline]
    pub fn counts(&self, pool: PoolId) -> SlotCounts {
        self.pools[pool.index()].counts
    }

    /// What a policy can see of the pool at once, without what ended since its last look; none once it is deleted.
    pub fn load(&self, pool: PoolId, time: SimTime) -> Option<PoolLoad> {
        let SlotCounts {
            running,
            queued,
            scheduled,
            deferred,
        } = self.counts(pool);
        Some(PoolLoad {
            time,
            slots: self.slots(pool)?,
            running,
            queued,
            scheduled,
            deferred,
            include_deferred: self.pools[pool.index()].declared.include_deferred,
            ..PoolLoad::default()
        })
    }

    /// Moves the slots of an instance that goes from one state to another. States that neither hold slots nor
    /// wait for them are not counted, so leaving for one of them just gives the slots back.
    #[inline]
    pub fn shift(
        &mut self,
        pool: PoolId,
        from: TaskInstanceState,
        to: TaskInstanceState,
        slots: u32,
    ) {
        let counts = &mut self.pools[pool.index()].counts;
        if let Some(count) = counts.of(from) {
            *count -= i64::from(slots);
            debug_assert!(*count >= 0, "more slots left {from} than had come");
        }
        if let Some(count) = counts.of(to) {
            *count += i64::from(slots);
        }
    }

    /// Gives a pool another size at once; whatever runs goes on. Returns the size before, or none (and does
    /// nothing) if the pool is deleted.
    pub fn resize(&mut self, pool: PoolId, slots: i64) -> Option<i64> {
        let before = self.slots(pool)?;
        self.pools[pool.index()].declared.slots = slots;
        Some(before)
    }

    /// Deletes a pool by its id; nothing happens if it is deleted already.
    pub(crate) fn delete(&mut self, pool: PoolId) {
        self.pools[pool.index()].deleted = true;
    }

    /// Creates a deleted pool anew with so many slots. Says whether it was deleted; if not, nothing happens.
    pub(crate) fn recreate(&mut self, pool: PoolId, slots: i64) -> bool {
        let held = &mut self.pools[pool.index()];
        let deleted = std::mem::take(&mut held.deleted);
        if deleted {
            held.declared.slots = slots;
        }
        deleted
    }

    /// The pool's name.
    pub fn name(&self, pool: PoolId) -> &str {
        &self.pools[pool.index()].declared.name
    }

    /// All ids that were ever given, those of deleted pools too.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = PoolId> + use<> {
        (0..self.pools.len()).map(PoolId::new)
    }

    /// The id of that name, also if the pool is deleted.
    fn position(&self, name: &str) -> Option<PoolId> {
        self.ids().find(|&pool| self.name(pool) == name)
    }

    fn find(&self, name: &str) -> Result<PoolId, PoolError> {
        self.position(name)
            .filter(|&pool| self.exists(pool))
            .ok_or_else(|| PoolError::NotFound(name.into()))
    }
}

impl Pools for PoolManager {
    fn put_pool(&mut self, pool: Pool) -> Result<PoolChange, PoolError> {
        check(&pool)?;
        let Some(id) = self.position(&pool.name) else {
            self.pools.push(SimulatedPool::new(pool));
            return Ok(PoolChange::Created);
        };
        let held = &mut self.pools[id.index()];
        held.declared = pool;
        Ok(if std::mem::take(&mut held.deleted) {
            PoolChange::Created
        } else {
            PoolChange::Updated
        })
    }

    fn delete_pool(&mut self, name: &str) -> Result<(), PoolError> {
        if name == DEFAULT_POOL {
            return Err(PoolError::DefaultPool);
        }
        let pool = self.find(name)?;
        self.pools[pool.index()].deleted = true;
        Ok(())
    }

    fn get_pool_status(&self, name: &str) -> Result<PoolStatus, PoolError> {
        Ok(self.pools[self.find(name)?.index()].status())
    }

    fn id_of(&self, name: &str) -> Option<PoolId> {
        self.find(name).ok()
    }

    fn list_pools(&self) -> Vec<PoolStatus> {
        self.pools
            .iter()
            .filter(|pool| !pool.deleted)
            .map(SimulatedPool::status)
            .collect()
    }
}

impl SimulatedPool {
    fn new(declared: Pool) -> Self {
        Self {
            declared,
            deleted: false,
            counts: SlotCounts::default(),
        }
    }

    #[inline]
    fn total(&self) -> i64 {
        match self.declared.slots {
            _ if self.deleted => 0,
            UNLIMITED => i64::MAX,
            slots => slots,
        }
    }

    #[inline]
    fn occupied(&self) -> i64 {
        self.counts.occupied(self.declared.include_deferred)
    }

    fn status(&self) -> PoolStatus {
        PoolStatus::new(&self.declared, self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TaskInstanceState::{Deferred, None as Unseen, Queued, Running, Scheduled, Success};

    fn one(slots: i64) -> (PoolManager, PoolId) {
        let pool = Pool {
            name: "p".into(),
            slots,
            description: None,
            include_deferred: false,
        };
        (
            PoolManager::new([Pool::default_pool(), pool]),
            PoolId::new(1),
        )
    }

    fn count_deferred(pools: &mut PoolManager) {
        let include_deferred = true;
        let declared = pools.pools[1].declared.clone();
        let pool = Pool {
            include_deferred,
            ..declared
        };
        assert_eq!(pools.put_pool(pool), Ok(PoolChange::Updated));
    }

    #[test]
    fn only_queued_and_running_slots_are_occupied() {
        let (mut pools, p) = one(4);
        pools.shift(p, Unseen, Scheduled, 2);
        assert_eq!((pools.open(p), pools.counts(p).scheduled), (4, 2));
        pools.shift(p, Scheduled, Queued, 2);
        assert_eq!(pools.open(p), 2);
        pools.shift(p, Queued, Running, 2);
        assert_eq!(pools.open(p), 2);
        pools.shift(p, Running, Success, 2);
        assert_eq!((pools.open(p), pools.counts(p)), (4, SlotCounts::default()));
    }

    #[test]
    fn deferred_slots_are_occupied_if_the_pool_says_so() {
        let (mut pools, p) = one(4);
        pools.shift(p, Unseen, Running, 3);
        pools.shift(p, Running, Deferred, 3);
        assert_eq!(pools.open(p), 4);
        count_deferred(&mut pools);
        assert_eq!(pools.open(p), 1);
    }

    #[test]
    fn a_shrink_evicts_nothing() {
        let (mut pools, p) = one(4);
        pools.shift(p, Unseen, Running, 4);
        assert_eq!(pools.resize(p, 1), Some(4));
        assert_eq!(pools.open(p), -3);
        assert_eq!(pools.get_pool_status("p").unwrap().utilisation, Some(4.0));
    }

    #[test]
    fn minus_one_is_unlimited_and_anything_below_is_closed() {
        let (mut pools, p) = one(-1);
        pools.shift(p, Unseen, Running, 9);
        assert_eq!((pools.open(p), pools.total(p)), (i64::MAX, i64::MAX));
        assert_eq!(pools.get_pool_status("p").unwrap().open, None);
        pools.resize(p, -7);
        assert!(pools.open(p) < 0);
    }

    #[test]
    fn a_deleted_pool_keeps_its_id_and_its_slots_and_comes_back() {
        let (mut pools, p) = one(4);
        pools.shift(p, Unseen, Running, 1);
        pools.delete_pool("p").unwrap();
        assert_eq!(pools.id_of("p"), None);
        assert_eq!((pools.exists(p), pools.open(p)), (false, 0));
        assert_eq!(pools.delete_pool("p"), Err(PoolError::NotFound("p".into())));
        pools.shift(p, Unseen, Scheduled, 2);
        assert_eq!(pools.create_pool("p", 6, ""), Ok(PoolChange::Created));
        assert_eq!((pools.id_of("p"), pools.open(p)), (Some(p), 5));
    }

    #[test]
    fn an_update_keeps_include_deferred() {
        let (mut pools, _) = one(4);
        count_deferred(&mut pools);
        assert_eq!(pools.create_pool("p", 5, "five"), Ok(PoolChange::Updated));
        let status = pools.get_pool_status("p").unwrap();
        assert_eq!((status.slots, status.include_deferred), (5, true));
        assert_eq!(status.description.as_deref(), Some("five"));
    }

    #[test]
    fn what_airflow_refuses_is_refused() {
        let (mut pools, _) = one(4);
        let refused = |result: Result<PoolChange, PoolError>| result.unwrap_err().to_string();
        assert_eq!(
            refused(pools.create_pool("p", -2, "")),
            "pool `p` cannot have -2 slots: the fewest are 0, and -1 is unlimited"
        );
        assert_eq!(
            refused(pools.create_pool("", 1, "")),
            "the name of a pool cannot be empty"
        );
        assert!(pools.create_pool(&"ä".repeat(256), 1, "").is_ok());
        assert!(refused(pools.create_pool(&"a".repeat(257), 1, "")).contains("has 257"));
        assert_eq!(pools.delete_pool(DEFAULT_POOL), Err(PoolError::DefaultPool));
        assert_eq!(pools.list_pools().len(), 3);
    }
}
