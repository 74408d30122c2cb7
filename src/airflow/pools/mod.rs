//! What one can do with pools, wherever they are held: in a simulation, in a file, or in a running Airflow.
//!
//! The rules are those of Airflow 3.3.2: a name is neither empty nor longer than 256 characters, `default_pool`
//! always exists, -1 slots are unlimited and 0 slots close a pool.

mod actuation;
pub(super) mod changed_pools;
pub(super) mod dynamic_pool_manager;
pub(super) mod governance;
mod governor;
mod observed_pools;
pub(super) mod pool_manager;
pub(super) mod pools_in_file;

use crate::deployment::{DEFAULT_POOL, LONGEST_POOL_NAME, Pool, TaskInstanceState};
use crate::ids::PoolId;

/// The most slots that Airflow's database can hold: its column is an integer of 32 bits.
const MOST_SLOTS: i64 = i32::MAX as i64;

/// A set of pools by name.
pub trait Pools {
    /// Writes a pool whole: creates it, or updates the one of that name.
    ///
    /// # Errors
    /// A name that is empty or too long, fewer than -1 slots, or more than 2,147,483,647.
    fn put_pool(&mut self, pool: Pool) -> Result<PoolChange, PoolError>;

    /// Deletes a pool. Tasks that run in it go on; tasks that ask for it wait for ever.
    ///
    /// # Errors
    /// The pool does not exist, or it is `default_pool`.
    fn delete_pool(&mut self, name: &str) -> Result<(), PoolError>;

    /// The pool as it is now.
    ///
    /// # Errors
    /// The pool does not exist.
    fn get_pool_status(&self, name: &str) -> Result<PoolStatus, PoolError>;

    /// Every pool as it is now, in the order in which they are held.
    fn list_pools(&self) -> Vec<PoolStatus>;

    /// The id under which a sizing policy knows the pool: its position among all pools, unless whoever holds them
    /// has ids of its own. None if there is no such pool.
    fn id_of(&self, name: &str) -> Option<PoolId> {
        let mut pools = self.list_pools().into_iter();
        pools.position(|pool| pool.name == name).map(PoolId::new)
    }

    /// Creates a pool, or updates slots and description of the one of that name and keeps its
    /// `include_deferred`; the answer says which.
    ///
    /// # Errors
    /// A name that is empty or too long, fewer than -1 slots, or more than 2,147,483,647.
    fn create_pool(
        &mut self,
        name: &str,
        slots: i64,
        description: &str,
    ) -> Result<PoolChange, PoolError> {
        let include_deferred = self
            .get_pool_status(name)
            .is_ok_and(|pool| pool.include_deferred);
        self.put_pool(Pool {
            name: name.into(),
            slots,
            description: Some(description.into()),
            include_deferred,
        })
    }

    /// Gives an existing pool another size and leaves the rest as it is.
    ///
    /// # Errors
    /// The pool does not exist, fewer than -1 slots, or more than 2,147,483,647.
    fn resize_pool(&mut self, name: &str, slots: i64) -> Result<(), PoolError> {
        let PoolStatus {
            name,
            description,
            include_deferred,
            ..
        } = self.get_pool_status(name)?;
        self.put_pool(Pool {
            name,
            slots,
            description,
            include_deferred,
        })
        .map(|_| ())
    }
}

/// What became of a pool that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolChange {
    /// There was none of that name.
    Created,
    /// There was one, and it has changed.
    Updated,
}

/// A pool at a glance. All figures are sums of `pool_slots`.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolStatus {
    /// Its name.
    pub name: String,
    /// Its size; -1 is unlimited, 0 and anything below -1 is closed.
    pub slots: i64,
    /// What it is for.
    pub description: Option<String>,
    /// Whether deferred instances keep their slots.
    pub include_deferred: bool,
    /// Slots in use: running, queued, and deferred if `include_deferred`.
    pub occupied: i64,
    /// Slots of running instances.
    pub running: i64,
    /// Slots of queued instances.
    pub queued: i64,
    /// Slots that scheduled instances wait for.
    pub scheduled: i64,
    /// Slots of deferred instances.
    pub deferred: i64,
    /// Slots still to be had, negative after a shrink below what is occupied; none if the pool is unlimited.
    /// (Airflow's API says -1 both for an unlimited pool and for one that is overfull by one.)
    pub open: Option<i64>,
    /// `occupied / slots`, above 1 after a shrink; none if the pool is unlimited or closed.
    pub utilisation: Option<f64>,
}

impl PoolStatus {
    /// A pool as declared, with the slots that instances hold or wait for.
    pub fn new(pool: &Pool, counts: SlotCounts) -> Self {
        let occupied = counts.occupied(pool.include_deferred);
        Self {
            name: pool.name.clone(),
            slots: pool.slots,
            description: pool.description.clone(),
            include_deferred: pool.include_deferred,
            occupied,
            running: counts.running,
            queued: counts.queued,
            scheduled: counts.scheduled,
            deferred: counts.deferred,
            open: (pool.slots != -1).then(|| pool.slots - occupied),
            utilisation: (pool.slots > 0).then(|| occupied as f64 / pool.slots as f64),
        }
    }
}

/// The slots of a pool by the state of the instances that ask for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    /// Slots of running instances.
    pub running: i64,
    /// Slots of queued instances.
    pub queued: i64,
    /// Slots that scheduled instances wait for.
    pub scheduled: i64,
    /// Slots of deferred instances.
    pub deferred: i64,
}

impl SlotCounts {
    /// Slots in use: running and queued, and deferred where the pool counts them.
    #[inline]
    pub(crate) fn occupied(self, include_deferred: bool) -> i64 {
        let deferred = if include_deferred { self.deferred } else { 0 };
        self.running + self.queued + deferred
    }

    /// The count that an instance in that state belongs to; none if it neither holds slots nor waits for them.
    #[inline]
    pub(crate) fn of(&mut self, state: TaskInstanceState) -> Option<&mut i64> {
        match state {
            TaskInstanceState::Running => Some(&mut self.running),
            TaskInstanceState::Queued => Some(&mut self.queued),
            TaskInstanceState::Scheduled => Some(&mut self.scheduled),
            TaskInstanceState::Deferred => Some(&mut self.deferred),
            _ => None,
        }
    }
}

/// Why pools cannot be changed or read as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// There is no pool of that name.
    #[error("pool `{0}` does not exist")]
    NotFound(String),
    /// `default_pool` always exists.
    #[error("`{DEFAULT_POOL}` cannot be deleted")]
    DefaultPool,
    /// A pool needs a name.
    #[error("the name of a pool cannot be empty")]
    EmptyName,
    /// The name does not fit into Airflow's database.
    #[error(
        "the name of a pool has at most {LONGEST_POOL_NAME} characters, and `{name}` has {length}"
    )]
    LongName {
        /// The name asked for.
        name: String,
        /// Its length in characters.
        length: usize,
    },
    /// Only -1 (unlimited) has a meaning below 0.
    #[error("pool `{name}` cannot have {slots} slots: the fewest are 0, and -1 is unlimited")]
    TooFewSlots {
        /// The pool.
        name: String,
        /// The slots asked for.
        slots: i64,
    },
    /// Airflow's database cannot hold the number.
    #[error(
        "pool `{name}` cannot have {slots} slots: the most are {MOST_SLOTS}, and -1 is unlimited"
    )]
    TooManySlots {
        /// The pool.
        name: String,
        /// The slots asked for.
        slots: i64,
    },
}

/// Refuses what Airflow's API refuses, before anything is written.
pub(crate) fn check(pool: &Pool) -> Result<(), PoolError> {
    let (name, slots) = (pool.name.clone(), pool.slots);
    match name.chars().count() {
        0 => Err(PoolError::EmptyName),
        length if length > LONGEST_POOL_NAME => Err(PoolError::LongName { name, length }),
        _ if slots < -1 => Err(PoolError::TooFewSlots { name, slots }),
        _ if slots > MOST_SLOTS => Err(PoolError::TooManySlots { name, slots }),
        _ => Ok(()),
    }
}
