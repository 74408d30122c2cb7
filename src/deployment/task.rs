//! A task as declared.

use super::{RetryPolicy, WeightRule};
use crate::ids::{AssetId, DagId, PoolId, TaskId};
use crate::random::Distribution;

/// A task: its place in the DAG, its demands, and what its executions look like.
#[derive(Clone, Debug)]
pub struct Task {
    /// Name, unique within the DAG.
    pub task_id: String,
    /// The DAG it belongs to.
    pub dag: DagId,
    /// What it does.
    pub kind: TaskKind,
    /// Tasks of the same DAG that come directly before it.
    pub upstream: Vec<TaskId>,
    /// The pool whose slots it takes.
    pub pool: PoolId,
    /// Slots that one instance takes, at least 1.
    pub pool_slots: u32,
    /// Its own weight, as [`super::own_weight`] keeps it; [`super::effective_weights`] makes the effective one.
    pub priority_weight: i64,
    /// How its effective weight is made.
    pub weight_rule: WeightRule,
    /// The executor by position in [`super::Deployment::executors`].
    pub executor: usize,
    /// How many instances a run has: none if it is not mapped, else that many with indices from 0.
    pub map_length: Option<u32>,
    /// Active instances over all runs at a time.
    pub max_active_tis_per_dag: Option<u32>,
    /// Active instances within one run at a time.
    pub max_active_tis_per_dagrun: Option<u32>,
    /// The assets that it writes when it succeeds.
    pub outlets: Vec<AssetId>,
    /// What happens after a failed try.
    pub retry: RetryPolicy,
    /// Seconds that one try runs.
    pub duration: Distribution,
    /// Share of tries that fail, from 0 to 1.
    pub failure_rate: f64,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// Runs on an executor.
    Work,
    /// `EmptyOperator`: set to success by the scheduler itself, without pool or executor, unless it has outlets.
    Empty,
}
