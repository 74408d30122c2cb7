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

// What follows is a stub in the shape of the branch `policy`, to be replaced by it.
use crate::deployment::timetable::CronSchedule;

/// The policies that a scenario can name.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicySpec {
    /// Sizes by the clock.
    TimeOfDay(TimeOfDay),
    /// Sizes by the share of slots in use or waited for.
    TargetUtilisation(TargetUtilisation),
}

/// By the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeOfDay(Vec<CronWindow>);

impl TimeOfDay {
    /// A policy of these windows.
    pub fn new(windows: Vec<CronWindow>) -> Self {
        Self(windows)
    }
}

/// From each point of the cron expression on, that many slots.
#[derive(Clone, Debug, PartialEq)]
pub struct CronWindow {
    /// When the window begins.
    pub begins: CronSchedule,
    /// Slots from then on.
    pub slots: u32,
}

/// By the use.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetUtilisation {
    /// The wanted share.
    pub target: f64,
    /// The dead band.
    pub tolerance: f64,
    /// What counts as use.
    pub signal: Signal,
}

impl TargetUtilisation {
    /// The tolerance of Kubernetes.
    pub const DEFAULT_TOLERANCE: f64 = 0.1;
}

/// What the utilisation of a pool is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signal {
    /// Running, queued and scheduled.
    #[default]
    Demand,
    /// Running and queued.
    Occupancy,
}

/// The bounds of a policy's decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardSpec {
    /// The fewest slots.
    pub min: u32,
    /// The most slots, if there is a bound.
    pub max: Option<u32>,
    /// The shortest time between two resizes of a pool.
    pub cool_down: SimDuration,
}

impl Default for GuardSpec {
    fn default() -> Self {
        Self {
            min: 1,
            max: None,
            cool_down: SimDuration::ZERO,
        }
    }
}
