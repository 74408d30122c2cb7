//! What the site must achieve.

use serde::Serialize;

use crate::ids::{DagId, PoolId, TaskId};

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

/// What an objective is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectiveTarget {
    /// The whole site.
    Site,
    /// A pool.
    Pool(PoolId),
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
