//! Where the runs of a DAG come from, and which of them wait to be started.

use crate::airflow::outcomes::Outcomes;
use crate::airflow::outcomes::drawn::Drawn;
use crate::airflow::plan::Layout;
use crate::airflow::waits::run_wait_history::RunWaitHistory;
use crate::deployment::{Dag, Deployment, Schedule};
use crate::ids::DagId;
use crate::random::{ArrivalCursor, ArrivalProcess, StreamKey};
use crate::time::SimTime;
use crate::trace::{RunWait, RunWaitCause};
use std::collections::VecDeque;

/// A DAG whose runs arrive.
#[derive(Debug)]
pub(super) struct Arrivals<'a> {
    dag: DagId,
    process: Option<&'a ArrivalProcess>,
    end_date: Option<SimTime>,
    key: StreamKey,
    cursor: ArrivalCursor,
    /// How many arrivals have been planned: the last number names the next run.
    planned: u64,
    max_active_runs: u32,
    pub(super) running: u32,
    /// Queued runs in the order of their arrival, each with that moment and its number.
    pub(super) queued: VecDeque<(SimTime, u64, u32)>,
    /// What kept them from starting.
    history: RunWaitHistory,
    /// The first of its tasks; how many; and those that a run begins with.
    pub(super) first_task: u32,
    pub(super) tasks: u32,
    pub(super) roots: Vec<u32>,
    /// Places of runs that have ended.
    pub(super) free: Vec<u32>,
}

impl<'a> Arrivals<'a> {
    pub(super) fn new(
        dag: DagId,
        described: &'a Dag,
        layout: &Layout,
        root: StreamKey,
        start: SimTime,
    ) -> Self {
        let process = match &described.schedule {
            Schedule::Arrivals(process) => Some(process),
            _ => None,
        };
        let first = start.max(described.start_date);
        let roots = layout.roots.iter().map(|task| task.index() as u32);
        let mut arrivals = Self {
            dag,
            process,
            end_date: described.end_date,
            key: root.with(StreamKey::name(&described.dag_id)),
            cursor: process.map_or_else(ArrivalCursor::default, |process| process.begin(first)),
            planned: 0,
            max_active_runs: described.max_active_runs,
            running: 0,
            queued: VecDeque::new(),
            history: RunWaitHistory::new(start),
            first_task: layout.first_task as u32,
            tasks: layout.task_count as u32,
            roots: roots.collect(),
            free: Vec::new(),
        };
        arrivals.note(start);
        arrivals
    }

    /// When the next run arrives.
    #[inline]
    pub(super) fn next(&mut self) -> Option<SimTime> {
        let next = self.process?.next(&mut self.cursor, self.key)?;
        if self.end_date.is_some_and(|end| next > end) {
            return None;
        }
        self.planned += 1;
        Some(next)
    }

    /// The key of the random numbers of the run that arrives, and the common factor of its durations.
    #[inline]
    pub(super) fn luck(&self, deployment: &Deployment) -> (StreamKey, f64) {
        let key = self.key.with(self.planned);
        let size = match &deployment.dags[self.dag.index()].run_size {
            None => 1.0,
            Some(_) => Drawn::new(deployment).run_size(self.dag, key),
        };
        (key, size)
    }

    /// A run arrives, and waits for its start.
    #[inline]
    pub(super) fn queue(&mut self, run: u32, sequence: u64, now: SimTime) {
        self.queued.push_back((now, sequence, run));
        let oldest = self
            .queued
            .front()
            .map_or(now, |&(arrived_at, ..)| arrived_at);
        self.history.forget(oldest);
    }

    pub(super) fn is_full(&self) -> bool {
        self.running >= self.max_active_runs
    }

    /// Starts the run that has been queued for the longest time; tells which, and why it has waited.
    #[inline]
    pub(super) fn start_first(&mut self, now: SimTime) -> Option<(u32, RunWait)> {
        let (arrived_at, _, run) = self.queued.pop_front()?;
        self.running += 1;
        let wait = self.history.between(arrived_at, now);
        self.note(now);
        Some((run, wait))
    }

    /// A run has ended: its place is free.
    #[inline]
    pub(super) fn run_ended(&mut self, now: SimTime) {
        self.running -= 1;
        self.note(now);
    }

    #[inline]
    fn note(&mut self, now: SimTime) {
        let cause = if self.is_full() {
            RunWaitCause::MaxActiveRuns
        } else {
            RunWaitCause::Loop
        };
        self.history.set(cause, now);
    }
}
