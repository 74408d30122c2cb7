//! A pool as declared.

/// The pool of tasks that name none; it always exists and cannot be deleted.
pub const DEFAULT_POOL: &str = "default_pool";

/// The longest name of a pool that Airflow's database can hold, in characters.
pub const LONGEST_POOL_NAME: usize = 256;

/// Slots of `default_pool` in a new installation (`[core] default_pool_task_slot_count`).
pub const DEFAULT_POOL_SLOTS: i64 = 128;

/// A pool with its size at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Unique name, 1 to 256 characters.
    pub name: String,
    /// Slots; -1 is unlimited, 0 and anything below -1 is closed.
    pub slots: i64,
    /// What it is for.
    pub description: Option<String>,
    /// Whether deferred instances keep their slots.
    pub include_deferred: bool,
}

impl Pool {
    /// Airflow's own `default_pool` as a new installation has it.
    pub fn default_pool() -> Self {
        Self {
            name: DEFAULT_POOL.into(),
            slots: DEFAULT_POOL_SLOTS,
            description: Some("Default pool".into()),
            include_deferred: false,
        }
    }
}
