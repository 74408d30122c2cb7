//! The deployment compiled for the event loop: per task the numbers the scheduler needs, in flat tables.

use crate::airflow::instances::task_scope::{self, TaskScope};
use crate::deployment::{
    Dag, Deployment, Edition, Mapping, Task, TaskKind, TriggerRule, effective_weights,
};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::StreamKey;
use crate::time::SimDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// All tasks and DAGs of a deployment as the loop reads them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tasks: Vec<TaskPlan>,
    pub(crate) dags: Vec<DagPlan>,
    /// First one for each DAG, then one for each edition.
    pub(crate) layouts: Vec<Layout>,
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
    /// The first of its family in its own layout: what is active in a run is counted there.
    pub(crate) counted_at: TaskId,
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
    pub(crate) after_end: AfterEnd,
    /// The part of a stream key that stands for its name.
    pub(crate) name_key: u64,
    is_leaf: bool,
    limited: bool,
    downstream: Range<u32>,
    /// Which of the scopes is its own, if its upstream counts do not say everything.
    scope: Option<u32>,
}

/// What becomes of the times of an instance when it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterEnd {
    /// They are in its row, and nobody asks for them again.
    Forgotten,
    /// Other tasks, or the next run, ask for them.
    Kept,
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

/// The tasks of a run: those of its DAG as declared, or after an edit.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) dag: DagId,
    /// Which edit of the DAG's file it is read from; 0 is the file as declared.
    pub(crate) edit: u32,
    pub(crate) first_task: usize,
    pub(crate) task_count: usize,
    /// Tasks that a run can begin with.
    pub(crate) roots: Vec<TaskId>,
    /// The layouts whose runs get this one at the edit.
    pub(crate) follows: Vec<usize>,
}

/// What the loop reads of a DAG.
#[derive(Clone, Debug)]
pub(crate) struct DagPlan {
    /// The layout of new runs.
    pub(crate) layout: usize,
    /// Room for the instances of a run at its creation, and for those of tasks that edits add.
    pub(crate) rows: u32,
    /// Room for the counters of its tasks.
    pub(crate) most_tasks: usize,
    /// Place of the `dag_id` among all, as text: equal sort keys come out in this order.
    pub(crate) name_rank: u32,
    pub(crate) max_active_tasks: u32,
    /// The least that it will ever be.
    pub(crate) least_max_active_tasks: u32,
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
            layouts: Vec::with_capacity(deployment.dags.len() + deployment.editions.len()),
            downstream: Vec::new(),
            scopes: Vec::new(),
        };
        let name_ranks = name_ranks(deployment);
        for (index, dag) in deployment.dags.iter().enumerate() {
            plan.dags.push(DagPlan {
                layout: index,
                rows: 0,
                most_tasks: 0,
                name_rank: name_ranks[index],
                max_active_tasks: dag.max_active_tasks,
                least_max_active_tasks: dag.max_active_tasks,
                dagrun_timeout: dag.dagrun_timeout,
                catchup: dag.catchup,
            });
        }
        let mut families = Families::default();
        for (index, dag) in deployment.dags.iter().enumerate() {
            plan.add_layout(deployment, dag, DagId::new(index), None, &mut families);
        }
        for edition in &deployment.editions {
            let (file, dag) = (&edition.file, edition.dag);
            plan.add_layout(deployment, file, dag, Some(edition), &mut families);
        }
        for task in &mut plan.tasks {
            task.limited = families.limited.contains(&task.family);
            if families.asked_about.contains(&task.family) {
                task.after_end = AfterEnd::Kept;
            }
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

    /// The task of the same name in another layout of its DAG.
    pub(crate) fn counterpart(&self, task: TaskId, layout: usize) -> Option<TaskId> {
        let family = self.tasks[task.index()].family;
        let mut tasks = self.layouts[layout].tasks();
        tasks.find(|other| self.tasks[other.index()].family == family)
    }

    /// What a run of a layout becomes at the edit that the newest runs of its DAG are of; none if it is of that edit.
    pub(crate) fn next_layout(&self, layout: usize) -> Option<usize> {
        let from = &self.layouts[layout];
        let newest = self.dags[from.dag.index()].layout;
        let edit = self.layouts[newest].edit;
        let is_next =
            |to: &Layout| to.dag == from.dag && to.edit == edit && to.follows.contains(&layout);
        self.layouts.iter().position(is_next)
    }

    fn add_layout<'a>(
        &mut self,
        deployment: &'a Deployment,
        file: &Dag,
        dag: DagId,
        edition: Option<&Edition>,
        families: &mut Families<'a>,
    ) {
        let first = file.first_task.index();
        let described = &deployment.tasks[first..first + file.task_count];
        self.add_tasks(described, first, dag, families);
        for (at, created_as) in edition
            .iter()
            .flat_map(|edition| &edition.created_as)
            .enumerate()
        {
            // Its row keeps the weight that it was created with.
            self.tasks[first + at].weight = self.tasks[created_as.index()].weight;
        }
        let tasks = &self.tasks[first..];
        let waits_for_nothing = |&at: &usize| {
            let at: usize = at;
            tasks[at].upstream_instances == 0 || tasks[at].trigger_rule == TriggerRule::Always
        };
        let dags = deployment.dags.len();
        let follows = edition.map_or(&[][..], |edition| &edition.follows);
        self.layouts.push(Layout {
            dag,
            edit: edition.map_or(0, |edition| edition.edit),
            first_task: first,
            task_count: file.task_count,
            roots: (0..tasks.len())
                .filter(waits_for_nothing)
                .map(|at| TaskId::new(first + at))
                .collect(),
            follows: follows
                .iter()
                .map(|earlier| earlier.map_or(dag.index(), |edition| dags + edition))
                .collect(),
        });
        let dag = &mut self.dags[dag.index()];
        dag.most_tasks = dag.most_tasks.max(file.task_count);
        dag.least_max_active_tasks = dag.least_max_active_tasks.min(file.max_active_tasks);
    }

    fn add_tasks<'a>(
        &mut self,
        tasks: &'a [Task],
        first: usize,
        dag: DagId,
        families: &mut Families<'a>,
    ) {
        let weights = effective_weights(tasks, first);
        let below = downstream_lists(tasks, first);
        let scopes = task_scope::of_dag(tasks, first, &below);
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
            let (family, first_row) = families.join(
                task,
                TaskId::new(first + at),
                &mut self.dags[dag.index()].rows,
                scope.as_ref(),
            );
            self.tasks.push(TaskPlan {
                dag,
                family,
                counted_at: if family.index() < first {
                    TaskId::new(first + at)
                } else {
                    family
                },
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
                limited: false,
                after_end: AfterEnd::Forgotten,
                is_leaf: is_leaf(task, below[at].iter().map(|&below| &tasks[below])),
                downstream: after..self.downstream.len() as u32,
                scope: scope.map(|scope| {
                    self.scopes.push(scope);
                    self.scopes.len() as u32 - 1
                }),
            });
        }
    }
}

/// Whether two tasks belong to the same mapped group, so that each instance sees its own index only.
pub(crate) fn in_one_group(one: &Task, other: &Task) -> bool {
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

/// The tasks of one name in all layouts of a DAG.
#[derive(Default)]
struct Families<'a> {
    /// For each name the first task that has it, and where its first instance stands among the rows of a run.
    known: BTreeMap<(DagId, &'a str), (TaskId, u32)>,
    /// Those of which some task is limited.
    limited: BTreeSet<TaskId>,
    /// Those of which some task is asked about after its end.
    asked_about: BTreeSet<TaskId>,
}

impl<'a> Families<'a> {
    /// Adds a task to its family, which has its place after the `rows` of the others.
    fn join(
        &mut self,
        task: &'a Task,
        id: TaskId,
        rows: &mut u32,
        scope: Option<&TaskScope>,
    ) -> (TaskId, u32) {
        let known = self.known.entry((task.dag, &task.task_id));
        let (family, first_row) = *known.or_insert_with(|| {
            let first_row = *rows;
            *rows += task.initial_instances();
            (id, first_row)
        });
        let limit = task
            .max_active_tis_per_dag
            .or(task.max_active_tis_per_dagrun);
        if limit.is_some() {
            self.limited.insert(family);
        }
        if scope.is_some_and(TaskScope::is_asked_about) {
            self.asked_about.insert(family);
        }
        (family, first_row)
    }
}

impl Layout {
    /// Its tasks, in the order of the file.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = TaskId> + use<> {
        (self.first_task..self.first_task + self.task_count).map(TaskId::new)
    }

    /// Whether a task is one of its own.
    #[inline]
    pub(crate) fn has(&self, task: TaskId) -> bool {
        (self.first_task..self.first_task + self.task_count).contains(&task.index())
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
