//! Where the runs of a DAG come from, and what becomes of them.

use crate::airflow::outcomes::Outcomes;
use crate::airflow::outcomes::drawn::Drawn;
use crate::airflow::plan::Layout;
use crate::deployment::{Dag, Deployment, Schedule};
use crate::ids::DagId;
use crate::random::{ArrivalCursor, ArrivalProcess, StreamKey};
use crate::time::SimTime;
use crate::trace::RunSummary;

/// A DAG whose runs arrive.
#[derive(Debug)]
pub(super) struct Source<'a> {
    dag: DagId,
    process: Option<&'a ArrivalProcess>,
    end_date: Option<SimTime>,
    key: StreamKey,
    cursor: ArrivalCursor,
    /// How many arrivals have been planned: the last number names the next run.
    arrivals: u64,
    /// The first of its tasks; how many; and those that a run begins with.
    pub(super) first_task: u32,
    pub(super) tasks: u32,
    pub(super) roots: Vec<u32>,
    /// Places of runs that have ended.
    pub(super) free: Vec<u32>,
    pub(super) runs: RunSummary,
}

impl<'a> Source<'a> {
    pub(super) fn new(
        dag: DagId,
        described: &'a Dag,
        layout: &Layout,
        root: StreamKey,
        start: SimTime,
        runs: RunSummary,
    ) -> Self {
        let process = match &described.schedule {
            Schedule::Arrivals(process) => Some(process),
            _ => None,
        };
        let first = start.max(described.start_date);
        Self {
            dag,
            process,
            end_date: described.end_date,
            key: root.with(StreamKey::name(&described.dag_id)),
            cursor: process.map_or_else(ArrivalCursor::default, |process| process.begin(first)),
            arrivals: 0,
            first_task: layout.first_task as u32,
            tasks: layout.task_count as u32,
            roots: layout
                .roots
                .iter()
                .map(|task| task.index() as u32)
                .collect(),
            free: Vec::new(),
            runs,
        }
    }

    /// When the next run arrives.
    #[inline]
    pub(super) fn next_arrival(&mut self) -> Option<SimTime> {
        let next = self.process?.next(&mut self.cursor, self.key)?;
        if self.end_date.is_some_and(|end| next > end) {
            return None;
        }
        self.arrivals += 1;
        Some(next)
    }

    /// The key of the random numbers of the run that arrives, and the common factor of its durations.
    #[inline]
    pub(super) fn luck(&self, deployment: &Deployment) -> (StreamKey, f64) {
        let key = self.key.with(self.arrivals);
        let size = match &deployment.dags[self.dag.index()].run_size {
            None => 1.0,
            Some(_) => Drawn::new(deployment).run_size(self.dag, key),
        };
        (key, size)
    }

    /// What has become of its runs.
    pub(super) fn into_runs(mut self) -> RunSummary {
        self.runs.complete_served();
        self.runs
    }
}
