//! Sizing policies: a policy looks and returns decisions; the guard bounds them; someone else acts.
//!
//! One file a policy. The set is closed ([`PolicySpec`]); the only open door is a user's own [`SizingPolicy`].

mod aimd;
mod backlog_per_slot;
mod composer;
mod decaying_histogram;
mod description;
mod fixed;
mod gradient2;
mod guard;
mod holt_winters;
mod keda;
mod mean_service;
mod mwaa;
mod percentile;
mod pid;
mod plan;
mod residuals;
mod rule;
mod seasonal_naive;
mod signal;
mod staffing;
mod target_tracking;
mod target_utilisation;
mod threshold_steps;
mod time_of_day;
mod vegas;
mod worker_autoscaling;

pub use aimd::Aimd;
pub use backlog_per_slot::BacklogPerSlot;
pub use composer::Composer;
pub use description::{
    Given, Parameter, ParameterDefault, ParameterKind, ParameterValue, PolicyDescription,
};
pub use fixed::Fixed;
pub use gradient2::Gradient2;
pub use guard::{Admitted, Guard, GuardSpec, Stabilisation, StepLimit, whole_slots};
pub use holt_winters::HoltWinters;
pub use keda::Keda;
pub use mwaa::Mwaa;
pub use percentile::Percentile;
pub use pid::Pid;
pub use plan::PolicyPlan;
pub use seasonal_naive::SeasonalNaive;
pub use signal::Signal;
pub use staffing::{Staffing, StaffingFormula};
pub use target_tracking::TargetTracking;
pub use target_utilisation::TargetUtilisation;
pub use threshold_steps::{Adjustment, Step, StepEdge, ThresholdSteps};
pub use time_of_day::{CronWindow, TimeOfDay};
pub use vegas::Vegas;

use crate::ids::PoolId;
use crate::time::{SimDuration, SimTime};
use rule::PoolRule;

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
    /// Whether deferred instances keep their slots.
    pub include_deferred: bool,
    /// Slots that began to be waited for since the last look.
    pub arrived: u64,
    /// Instances that ended since the last look.
    pub finished: u64,
    /// Those of them that failed, whether they are tried again or not.
    pub failed: u64,
    /// Mean pool wait of instances queued since the last look; none if there were none.
    pub mean_wait: Option<SimDuration>,
    /// Mean run time of instances that ended since the last look; none if there were none.
    pub mean_service: Option<SimDuration>,
    /// How the resource does that the pool protects; none if it protects nothing.
    pub resource: Option<ResourceLoad>,
    /// The load told directly, as a share of capacity from 0 to 1: of the pool itself, or of what it protects.
    /// None: derived from the counts above.
    pub told: Option<f64>,
}

/// How a resource does at the moment of the look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResourceLoad {
    /// Task instances at work on it, from all pools that protect it.
    pub concurrency: u32,
    /// How many times as long work takes at this concurrency as alone.
    pub slowdown: f64,
    /// Task instances whose calls wait for tokens.
    pub calls_waiting: u32,
}

impl PoolLoad {
    /// A pool of which only the load is known: a share of capacity from 0 to 1.
    pub fn of(load: f64) -> Self {
        Self {
            told: Some(load),
            ..Self::default()
        }
    }

    /// Slots in use: running, queued, and deferred if `include_deferred`.
    pub const fn occupied(&self) -> i64 {
        let deferred = if self.include_deferred {
            self.deferred
        } else {
            0
        };
        self.running + self.queued + deferred
    }

    /// Slots that are in use or waited for: what a larger pool would be asked for.
    pub const fn demand(&self) -> i64 {
        self.occupied() + self.scheduled
    }
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

macro_rules! policies {
    ($($name:ident: $meaning:literal),* $(,)?) => {
        /// The policies that a scenario can name.
        #[derive(Clone, Debug, PartialEq)]
        pub enum PolicySpec {
            /// Sizes by the clock.
            TimeOfDay(TimeOfDay),
            $(#[doc = $meaning] $name($name),)*
        }

        impl PolicySpec {
            /// All but the schedule, which has windows in place of parameters: for the reader of scenarios, the schema and
            /// the reference.
            pub const DESCRIPTIONS: &'static [PolicyDescription] = &[$($name::DESCRIPTION,)*];

            /// A policy that has seen nothing yet: each simulated run has its own.
            pub fn build(&self) -> Box<dyn SizingPolicy> {
                match self {
                    Self::TimeOfDay(policy) => Box::new(policy.clone()),
                    $(Self::$name(rule) => rule.at_work(),)*
                }
            }
        }

        $(impl $name {
            /// A policy of this rule that has seen nothing yet.
            pub fn policy(&self) -> Box<dyn SizingPolicy> {
                self.at_work()
            }
        })*
    };
}

policies![
    Fixed: "So many slots, whatever happens.",
    ThresholdSteps: "In steps, by the share of slots in use or waited for.",
    TargetUtilisation: "By the share of slots in use or waited for, as Kubernetes does.",
    TargetTracking: "By the same, as target tracking of AWS does.",
    BacklogPerSlot: "By what waits.",
    Keda: "As KEDA would size workers.",
    Mwaa: "As Amazon MWAA would.",
    Composer: "As Cloud Composer would.",
    Percentile: "By a percentile of the demand of the last days.",
    Aimd: "By service times: up slowly, down at once.",
    Gradient2: "By the trend of service times.",
    Vegas: "By the queue that service times betray.",
    Pid: "By a PID controller.",
    Staffing: "By queueing theory.",
    SeasonalNaive: "By the demand of one period ago.",
    HoltWinters: "By a forecast of the demand.",
];
