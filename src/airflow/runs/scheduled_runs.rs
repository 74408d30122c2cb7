//! Runs of timetables: when they are due, and which one is next (docs/background/scheduler.md, 3).

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::dag_run::RunIdentity;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::world::World;
use crate::deployment::timetable::{Bounds, PlannedRun, Points};
use crate::deployment::{Dag, Schedule, Timetable};
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, RunType};

impl<'a> RunCreation<'a> {
    /// Creates the run that the timetable of a DAG has planned, and plans the next.
    pub(crate) fn create_scheduled<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        let Some(planned) = self.dags[dag.index()].next else {
            return;
        };
        let now = engine.now();
        self.due.remove(&(planned.run_after, dag));
        let steps = world.rules.next_run_follows_ended;
        match world.run_dated(dag, planned.logical_date) {
            Some(existing) if !steps => return self.pass_over(world, dag, existing, engine),
            None if !(steps && self.was_created(dag, &planned)) => {
                let identity = RunIdentity::dated(RunType::Scheduled, &planned);
                let key = self.keys[dag.index()].with(planned.logical_date.as_micros() as u64);
                let run = self.create(world, outcomes, dag, identity, key, now);
                self.admit(world, run, engine);
                self.dags[dag.index()].note(planned);
            }
            // It is stepped over.
            _ => {}
        }
        if !self.at_once {
            self.recount(dag);
        }
        self.plan_next(dag, Some(&planned), now);
        self.pass_dates(world, dag, now);
        let next = self.dags[dag.index()].next;
        self.queues
            .forget(dag, next.map_or(now, |next| next.run_after));
        self.arm(world, dag, engine);
    }

    /// The next run of a timetable has become due.
    pub(crate) fn run_due<R: Recorder>(&mut self, world: &World<R>, dag: DagId, now: SimTime) {
        let row = &mut self.dags[dag.index()];
        row.stands_still = false;
        if let Some(next) = row.next.filter(|next| !row.full && next.run_after <= now)
            && !world.paused[dag.index()]
            && !self.at_once
        {
            self.due.insert((next.run_after, dag));
        }
    }

    /// Creates all runs of a DAG that are due, and the one that assets have set off (`ideal` mode).
    pub(crate) fn create_overdue<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        while !world.paused[dag.index()]
            && self.next_due(dag).is_some_and(|due| due <= engine.now())
        {
            self.create_scheduled(world, outcomes, dag, engine);
        }
        if !world.paused[dag.index()] && self.assets.ready().any(|ready| ready == dag) {
            self.create_by_assets(world, outcomes, dag, engine);
        }
    }

    /// The DAG's file is read again: its next run and its place under `max_active_runs` are computed anew.
    pub(crate) fn parse<R: Recorder>(
        &mut self,
        world: &World<R>,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        self.disarm(dag);
        let latest = self.dags[dag.index()].latest;
        self.plan_next(dag, latest.as_ref(), engine.now());
        self.recount(dag);
        self.arm(world, dag, engine);
    }

    /// The DAG's file is read again, edited.
    pub(crate) fn edit<R: Recorder>(
        &mut self,
        world: &World<R>,
        dag: DagId,
        file: &'a Dag,
        engine: &mut Engine<Event>,
    ) {
        self.files[dag.index()] = file;
        self.queues
            .set_max_active_runs(dag, file.max_active_runs, engine.now());
        self.parse(world, dag, engine);
    }

    /// Makes the planned run of a DAG due, now or when its time comes.
    pub(crate) fn arm<R: Recorder>(
        &mut self,
        world: &World<R>,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        if !world.paused[dag.index()] {
            self.arm_unpaused(dag, engine);
        }
    }

    pub(crate) fn arm_unpaused(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let row = &self.dags[dag.index()];
        match row.next.filter(|_| !row.full) {
            Some(next) if next.run_after > engine.now() => {
                engine.schedule(next.run_after, Event::RunDue(dag));
            }
            Some(next) if !self.at_once => {
                self.due.insert((next.run_after, dag));
            }
            _ => {}
        }
    }

    /// The planned run of a DAG is not due any more: the DAG is paused, or its plan is made anew.
    pub(crate) fn disarm(&mut self, dag: DagId) {
        self.due.retain(|&(_, other)| other != dag);
        self.dags[dag.index()].stands_still = false;
    }

    /// The planned run is there already, made by hand or by a backfill: the next is planned from its data interval.
    /// That may be the same again, because the interval of a run triggered by the command line belongs to the moment
    /// of the request: then the schedule stands still, or until its next point if it does not catch up.
    fn pass_over<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        dag: DagId,
        existing: RunId,
        engine: &mut Engine<Event>,
    ) {
        let now = engine.now();
        let planned = self.dags[dag.index()].next;
        let identity = &world.run(existing).identity;
        let (start, end) = identity
            .data_interval
            .unwrap_or((identity.run_after, identity.run_after));
        let previous = PlannedRun {
            logical_date: start,
            interval_start: start,
            interval_end: end,
            run_after: end,
        };
        self.plan_next(dag, Some(&previous), now);
        self.pass_dates(world, dag, now);
        let same = self.dags[dag.index()].next == planned;
        let stood_still = std::mem::replace(&mut self.dags[dag.index()].stands_still, same);
        self.arm(world, dag, engine);
        if same && !stood_still && !self.files[dag.index()].catchup {
            engine.schedule(self.next_point(dag, now), Event::RunDue(dag));
        }
    }

    /// A run has ended, and the next one is computed from it (docs/background/airflow2.md): often it is there already, and
    /// the following loops step over those that are, one a loop, before a new one is created. Only the end of a scheduled
    /// run makes room, and none while the DAG is at its `max_active_runs` all the same.
    pub(crate) fn follow<R: Recorder>(
        &mut self,
        world: &World<R>,
        ended: RunId,
        engine: &mut Engine<Event>,
    ) {
        let run = world.run(ended);
        let (dag, identity) = (run.dag, &run.identity);
        let (RunType::Scheduled, Some((start, end))) = (identity.run_type, identity.data_interval)
        else {
            return;
        };
        let row = &self.dags[dag.index()];
        let before = (row.full, row.next);
        self.recount(dag);
        let ended = PlannedRun {
            logical_date: start,
            interval_start: start,
            interval_end: end,
            run_after: end,
        };
        self.plan_next(dag, Some(&ended), engine.now());
        let row = &self.dags[dag.index()];
        if (row.full, row.next) == before {
            return;
        }
        if let Some(next) = before.1 {
            self.due.remove(&(next.run_after, dag));
        }
        self.arm(world, dag, engine);
    }

    /// Whether a run that is planned again was created before: the schedule creates its runs in the order of their dates.
    fn was_created(&self, dag: DagId, planned: &PlannedRun) -> bool {
        let latest = self.dags[dag.index()].latest;
        latest.is_some_and(|latest| planned.logical_date <= latest.logical_date)
    }

    pub(crate) fn plan_next(&mut self, dag: DagId, previous: Option<&PlannedRun>, now: SimTime) {
        let described = &self.files[dag.index()];
        if let Schedule::Timetable(timetable) = &described.schedule {
            let bounds = Bounds {
                start_date: described.start_date,
                end_date: described.end_date,
                catchup: described.catchup,
            };
            self.dags[dag.index()].next = timetable.next_run(previous, &bounds, now);
        } else {
            self.dags[dag.index()].next = None;
        }
    }

    /// When a schedule without catch-up that stands still moves on.
    fn next_point(&self, dag: DagId, now: SimTime) -> SimTime {
        let described = &self.files[dag.index()];
        let Schedule::Timetable(timetable) = &described.schedule else {
            return SimTime::MAX;
        };
        if matches!(timetable, Timetable::Trigger(Points::Every(_))) {
            // Its latest point is always the present moment.
            return now + SimDuration::from_micros(1);
        }
        let bounds = Bounds {
            start_date: described.start_date,
            end_date: None,
            catchup: true,
        };
        let previous = PlannedRun {
            logical_date: now,
            interval_start: now,
            interval_end: now,
            run_after: now,
        };
        let next = timetable.next_run(Some(&previous), &bounds, now);
        next.map_or(SimTime::MAX, |next| next.run_after)
    }

    /// The schedule has moved on: dates that it has passed need not be kept.
    pub(crate) fn pass_dates<R: Recorder>(&self, world: &mut World<R>, dag: DagId, now: SimTime) {
        let row = &self.dags[dag.index()];
        let passed = if world.rules.next_run_follows_ended {
            // It may come back to what it has left behind, but knows by itself what it has created.
            row.latest.map_or(SimTime::MIN, |latest| {
                latest.logical_date + SimDuration::from_micros(1)
            })
        } else {
            row.next.map_or(SimTime::MAX, |next| next.logical_date)
        };
        world.forget_unasked(dag, passed, now);
    }

    /// When the planned run of a DAG may be created where no limit is kept (`ideal` mode). `@continuous` keeps its own:
    /// one run at a time.
    fn next_due(&self, dag: DagId) -> Option<SimTime> {
        let row = &self.dags[dag.index()];
        let waits = row.stands_still || row.unfinished > 0 && self.is_continuous(dag);
        row.next.filter(|_| !waits).map(|next| next.run_after)
    }

    pub(crate) fn is_continuous(&self, dag: DagId) -> bool {
        let schedule = &self.files[dag.index()].schedule;
        matches!(schedule, Schedule::Timetable(Timetable::Continuous))
    }
}
