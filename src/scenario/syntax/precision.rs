//! How precise an estimate must be before no more replications are simulated.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::share::Share;

/// Replications go on in rounds until an indicator is known so well, or until there are too many.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrecisionSyntax {
    /// The pool it is about.
    pub(crate) pool: Option<Located<String>>,
    /// The DAG it is about.
    pub(crate) dag: Option<Located<String>>,
    /// The task of `dag` that it is about.
    pub(crate) task: Option<Located<String>>,
    /// The name of the indicator, such as `pool_wait_p95`.
    pub(crate) indicator: Located<String>,
    /// The relative error at the confidence level, such as `5%`.
    pub(crate) relative: Located<Share>,
    /// The most replications; the default is 1000.
    pub(crate) max_replications: Option<Located<u32>>,
}
