//! A task as declared.

use super::{RetryPolicy, Sensor, SensorWait, TriggerRule, WeightRule};
use crate::ids::{AssetId, DagId, PoolId, TaskId};
use crate::random::Distribution;
use crate::time::SimDuration;

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
    /// What must have become of them before it runs.
    pub trigger_rule: TriggerRule,
    /// Whether it waits until it has ended well in the run before.
    pub depends_on_past: bool,
    /// Whether it waits, besides, until its direct downstream tasks have ended well in the run before.
    pub wait_for_downstream: bool,
    /// Its part in a setup and teardown scope.
    pub scope: ScopeRole,
    /// How many instances a run has; none if it is not mapped.
    pub mapping: Option<Mapping>,
    /// The mapped task group that it belongs to, by position among those of the DAG; all tasks of a group have one
    /// and the same mapping.
    pub group: Option<u32>,
    /// The lengths of the lists that it pushes for tasks mapped over it.
    pub pushes: Option<Distribution>,
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
    /// The Celery queue by position in [`super::Deployment::queues`].
    pub queue: usize,
    /// Active instances over all runs at a time.
    pub max_active_tis_per_dag: Option<u32>,
    /// Active instances within one run at a time.
    pub max_active_tis_per_dagrun: Option<u32>,
    /// The assets that it writes when it succeeds.
    pub outlets: Vec<AssetId>,
    /// What happens after a failed try.
    pub retry: RetryPolicy,
    /// Seconds that one execution runs: a try, a poke of a sensor, or one of the two parts of a deferrable task.
    pub duration: Distribution,
    /// A try that runs longer than this fails.
    pub execution_timeout: Option<SimDuration>,
    /// Share of tries that fail, from 0 to 1.
    pub failure_rate: f64,
    /// Share of failures after which no try is left, whatever `retries` says, from 0 to 1.
    pub fatal_share: f64,
    /// Share of tries that end in skipped, from 0 to 1.
    pub skip_rate: f64,
    /// Share of tries whose worker is lost half-way, from 0 to 1.
    pub lost_rate: f64,
}

/// What a task does.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskKind {
    /// Runs on an executor.
    Work,
    /// `EmptyOperator`: set to success by the scheduler itself, without pool or executor, unless it has outlets.
    Empty,
    /// Chooses one of its downstream tasks; the others are skipped.
    Branch(Branch),
    /// Goes on, or skips what comes after it.
    ShortCircuit(ShortCircuit),
    /// Waits for something by asking again and again.
    Sensor(Sensor),
    /// Leaves its worker and waits in a trigger.
    Deferrable(Deferral),
}

/// How a branch chooses: each of its ways with a probability; with the rest it follows none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branch {
    /// Downstream tasks and their probabilities, which sum to at most 1.
    pub ways: Vec<(TaskId, f64)>,
}

/// How a short circuit decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShortCircuit {
    /// Share of executions that skip what comes after, from 0 to 1.
    pub stop_rate: f64,
    /// Whether all tasks downstream are skipped, or only the direct ones, whose own rules decide about the rest.
    pub ignore_downstream_trigger_rules: bool,
}

/// What a deferrable task waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Deferral {
    /// Seconds from deferral to the trigger's event.
    pub wait: Distribution,
    /// The task fails if the trigger has not fired by then.
    pub timeout: Option<SimDuration>,
    /// Whether it waits before it has run at all: the scheduler defers it when it is ready.
    pub start_from_trigger: bool,
}

/// How many instances of a task a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Mapped over literals: expanded when the run is created.
    Fixed(u32),
    /// Mapped over the list that this task pushes: expanded when the list is there.
    Over(TaskId),
}

/// The part of a task in a setup and teardown scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeRole {
    /// None, or at work within a scope.
    #[default]
    Work,
    /// Prepares what the tasks of the scope need.
    Setup,
    /// Cleans up after them.
    Teardown {
        /// Whether its failure fails the run.
        on_failure_fail_dagrun: bool,
    },
}

impl Task {
    /// A task with Airflow's defaults that takes no time, uses the first pool and the first executor.
    pub fn named(task_id: impl Into<String>, dag: DagId) -> Self {
        Self {
            task_id: task_id.into(),
            dag,
            kind: TaskKind::Work,
            upstream: Vec::new(),
            trigger_rule: TriggerRule::default(),
            depends_on_past: false,
            wait_for_downstream: false,
            scope: ScopeRole::Work,
            mapping: None,
            group: None,
            pushes: None,
            pool: PoolId::default(),
            pool_slots: 1,
            priority_weight: 1,
            weight_rule: WeightRule::default(),
            executor: 0,
            queue: 0,
            max_active_tis_per_dag: None,
            max_active_tis_per_dagrun: None,
            outlets: Vec::new(),
            retry: RetryPolicy::default(),
            duration: Distribution::ZERO,
            execution_timeout: None,
            failure_rate: 0.0,
            fatal_share: 0.0,
            skip_rate: 0.0,
            lost_rate: 0.0,
        }
    }

    /// Makes every task that it names the one `by` places further on: for a copy of its DAG.
    pub fn move_links(&mut self, by: usize) {
        let moved = |id: TaskId| TaskId::new(id.index() + by);
        for above in &mut self.upstream {
            *above = moved(*above);
        }
        if let Some(Mapping::Over(source)) = &mut self.mapping {
            *source = moved(*source);
        }
        if let TaskKind::Branch(branch) = &mut self.kind {
            for (way, _) in &mut branch.ways {
                *way = moved(*way);
            }
        }
    }

    /// How long it may be deferred.
    pub fn trigger_timeout(&self) -> Option<SimDuration> {
        match &self.kind {
            TaskKind::Deferrable(deferral) => deferral.timeout,
            _ => None,
        }
    }

    /// Whether the scheduler itself sets it to success, so that it needs neither a worker nor a slot.
    pub fn is_without_worker(&self) -> bool {
        self.kind == TaskKind::Empty && self.outlets.is_empty()
    }

    /// The task that it awaits, if it is a sensor that awaits one.
    pub fn awaits(&self) -> Option<TaskId> {
        match &self.kind {
            TaskKind::Sensor(sensor) => match sensor.wait {
                SensorWait::Task(task) => Some(task),
                SensorWait::Time(_) => None,
            },
            _ => None,
        }
    }

    /// Whether the scheduler itself defers it, before it has run.
    pub fn starts_from_trigger(&self) -> bool {
        matches!(&self.kind, TaskKind::Deferrable(deferral) if deferral.start_from_trigger)
    }

    /// Whether it asks what became of it in the run before.
    pub fn looks_back(&self) -> bool {
        self.depends_on_past || self.wait_for_downstream
    }

    /// Whether it is a teardown.
    pub fn is_teardown(&self) -> bool {
        matches!(self.scope, ScopeRole::Teardown { .. })
    }

    /// Whether it is a teardown whose failure is none of the run's business.
    pub fn is_quiet_teardown(&self) -> bool {
        let quiet = ScopeRole::Teardown {
            on_failure_fail_dagrun: false,
        };
        self.scope == quiet
    }

    /// How many instances a run has at its creation.
    pub fn initial_instances(&self) -> u32 {
        match self.mapping {
            Some(Mapping::Fixed(length)) => length.max(1),
            Some(Mapping::Over(_)) | None => 1,
        }
    }
}
