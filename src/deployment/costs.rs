//! What a site costs who runs it: prices, and a number of slots that should be enough. Nothing is decided by either of
//! them; policies are compared by them.

use crate::ids::PoolId;

/// Prices, in one currency.
///
/// A pool costs its slot-hours, the waits of its instances and its resizes; the site costs what its pools cost, and its
/// missed deadlines: see [`crate::metrics::PoolMetrics::cost`] and [`crate::metrics::SiteMetrics::cost`].
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// What people call the currency, if they have said so.
    pub currency: Option<String>,
    /// Of a slot that a pool offers for an hour, by [`PoolId`]; of an unlimited pool of a slot that is used.
    pub slot_hour: Vec<f64>,
    /// Of an hour that an instance waits for its pool.
    pub waiting_hour: f64,
    /// Of a run that misses its deadline.
    pub missed_deadline: f64,
    /// Of a change of a pool's size.
    pub resize: f64,
}

/// A number of slots that should be enough for some pools together. The guard of a policy may hold it; this only measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The slots.
    pub slots: u32,
    /// The pools that share them, each once.
    pub pools: Vec<PoolId>,
}
