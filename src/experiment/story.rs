//! The story of one task instance: what it waited for, and who was taken before it.

use std::cmp::Ordering;

use super::replication::{Replication, replicate};
use crate::airflow::DynamicPoolError;
use crate::deployment::{Deployment, SchedulerMode};
use crate::ids::TaskId;
use crate::time::SimTime;
use crate::trace::{DagRunRecord, FullTrace, RunName, TaskInstanceRecord, WaitCause};

/// Rivals for a cause are named if it had more than one part in so many of the wait.
const NOTABLE_PART: i64 = 20;

/// Whose story is asked for.
#[derive(Clone, Copy, Debug)]
pub struct StoryQuery<'a> {
    /// Its task.
    pub task: TaskId,
    /// Its run: a run id, or the beginning of a logical date or of the moment the run is due, such as `2026-03-02T04`.
    /// None asks for the run in which the task waited longest.
    pub run: Option<&'a str>,
    /// Its index, if the task is mapped; none asks for the one that waited longest.
    pub map_index: Option<i32>,
}

/// Everything that concerns one task instance.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its run.
    pub run: DagRunRecord,
    /// The latest row of each instance of the tasks directly upstream.
    pub upstream: Vec<TaskInstanceRecord>,
    /// Its waits and segments, in the order of time.
    pub segments: Vec<SegmentStory>,
}

/// One wait, and what came of it.
#[derive(Clone, Debug)]
pub struct SegmentStory {
    /// The facts.
    pub row: TaskInstanceRecord,
    /// Who held what it waited for when the wait began, in the order in which they left.
    pub holders: Vec<TaskInstanceRecord>,
    /// Who was taken while it waited, among those that wanted what it waited for.
    pub taken: Vec<Taken>,
}

/// An instance that was taken while another one waited.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// The one that was taken.
    pub row: TaskInstanceRecord,
    /// Why it went first.
    pub why: Precedence,
}

/// Why one instance goes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// Its effective priority weight is higher.
    Weight,
    /// At equal weight its logical date is older.
    Date,
    /// In `ideal` mode: it was ready earlier.
    Arrival,
    /// Weight and date are equal, and the map index, the DAG's name, the run id or the row comes first.
    Tie,
    /// It comes later in the order, but asks for fewer slots.
    Narrower,
    /// It comes later in the order, and the other one could not be taken then.
    Free,
}

impl Precedence {
    /// In words, after "taken before it".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Weight => "higher priority weight",
            Self::Date => "same weight, older logical date",
            Self::Arrival => "ready earlier",
            Self::Tie => "same weight and date; map index, names or row order decide",
            Self::Narrower => "behind it in the order, but asks for fewer slots",
            Self::Free => "behind it in the order, while this one could not be taken",
        }
    }
}

/// Why there is no story to tell.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoStory {
    /// A policy cannot be attached to its pools.
    #[error(transparent)]
    Policy(#[from] DynamicPoolError),
    /// The DAG has no run at all.
    #[error("`{0}` has no run in this simulation")]
    NoRuns(String),
    /// No run is meant.
    #[error(
        "no run of `{dag}` is called `{asked}` or was due then; it has {count}, from `{first}` to `{last}`"
    )]
    NoSuchRun {
        /// The DAG.
        dag: String,
        /// What was asked for.
        asked: String,
        /// How many runs there are.
        count: usize,
        /// The first run id.
        first: String,
        /// The last run id.
        last: String,
    },
    /// The run is there, but not the instance.
    #[error("`{0}` has no such instance in that run")]
    NoInstance(String),
}

/// Simulates the replication, with every row in memory, and tells the story of one instance.
///
/// # Errors
/// A policy that cannot be attached to its pools, or a query that means nothing that happened.
pub fn tell(replication: &Replication<'_>, query: &StoryQuery<'_>) -> Result<Story, NoStory> {
    let trace = replicate(replication, FullTrace::default())?;
    let deployment = &replication.scenario.deployment;
    find(deployment, &trace, query).ok_or_else(|| missing(deployment, &trace, query))
}

/// Why nothing was found.
fn missing(deployment: &Deployment, trace: &FullTrace, query: &StoryQuery<'_>) -> NoStory {
    let task = &deployment.tasks[query.task.index()];
    let dag = deployment.dags[task.dag.index()].dag_id.clone();
    let mut runs: Vec<_> = trace
        .dag_runs
        .iter()
        .filter(|run| run.dag == task.dag)
        .collect();
    runs.sort_by_key(|run| run.name.run_after);
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return NoStory::NoRuns(dag);
    };
    let is_asked = |run: &&DagRunRecord| {
        let date = run.logical_date.unwrap_or(run.name.run_after);
        query
            .run
            .is_some_and(|text| names_run(deployment, &run.name, date, text))
    };
    match query.run {
        Some(asked) if !runs.iter().any(is_asked) => NoStory::NoSuchRun {
            dag,
            asked: asked.to_owned(),
            count: runs.len(),
            first: first.name.run_id(deployment),
            last: last.name.run_id(deployment),
        },
        _ => NoStory::NoInstance(format!("{dag}.{}", task.task_id)),
    }
}

fn find(deployment: &Deployment, trace: &FullTrace, query: &StoryQuery<'_>) -> Option<Story> {
    let dag = deployment.tasks[query.task.index()].dag;
    let asked = |row: &&TaskInstanceRecord| {
        let is_run = |text: &str| names_run(deployment, &row.run, row.logical_date, text);
        row.task == query.task
            && query.map_index.is_none_or(|index| row.map_index == index)
            && query.run.is_none_or(is_run)
    };
    let rows = || trace.task_instances.iter().filter(asked);
    // The first of those that waited equally long.
    let wait = |row: &TaskInstanceRecord| row.scheduling.total() + row.wait.total();
    let longest = rows().reduce(|a, b| if wait(b) > wait(a) { b } else { a })?;
    let is_it = |row: &&TaskInstanceRecord| {
        row.run == longest.run && row.map_index == longest.map_index && !row.refused
    };
    let mut segments: Vec<TaskInstanceRecord> = rows().filter(is_it).copied().collect();
    segments.sort_by_key(|row| (row.try_number, row.scheduled_at, row.segment == 0));
    let of_run = |row: &&DagRunRecord| row.dag == dag && row.name == longest.run;
    Some(Story {
        run: *trace.dag_runs.iter().rfind(of_run)?,
        upstream: upstream(deployment, trace, query.task, longest.run),
        segments: segments
            .into_iter()
            .map(|row| segment(deployment, trace, row))
            .collect(),
    })
}

/// Whether a text names a run: by its id, or by the beginning of its logical date or of the moment it is due.
fn names_run(deployment: &Deployment, run: &RunName, logical_date: SimTime, text: &str) -> bool {
    run.run_id(deployment) == text
        || [logical_date, run.run_after]
            .iter()
            .any(|moment| moment.to_string().starts_with(&text.replacen(' ', "T", 1)))
}

/// The latest rows of what the task directly depends on.
fn upstream(
    deployment: &Deployment,
    trace: &FullTrace,
    task: TaskId,
    run: RunName,
) -> Vec<TaskInstanceRecord> {
    let tasks = &deployment.tasks[task.index()].upstream;
    let mut latest: Vec<TaskInstanceRecord> = Vec::new();
    let is_upstream = |row: &&TaskInstanceRecord| row.run == run && tasks.contains(&row.task);
    for row in trace.task_instances.iter().filter(is_upstream) {
        let same =
            |other: &TaskInstanceRecord| (other.task, other.map_index) == (row.task, row.map_index);
        latest.retain(|other| !same(other));
        latest.push(*row);
    }
    latest
}

fn segment(deployment: &Deployment, trace: &FullTrace, row: TaskInstanceRecord) -> SegmentStory {
    let Some(since) = row.scheduled_at else {
        return SegmentStory {
            row,
            holders: Vec::new(),
            taken: Vec::new(),
        };
    };
    let until = row.queued_at.or(row.taken_at).or(row.ended_at);
    let others = || {
        let is_other = |other: &&TaskInstanceRecord| {
            !is_same_instance(other, &row) && wants_the_same(deployment, other, &row)
        };
        let told_once = |other: &&TaskInstanceRecord| !other.refused && other.queued_at.is_some();
        trace
            .task_instances
            .iter()
            .filter(told_once)
            .filter(is_other)
    };
    let left = |other: &TaskInstanceRecord| other.taken_at.or(other.ended_at);
    let mut holders: Vec<_> = others()
        .filter(|other| other.queued_at <= Some(since))
        .filter(|other| left(other).is_none_or(|left| left > since))
        .copied()
        .collect();
    holders.sort_by_key(|other| (left(other).is_none(), left(other), other.queued_at));
    let mut taken: Vec<_> = others()
        .filter(|other| other.queued_at > Some(since))
        .filter(|other| until.is_none() || other.queued_at <= until)
        .map(|other| Taken {
            row: *other,
            why: precedence(deployment, other, &row),
        })
        // In the loop that took it, too, those behind it in the order came after it.
        .filter(|taken| taken.row.queued_at != until || taken.why < Precedence::Narrower)
        .collect();
    taken.sort_by_key(|taken| taken.row.queued_at);
    SegmentStory {
        row,
        holders,
        taken,
    }
}

fn is_same_instance(a: &TaskInstanceRecord, b: &TaskInstanceRecord) -> bool {
    (a.task, a.run, a.map_index) == (b.task, b.run, b.map_index)
}

/// Whether `other` wants, or has, something that `row` has waited for.
fn wants_the_same(
    deployment: &Deployment,
    other: &TaskInstanceRecord,
    row: &TaskInstanceRecord,
) -> bool {
    let executor = |row: &TaskInstanceRecord| deployment.tasks[row.task.index()].executor;
    let shares = |cause| match cause {
        // A limit over all executors, or the slots of one.
        WaitCause::Parallelism => true,
        WaitCause::Pool | WaitCause::PoolSlots => other.pool == row.pool,
        WaitCause::MaxActiveTis => other.task == row.task,
        WaitCause::MaxActiveTasks => {
            let of_dag = !deployment.rules().limits_tasks_per_run;
            other.dag == row.dag && (of_dag || other.run == row.run)
        }
        WaitCause::PassedOver => other.pool == row.pool || executor(other) == executor(row),
        WaitCause::Loop => false,
    };
    let whole = row.wait.total().as_micros();
    let counts = |cause| row.wait.of(cause).as_micros() * NOTABLE_PART > whole;
    WaitCause::ALL
        .into_iter()
        .any(|cause| counts(cause) && shares(cause))
}

/// Why `first` was taken before `row`.
fn precedence(
    deployment: &Deployment,
    first: &TaskInstanceRecord,
    row: &TaskInstanceRecord,
) -> Precedence {
    let behind = if first.pool == row.pool && first.pool_slots < row.pool_slots {
        Precedence::Narrower
    } else {
        Precedence::Free
    };
    if let SchedulerMode::Ideal { .. } = deployment.scheduler {
        return if first.scheduled_at <= row.scheduled_at {
            Precedence::Arrival
        } else {
            behind
        };
    }
    match first.priority_weight.cmp(&row.priority_weight) {
        Ordering::Greater => return Precedence::Weight,
        Ordering::Less => return behind,
        Ordering::Equal => {}
    }
    let name = |row: &TaskInstanceRecord| &deployment.dags[row.dag.index()].dag_id;
    let tie = |row: &TaskInstanceRecord| row.map_index;
    match first.logical_date.cmp(&row.logical_date) {
        Ordering::Less => Precedence::Date,
        Ordering::Greater => behind,
        Ordering::Equal => {
            let mut order = tie(first).cmp(&tie(row));
            if deployment.rules().breaks_ties_by_name {
                order = order.then(name(first).cmp(name(row)));
                order = order.then(first.run.run_after.cmp(&row.run.run_after));
            }
            match order {
                Ordering::Greater => behind,
                _ => Precedence::Tie,
            }
        }
    }
}
