//! What people do to a site while it runs: pools are resized, created and deleted.

use crate::ids::PoolId;
use crate::time::SimTime;

/// Something that an operator does, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorEvent {
    /// The moment; it happens before the scheduler loop of that moment.
    pub at: SimTime,
    /// What is done.
    pub action: OperatorAction,
}

/// What an operator can do. What Airflow would refuse changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAction {
    /// Gives a pool another size; whatever runs goes on. Refused while the pool does not exist.
    ResizePool {
        /// The pool.
        pool: PoolId,
        /// Its slots from now on: -1 is unlimited, 0 closes it.
        slots: i64,
    },
    /// Creates a pool. One whose first event this is does not exist before.
    CreatePool {
        /// The pool, declared in the deployment like every other.
        pool: PoolId,
        /// Its slots.
        slots: i64,
    },
    /// Deletes a pool: its running tasks go on, those that wait for it wait until it is created again.
    DeletePool {
        /// The pool.
        pool: PoolId,
    },
}

impl OperatorAction {
    /// The pool that it is about, if it is about one.
    pub fn pool(&self) -> Option<PoolId> {
        match *self {
            Self::ResizePool { pool, .. }
            | Self::CreatePool { pool, .. }
            | Self::DeletePool { pool } => Some(pool),
        }
    }
}
