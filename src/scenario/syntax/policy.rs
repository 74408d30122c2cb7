//! A sizing policy: which pools, how often, by what rule, within what bounds.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::{Names, SizeSyntax};
use crate::time::SimDuration;

/// A sizing policy; an empty one leaves the pools as they are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicySyntax {
    /// The pools that it resizes.
    pub(crate) pools: Option<Names>,
    /// How often it looks; the default is `1m`.
    pub(crate) every: Option<Located<SimDuration>>,
    /// The rule by which it sizes.
    pub(crate) size: Option<Located<SizeSyntax>>,
    /// The bounds that its decisions are kept within.
    pub(crate) guard: Option<Located<GuardSyntax>>,
    /// The IANA time zone of its cron expressions; the default is UTC.
    pub(crate) timezone: Option<Located<String>>,
}

/// Bounds for every decision of a policy.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardSyntax {
    /// The fewest slots; the default is 1.
    pub(crate) min: Option<Located<u32>>,
    /// The most slots; without it there is no bound.
    pub(crate) max: Option<Located<u32>>,
    /// The shortest time between two resizes of a pool; the default is no time at all.
    pub(crate) cool_down: Option<SimDuration>,
    /// For how long a change has to be asked for; the default is no time at all.
    pub(crate) stabilisation: Option<StabilisationSyntax>,
    /// How far a pool may grow within a time; without it there is no limit.
    pub(crate) step_up: Option<Located<StepLimitSyntax>>,
    /// How far it may shrink; without it there is no limit.
    pub(crate) step_down: Option<Located<StepLimitSyntax>>,
    /// The most slots of all pools of the policy together; without it there is no bound.
    pub(crate) budget: Option<Located<u32>>,
    /// What it does once somebody else has resized its pool; the default is `stand_down`.
    pub(crate) on_manual_change: Option<ManualChangeSyntax>,
    /// How old the loads are, at least, that the policy is shown; the default is that they are of the present.
    pub(crate) observation_delay: Option<SimDuration>,
    /// After which time a decided size takes effect; the default is at once.
    pub(crate) actuation_delay: Option<SimDuration>,
    /// Decisions that are lost on their way; the default is none.
    pub(crate) failure: Option<FailureSyntax>,
}

/// What a policy does once somebody else has resized its pool.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ManualChangeSyntax {
    /// It leaves the pool alone from then on.
    StandDown,
    /// It goes on from the size that it finds.
    TakeOver,
}

/// Decisions that are lost on their way: the pool keeps its size until the next look.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureSyntax {
    /// The probability that a decision is lost, from 0 to 1.
    pub(crate) probability: Located<f64>,
}

/// For how long a change has to be asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StabilisationSyntax {
    /// To grow: up to the lowest size that was asked for in this time.
    pub(crate) up: Option<SimDuration>,
    /// To shrink: down to the highest.
    pub(crate) down: Option<SimDuration>,
}

/// The greatest change within a time: of slots and percent the one that allows more.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepLimitSyntax {
    /// So many slots.
    pub(crate) slots: Option<u32>,
    /// This share of the size at the beginning of the time, in percent.
    pub(crate) percent: Option<Located<f64>>,
    /// The time; the default is `1m`.
    pub(crate) per: Option<SimDuration>,
}
