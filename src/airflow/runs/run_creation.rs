//! Which runs come into being, and when (docs/background/scheduler.md, 3).

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::asset_markers::AssetMarkers;
use crate::airflow::runs::dag_run::RunIdentity;
use crate::airflow::runs::recent_runs::RecentRuns;
use crate::airflow::runs::run_queues::RunQueues;
use crate::airflow::scheduler::examination::RunEnd;
use crate::airflow::world::World;
use crate::deployment::timetable::PlannedRun;
use crate::deployment::{Dag, DagRunState, Deployment, Schedule, SchedulerMode};
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::random::{ArrivalCursor, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;
use std::collections::BTreeSet;

/// The DAGs as the scheduler keeps them: what is due next, and how many runs exist.
#[derive(Debug)]
pub(crate) struct RunCreation<'a> {
    pub(crate) deployment: &'a Deployment,
    /// The DAGs as their files describe them at present.
    pub(crate) files: Vec<&'a Dag>,
    /// The keys of the DAGs' random numbers.
    pub(crate) keys: Vec<StreamKey>,
    pub(crate) dags: Vec<DagRow>,
    /// DAGs whose next run may be created, by the moment from which it may.
    pub(crate) due: BTreeSet<(SimTime, DagId)>,
    pub(crate) queues: RunQueues,
    pub(crate) assets: AssetMarkers<'a>,
    /// Whether runs start when they are created (`ideal` mode).
    pub(crate) at_once: bool,
    first_due: Vec<DagId>,
    pub(crate) first_by_assets: Vec<DagId>,
}

/// A row of `dag`.
#[derive(Debug, Default)]
pub(crate) struct DagRow {
    pub(crate) next: Option<PlannedRun>,
    /// Whether the next run is there already and the one after it is planned as the same again, in every loop.
    pub(crate) stands_still: bool,
    /// `exceeds_max_non_backfill`: no run is created until one ends.
    pub(crate) full: bool,
    /// Runs queued or running, those of backfills apart.
    pub(crate) unfinished: u32,
    pub(crate) backfilling: u32,
    /// The run of a timetable or a backfill with the latest logical date.
    pub(crate) latest: Option<PlannedRun>,
    /// The latest runs, where failures in a row pause the DAG.
    pub(crate) recent: Option<RecentRuns>,
    /// How far the arrival process has come, and how many runs have been planned.
    pub(crate) cursor: ArrivalCursor,
    pub(crate) arrivals: u64,
    /// Whether no more are to come.
    pub(crate) has_last_arrival: bool,
    /// Runs triggered by operators, and by assets, so far.
    pub(crate) by_hand: u64,
    pub(crate) by_assets: u64,
}

impl DagRow {
    /// Notes a run of a timetable or a backfill: when the DAG's file is read again, the next run follows the one with
    /// the latest date.
    pub(crate) fn note(&mut self, planned: PlannedRun) {
        let is_latest = |latest: PlannedRun| latest.logical_date <= planned.logical_date;
        if self.latest.is_none_or(is_latest) {
            self.latest = Some(planned);
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
        let (start, rules) = (engine.now(), deployment.rules());
        let dags = deployment.dags.iter().map(|dag| DagRow {
            recent: RecentRuns::new(dag.max_consecutive_failed_dag_runs),
            ..DagRow::default()
        });
        let limits = deployment.dags.iter().map(|dag| dag.max_active_runs);
        let mut creation = Self {
            deployment,
            files: deployment.dags.iter().collect(),
            keys: deployment
                .dags
                .iter()
                .map(|dag| root.with(StreamKey::name(&dag.dag_id)))
                .collect(),
            dags: dags.collect(),
            due: BTreeSet::new(),
            queues: RunQueues::new(limits, start, rules.emptiest_dag_starts_first),
            assets: AssetMarkers::new(deployment),
            at_once: matches!(deployment.scheduler, SchedulerMode::Ideal { .. }),
            first_due: Vec::new(),
            first_by_assets: Vec::new(),
        };
        for index in 0..deployment.dags.len() {
            let dag = DagId::new(index);
            match &deployment.dags[index].schedule {
                Schedule::Manual | Schedule::Assets(_) => {}
                Schedule::Timetable(_) => {
                    creation.plan_next(dag, None, start);
                    creation.arm_unpaused(dag, engine);
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

    /// Step 1 of a loop: creates one run for each of the first `limit` DAGs that are due. Those that wait for assets
    /// come first, because they have no date to be sorted by.
    pub(crate) fn create_due<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        limit: u32,
    ) {
        let limit = limit as usize;
        let mut by_assets = std::mem::take(&mut self.first_by_assets);
        by_assets.extend(self.ready_by_assets(world).take(limit));
        let mut first = std::mem::take(&mut self.first_due);
        let rest = limit - by_assets.len();
        first.extend(self.due.iter().take(rest).map(|&(_, dag)| dag));
        if world.rules.creates_runs_by_name {
            let due = |dag: DagId| self.dags[dag.index()].next.map(|next| next.run_after);
            first.sort_by_key(|&dag| (due(dag), world.plan.dags[dag.index()].name_rank));
        }
        for dag in first.drain(..) {
            self.create_scheduled(world, outcomes, dag, engine);
        }
        for dag in by_assets.drain(..) {
            self.create_by_assets(world, outcomes, dag, engine);
        }
        self.first_due = first;
        self.first_by_assets = by_assets;
    }

    /// Lets a DAG that was paused create and start all that it has missed (`ideal` mode).
    pub(crate) fn go_on_at_once<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        for run in self.queues.start_all(world, dag, engine.now()) {
            world.start_run(run, engine);
        }
        self.create_overdue(world, outcomes, dag, engine);
        self.arm(world, dag, engine);
    }

    /// A running run has ended: its place is free. Says whether its DAG is to be paused for its failures, of which
    /// running out of time is none.
    pub(crate) fn run_ended<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        id: RunId,
        end: RunEnd,
        now: SimTime,
    ) -> bool {
        let run = &world.rows.runs[id.index()];
        self.queues.run_ended(run, now);
        let row = &mut self.dags[run.dag.index()];
        match run.backfill {
            None => row.unfinished -= 1,
            Some(place) => {
                row.backfilling -= 1;
                world.backfills.run_ended(place);
            }
        }
        let failed = run.state == DagRunState::Failed;
        let all_failed = row
            .recent
            .as_mut()
            .is_some_and(|recent| recent.became(run, failed));
        failed && all_failed && end == RunEnd::Done
    }

    /// Recomputes `exceeds_max_non_backfill` after a run has ended. In `ideal` mode, which keeps no limit, the next run
    /// of `@continuous` follows a microsecond later, so that runs without length cannot make time stand still.
    pub(crate) fn make_room<R: Recorder>(
        &mut self,
        world: &World<R>,
        ended: RunId,
        engine: &mut Engine<Event>,
    ) {
        let dag = world.run(ended).dag;
        if world.rules.next_run_follows_ended {
            self.follow(world, ended, engine);
        } else if !self.at_once {
            let was_full = self.dags[dag.index()].full;
            self.recount(dag);
            if was_full {
                self.arm(world, dag, engine);
            }
        } else if self.is_continuous(dag) {
            let soon = engine.now() + SimDuration::from_micros(1);
            engine.schedule(soon, Event::RunDue(dag));
        }
    }

    /// Whether a loop that begins now would create or start a run.
    pub(crate) fn has_work<R: Recorder>(&self, world: &World<R>) -> bool {
        let moves = |&(_, dag): &(SimTime, DagId)| !self.dags[dag.index()].stands_still;
        self.due.iter().any(moves)
            || self.queues.may_start(&world.paused)
            || self.ready_by_assets(world).next().is_some()
    }

    /// Starts a new run, or lets it wait until it may.
    pub(crate) fn admit<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        run: RunId,
        engine: &mut Engine<Event>,
    ) {
        if self.at_once && !world.paused[world.run(run).dag.index()] {
            let wait = self.queues.start_at_once(world.run(run), engine.now());
            world.run_mut(run).wait = wait;
            world.start_run(run, engine);
        } else {
            self.queues.push(run, world.run(run));
        }
    }

    /// Creates a run in state queued, with the random numbers of its key.
    pub(crate) fn create<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        identity: RunIdentity,
        key: StreamKey,
        now: SimTime,
    ) -> RunId {
        let id = world.create_run(dag, identity, now);
        let run = world.run_mut(id);
        run.key = key;
        run.size = outcomes.run_size(dag, key);
        let row = &mut self.dags[dag.index()];
        row.unfinished += 1;
        if let Some(recent) = &mut row.recent {
            recent.created(run);
        }
        id
    }

    pub(crate) fn recount(&mut self, dag: DagId) {
        let limit = self.files[dag.index()].max_active_runs;
        let row = &mut self.dags[dag.index()];
        row.full = row.unfinished >= limit;
    }
}
