//! The scheduler loop of Airflow (docs/background/scheduler.md, 1), and when the next one begins.

pub(super) mod alarms;
pub(super) mod critical_section;
pub(super) mod examination;
mod heads;
pub(super) mod held_back;
pub(super) mod pace;
pub(super) mod passing_over;
pub(super) mod queue_order;
pub(super) mod ready;
pub(super) mod starving;
pub(super) mod textbook;
pub(super) mod timers;
pub(super) mod turns;
pub(super) mod undated_order;

use crate::airflow::event::Event;
use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::executors::stuck_in_queued;
use crate::airflow::executors::workers;
use crate::airflow::executors::workload::Workload;
use crate::airflow::instances::deferral;
use crate::airflow::instances::lost_tasks;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::scheduler::alarms::Alarms;
use crate::airflow::scheduler::critical_section::{CriticalSection, Outlook};
use crate::airflow::scheduler::examination::Examination;
use crate::airflow::scheduler::held_back::HeldBack;
use crate::airflow::scheduler::pace::Pace;
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::scheduler::turns::Turns;
use crate::airflow::world::World;
use crate::deployment::{AirflowSettings, Deployment, LoopPace};
use crate::engine::Engine;
use crate::ids::{InstanceId, RunId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{LoopRecord, Recorder};

/// The schedulers: one loop after the other, except those that could change nothing. Several take strict turns.
#[derive(Debug)]
pub(crate) struct Scheduler {
    settings: AirflowSettings,
    pace: Pace,
    /// The executors of the first scheduler, then those of the second, and so on.
    executors: Vec<ExecutorSlots>,
    critical_section: CriticalSection,
    pub(crate) examination: Examination,
    pub(crate) turns: Turns,
    held_back: HeldBack,
    examined: Vec<RunId>,
    revoked: Vec<Workload>,
    /// Whether a loop's time depends on how many instances it handles.
    pays_per_task: bool,
    /// When the next loop is due; loops from there on may be skipped while nothing happens.
    next_loop: SimTime,
    /// How many loops in a row have left their scheduler with nothing to do.
    quiet: usize,
    /// Whether a loop stands in the future event list.
    awake: bool,
    /// Whether loops are run that cannot change anything.
    every_loop: bool,
    alarms: Alarms,
}

impl Scheduler {
    /// The first loop is at `start`.
    pub(crate) fn new(deployment: &Deployment, pace: LoopPace, engine: &mut Engine<Event>) -> Self {
        let settings = deployment.airflow.clone();
        let slots = || {
            deployment
                .executors
                .iter()
                .map(|executor| ExecutorSlots::new(executor, 0, &settings.rules))
        };
        let next_loop = engine.now();
        engine.schedule(next_loop, Event::Loop);
        let alarms = Alarms::new(deployment);
        let pays_per_task =
            matches!(pace, LoopPace::Paced { per_task, .. } if per_task > SimDuration::ZERO);
        let pace = Pace::new(pace, alarms.kept(), alarms.acting(), &settings, next_loop);
        Self {
            executors: (0..pace.schedulers()).flat_map(|_| slots()).collect(),
            critical_section: CriticalSection::default(),
            examination: Examination::default(),
            turns: Turns::new(settings.max_dagruns_per_loop_to_schedule as usize),
            held_back: HeldBack::new(pace.schedulers()),
            examined: Vec::new(),
            revoked: Vec::new(),
            pays_per_task,
            next_loop,
            quiet: 0,
            awake: true,
            every_loop: false,
            pace,
            alarms,
            settings,
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
        let scheduler = self.pace.turn();
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
        let waiting = world.ready.len();
        self.examine_runs(world, creation, outcomes, engine);
        // A run that is out of time takes instances out as well.
        let promoted = world.ready.len().saturating_sub(waiting);
        let count = self.executors.len() / self.pace.schedulers();
        let own = scheduler * count..(scheduler + 1) * count;
        world.look_at_waits(now);
        let chosen =
            self.critical_section
                .run(world, &mut self.executors[own.clone()], &self.settings, now);
        let queued = chosen.len();
        self.held_back
            .send(world, outcomes, engine, chosen, scheduler);
        let mut freed = false;
        for (executor, book) in own.enumerate() {
            freed |= self.executors[book].synchronise(world.workers.learn(book, now));
            workers::make_pods(world, outcomes, engine, scheduler, executor);
        }
        world
            .recorder
            .scheduler_loop(LoopRecord { at: now, queued });
        self.tell_executors(world, now);
        let handled = promoted + self.critical_section.considered();
        let end;
        (self.next_loop, end) = self.pace.after(now, handled, queued > 0);
        self.alarms.ring(end, world, engine);
        let more = creation.has_work(world)
            || self.has_more(world, scheduler, queued > 0, freed, now)
            || self.pays_per_task && promoted > 0;
        self.quiet = if more { 0 } else { self.quiet + 1 };
        self.awake = self.every_loop || self.quiet < self.pace.schedulers();
        if self.awake {
            engine.schedule(self.next_loop, Event::Loop);
        } else {
            self.alarms.set(&self.pace, world, engine);
        }
    }

    /// Whether the next loop of a scheduler may do something although nothing happens until then.
    fn has_more<R: Recorder>(
        &self,
        world: &mut World<R>,
        scheduler: usize,
        queued: bool,
        freed: bool,
        now: SimTime,
    ) -> bool {
        !world.changed.is_empty()
            || world.has_waits_to_look_at(now)
            || world.workers.pods_wait(scheduler)
            || self.held_back.is_any(scheduler)
            || self.pays_per_task && (queued || freed)
            || match self.critical_section.outlook() {
                Outlook::Nothing => false,
                Outlook::NeedsExecutorSlots => freed,
                Outlook::LookAgain => queued || freed,
            }
    }

    /// A worker has ended a segment of an instance: it promotes the tasks after it itself, if there is a mini-scheduler.
    #[inline]
    pub(crate) fn task_ended<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        id: InstanceId,
    ) {
        if self.settings.has_mini_scheduler() {
            self.examination.examine_after(world, outcomes, engine, id);
        }
    }

    /// Something has happened that a loop may act upon: the next loop that is due runs.
    #[inline]
    pub(crate) fn wake<R: Recorder>(&mut self, world: &World<R>, engine: &mut Engine<Event>) {
        self.quiet = 0;
        if self.awake {
            return;
        }
        self.awake = true;
        let (now, alarms) = (engine.now(), &self.alarms);
        let skipped;
        (self.next_loop, skipped) = self.pace.skip(self.next_loop, now, |end| {
            alarms.ring(end, world, engine);
        });
        self.turns.pass_idly(skipped);
        engine.schedule(self.next_loop, Event::Loop);
    }

    /// The moment has come from which on a timer may find something to do.
    pub(crate) fn alarm<R: Recorder>(
        &mut self,
        timer: Timer,
        world: &World<R>,
        engine: &mut Engine<Event>,
    ) {
        if self.alarms.goes_off(timer, engine.now()) {
            self.wake(world, engine);
        }
    }

    /// A timer of a scheduler runs.
    pub(crate) fn run_timer<R: Recorder>(
        &mut self,
        scheduler: usize,
        timer: Timer,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
    ) {
        match timer {
            Timer::StuckInQueued => {
                let (now, timeout) = (engine.now(), self.settings.task_queued_timeout);
                let (executors, revoked) = (&mut self.executors, &mut self.revoked);
                stuck_in_queued::requeue(world, executors, revoked, scheduler, timeout, now);
                self.tell_executors(world, now);
            }
            Timer::TriggerTimeouts => deferral::time_out(world, engine),
            Timer::TasksWithoutHeartbeat => lost_tasks::fail(world, creation.deployment, engine),
            Timer::RunsOfPausedDags => self.examine_paused(world, creation, outcomes, engine),
            Timer::FinishedBackfills => world.backfills.find_finished(),
            _ => {}
        }
    }

    /// Tells which executors have no free slot in any scheduler.
    fn tell_executors<R: Recorder>(&self, world: &mut World<R>, now: SimTime) {
        if !R::WAIT_PARTS {
            return;
        }
        let count = self.executors.len() / self.pace.schedulers();
        for executor in 0..world.attribution.executors() {
            let is_free = |own: &[ExecutorSlots]| {
                let free = own.get(executor).is_some_and(|slots| slots.free() > 0);
                free && CriticalSection::query_limit(&self.settings, own).is_some()
            };
            let exhausted = !self.executors.chunks(count.max(1)).any(is_free);
            world.attribution.set_executor(executor, exhausted, now);
        }
    }

    /// Step 3: examines the running runs whose turn it is. Only those in which something happened need a look.
    fn examine_runs<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
    ) {
        let takes_turns = self.turns.are_taken();
        if world.turns_matter || self.every_loop {
            self.examined.clear();
            self.examined.extend(self.turns.next());
            self.turns.pass();
        } else {
            if takes_turns || world.remembers_loops() {
                self.turns.find_changed(world, &mut self.examined);
            }
            if !takes_turns {
                self.examined.clear();
                self.examined.extend(world.changed_in_order());
            }
            self.turns.pass();
        }
        if self.every_loop {
            world.reconsider(&self.examined);
        }
        let mut failing = Vec::new();
        for &id in &self.examined {
            if !world.take_changed(id) && !self.every_loop {
                world.note_turn(id, engine.now());
                continue;
            }
            let ended = self.examination.examine(world, outcomes, engine, id);
            world.note_turn(id, engine.now());
            if let Some(ended) = ended {
                self.turns.remove(id);
                let dag = world.run(id).dag;
                if creation.run_ended(world, id, ended, engine.now()) {
                    failing.push(dag);
                }
                creation.make_room(world, id, engine);
            }
        }
        world.note_loop(engine.now(), takes_turns);
        for dag in failing {
            self.pause(world, creation, dag, engine.now());
        }
    }
}
