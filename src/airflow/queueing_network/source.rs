//! Where the runs of a DAG come from, and what becomes of them.

use super::task::{Luck, Task};
use crate::airflow::outcomes::Outcomes;
use crate::airflow::outcomes::drawn::Drawn;
use crate::airflow::plan::Layout;
use crate::deployment::{Dag, Deployment, Schedule};
use crate::ids::DagId;
use crate::random::{ArrivalCursor, ArrivalProcess, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::RunSummary;

/// A DAG whose runs arrive.
#[derive(Debug)]
pub(super) struct Source<'a> {
    dag: DagId,
    process: Option<&'a ArrivalProcess>,
    end_date: Option<SimTime>,
    key: StreamKey,
    cursor: ArrivalCursor,
    ahead: Ahead,
    /// The first of its tasks; how many; and those that a run begins with, by their places in the DAG.
    pub(super) first_task: u32,
    pub(super) tasks: u32,
    pub(super) roots: Vec<u32>,
    /// Places of runs that have ended.
    pub(super) free: Vec<u32>,
    pub(super) runs: RunSummary,
}

/// Runs that are drawn and have not arrived.
///
/// A draw depends on nothing but its key, so it need not wait for its event. Here the draws of several runs stand side
/// by side, and the processor works on some of them at once; each in its own event would hold up the next one.
#[derive(Debug, Default)]
struct Ahead {
    arrivals: Vec<SimTime>,
    /// How long their instances run: run by run, in the order of the tasks.
    durations: Vec<SimDuration>,
    /// The first that has not arrived.
    next: usize,
    /// How many runs have been drawn so far: the number names the run.
    drawn: u64,
}

/// The most runs that are drawn at once. The first time it is one, and then twice as many as the time before: a site of
/// many DAGs that run seldom draws little that never arrives.
const AT_ONCE: usize = 16;

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
            ahead: Ahead::default(),
            first_task: layout.first_task as u32,
            tasks: layout.task_count as u32,
            roots: layout
                .roots
                .iter()
                .map(|task| (task.index() - layout.first_task) as u32)
                .collect(),
            free: Vec::new(),
            runs,
        }
    }

    /// When the next run arrives.
    #[inline]
    pub(super) fn next_arrival(
        &mut self,
        deployment: &Deployment,
        tasks: &[Task<'_>],
    ) -> Option<SimTime> {
        if self.ahead.next == self.ahead.arrivals.len() {
            self.draw_ahead(deployment, tasks);
        }
        self.ahead.arrivals.get(self.ahead.next).copied()
    }

    /// The run that arrives: how long its instances run, in the order of the tasks.
    #[inline]
    pub(super) fn take(&mut self) -> &[SimDuration] {
        let tasks = self.tasks as usize;
        let first = self.ahead.next * tasks;
        self.ahead.next += 1;
        &self.ahead.durations[first..first + tasks]
    }

    /// Draws the runs that come next.
    fn draw_ahead(&mut self, deployment: &Deployment, tasks: &[Task<'_>]) {
        let first = self.first_task as usize;
        let tasks = &tasks[first..first + self.tasks as usize];
        let at_once = (2 * self.ahead.arrivals.len()).clamp(1, AT_ONCE);
        self.ahead.next = 0;
        self.ahead.arrivals.clear();
        self.ahead.durations.clear();
        for _ in 0..at_once {
            let Some(arrival) = self.draw_arrival() else {
                break;
            };
            self.ahead.arrivals.push(arrival);
        }
        for &created_at in &self.ahead.arrivals {
            self.ahead.drawn += 1;
            let key = self.key.with(self.ahead.drawn);
            let size = match &deployment.dags[self.dag.index()].run_size {
                None => 1.0,
                Some(_) => Drawn::new(deployment).run_size(self.dag, key),
            };
            let luck = Luck {
                created_at,
                key,
                size,
            };
            for task in tasks {
                self.ahead.durations.push(task.draw_duration(&luck));
            }
        }
    }

    #[inline]
    fn draw_arrival(&mut self) -> Option<SimTime> {
        let next = self.process?.next(&mut self.cursor, self.key)?;
        let is_in_time = self.end_date.is_none_or(|end| next <= end);
        is_in_time.then_some(next)
    }

    /// What has become of its runs.
    pub(super) fn into_runs(mut self) -> RunSummary {
        self.runs.complete_served();
        self.runs
    }
}
