//! Airflow as it is *described*: pools, DAGs, tasks, timetables, executors and settings. Immutable during a run.
//!
//! Everything is found by a typed index; names stay here and reappear only in results.

mod asset;
mod costs;
mod dag;
mod edition;
mod executor;
mod hash_jitter;
mod operator_event;
mod pool;
mod pools_file;
mod resource;
mod retry;
mod sensor;
mod settings;
mod states;
mod task;
pub mod timetable;
mod trigger_rule;
mod version;
mod weight_rule;

pub use asset::AssetCondition;
pub use costs::{Budget, Costs};
pub use dag::{Dag, Schedule};
pub use edition::{EditError, Edition};
pub use executor::{Autoscale, Executor, ExecutorKind, ScaleIn, WorkerGroup};
pub use operator_event::{
    Backfill, OperatorAction, OperatorEvent, ReprocessBehavior, RequestedBy, RunRequest, WorkerLoss,
};
pub use pool::{DEFAULT_POOL, DEFAULT_POOL_SLOTS, LONGEST_POOL_NAME, Pool};
pub use pools_file::{PoolsFile, PoolsFileError, RejectedPool};
pub use resource::{Excess, LawError, RateLimit, Resource, Slowdown};
pub use retry::RetryPolicy;
pub use sensor::{Sensor, SensorMode, SensorWait};
pub use settings::{AirflowSettings, LoopPace, SchedulerMode, Timers};
pub use states::{DagRunState, TaskInstanceState};
pub use task::{Branch, Deferral, Mapping, ScopeRole, ShortCircuit, Task, TaskKind};
pub use timetable::{Timetable, TimetableError};
pub use trigger_rule::TriggerRule;
pub use version::Rules;
pub use weight_rule::{WeightRule, effective_weights, own_weight};

use crate::ids::{DagId, PoolId, TaskId};

/// A whole site: what a scenario file describes.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Pools by [`PoolId`]; `default_pool` is always among them.
    pub pools: Vec<Pool>,
    /// What pools protect, by [`crate::ids::ResourceId`]; no pool stands in front of two of them.
    pub resources: Vec<Resource>,
    /// DAGs by [`DagId`], in the order of the file.
    pub dags: Vec<Dag>,
    /// Tasks by [`TaskId`]; the tasks of a DAG stand together, in the order of the DAG file, and so do those of an
    /// edition, after them.
    pub tasks: Vec<Task>,
    /// What edits of files make of DAGs; see [`Deployment::edit`].
    pub editions: Vec<Edition>,
    /// The options of `airflow.cfg` that matter for scheduling.
    pub airflow: AirflowSettings,
    /// How the scheduler's time passes.
    pub scheduler: SchedulerMode,
    /// Executors; a task names one by position or uses the first.
    pub executors: Vec<Executor>,
    /// Names of the Celery queues; a task names one by position, and the first is `[operators] default_queue`.
    pub queues: Vec<String>,
    /// Names of assets by [`crate::ids::AssetId`].
    pub assets: Vec<String>,
    /// What operators do, and what befalls the site, by [`crate::ids::EventId`]; those of one moment happen in this order.
    pub events: Vec<OperatorEvent>,
    /// What its use costs, if somebody has said so.
    pub costs: Option<Costs>,
    /// How many slots some pools should have together, if somebody has said so.
    pub budget: Option<Budget>,
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

    /// How many instances of a task a run has in the mean.
    pub fn mean_instances(&self, task: &Task) -> f64 {
        match task.mapping {
            None => 1.0,
            Some(Mapping::Fixed(length)) => f64::from(length),
            Some(Mapping::Over(source)) => {
                let lengths = self.tasks[source.index()].pushes.as_ref();
                lengths.map_or(0.0, crate::random::Distribution::mean)
            }
        }
    }

    /// What the scheduler does by its version. The `ideal` one is of no version and knows nothing of what differs; where
    /// something must be called by a name it is that of Airflow 3.
    pub fn rules(&self) -> Rules {
        match self.scheduler {
            SchedulerMode::Airflow(_) => self.airflow.rules,
            SchedulerMode::Ideal { .. } => Rules::AIRFLOW_3,
        }
    }

    /// Whether workers of an executor may die with what they run.
    pub fn loses_workers(&self, executor: usize) -> bool {
        let by_event = |action: &OperatorAction| matches!(action, OperatorAction::LoseWorkers(loss) if loss.executor == executor);
        let is_killing = |group: &WorkerGroup| {
            let autoscale = group.autoscale.as_ref();
            autoscale.is_some_and(|autoscale| autoscale.scale_in == ScaleIn::Killing)
        };
        match &self.executors[executor].kind {
            ExecutorKind::Celery(groups) => {
                groups.iter().any(is_killing)
                    || self.events.iter().any(|event| by_event(&event.action))
            }
            _ => false,
        }
    }

    /// The pool of that name.
    pub fn pool_named(&self, name: &str) -> Option<PoolId> {
        self.pools
            .iter()
            .position(|pool| pool.name == name)
            .map(PoolId::new)
    }

    /// The first task of that name in a DAG: as declared, or as an edit added it.
    pub fn task_named(&self, dag: DagId, task_id: &str) -> Option<TaskId> {
        self.tasks
            .iter()
            .position(|task| task.dag == dag && task.task_id == task_id)
            .map(TaskId::new)
    }

    /// Whether some task asks for this pool.
    pub fn is_in_use(&self, pool: PoolId) -> bool {
        self.tasks.iter().any(|task| task.pool == pool)
    }

    /// The DAG of that name.
    pub fn dag_named(&self, dag_id: &str) -> Option<DagId> {
        self.dags
            .iter()
            .position(|dag| dag.dag_id == dag_id)
            .map(DagId::new)
    }
}
