//! The scheduler loop of Airflow (docs/background/scheduler.md, 1), and when the next one begins.

use super::critical_section::{CriticalSection, Outlook};
use super::event::Event;
use super::examination::Examination;
use super::executor::ExecutorSlots;
use super::outcomes::Outcomes;
use super::pace::Pace;
use super::run_creation::RunCreation;
use super::turns::Turns;
use super::workers;
use super::world::World;
use crate::deployment::{AirflowSettings, Deployment, LoopPace};
use crate::engine::Engine;
use crate::ids::{InstanceId, RunId};
use crate::time::SimTime;
use crate::trace::{LoopRecord, Recorder};

/// The scheduler: one loop after the other, except those that could change nothing.
#[derive(Debug)]
pub(crate) struct Scheduler {
    settings: AirflowSettings,
    pace: Pace,
    executors: Vec<ExecutorSlots>,
    critical_section: CriticalSection,
    examination: Examination,
    pub(super) turns: Turns,
    examined: Vec<RunId>,
    loops: u64,
    /// When the next loop is due; loops from there on may be skipped while nothing happens.
    next_loop: SimTime,
    /// Whether a loop stands in the future event list.
    awake: bool,
    /// Whether loops are run that cannot change anything.
    every_loop: bool,
}

impl Scheduler {
    /// The first loop is at `start`.
    pub(crate) fn new(deployment: &Deployment, pace: LoopPace, engine: &mut Engine<Event>) -> Self {
        let executors = deployment
            .executors
            .iter()
            .map(|executor| ExecutorSlots::new(executor.parallelism, 0));
        let next_loop = engine.now();
        engine.schedule(next_loop, Event::Loop);
        Self {
            settings: deployment.airflow.clone(),
            pace: Pace::new(pace, next_loop),
            executors: executors.collect(),
            critical_section: CriticalSection::default(),
            examination: Examination::default(),
            turns: Turns::new(deployment.airflow.max_dagruns_per_loop_to_schedule as usize),
            examined: Vec::new(),
            loops: 0,
            next_loop,
            awake: true,
            every_loop: false,
        }
    }

    /// Runs every loop from now on: the plain scheduler, which its short cuts are tested against.
    pub(crate) fn run_every_loop(&mut self) {
        self.every_loop = true;
    }

    /// One loop, in the order of its steps. If the next one could change something it follows; if not the scheduler
    /// sleeps until [`Self::wake`], because all loops before would change nothing.
    pub(crate) fn run_loop<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
    ) {
        let now = engine.now();
        self.loops += 1;
        creation.create_due(
            world,
            outcomes,
            engine,
            self.settings.max_dagruns_to_create_per_loop,
        );
        let considered = self.settings.max_dagruns_per_loop_to_schedule;
        for &id in creation.queues.start(world, engine, considered) {
            let run = world.run(id);
            if !run.ahead {
                self.turns.add(id, run, false);
            }
        }
        self.examine_runs(world, creation, outcomes, engine);
        let chosen = self
            .critical_section
            .run(world, &mut self.executors, &self.settings, now);
        let queued = chosen.len();
        for &id in chosen {
            workers::send(world, outcomes, engine, id);
        }
        let mut freed = false;
        for executor in &mut self.executors {
            freed |= executor.synchronise();
        }
        world
            .recorder
            .scheduler_loop(LoopRecord { at: now, queued });
        self.next_loop = self.pace.after(now, queued > 0);
        self.awake = self.every_loop
            || !world.changed.is_empty()
            || creation.has_work(world)
            || match self.critical_section.outlook() {
                Outlook::Nothing => false,
                Outlook::NeedsExecutorSlots => freed,
                Outlook::LookAgain => queued > 0 || freed,
            };
        if self.awake {
            engine.schedule(self.next_loop, Event::Loop);
        }
    }

    /// Something has happened that a loop may act upon: the next loop that is due runs.
    #[inline]
    pub(crate) fn wake(&mut self, engine: &mut Engine<Event>) {
        if self.awake {
            return;
        }
        self.awake = true;
        let skipped;
        (self.next_loop, skipped) = self.pace.skip(self.next_loop, engine.now());
        // While no turns are taken every skipped loop examines all runs: one pass makes them equal, as all would.
        let passes = if self.turns.are_taken() {
            skipped
        } else {
            skipped.min(1)
        };
        for _ in 0..passes {
            self.loops += 1;
            self.turns.pass(self.loops);
        }
        engine.schedule(self.next_loop, Event::Loop);
    }

    /// A worker has ended a segment of this instance.
    #[inline]
    pub(crate) fn segment_ended<R: Recorder>(&mut self, world: &World<R>, id: InstanceId) {
        let executor = world.plan.tasks[world.instance(id).task.index()].executor;
        self.executors[executor].task_ended();
    }

    /// Step 3: examines the running runs whose turn it is. Only those in which something happened need a look.
    fn examine_runs<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
    ) {
        if self.every_loop {
            world.reconsider_everything();
        }
        self.examined.clear();
        if self.turns.are_taken() {
            self.examined
                .extend(self.turns.next().filter(|&run| world.run(run).changed));
        } else {
            self.examined.extend(&world.changed);
        }
        self.turns.pass(self.loops);
        world.changed.retain(|run| !self.examined.contains(run));
        let mut failing = Vec::new();
        for &id in &self.examined {
            if let Some(ended) = self.examination.examine(world, outcomes, engine, id) {
                self.turns.remove(id);
                let run = world.run(id);
                if creation.run_ended(run, ended) {
                    failing.push(run.dag);
                }
                creation.make_room(world, run.dag, engine);
            }
        }
        for dag in failing {
            self.pause(world, creation, dag);
        }
    }
}
