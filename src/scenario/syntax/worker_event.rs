//! What befalls the workers of executors while the site runs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use crate::time::SimDuration;

/// Celery workers that die.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoseWorkersSyntax {
    /// The executor; the default is the first.
    pub(crate) executor: Option<Located<String>>,
    /// The worker group; the default is any.
    pub(crate) worker_group: Option<Located<String>>,
    /// How many of those that serve at that moment; the default is 1.
    pub(crate) count: Option<Located<u32>>,
    /// When each is back, as good as new.
    #[serde(rename = "for")]
    pub(crate) back_after: Located<SimDuration>,
}

/// An executor whose workers take longer to start what they are given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlowDownSyntax {
    /// The executor; the default is the first.
    pub(crate) executor: Option<Located<String>>,
    /// What its start delays are multiplied by.
    pub(crate) factor: Located<f64>,
    /// For how long.
    #[serde(rename = "for")]
    pub(crate) lasts: Located<SimDuration>,
}
