//! What pools protect: how it slows down, and how many calls it answers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::rate::Rate;

/// Something that pools protect, such as a database or an API.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceSyntax {
    /// How the durations of tasks stretch with the number that is at work; the default is `none`.
    pub(crate) slowdown: Option<Located<SlowdownSyntax>>,
    /// How many calls it answers; the default is no limit.
    pub(crate) rate_limit: Option<RateLimitSyntax>,
}

/// A factor on durations by the number of tasks at work.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SlowdownSyntax {
    /// None at all.
    None,
    /// The same for each further task.
    Linear(LinearSyntax),
    /// The Universal Scalability Law.
    Usl(UslSyntax),
    /// So many at full speed; more share alike.
    ProcessorSharing(ProcessorSharingSyntax),
    /// As measured: ascending points with straight lines between them.
    Table(Vec<PointSyntax>),
}

/// `1 + per_task (n - 1)`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinearSyntax {
    /// What each further task adds, as a share of the time alone.
    pub(crate) per_task: f64,
}

/// `1 + contention (n - 1) + coherency n (n - 1)`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UslSyntax {
    /// The share of the work for which tasks wait for each other, from 0 to 1.
    pub(crate) contention: f64,
    /// What each pair of tasks costs to keep each other informed, from 0 to 1.
    pub(crate) coherency: f64,
}

/// `max(1, n / capacity)`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProcessorSharingSyntax {
    /// How many tasks are served at full speed; at least 1.
    pub(crate) capacity: f64,
}

/// A measured slowdown.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointSyntax {
    /// Tasks at work.
    pub(crate) concurrency: u32,
    /// How many times as long each takes as alone.
    pub(crate) slowdown: f64,
}

/// A token bucket.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimitSyntax {
    /// Calls that a try spreads evenly over its work; the default is 1.
    pub(crate) calls_per_task: Option<Located<u32>>,
    /// The most tokens that the bucket holds, which is the most calls at once; the default is 1.
    pub(crate) tokens: Option<Located<u32>>,
    /// Tokens that come in a time, which is the most calls in the long run: `100 per minute`.
    pub(crate) refill: Rate,
    /// What becomes of a call for which there is no token; the default is `delay`.
    pub(crate) when_exceeded: Option<ExcessSyntax>,
}

/// What becomes of a call for which there is no token.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExcessSyntax {
    /// It waits for one, and its try with it.
    Delay,
    /// It is refused, and its try fails.
    Fail,
}
