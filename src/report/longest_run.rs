//! The run that waited longest, ready to be drawn: its instances with what they waited for, and the critical path.

use crate::deployment::Deployment;
use crate::report::csv::lines;
use crate::time::SimTime;
use crate::trace::{RunRows, TaskInstanceRecord};

/// A run with its instances in the order in which they began to wait.
#[derive(Clone, Debug, PartialEq)]
pub struct LongestRunReport {
    /// Its DAG.
    pub dag_id: String,
    /// What Airflow calls it.
    pub run_id: String,
    /// When it was due.
    pub due: SimTime,
    /// When it ended.
    pub ended: SimTime,
    /// How long its instances waited together, in seconds.
    pub waited: f64,
    /// Its instances and their tries.
    pub tries: Vec<RunTry>,
}

/// A try of an instance, or a segment of one.
#[derive(Clone, Debug, PartialEq)]
pub struct RunTry {
    /// Its task, with its index if that is mapped.
    pub name: String,
    /// Its task, by position.
    pub task: usize,
    /// The pool whose slots it takes.
    pub pool: String,
    /// From when on it waited for its slots.
    pub scheduled: SimTime,
    /// When it had them.
    pub queued: SimTime,
    /// When a worker began.
    pub started: SimTime,
    /// When it was over.
    pub ended: SimTime,
    /// Whether the run would have ended earlier with it.
    pub is_critical: bool,
}

impl LongestRunReport {
    /// The report of a run of `deployment`.
    pub fn new(deployment: &Deployment, found: &RunRows) -> Option<Self> {
        let ended = found.run.ended_at?;
        let worked = |row: &&TaskInstanceRecord| times(row).is_some() && !row.refused;
        let mut rows: Vec<&TaskInstanceRecord> = found.rows.iter().filter(worked).collect();
        rows.sort_by_key(|row| (row.scheduled_at, row.task, row.map_index));
        let critical = critical_path(deployment, &rows);
        let tries = rows.iter().enumerate().filter_map(|(at, row)| {
            let task = &deployment.tasks[row.task.index()];
            let [scheduled, queued, started, ended] = times(row)?;
            let name = match row.map_index {
                0.. => format!("{}[{}]", task.task_id, row.map_index),
                _ => task.task_id.clone(),
            };
            Some(RunTry {
                name,
                task: row.task.index(),
                pool: deployment.pools[row.pool.index()].name.clone(),
                scheduled,
                queued,
                started,
                ended,
                is_critical: critical.contains(&at),
            })
        });
        Some(Self {
            dag_id: deployment.dags[found.run.dag.index()].dag_id.clone(),
            run_id: found.run.name.run_id(deployment),
            due: found.run.due_at(),
            ended,
            waited: found.waited.as_seconds(),
            tries: tries.collect(),
        })
    }

    /// The tries without which the run would have ended earlier, in the order of time.
    pub fn critical(&self) -> impl Iterator<Item = &RunTry> {
        self.tries.iter().filter(|one| one.is_critical)
    }
}

/// When it began to wait, had its slots, began and ended.
fn times(row: &TaskInstanceRecord) -> Option<[SimTime; 4]> {
    Some([
        row.scheduled_at?,
        row.queued_at?,
        row.started_at?,
        row.ended_at?,
    ])
}

/// From the try that ended last back to the first, each time by way of what ended last of all that it had to wait for:
/// an instance upstream, or an earlier try of its own.
fn critical_path(deployment: &Deployment, rows: &[&TaskInstanceRecord]) -> Vec<usize> {
    let mut path = Vec::new();
    let all = rows.iter().enumerate();
    let mut next = all
        .clone()
        .max_by_key(|(_, row)| row.ended_at)
        .map(|(at, _)| at);
    while let Some(at) = next {
        path.push(at);
        let row = rows[at];
        let upstream = &deployment.tasks[row.task.index()].upstream;
        let came_before = |other: &TaskInstanceRecord| {
            let is_itself = other.task == row.task && other.map_index == row.map_index;
            (is_itself || upstream.contains(&other.task)) && other.ended_at <= row.scheduled_at
        };
        let before = all
            .clone()
            .filter(|(other, it)| !path.contains(other) && came_before(it));
        next = before
            .max_by_key(|(_, it)| it.ended_at)
            .map(|(other, _)| other);
    }
    path
}

/// `longest_run.csv`: the tries of the run that waited longest.
pub fn longest_run_csv(run: &LongestRunReport) -> Vec<u8> {
    let columns = [
        "dag_id",
        "run_id",
        "task",
        "pool",
        "scheduled_at",
        "queued_at",
        "started_at",
        "ended_at",
        "is_critical",
    ];
    let row = |one: &RunTry| {
        [
            run.dag_id.clone(),
            run.run_id.clone(),
            one.name.clone(),
            one.pool.clone(),
            one.scheduled.to_string(),
            one.queued.to_string(),
            one.started.to_string(),
            one.ended.to_string(),
            if one.is_critical { "yes" } else { "no" }.into(),
        ]
    };
    lines(std::iter::once(columns.map(String::from)).chain(run.tries.iter().map(row)))
}
