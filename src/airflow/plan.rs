//! The deployment compiled for the event loop: per task the numbers the scheduler needs, in flat tables.

use super::task_scope::{self, TaskScope};
use crate::deployment::{Deployment, Mapping, Task, TaskKind, TriggerRule, effective_weights};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::StreamKey;
use crate::time::SimDuration;
use std::collections::BTreeMap;
use std::ops::Range;

/// All tasks and DAGs of a deployment as the loop reads them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) dags: Vec<DagPlan>,
    downstream: Vec<TaskId>,
    scopes: Vec<TaskScope>,
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
    pub(crate) readiness: Readiness,
    pub(crate) trigger_rule: TriggerRule,
    pub(crate) executor: usize,
    pub(crate) queue: usize,
    pub(crate) retries: u32,
    /// How long it may be deferred.
    pub(crate) trigger_timeout: Option<SimDuration>,
    /// Whether its success decides about the tasks after it: a branch or a short circuit.
    pub(crate) chooses: bool,
    /// How many instances a run has at its creation.
    pub(crate) instances: u32,
    /// The map index of the first of them: 0 if it is mapped over literals, else -1 for the only one.
    pub(crate) first_index: i32,
    /// How it is expanded later: until then it has one instance without a map index.
    pub(crate) expands: Option<Expands>,
    /// Where its first instance stands among the rows of a run.
    pub(crate) first_row: u32,
    /// How many upstream instances a run has at its creation, those inside its mapped group left out.
    pub(crate) upstream_instances: u32,
    pub(crate) max_active_tis_per_dag: u32,
    pub(crate) max_active_tis_per_dagrun: u32,
    /// The part of a stream key that stands for its name.
    pub(crate) name_key: u64,
    is_leaf: bool,
    limited: bool,
    downstream: Range<u32>,
    /// Which of the scopes is its own, if its upstream counts do not say everything.
    scope: Option<u32>,
}

/// What becomes of an instance that is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It waits for its pool.
    Scheduled,
    /// It is done: an `EmptyOperator`.
    Done,
    /// It waits for its trigger.
    Deferred,
}

/// When an unexpanded task gets its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expands {
    /// When this task has pushed its list.
    Over(TaskId),
    /// It is mapped over nothing, and skipped when it is its turn.
    ToNothing,
}

/// What the loop reads of a DAG.
#[derive(Clone, Debug)]
pub(crate) struct DagPlan {
    pub(crate) first_task: usize,
    pub(crate) task_count: usize,
    /// How many instances a run has at its creation.
    pub(crate) rows: u32,
    /// Tasks that a run can begin with.
    pub(crate) roots: Vec<TaskId>,
    /// Place of the `dag_id` among all, as text: equal sort keys come out in this order.
    pub(crate) name_rank: u32,
    pub(crate) max_active_tasks: u32,
    pub(crate) dagrun_timeout: Option<SimDuration>,
    pub(crate) catchup: bool,
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
            tasks: Vec::with_capacity(deployment.tasks.len()),
            dags: Vec::with_capacity(deployment.dags.len()),
            downstream: Vec::new(),
            scopes: Vec::new(),
        };
        let name_ranks = name_ranks(deployment);
        for (index, dag) in deployment.dags.iter().enumerate() {
            let first = dag.first_task.index();
            let described = &deployment.tasks[first..first + dag.task_count];
            plan.add_tasks(described, first, DagId::new(index));
            let tasks = &plan.tasks[first..];
            let waits_for_nothing = |&at: &usize| {
                let at: usize = at;
                tasks[at].upstream_instances == 0 || tasks[at].trigger_rule == TriggerRule::Always
            };
            plan.dags.push(DagPlan {
                first_task: first,
                task_count: dag.task_count,
                rows: tasks.iter().map(|task| task.instances).sum(),
                roots: (0..tasks.len())
                    .filter(waits_for_nothing)
                    .map(|at| TaskId::new(first + at))
                    .collect(),
                name_rank: name_ranks[index],
                max_active_tasks: dag.max_active_tasks,
                dagrun_timeout: dag.dagrun_timeout,
                catchup: dag.catchup,
            });
        }
        plan
    }

    /// The tasks directly after `task` that count its instances among their upstream.
    #[inline]
    pub(crate) fn downstream(&self, task: TaskId) -> &[TaskId] {
        let range = &self.tasks[task.index()].downstream;
        &self.downstream[range.start as usize..range.end as usize]
    }

    /// Whether `below` stands directly after `task`, in its mapped group or not.
    pub(crate) fn is_directly_after(&self, below: TaskId, task: TaskId) -> bool {
        let in_group = self.scope(task).map(|scope| &scope.inner_downstream);
        self.downstream(task).contains(&below)
            || in_group.is_some_and(|tasks| tasks.contains(&below))
    }

    /// Whether the state of the run depends on how this task ends.
    #[inline]
    pub(crate) fn is_leaf(&self, task: TaskId) -> bool {
        self.tasks[task.index()].is_leaf
    }

    /// What else the task depends on and who else depends on it; none if its upstream counts say everything.
    #[inline]
    pub(crate) fn scope(&self, task: TaskId) -> Option<&TaskScope> {
        let scope = self.tasks[task.index()].scope?;
        Some(&self.scopes[scope as usize])
    }

    fn add_tasks(&mut self, tasks: &[Task], first: usize, dag: DagId) {
        let weights = effective_weights(tasks, first);
        let below = downstream_lists(tasks, first);
        let scopes = task_scope::of_dag(tasks, first, &below);
        let families = families(tasks);
        let mut first_row = 0;
        for (at, (task, scope)) in tasks.iter().zip(scopes).enumerate() {
            let after = self.downstream.len() as u32;
            let counted = below[at]
                .iter()
                .filter(|&&below| !in_one_group(task, &tasks[below]));
            self.downstream
                .extend(counted.map(|&below| TaskId::new(first + below)));
            let instances = task.initial_instances();
            let upstream = task
                .upstream
                .iter()
                .map(|above| &tasks[above.index() - first]);
            let (family, limited) = families[task.task_id.as_str()];
            self.tasks.push(TaskPlan {
                dag,
                family: TaskId::new(first + family),
                pool: task.pool,
                pool_slots: task.pool_slots,
                weight: weights[at],
                readiness: readiness(task),
                trigger_rule: task.trigger_rule,
                executor: task.executor,
                queue: task.queue,
                retries: task.retry.retries,
                trigger_timeout: task.trigger_timeout(),
                chooses: matches!(task.kind, TaskKind::Branch(_) | TaskKind::ShortCircuit(_)),
                instances,
                first_index: first_index(task),
                expands: expands(task),
                first_row,
                upstream_instances: upstream
                    .filter(|above| !in_one_group(above, task))
                    .map(Task::initial_instances)
                    .sum(),
                max_active_tis_per_dag: task.max_active_tis_per_dag.unwrap_or(u32::MAX),
                max_active_tis_per_dagrun: task.max_active_tis_per_dagrun.unwrap_or(u32::MAX),
                name_key: StreamKey::name(&task.task_id),
                limited,
                is_leaf: is_leaf(task, below[at].iter().map(|&below| &tasks[below])),
                downstream: after..self.downstream.len() as u32,
                scope: scope.map(|scope| {
                    self.scopes.push(scope);
                    self.scopes.len() as u32 - 1
                }),
            });
            first_row += instances;
        }
    }
}

/// Whether two tasks belong to the same mapped group, so that each instance sees its own index only.
pub(super) fn in_one_group(one: &Task, other: &Task) -> bool {
    one.group.is_some() && one.group == other.group
}

fn readiness(task: &Task) -> Readiness {
    match &task.kind {
        _ if task.is_without_worker() => Readiness::Done,
        TaskKind::Deferrable(deferral) if deferral.start_from_trigger => Readiness::Deferred,
        _ => Readiness::Scheduled,
    }
}

fn first_index(task: &Task) -> i32 {
    match task.mapping {
        Some(Mapping::Fixed(1..)) => 0,
        _ => -1,
    }
}

fn expands(task: &Task) -> Option<Expands> {
    match task.mapping {
        Some(Mapping::Fixed(0)) => Some(Expands::ToNothing),
        Some(Mapping::Over(source)) => Some(Expands::Over(source)),
        Some(Mapping::Fixed(_)) | None => None,
    }
}

/// A teardown does not decide about the run unless it says so, and does not keep what is before it from deciding.
fn is_leaf<'a>(task: &Task, mut below: impl Iterator<Item = &'a Task>) -> bool {
    !task.is_quiet_teardown() && below.all(Task::is_quiet_teardown)
}

/// The positions of the tasks directly after each task.
fn downstream_lists(tasks: &[Task], first: usize) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); tasks.len()];
    for (at, task) in tasks.iter().enumerate() {
        for above in &task.upstream {
            below[above.index() - first].push(at);
        }
    }
    below
}

/// For each name the position of the first task that has it, and whether one of them is limited.
fn families(tasks: &[Task]) -> BTreeMap<&str, (usize, bool)> {
    let mut families = BTreeMap::new();
    for (at, task) in tasks.iter().enumerate() {
        let (_, limited) = families.entry(task.task_id.as_str()).or_insert((at, false));
        *limited |= task
            .max_active_tis_per_dag
            .or(task.max_active_tis_per_dagrun)
            .is_some();
    }
    families
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
