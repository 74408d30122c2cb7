//! Airflow as it is *described*: pools, DAGs, tasks, timetables, executors and settings. Immutable during a run.
//!
//! Everything is found by a typed index; names stay here and reappear only in results.

mod dag;
mod executor;
mod pool;
mod pools_file;
mod retry;
mod settings;
mod states;
mod task;
pub mod timetable;
mod weight_rule;

pub use dag::{Dag, Schedule};
pub use executor::{Autoscale, Executor, ExecutorKind, WorkerGroup};
pub use pool::{DEFAULT_POOL, DEFAULT_POOL_SLOTS, LONGEST_POOL_NAME, Pool};
pub use pools_file::{PoolsFile, PoolsFileError, RejectedPool};
pub use retry::RetryPolicy;
pub use settings::{AirflowSettings, LoopPace, SchedulerMode, Timers};
pub use states::{DagRunState, TaskInstanceState};
pub use task::{Task, TaskKind};
pub use timetable::{Timetable, TimetableError};
pub use weight_rule::{WeightRule, effective_weights, own_weight};

use crate::ids::{DagId, PoolId, TaskId};

/// A whole site: what a scenario file describes.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Pools by [`PoolId`]; `default_pool` is always among them.
    pub pools: Vec<Pool>,
    /// DAGs by [`DagId`], in the order of the file.
    pub dags: Vec<Dag>,
    /// Tasks by [`TaskId`]; the tasks of a DAG stand together, in the order of the DAG file.
    pub tasks: Vec<Task>,
    /// The options of `airflow.cfg` that matter for scheduling.
    pub airflow: AirflowSettings,
    /// How the scheduler's time passes.
    pub scheduler: SchedulerMode,
    /// Executors; a task names one by position or uses the first.
    pub executors: Vec<Executor>,
    /// Names of the Celery queues; a task names one by position, and the first is `[operators] default_queue`.
    pub queues: Vec<String>,
}

impl Deployment {
    /// The tasks of a DAG with their ids, in the order of the DAG file.
    pub fn tasks_of(&self, dag: DagId) -> impl ExactSizeIterator<Item = (TaskId, &Task)> {
        let dag = &self.dags[dag.index()];
        let first = dag.first_task.index();
        self.tasks[first..first + dag.task_count]
            .iter()
            .enumerate()
            .map(move |(at, task)| (TaskId::new(first + at), task))
    }

    /// The pool of that name.
    pub fn pool_named(&self, name: &str) -> Option<PoolId> {
        self.pools
            .iter()
            .position(|pool| pool.name == name)
            .map(PoolId::new)
    }

    /// The DAG of that name.
    pub fn dag_named(&self, dag_id: &str) -> Option<DagId> {
        self.dags
            .iter()
            .position(|dag| dag.dag_id == dag_id)
            .map(DagId::new)
    }
}
