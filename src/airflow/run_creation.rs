//! Which runs come into being, and when they may start (docs/background/scheduler.md, 3).

use super::dag_run::RunIdentity;
use super::event::Event;
use super::outcomes::Outcomes;
use super::world::World;
use crate::deployment::timetable::{Bounds, PlannedRun};
use crate::deployment::{Deployment, Schedule, Timetable};
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::random::{ArrivalCursor, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, RunType};
use std::collections::{BTreeSet, VecDeque};

/// The DAGs as the scheduler keeps them: what is due next, and how many runs exist.
#[derive(Debug)]
pub(crate) struct RunCreation<'a> {
    deployment: &'a Deployment,
    /// The keys of the DAGs' random numbers.
    keys: Vec<StreamKey>,
    dags: Vec<DagRow>,
    /// DAGs whose next run may be created, by the moment from which it may.
    due: BTreeSet<(SimTime, DagId)>,
    /// DAGs with queued runs.
    with_queued: Vec<DagId>,
    first_due: Vec<DagId>,
    candidates: Vec<Candidate>,
}

/// A row of `dag`.
#[derive(Debug, Default)]
struct DagRow {
    next: Option<PlannedRun>,
    /// `exceeds_max_non_backfill`: no run is created until one ends.
    full: bool,
    /// Runs queued or running.
    unfinished: u32,
    running: u32,
    queued: VecDeque<RunId>,
    /// How far the arrival process has come, and how many runs have been planned.
    cursor: ArrivalCursor,
    arrivals: u64,
}

/// A queued run that may start, in the order of the real query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    running: u32,
    run_after: SimTime,
    sequence: u64,
    run: RunId,
}

impl DagRow {
    /// Takes a run out of the queue; it is nearly always the first.
    fn take_queued(&mut self, run: RunId) {
        if let Some(at) = self.queued.iter().position(|&queued| queued == run) {
            self.queued.remove(at);
        }
    }
}

impl<'a> RunCreation<'a> {
    /// All DAGs become known at `start`.
    pub(crate) fn new(
        deployment: &'a Deployment,
        root: StreamKey,
        engine: &mut Engine<Event>,
    ) -> Self {
        let dags = deployment.dags.iter().map(|_| DagRow::default()).collect();
        let mut creation = Self {
            deployment,
            keys: deployment
                .dags
                .iter()
                .map(|dag| root.with(StreamKey::name(&dag.dag_id)))
                .collect(),
            dags,
            due: BTreeSet::new(),
            with_queued: Vec::new(),
            first_due: Vec::new(),
            candidates: Vec::new(),
        };
        let start = engine.now();
        for index in 0..deployment.dags.len() {
            let dag = DagId::new(index);
            match &deployment.dags[index].schedule {
                Schedule::Manual => {}
                Schedule::Timetable(_) => {
                    creation.plan_next(dag, None, start);
                    creation.arm(dag, engine);
                }
                Schedule::Arrivals(process) => {
                    let first = start.max(deployment.dags[index].start_date);
                    creation.dags[index].cursor = process.begin(first);
                    creation.plan_arrival(dag, engine);
                }
            }
        }
        creation
    }

    /// The next run of a timetable has become due.
    pub(crate) fn run_due(&mut self, dag: DagId, now: SimTime) {
        let row = &self.dags[dag.index()];
        if let Some(next) = row.next.filter(|next| !row.full && next.run_after <= now) {
            self.due.insert((next.run_after, dag));
        }
    }

    /// Step 1 of a loop: creates one run for each of the first `limit` DAGs that are due.
    pub(crate) fn create_due<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        limit: u32,
    ) {
        let mut first = std::mem::take(&mut self.first_due);
        first.extend(self.due.iter().take(limit as usize).map(|&(_, dag)| dag));
        for dag in first.drain(..) {
            if let Some(run) = self.create_scheduled(world, outcomes, dag, engine.now()) {
                self.enqueue(dag, run);
                let limit = world.plan.dags[dag.index()].max_active_runs;
                let row = &mut self.dags[dag.index()];
                row.full = row.unfinished >= limit;
                self.arm(dag, engine);
            }
        }
        self.first_due = first;
    }

    /// Creates the run that the timetable of a DAG has planned, and plans the next.
    pub(crate) fn create_scheduled<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        now: SimTime,
    ) -> Option<RunId> {
        let planned = self.dags[dag.index()].next.take()?;
        self.due.remove(&(planned.run_after, dag));
        let identity = RunIdentity {
            run_type: RunType::Scheduled,
            logical_date: Some(planned.logical_date),
            interval_start: planned.interval_start,
            interval_end: planned.interval_end,
            run_after: planned.run_after,
        };
        let run = self.create(
            world,
            outcomes,
            dag,
            identity,
            planned.logical_date.as_micros() as u64,
            now,
        );
        self.plan_next(dag, Some(&planned), now);
        Some(run)
    }

    /// A triggered run arrives: it is created at once, and the next arrival is planned.
    pub(crate) fn create_triggered<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) -> RunId {
        let now = engine.now();
        let identity = RunIdentity {
            run_type: RunType::Manual,
            logical_date: Some(now),
            interval_start: now,
            interval_end: now,
            run_after: now,
        };
        let ordinal = self.dags[dag.index()].arrivals;
        let run = self.create(world, outcomes, dag, identity, ordinal, now);
        self.plan_arrival(dag, engine);
        run
    }

    /// Step 2 of a loop: starts queued runs, of at most `limit` considered.
    pub(crate) fn start_queued<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        engine: &mut Engine<Event>,
        limit: u32,
        mut started: impl FnMut(RunId, SimTime, u64),
    ) {
        self.candidates.clear();
        for &dag in &self.with_queued {
            let (row, plan) = (&self.dags[dag.index()], &world.plan.dags[dag.index()]);
            if row.running >= plan.max_active_runs {
                continue;
            }
            self.candidates
                .extend(row.queued.iter().take(limit as usize).map(|&id| {
                    let run = world.run(id);
                    Candidate {
                        running: row.running,
                        run_after: run.identity.run_after,
                        sequence: run.sequence,
                        run: id,
                    }
                }));
        }
        self.candidates.sort_unstable();
        for candidate in self.candidates.iter().take(limit as usize) {
            let dag = world.run(candidate.run).dag;
            let row = &mut self.dags[dag.index()];
            if row.running < world.plan.dags[dag.index()].max_active_runs {
                row.take_queued(candidate.run);
                row.running += 1;
                if row.queued.is_empty() {
                    self.with_queued.retain(|&other| other != dag);
                }
                world.start_run(candidate.run, engine);
                started(candidate.run, candidate.run_after, candidate.sequence);
            }
        }
    }

    /// A run of the DAG has ended: its place is free.
    pub(crate) fn run_ended(
        &mut self,
        dag: DagId,
        max_active_runs: u32,
        engine: &mut Engine<Event>,
    ) {
        let row = &mut self.dags[dag.index()];
        row.running -= 1;
        row.unfinished -= 1;
        row.full = row.unfinished >= max_active_runs;
        self.arm(dag, engine);
    }

    /// When the planned run of a DAG may be created where no limit is kept (`ideal` mode). `@continuous` keeps its own:
    /// one run at a time.
    pub(crate) fn next_due(&self, dag: DagId) -> Option<SimTime> {
        let row = &self.dags[dag.index()];
        let waits = row.unfinished > 0 && self.is_continuous(dag);
        row.next.filter(|_| !waits).map(|next| next.run_after)
    }

    /// A run of the DAG has ended where no limit is kept (`ideal` mode). The next one of `@continuous` follows a
    /// microsecond later, so that runs without length cannot make time stand still.
    pub(crate) fn forget(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let row = &mut self.dags[dag.index()];
        row.running -= 1;
        row.unfinished -= 1;
        if self.is_continuous(dag) {
            let soon = engine.now() + SimDuration::from_micros(1);
            engine.schedule(soon, Event::RunDue(dag));
        }
    }

    fn is_continuous(&self, dag: DagId) -> bool {
        let schedule = &self.deployment.dags[dag.index()].schedule;
        matches!(schedule, Schedule::Timetable(Timetable::Continuous))
    }

    /// A new run starts without regard to limits (`ideal` mode).
    pub(crate) fn start_at_once(&mut self, dag: DagId) {
        self.dags[dag.index()].running += 1;
    }

    /// Lets a new run wait until it may start.
    pub(crate) fn enqueue(&mut self, dag: DagId, run: RunId) {
        let queued = &mut self.dags[dag.index()].queued;
        if queued.is_empty() {
            self.with_queued.push(dag);
        }
        queued.push_back(run);
    }

    /// Whether a loop that begins now would create or start a run.
    pub(crate) fn has_work<R>(&self, world: &World<R>) -> bool {
        let may_start = |dag: &DagId| {
            self.dags[dag.index()].running < world.plan.dags[dag.index()].max_active_runs
        };
        !self.due.is_empty() || self.with_queued.iter().any(may_start)
    }

    /// Makes the planned run of a DAG due, now or when its time comes.
    pub(crate) fn arm(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let row = &self.dags[dag.index()];
        match row.next {
            Some(next) if !row.full && next.run_after <= engine.now() => {
                self.due.insert((next.run_after, dag));
            }
            Some(next) if !row.full => {
                engine.schedule(next.run_after, Event::RunDue(dag));
            }
            _ => {}
        }
    }

    fn create<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        identity: RunIdentity,
        key: u64,
        now: SimTime,
    ) -> RunId {
        let id = world.create_run(dag, identity, now);
        let key = self.keys[dag.index()].with(key);
        let run = world.run_mut(id);
        run.key = key;
        run.size = outcomes.run_size(dag, key);
        let row = &mut self.dags[dag.index()];
        row.unfinished += 1;
        id
    }

    fn plan_next(&mut self, dag: DagId, previous: Option<&PlannedRun>, now: SimTime) {
        let described = &self.deployment.dags[dag.index()];
        if let Schedule::Timetable(timetable) = &described.schedule {
            let bounds = Bounds {
                start_date: described.start_date,
                end_date: described.end_date,
                catchup: described.catchup,
            };
            self.dags[dag.index()].next = timetable.next_run(previous, &bounds, now);
        }
    }

    fn plan_arrival(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let described = &self.deployment.dags[dag.index()];
        let Schedule::Arrivals(process) = &described.schedule else {
            return;
        };
        let row = &mut self.dags[dag.index()];
        let next = process.next(&mut row.cursor, self.keys[dag.index()]);
        if let Some(next) = next.filter(|&next| described.end_date.is_none_or(|end| next <= end)) {
            row.arrivals += 1;
            engine.schedule(next, Event::Arrival(dag));
        }
    }
}
