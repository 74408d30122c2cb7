//! The `ideal` mode: what queueing theory assumes.
//!
//! No loop, no page and no limit but the pools: an instance is ready the moment its last upstream ends, and the
//! queue of a pool is served at every change in strict order of priority, then first come, first served.

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::instances::deferral;
use crate::airflow::instances::lost_tasks;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::scheduler::examination::{Examination, RunEnd};
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::world::World;
use crate::deployment::Deployment;
use crate::engine::Engine;
use crate::ids::{PoolId, RunId, TaskId};
use crate::trace::Recorder;

/// The scheduler that queueing theory has in mind.
#[derive(Debug)]
pub(crate) struct Textbook {
    /// Whether an instance that does not fit holds back those behind it.
    head_of_line: bool,
    examination: Examination,
    aside: Vec<TaskId>,
}

impl Textbook {
    pub(crate) fn new(head_of_line: bool) -> Self {
        Self {
            head_of_line,
            examination: Examination::default(),
            aside: Vec::new(),
        }
    }

    /// Carries out all that follows at once from a change, and calls `ended` for each run that ended.
    pub(crate) fn settle<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        mut ended: impl FnMut(&mut World<R>, RunId, RunEnd, &mut Engine<Event>),
    ) {
        loop {
            while let Some(run) = world.changed.pop_back() {
                if let Some(end) = self.examination.examine(world, outcomes, engine, run) {
                    ended(world, run, end, engine);
                }
            }
            for run in world.take_changed_paused() {
                let end = self
                    .examination
                    .examine_paused(world, outcomes, engine, run);
                if let Some(end) = end {
                    ended(world, run, end, engine);
                }
            }
            if world.changed.is_empty() && !world.has_changed_paused() {
                break;
            }
        }
        while let Some(pool) = world.next_unserved() {
            self.serve(world, outcomes, engine, pool);
        }
        world.look_at_waits(engine.now());
    }

    /// What the scheduler's timers find, and this mode at once.
    pub(crate) fn run_timer<R: Recorder>(
        timer: Timer,
        world: &mut World<R>,
        deployment: &Deployment,
        engine: &mut Engine<Event>,
    ) {
        match timer {
            Timer::TriggerTimeouts => deferral::time_out(world, engine),
            Timer::TasksWithoutHeartbeat => lost_tasks::fail(world, deployment, engine),
            _ => {}
        }
    }

    /// Starts what fits into a pool.
    fn serve<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        pool: PoolId,
    ) {
        while world.pools.open(pool) > 0 && world.pools.exists(pool) {
            let Some(first) = world.ready.first(pool) else {
                break;
            };
            let plan = &world.plan.tasks[first.task.index()];
            let is_paused = world.paused[plan.dag.index()];
            if !is_paused && i64::from(plan.pool_slots) <= world.pools.open(pool) {
                world.queue(first.instance, engine.now());
                workers::send(world, outcomes, engine, first.instance, 0);
                continue;
            }
            if !is_paused && self.head_of_line {
                break;
            }
            world.ready.set_aside(first.task);
            self.aside.push(first.task);
        }
        for task in self.aside.drain(..) {
            world.ready.put_back(task);
        }
    }
}
