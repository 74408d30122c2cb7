//! A sizing policy as planned: the rule, its pools, its rhythm and its bounds.

use super::{GuardSpec, PolicySpec};
use crate::ids::PoolId;
use crate::time::SimDuration;

/// A policy of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyPlan {
    /// The pools that it resizes, in the order of the file.
    pub pools: Vec<PoolId>,
    /// How often it looks.
    pub every: SimDuration,
    /// The rule; none leaves the pools as they are.
    pub size: Option<PolicySpec>,
    /// The bounds of its decisions.
    pub guard: GuardSpec,
}
