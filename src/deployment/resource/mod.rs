//! What pools protect: a database, a cluster or an API that suffers when too many tasks use it at a time.
//!
//! *Concurrency* is the number of task instances that are at work in the pools in front of a resource, each counted once,
//! however many slots it takes: slots say how tasks compete, and a task that takes two is still one client. A task's
//! `duration` is what it takes alone; with others beside it the resource's [`Slowdown`] stretches it.

mod linear;
mod processor_sharing;
mod rate_limit;
mod slowdown;
mod table;
mod universal_scalability;

pub use rate_limit::{Excess, RateLimit};
pub use slowdown::{LawError, Slowdown};

use crate::ids::PoolId;

/// Something that pools protect.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Unique name.
    pub name: String,
    /// The pools whose tasks use it.
    pub pools: Vec<PoolId>,
    /// How concurrency stretches what its tasks do.
    pub slowdown: Slowdown,
    /// How many calls it answers, if that is limited.
    pub rate_limit: Option<RateLimit>,
}
