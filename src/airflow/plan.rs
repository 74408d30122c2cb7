//! The deployment compiled for the event loop: per task the numbers the scheduler needs, in flat tables.

use crate::deployment::{Deployment, TaskKind, effective_weights};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::StreamKey;
use std::ops::Range;

/// All tasks and DAGs of a deployment as the loop reads them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) dags: Vec<DagPlan>,
    downstream: Vec<TaskId>,
}

/// What the loop reads of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskPlan {
    pub(crate) dag: DagId,
    /// The first task of the same name in the DAG: limits and starved sets count by name, while the rows of an
    /// edited task may differ in pool, slots and weight.
    pub(crate) family: TaskId,
    pub(crate) pool: PoolId,
    pub(crate) pool_slots: u32,
    /// The effective weight.
    pub(crate) weight: i64,
    pub(crate) kind: TaskKind,
    pub(crate) executor: usize,
    pub(crate) max_tries: u32,
    pub(crate) mapped: bool,
    /// How many instances a run has.
    pub(crate) instances: u32,
    /// Where its first instance stands among the rows of a run.
    pub(crate) first_row: u32,
    /// How many upstream instances must end well before it is ready.
    pub(crate) upstream_instances: u32,
    pub(crate) max_active_tis_per_dag: u32,
    pub(crate) max_active_tis_per_dagrun: u32,
    /// The part of a stream key that stands for its name.
    pub(crate) name_key: u64,
    is_leaf: bool,
    limited: bool,
    downstream: Range<u32>,
}

/// What the loop reads of a DAG.
#[derive(Clone, Debug)]
pub(crate) struct DagPlan {
    pub(crate) first_task: usize,
    pub(crate) task_count: usize,
    /// How many instances a run has.
    pub(crate) rows: u32,
    pub(crate) roots: Vec<TaskId>,
    /// Place of the `dag_id` among all, as text: equal sort keys come out in this order.
    pub(crate) name_rank: u32,
    pub(crate) max_active_tasks: u32,
}

impl TaskPlan {
    /// Whether its active instances are limited, so that they must be counted.
    #[inline]
    pub(crate) fn has_limit(&self) -> bool {
        self.limited
    }
}

impl Plan {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let mut plan = Self {
            tasks: Vec::new(),
            dags: Vec::new(),
            downstream: Vec::new(),
        };
        let name_ranks = name_ranks(deployment);
        for (index, dag) in deployment.dags.iter().enumerate() {
            plan.add_tasks(deployment, DagId::new(index));
            let tasks = dag.first_task.index()..dag.first_task.index() + dag.task_count;
            let roots = tasks
                .clone()
                .filter(|&task| deployment.tasks[task].upstream.is_empty());
            plan.dags.push(DagPlan {
                first_task: dag.first_task.index(),
                task_count: dag.task_count,
                rows: plan.tasks[tasks.clone()]
                    .iter()
                    .map(|task| task.instances)
                    .sum(),
                roots: roots.map(TaskId::new).collect(),
                name_rank: name_ranks[index],
                max_active_tasks: dag.max_active_tasks,
            });
        }
        plan
    }

    /// The tasks directly after `task`.
    #[inline]
    pub(crate) fn downstream(&self, task: TaskId) -> &[TaskId] {
        let range = &self.tasks[task.index()].downstream;
        &self.downstream[range.start as usize..range.end as usize]
    }

    /// Whether the state of the run depends on how this task ends.
    #[inline]
    pub(crate) fn is_leaf(&self, task: TaskId) -> bool {
        self.tasks[task.index()].is_leaf
    }

    fn add_tasks(&mut self, deployment: &Deployment, dag: DagId) {
        let described = &deployment.dags[dag.index()];
        let first = described.first_task.index();
        let tasks = &deployment.tasks[first..first + described.task_count];
        let weights = effective_weights(tasks, first);
        let mut first_row = 0;
        for (at, task) in tasks.iter().enumerate() {
            let after = self.downstream.len() as u32;
            let id = TaskId::new(first + at);
            self.downstream.extend(
                tasks
                    .iter()
                    .enumerate()
                    .filter(|(_, t)| t.upstream.contains(&id))
                    .map(|(i, _)| TaskId::new(first + i)),
            );
            let instances = task.map_length.unwrap_or(1);
            let length_of = |id: &TaskId| deployment.tasks[id.index()].map_length.unwrap_or(1);
            let namesake = tasks
                .iter()
                .position(|t| t.task_id == task.task_id)
                .unwrap_or(at);
            self.tasks.push(TaskPlan {
                dag,
                family: TaskId::new(first + namesake),
                pool: task.pool,
                pool_slots: task.pool_slots,
                weight: weights[at],
                kind: if task.outlets.is_empty() {
                    task.kind
                } else {
                    TaskKind::Work
                },
                executor: task.executor,
                max_tries: task.retry.retries,
                mapped: task.map_length.is_some(),
                instances,
                first_row,
                upstream_instances: task.upstream.iter().map(length_of).sum(),
                max_active_tis_per_dag: task.max_active_tis_per_dag.unwrap_or(u32::MAX),
                max_active_tis_per_dagrun: task.max_active_tis_per_dagrun.unwrap_or(u32::MAX),
                name_key: StreamKey::name(&task.task_id),
                limited: tasks.iter().any(|t| {
                    t.task_id == task.task_id
                        && t.max_active_tis_per_dag
                            .or(t.max_active_tis_per_dagrun)
                            .is_some()
                }),
                is_leaf: after == self.downstream.len() as u32,
                downstream: after..self.downstream.len() as u32,
            });
            first_row += instances;
        }
    }
}

fn name_ranks(deployment: &Deployment) -> Vec<u32> {
    let mut order: Vec<usize> = (0..deployment.dags.len()).collect();
    order.sort_by_key(|&dag| &deployment.dags[dag].dag_id);
    let mut ranks = vec![0; order.len()];
    for (rank, dag) in order.into_iter().enumerate() {
        ranks[dag] = rank as u32;
    }
    ranks
}
