//! What one can do with pools, wherever they are held: in a simulation, in a file, or in a running Airflow.
//!
//! The rules are those of Airflow 3.3.2: a name is neither empty nor longer than 256 characters, `default_pool`
//! always exists, -1 slots are unlimited and 0 slots close a pool.

use super::pool_manager::SlotCounts;
use crate::deployment::{DEFAULT_POOL, Pool};

/// The longest name that Airflow's database can hold, in characters.
const LONGEST_NAME: usize = 256;

/// A set of pools by name.
pub trait Pools {
    /// Writes a pool whole: creates it, or updates the one of that name.
    ///
    /// # Errors
    /// A name that is empty or too long, or fewer than -1 slots.
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

    /// Creates a pool, or updates slots and description of the one of that name and keeps its
    /// `include_deferred`; the answer says which.
    ///
    /// # Errors
    /// A name that is empty or too long, or fewer than -1 slots.
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
    /// The pool does not exist, or fewer than -1 slots.
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
    pub fn new(pool: &Pool, counts: SlotCounts, occupied: i64) -> Self {
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
    #[error("the name of a pool has at most {LONGEST_NAME} characters, and `{name}` has {length}")]
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
}

/// Refuses what Airflow's API refuses, before anything is written.
pub(super) fn check(pool: &Pool) -> Result<(), PoolError> {
    let name = || pool.name.clone();
    let length = pool.name.chars().count();
    match length {
        0 => Err(PoolError::EmptyName),
        _ if length > LONGEST_NAME => Err(PoolError::LongName {
            name: name(),
            length,
        }),
        _ if pool.slots < -1 => Err(PoolError::TooFewSlots {
            name: name(),
            slots: pool.slots,
        }),
        _ => Ok(()),
    }
}
