//! Sizing policies: a policy looks and returns decisions; the guard bounds them; someone else acts.

use crate::ids::PoolId;
use crate::time::{SimDuration, SimTime};

/// What a policy sees of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoolLoad {
    /// The moment of the look.
    pub time: SimTime,
    /// The pool's size now; -1 is unlimited.
    pub slots: i64,
    /// Slots of running instances.
    pub running: i64,
    /// Slots of queued instances.
    pub queued: i64,
    /// Slots that scheduled instances wait for.
    pub scheduled: i64,
    /// Slots of deferred instances.
    pub deferred: i64,
    /// Instances that ended since the last look.
    pub finished: u64,
    /// Mean pool wait of instances queued since the last look; none if there were none.
    pub mean_wait: Option<SimDuration>,
    /// Mean run time of instances that ended since the last look; none if there were none.
    pub mean_service: Option<SimDuration>,
    /// The load told directly, as a share of capacity from 0 to 1: of the pool itself, or of what it protects.
    /// None: derived from the counts above.
    pub told: Option<f64>,
}

/// What a policy sees when it looks: the pools it governs.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The moment of the look.
    pub time: SimTime,
    /// The governed pools, in the order of the policy.
    pub pools: Vec<(PoolId, PoolLoad)>,
}

/// A decision: this pool should have that many slots.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolResize {
    /// The pool.
    pub pool: PoolId,
    /// The wanted size, before the guard has looked at it; fractions are the guard's to round.
    pub slots: f64,
    /// Why, in words, for the resize log and the charts.
    pub reason: String,
}

/// A sizing policy: closed to the world, it only looks and decides.
pub trait SizingPolicy: Send {
    /// The resizes it wants after a look at its pools; empty for none.
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize>;
}

/// The rule of a policy (stub to be replaced).
#[derive(Clone, Debug, PartialEq)]
pub enum PolicySpec {
    /// By the time of day: cron, zone, slots.
    TimeOfDay(Vec<(String, String, u32)>),
    /// By the use.
    TargetUtilisation {
        /// Wanted share.
        target: f64,
        /// Dead band.
        tolerance: f64,
    },
}

/// Bounds of a policy (stub to be replaced).
#[derive(Clone, Debug, PartialEq)]
pub struct GuardSpec {
    /// Fewest slots.
    pub min: u32,
    /// Most slots.
    pub max: Option<u32>,
    /// Shortest time between two resizes.
    pub cool_down: SimDuration,
}
