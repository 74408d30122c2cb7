//! A simulation: a deployment, its luck, and the events that make its history.

use crate::airflow::event::Event;
use crate::airflow::executors::workers::{self, Seat};
use crate::airflow::instances::awaits;
use crate::airflow::instances::deferral;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::pools::dynamic_pool_manager::DynamicPoolError;
use crate::airflow::pools::governance::Governance;
use crate::airflow::resources;
use crate::airflow::runs::all_done::AllDone;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::scheduler::Scheduler;
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::scheduler::textbook::Textbook;
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::world::World;
use crate::deployment::{Deployment, SchedulerMode, TaskInstanceState};
use crate::engine::{Engine, Model};
use crate::ids::{DagId, InstanceId};
use crate::policy::PolicyPlan;
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::Recorder;

/// One replication of a deployment's history.
pub struct Simulation<'a, O, R> {
    deployment: &'a Deployment,
    engine: Engine<Event>,
    site: Site<'a, O, R>,
    /// Whether time has begun to pass.
    begun: bool,
}

/// All that events act upon.
pub(crate) struct Site<'a, O, R> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) world: World<R>,
    pub(crate) outcomes: O,
    pub(crate) creation: RunCreation<'a>,
    pub(crate) mode: Mode,
    governance: Governance,
}

#[derive(Debug)]
pub(crate) enum Mode {
    Airflow(Box<Scheduler>),
    Ideal(Textbook),
}

impl<'a, O: Outcomes, R: Recorder> Simulation<'a, O, R> {
    /// A site that begins empty at `start`, with the random numbers of one replication.
    pub fn new(
        deployment: &'a Deployment,
        start: SimTime,
        key: StreamKey,
        outcomes: O,
        recorder: R,
    ) -> Self {
        let mut engine = Engine::new(start);
        let creation = RunCreation::new(deployment, key, &mut engine);
        let (mode, order) = match deployment.scheduler {
            SchedulerMode::Airflow(pace) => (
                Mode::Airflow(Box::new(Scheduler::new(deployment, pace, &mut engine))),
                QueueOrder::LogicalDate,
            ),
            SchedulerMode::Ideal { head_of_line } => (
                Mode::Ideal(Textbook::new(head_of_line)),
                QueueOrder::FirstCome,
            ),
        };
        let world = World::new(deployment, order, recorder);
        let site = Site {
            deployment,
            world,
            outcomes,
            creation,
            mode,
            governance: Governance::new(key),
        };
        Self {
            deployment,
            engine,
            site,
            begun: false,
        }
    }

    /// Puts pools under a policy, which looks at them for the first time at the present moment.
    ///
    /// # Errors
    /// A pool that another policy governs.
    pub fn govern(&mut self, plan: &PolicyPlan) -> Result<(), DynamicPoolError> {
        self.site.governance.attach(
            &mut self.site.world.pools,
            self.deployment,
            plan,
            &mut self.engine,
        )
    }

    /// For tests: from now on the scheduler runs every loop, also those that cannot change anything, and looks at
    /// every task of the runs it examines. The history is the same; only the way to it is longer.
    pub fn run_every_loop(&mut self) {
        if let Mode::Airflow(scheduler) = &mut self.site.mode {
            scheduler.run_every_loop();
        }
    }

    /// Lets everything happen up to and including `end`.
    pub fn run_until(&mut self, end: SimTime) {
        // Not earlier, because a policy may govern pools that do not exist at the start.
        if !std::mem::replace(&mut self.begun, true) {
            self.site.begin(&mut self.engine);
        }
        self.engine.run_until(&mut self.site, end);
    }

    /// Lets everything happen until all runs are done and no more come, or nothing can happen any more, but not beyond
    /// `end`.
    pub fn run_until_done(&mut self, end: SimTime) {
        let mut next = Some(self.engine.now());
        let mut all_done = AllDone::new(self.deployment);
        while let Some(moment) = next {
            self.run_until(moment.min(end));
            if moment > end || all_done.holds(&self.site, moment) {
                return;
            }
            next = self.engine.next_at();
        }
    }

    /// Why a policy could not go on, if one could not: nothing has happened since.
    pub fn failure(&self) -> Option<&DynamicPoolError> {
        self.site.governance.failure()
    }

    /// Writes the rows of what is unfinished and hands the recorder over.
    pub fn finish(mut self) -> R {
        self.site.world.recorder.over(self.engine.now());
        self.site.world.write_unfinished(self.engine.now());
        self.site.world.write_deadlocks();
        self.site.world.recorder
    }

    /// How many events have been scheduled so far.
    pub fn events(&self) -> u64 {
        self.engine.scheduled()
    }

    /// The deployment that is simulated.
    pub fn deployment(&self) -> &'a Deployment {
        self.deployment
    }
}

impl<O: Outcomes, R: Recorder> Site<'_, O, R> {
    /// Lays out what operators will do, writes the first row of every pool, starts the autoscalers, and lets `ideal`
    /// mode create what is due at the start.
    fn begin(&mut self, engine: &mut Engine<Event>) {
        self.expect_operators(engine);
        for pool in self.world.pools.ids() {
            self.world.pool_changed(pool);
        }
        self.world.sample_pools(engine.now());
        for autoscaler in 0..self.world.workers.autoscalers() {
            engine.schedule(engine.now(), Event::Autoscale(autoscaler));
        }
        if matches!(self.mode, Mode::Ideal(_)) {
            for dag in (0..self.deployment.dags.len()).map(DagId::new) {
                self.run_due(dag, engine);
            }
            self.settle(engine);
            self.tell_sensors(engine);
            self.world.sample_pools(engine.now());
        }
    }

    /// The next run of a DAG may be created, or the date of one that was dated ahead has come.
    pub(crate) fn run_due(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let Self {
            world,
            outcomes,
            creation,
            mode,
            ..
        } = self;
        creation.run_due(world, dag, engine.now());
        match mode {
            Mode::Airflow(scheduler) => scheduler.reach_dates(world, dag, engine),
            Mode::Ideal(_) => {
                creation.create_overdue(world, outcomes, dag, engine);
                world.reach_dates(dag, engine.now(), |_, _, _| {});
            }
        }
    }

    /// A task that has succeeded writes its assets.
    #[inline]
    fn write_assets(&mut self, id: InstanceId, engine: &mut Engine<Event>) {
        let instance = self.world.instance(id);
        if !self.deployment.assets.is_empty() && instance.state == TaskInstanceState::Success {
            let task = instance.task;
            self.creation.task_succeeded(&self.world, task, engine);
        }
    }

    fn run_timer(&mut self, scheduler: usize, timer: Timer, engine: &mut Engine<Event>) {
        let Self {
            world,
            deployment,
            creation,
            outcomes,
            ..
        } = self;
        match &mut self.mode {
            Mode::Airflow(schedulers) => {
                schedulers.run_timer(scheduler, timer, world, creation, outcomes, engine);
            }
            Mode::Ideal(_) => Textbook::run_timer(timer, world, deployment, engine),
        }
    }

    /// Lets the scheduler know that something happened.
    #[inline]
    fn settle(&mut self, engine: &mut Engine<Event>) {
        let Self {
            world,
            outcomes,
            creation,
            mode,
            ..
        } = self;
        match mode {
            Mode::Airflow(scheduler) => scheduler.wake(world, engine),
            Mode::Ideal(textbook) => {
                textbook.settle(world, outcomes, engine, |world, id, end, engine| {
                    let dag = world.run(id).dag;
                    if creation.run_ended(world, id, end, engine.now()) {
                        world.pause(dag);
                        creation.queues.set_paused(dag, true, engine.now());
                    }
                    creation.make_room(world, id, engine);
                    world.backfills.find_finished();
                });
            }
        }
    }
}

impl<O: Outcomes, R: Recorder> Model for Site<'_, O, R> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, engine: &mut Engine<Event>) {
        self.carry_out(event, engine);
        self.tell_sensors(engine);
        self.world.sample_pools(engine.now());
    }
}

impl<O: Outcomes, R: Recorder> Site<'_, O, R> {
    /// Tells sensors of the tasks that have succeeded since they were last told.
    #[inline]
    fn tell_sensors(&mut self, engine: &mut Engine<Event>) {
        if self.world.awaits.has_news() {
            awaits::tell(&mut self.world, &self.creation, &mut self.outcomes, engine);
        }
    }

    /// A worker ends a segment; says whether there still was such a worker.
    #[inline]
    fn end_segment(&mut self, id: InstanceId, engine: &mut Engine<Event>) -> bool {
        let Self {
            world, outcomes, ..
        } = self;
        let looks_on = workers::looks_on(world, id);
        // With its end its try may be forgotten.
        let seat = Seat::of(world, id);
        // A worker that died has nothing to say any more.
        if !workers::end(world, self.deployment, outcomes, engine, id) {
            return false;
        }
        if looks_on && let Mode::Airflow(scheduler) = &mut self.mode {
            scheduler.task_ended(world, outcomes, engine, id);
        }
        workers::leave(world, outcomes, engine, id, seat);
        self.write_assets(id, engine);
        true
    }

    #[inline]
    fn carry_out(&mut self, event: Event, engine: &mut Engine<Event>) {
        match event {
            Event::End(id) => {
                if !self.end_segment(id, engine) {
                    return;
                }
            }
            Event::Resource(at) => {
                let Some(id) = resources::ring(&mut self.world, engine, at) else {
                    return;
                };
                self.end_segment(id, engine);
            }
            Event::Start(at) => {
                // A start gives the scheduler nothing to act upon.
                if !workers::begun(&mut self.world, &mut self.outcomes, engine, at) {
                    return;
                }
            }
            Event::Due(id) => self.world.delay_is_over(id, engine.now()),
            Event::TriggerFires(id) => deferral::trigger_fires(&mut self.world, engine, id),
            Event::RunTimeout(run) => self.world.mark_changed(run),
            Event::Arrival(dag) => {
                self.creation
                    .create_triggered(&mut self.world, &mut self.outcomes, dag, engine);
            }
            Event::RunDue(dag) => self.run_due(dag, engine),
            Event::Operator(event) => self.operate(event, engine),
            Event::Resize(policy) => {
                if !self.governance.resize(&mut self.world, policy, engine) {
                    return;
                }
            }
            Event::PolicyLook(policy) => {
                if !self.governance.look(&mut self.world, policy, engine) {
                    return;
                }
            }
            Event::Autoscale(at) => {
                if !workers::autoscale(&mut self.world, &mut self.outcomes, engine, at) {
                    return;
                }
            }
            Event::WorkerUp(group) => {
                self.world.workers.start_up(group, engine.now());
                workers::serve(&mut self.world, &mut self.outcomes, engine, group as u32);
            }
            Event::Wake(timer) => {
                if let Mode::Airflow(scheduler) = &mut self.mode {
                    scheduler.alarm(timer, &self.world, engine);
                }
                return;
            }
            Event::Timer(scheduler, timer) => self.run_timer(scheduler, timer, engine),
            Event::Loop => return self.run_loop(engine),
        }
        self.settle(engine);
    }

    #[inline]
    fn run_loop(&mut self, engine: &mut Engine<Event>) {
        if let Mode::Airflow(scheduler) = &mut self.mode {
            scheduler.run_loop(
                &mut self.world,
                &mut self.creation,
                &mut self.outcomes,
                engine,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::Drawn;
    use crate::deployment::{Executor, ExecutorKind, LoopPace};
    use crate::ids::TaskId;
    use crate::random::Distribution;
    use crate::time::SimDuration;
    use crate::trace::{NoRecorder, synthetic};

    /// How many rows of runs, instances, counters and tries there is room for when a site that has missed `missed` runs
    /// at its start, and gets one every minute, has worked for so many hours.
    fn rows_after(hours: i64, scheduler: SchedulerMode, missed: i64) -> [usize; 4] {
        let mut deployment = synthetic::deployment();
        deployment.scheduler = scheduler;
        deployment.executors.push(Executor {
            name: "workers".into(),
            parallelism: 32,
            start_delay: Distribution::ZERO,
            kind: ExecutorKind::Tracked,
        });
        deployment.tasks[1].upstream = vec![TaskId::new(0)];
        deployment.pools[0].slots = 2 + missed / 10;
        (
            deployment.dags[0].catchup,
            deployment.dags[0].max_active_runs,
        ) = (true, 1_000);
        deployment.dags[0].start_date = SimTime::default();
        let start = SimTime::default() + SimDuration::from_seconds(missed * 60);
        let (key, drawn) = (StreamKey::root(1, 0), Drawn::new(&deployment));
        let mut simulation = Simulation::new(&deployment, start, key, drawn, NoRecorder);
        simulation.run_until(start + SimDuration::from_seconds(hours * 3_600));
        let rows = &simulation.site.world.rows;
        [
            rows.runs.len(),
            rows.instances.rows.len(),
            rows.progress.len(),
            rows.instances.room_for_tries(),
        ]
    }

    #[test]
    fn memory_follows_what_is_alive_and_not_what_was_simulated() {
        let ideal = SchedulerMode::Ideal {
            head_of_line: false,
        };
        for scheduler in [SchedulerMode::Airflow(LoopPace::default()), ideal] {
            let after_an_hour = rows_after(1, scheduler, 0);
            assert!((1..=3).contains(&after_an_hour[0]), "{after_an_hour:?}");
            assert_eq!(rows_after(100, scheduler, 0), after_an_hour);
            let after_many = rows_after(1, scheduler, 300);
            let [runs, instances, progress, tries] = after_many;
            assert!((200..=303).contains(&runs), "{after_many:?}");
            assert_eq!(instances, 2 * runs);
            assert!(progress <= runs && tries <= runs, "{after_many:?}");
            assert_eq!(rows_after(100, scheduler, 300), after_many);
        }
    }
}
