//! What counts as use of a pool.

use super::PoolLoad;

/// What the utilisation of a pool is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// `(occupied + scheduled) / slots`: above 1 when instances wait. The default, because a full pool hides
    /// the rest of its demand from the other signal.
    #[default]
    Demand,
    /// `occupied / slots`: what a monitor of used slots shows. It never rises above 1 in a pool that has
    /// not shrunk, so that a pool grows by at most `1 / target` at a look.
    Occupancy,
}

impl Signal {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "occupancy" => Self::Occupancy,
            _ => Self::Demand,
        }
    }

    /// The slots that count.
    pub fn slots(self, load: &PoolLoad) -> i64 {
        match self {
            Self::Demand => load.demand(),
            Self::Occupancy => load.occupied(),
        }
    }

    /// The share of the pool's slots that counts, or the load that was told directly; none in a closed or an unlimited
    /// pool.
    pub fn utilisation(self, load: &PoolLoad) -> Option<f64> {
        let share = || self.slots(load) as f64 / load.slots as f64;
        (load.slots > 0).then(|| load.told.unwrap_or_else(share))
    }
}
