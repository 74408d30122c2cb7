//! Lost workers: they die with what they run, and only the missing heartbeats tell (docs/background/scheduler.md, 6.5).

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::instances::lost_tasks;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::resources;
use crate::airflow::world::World;
use crate::deployment::{TaskInstanceState, WorkerLoss};
use crate::engine::Engine;
use crate::ids::InstanceId;
use crate::time::SimTime;
use crate::trace::Recorder;

/// Workers die, and are back after a while.
pub(crate) fn lose_for_a_while<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    loss: &WorkerLoss,
) {
    let up_at = engine.now() + loss.back_after;
    let workers = &mut world.workers;
    let dead = workers.stop(loss.executor, loss.group, loss.count, up_at);
    for worker in dead {
        engine.schedule(up_at, Event::WorkerUp(worker));
        lose(world, outcomes, engine, worker);
    }
}

/// A worker that takes nothing any more dies. What it ran is silent from here on; what it was about to start, or had
/// reserved, goes back to the broker, because a message is acknowledged only when its task has ended.
#[cold]
pub(crate) fn lose<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    worker: usize,
) {
    for id in (0..world.rows.instances.rows.len()).map(InstanceId::new) {
        if world.present_try(id).group as usize != worker {
            continue;
        }
        resources::leave(world, engine, id);
        // The event of its end will find that it is late.
        let present = world.try_mut(id);
        (present.group, present.due_at) = (0, SimTime::MIN);
        let book = present.book;
        if world.instance(id).state == TaskInstanceState::Running {
            lost_tasks::lose(world, engine, id);
        } else {
            world.workers.end(book);
            workers::refuse(world, engine, id);
        }
    }
    give_back(world, outcomes, engine, worker);
}

/// What a worker that is no more was about to start, and what it had reserved, goes back to the broker and to its
/// colleagues.
#[cold]
pub(crate) fn give_back<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    worker: usize,
) {
    let unstarted = world.workers.lose(worker);
    // The last one first, so that they stand in front in the order of sending.
    for &workload in unstarted.iter().rev() {
        if !workload.is_waiting(&world.rows) {
            world.workers.end(workload.book);
            continue;
        }
        let task = &world.plan.tasks[world.instance(workload.instance).task.index()];
        world.workers.put_back(workload, task.executor, task.queue);
    }
    workers::deal(world, outcomes, engine, worker);
    for group in world.workers.colleagues(worker) {
        workers::serve(world, outcomes, engine, group as u32);
    }
}
