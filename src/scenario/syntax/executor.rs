//! The executor: one kind, one variant.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::DistributionSyntax;

/// What runs the tasks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExecutorSyntax {
    /// Knows what it has sent: a task holds an executor slot until the first loop at or after its end.
    Tracked(TrackedSyntax),
}

/// An executor that knows what it has sent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackedSyntax {
    /// Slots of its own; the default is `airflow.parallelism`.
    pub(crate) parallelism: Option<Located<u32>>,
    /// From being sent to running; the default is no time at all.
    pub(crate) start_delay: Option<Located<DistributionSyntax>>,
}
