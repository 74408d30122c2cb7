//! Lost tasks: their worker is gone, and only the missing heartbeats tell (docs/background/scheduler.md, 5.2).

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::world::World;
use crate::deployment::Deployment;
use crate::engine::Engine;
use crate::ids::InstanceId;
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;
use std::collections::VecDeque;

/// Running instances without a worker.
#[derive(Debug)]
pub(crate) struct LostTasks {
    /// `[scheduler] task_instance_heartbeat_timeout`.
    timeout: SimDuration,
    /// With the moment after which each is missed, which is the order in which they were lost.
    missed_after: VecDeque<(SimTime, InstanceId)>,
}

impl LostTasks {
    pub(crate) fn new(timeout: SimDuration) -> Self {
        Self {
            timeout,
            missed_after: VecDeque::new(),
        }
    }

    /// After which moment the next one will be missed.
    pub(crate) fn next_missed(&self) -> Option<SimTime> {
        self.missed_after.front().map(|&(at, _)| at)
    }
}

/// An instance is given up for another reason; says whether it was lost.
pub(crate) fn forget<R: Recorder>(world: &mut World<R>, id: InstanceId) -> bool {
    let lost = &mut world.lost.missed_after;
    let Some(at) = lost.iter().position(|&(_, lost)| lost == id) else {
        return false;
    };
    lost.remove(at);
    let book = world.present_try(id).book;
    world.workers.end(book);
    true
}

/// The worker of an instance is lost. Its executor still counts the instance.
#[cold]
pub(crate) fn lose<R: Recorder>(world: &mut World<R>, engine: &mut Engine<Event>, id: InstanceId) {
    let missed_after = engine.now() + world.lost.timeout;
    world.lost.missed_after.push_back((missed_after, id));
    world.look_at_once(Timer::TasksWithoutHeartbeat, missed_after, engine);
}

/// Fails the tries of those that have been silent for longer than the time-out.
pub(crate) fn fail<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    engine: &mut Engine<Event>,
) {
    let now = engine.now();
    while world.lost.next_missed().is_some_and(|at| at < now) {
        let Some((_, id)) = world.lost.missed_after.pop_front() else {
            return;
        };
        let book = world.present_try(id).book;
        world.workers.end(book);
        workers::fail(world, deployment, engine, id);
    }
}
