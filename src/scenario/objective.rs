//! What the site must achieve, and how well it must be known.

use serde::Serialize;

use crate::ids::{DagId, PoolId, ResourceId, TaskId};
use crate::trace::Indicator;

/// An indicator of something, and the bound that it must keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What it is about.
    pub target: ObjectiveTarget,
    /// The name of the indicator, such as `pool_wait_p95`.
    pub indicator: String,
    /// The bound, in the unit of the indicator; durations are in seconds.
    pub bound: Bound,
}

/// An indicator that replications must tell so precisely before they end.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// What it is about.
    pub target: ObjectiveTarget,
    /// The indicator.
    pub indicator: Indicator,
    /// The relative error, such as 0.05.
    pub relative: f64,
    /// The most replications.
    pub at_most: u32,
}

/// What an objective is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectiveTarget {
    /// The whole site.
    Site,
    /// A pool.
    Pool(PoolId),
    /// What pools protect.
    Resource(ResourceId),
    /// A DAG.
    Dag(DagId),
    /// A task.
    Task(TaskId),
}

/// The bound of an objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The indicator must not be above this.
    AtMost(f64),
    /// The indicator must not be below this.
    AtLeast(f64),
}
