//! A sizing policy: which pools, how often, by what rule, within what bounds.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::Names;
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

/// The rule by which a policy sizes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SizeSyntax {
    /// By the time of day: from each point on, that many slots.
    Schedule(Vec<Located<WindowSyntax>>),
    /// By the use of the pool, as the Kubernetes autoscaler does.
    TargetUtilisation(TargetUtilisationSyntax),
}

/// From each point of the cron expression on, that many slots.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowSyntax {
    /// When the window begins.
    pub(crate) cron: Located<String>,
    /// Slots from then on.
    pub(crate) slots: Located<u32>,
}

/// By the use of the pool.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetUtilisationSyntax {
    /// The wanted share of slots in use, above 0 and up to 1.
    pub(crate) target: Located<f64>,
    /// How far from the target nothing is done, as a share of it; the default is 0.1.
    pub(crate) tolerance: Option<Located<f64>>,
    /// What counts as use; the default is `demand`.
    pub(crate) signal: Option<SignalSyntax>,
}

/// What counts as use of a pool.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignalSyntax {
    /// Slots of running, queued and scheduled instances: what waits counts, so a full pool does not hide its demand.
    Demand,
    /// Slots of running and queued instances: what a monitor of used slots shows.
    Occupancy,
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
}
