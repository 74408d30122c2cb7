//! Which queued runs start: step 2 of a loop (docs/background/scheduler.md, 3).
//!
//! The runs of a DAG wait in one queue under its `max_active_runs`; those of a backfill in one of their own, under the
//! backfill's limit.

use crate::airflow::event::Event;
use crate::airflow::runs::dag_run::DagRun;
use crate::airflow::waits::run_wait_history::RunWaitHistory;
use crate::airflow::world::World;
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::time::SimTime;
use crate::trace::{Recorder, RunWait, RunWaitCause};
use std::collections::VecDeque;

/// All queued runs.
#[derive(Debug, Default)]
pub(crate) struct RunQueues {
    /// First one for each DAG, then one for each backfill.
    queues: Vec<RunQueue>,
    dags: usize,
    emptiest_first: bool,
    /// The queues in which runs wait.
    waiting: Vec<usize>,
    candidates: Vec<Candidate>,
    started: Vec<RunId>,
}

#[derive(Debug)]
struct RunQueue {
    dag: DagId,
    max_active_runs: u32,
    running: u32,
    paused: bool,
    runs: VecDeque<Waiting>,
    /// What kept them from starting.
    history: RunWaitHistory,
}

/// A queued run, in the order of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    /// 0 outside of backfills.
    ordinal: u32,
    date: SimTime,
    sequence: u64,
    run: RunId,
    run_after: SimTime,
}

/// A queued run that may start, in the order of the real query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    ordinal: u32,
    running: u32,
    date: SimTime,
    sequence: u64,
    run: RunId,
    queue: usize,
}

impl RunQueues {
    /// A queue for each DAG, given its `max_active_runs`; the DAGs with the fewest running runs come first, or not.
    pub(crate) fn new(
        limits: impl Iterator<Item = u32>,
        start: SimTime,
        emptiest_first: bool,
    ) -> Self {
        let mut queues = Self {
            emptiest_first,
            ..Self::default()
        };
        for (dag, limit) in limits.enumerate() {
            queues.add(DagId::new(dag), limit, false, start);
        }
        queues.dags = queues.queues.len();
        queues
    }

    /// Adds a queue for the next backfill.
    pub(crate) fn add(&mut self, dag: DagId, max_active_runs: u32, paused: bool, now: SimTime) {
        let mut queue = RunQueue {
            dag,
            max_active_runs,
            running: 0,
            paused,
            runs: VecDeque::new(),
            history: RunWaitHistory::new(now),
        };
        queue.note(now);
        self.queues.push(queue);
    }

    /// The file of a DAG gives it another `max_active_runs`.
    pub(crate) fn set_max_active_runs(&mut self, dag: DagId, limit: u32, now: SimTime) {
        let queue = &mut self.queues[dag.index()];
        queue.max_active_runs = limit;
        queue.note(now);
    }

    /// Lets a run wait until it may start.
    pub(crate) fn push(&mut self, id: RunId, run: &DagRun) {
        let queue = self.queue_of(run);
        let runs = &mut self.queues[queue].runs;
        if runs.is_empty() {
            self.waiting.push(queue);
        }
        let waiting = Waiting {
            ordinal: run.ordinal(),
            date: run.order_date,
            sequence: run.sequence,
            run: id,
            run_after: run.identity.run_after,
        };
        // Nearly always it is the last.
        let at = match runs.back() {
            Some(last) if *last > waiting => runs.partition_point(|other| *other < waiting),
            _ => runs.len(),
        };
        runs.insert(at, waiting);
    }

    /// Starts queued runs of DAGs that are not paused, of at most `limit` considered, and says which.
    pub(crate) fn start<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        engine: &mut Engine<Event>,
        limit: u32,
    ) -> &[RunId] {
        self.started.clear();
        self.candidates.clear();
        for &index in &self.waiting {
            let queue = &self.queues[index];
            if queue.is_full() || world.paused[queue.dag.index()] {
                continue;
            }
            let candidates = queue.runs.iter().take(limit as usize);
            self.candidates.extend(candidates.map(|waiting| Candidate {
                ordinal: waiting.ordinal,
                running: if self.emptiest_first {
                    queue.running
                } else {
                    0
                },
                date: waiting.date,
                sequence: waiting.sequence,
                run: waiting.run,
                queue: index,
            }));
        }
        self.candidates.sort_unstable();
        for candidate in self.candidates.iter().take(limit as usize) {
            let queue = &mut self.queues[candidate.queue];
            if !queue.is_full() {
                queue.take(candidate.run);
                queue.running += 1;
                let wait = queue.wait(world.run(candidate.run), engine.now());
                queue.note(engine.now());
                world.run_mut(candidate.run).wait = wait;
                world.start_run(candidate.run, engine);
                self.started.push(candidate.run);
            }
        }
        if !self.started.is_empty() {
            let queues = &self.queues;
            self.waiting.retain(|&index| !queues[index].runs.is_empty());
        }
        &self.started
    }

    /// A run starts when it is created; tells how it waited before.
    pub(crate) fn start_at_once(&mut self, run: &DagRun, now: SimTime) -> RunWait {
        let queue = self.queue_of(run);
        let queue = &mut self.queues[queue];
        queue.running += 1;
        let wait = queue.wait(run, now);
        queue.note(now);
        wait
    }

    /// Takes all waiting runs of a DAG out, in their order, and counts them as running.
    pub(crate) fn start_all<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        dag: DagId,
        now: SimTime,
    ) -> Vec<RunId> {
        let mut started = Vec::new();
        for queue in self.queues.iter_mut().filter(|queue| queue.dag == dag) {
            queue.running += queue.runs.len() as u32;
            let waiting: Vec<_> = queue.runs.drain(..).map(|waiting| waiting.run).collect();
            for &run in &waiting {
                world.run_mut(run).wait = queue.wait(world.run(run), now);
            }
            queue.note(now);
            started.extend(waiting);
        }
        let queues = &self.queues;
        self.waiting.retain(|&index| !queues[index].runs.is_empty());
        started
    }

    /// A running run has ended: its place is free.
    pub(crate) fn run_ended(&mut self, run: &DagRun, now: SimTime) {
        let queue = self.queue_of(run);
        self.queues[queue].running -= 1;
        self.queues[queue].note(now);
    }

    /// A DAG is paused, or goes on.
    pub(crate) fn set_paused(&mut self, dag: DagId, paused: bool, now: SimTime) {
        for queue in self.queues.iter_mut().filter(|queue| queue.dag == dag) {
            queue.paused = paused;
            queue.note(now);
        }
    }

    /// No run of the DAG that is to be created was due before this moment.
    pub(crate) fn forget(&mut self, dag: DagId, before: SimTime) {
        let queue = &mut self.queues[dag.index()];
        let oldest = queue.runs.iter().map(|waiting| waiting.run_after).min();
        queue
            .history
            .forget(oldest.map_or(before, |oldest| oldest.min(before)));
    }

    /// Whether a loop that begins now would start a run.
    pub(crate) fn may_start(&self, paused: &[bool]) -> bool {
        self.waiting.iter().any(|&index| {
            let queue = &self.queues[index];
            !queue.is_full() && !paused[queue.dag.index()]
        })
    }

    fn queue_of(&self, run: &DagRun) -> usize {
        match run.backfill {
            None => run.dag.index(),
            Some(place) => self.dags + place.backfill as usize,
        }
    }
}

impl RunQueue {
    fn is_full(&self) -> bool {
        self.running >= self.max_active_runs
    }

    /// Writes down what keeps runs from starting from now on.
    fn note(&mut self, now: SimTime) {
        let cause = match (self.paused, self.is_full()) {
            (true, _) => RunWaitCause::Paused,
            (false, true) => RunWaitCause::MaxActiveRuns,
            (false, false) => RunWaitCause::Loop,
        };
        self.history.set(cause, now);
    }

    /// Why a run that starts now has waited since it was due.
    fn wait(&self, run: &DagRun, now: SimTime) -> RunWait {
        self.history.between(run.due_at().min(now), now)
    }

    /// Takes a run out; it is nearly always the first.
    fn take(&mut self, run: RunId) {
        if let Some(at) = self.runs.iter().position(|waiting| waiting.run == run) {
            self.runs.remove(at);
        }
    }
}
