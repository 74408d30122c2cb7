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
}
