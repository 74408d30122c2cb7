//! Deferred instances: they leave their worker, wait for a trigger, and compete for a slot again
//! (docs/background/scheduler.md, 6).

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::instances::triggers::Place;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::engine::Engine;
use crate::ids::InstanceId;
use crate::trace::Recorder;

/// Lets an instance wait for its trigger.
pub(crate) fn defer<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    let attempt = workers::attempt(world, id);
    let fires_at = now + outcomes.trigger_delay(&attempt);
    let timeout = world.plan.tasks[attempt.task.index()].trigger_timeout;
    let present = world.try_mut(id);
    present.due_at = fires_at;
    present.ended_at = now;
    world.set_state(id, TaskInstanceState::Deferred, now);
    if let Some(timeout) = timeout {
        world.triggers.set_timeout(id, now + timeout);
        world.look_at_once(Timer::TriggerTimeouts, now + timeout, engine);
    }
    let place = place(world, id);
    if world.triggers.add(place, fires_at) {
        engine.schedule(fires_at, Event::TriggerFires(id));
    }
}

/// A trigger fires: the triggerer itself puts the instance to scheduled. One that fires after the instance was given up
/// is ignored.
pub(crate) fn trigger_fires<R: Recorder>(
    world: &mut World<R>,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    if world.present_try(id).due_at != now {
        return;
    }
    if world.instance(id).taken_away {
        world.let_go(id);
    } else {
        forget(world, engine, id);
        world.schedule(id, now);
    }
}

/// Puts the instances whose time is up to scheduled: resumed, they fail at once.
pub(crate) fn time_out<R: Recorder>(world: &mut World<R>, engine: &mut Engine<Event>) {
    let now = engine.now();
    while let Some(id) = world.triggers.take_timed_out(now) {
        forget(world, engine, id);
        world.try_mut(id).trigger_timed_out = true;
        world.schedule(id, now);
    }
}

/// Takes the trigger of a deferred instance away, and lets the next one that waits for a triggerer run. Says whether
/// the trigger itself had to wait, so that it has no event.
pub(crate) fn forget<R: Recorder>(
    world: &mut World<R>,
    engine: &mut Engine<Event>,
    id: InstanceId,
) -> bool {
    let instance = world.instance(id);
    if let Some(timeout) = world.plan.tasks[instance.task.index()].trigger_timeout {
        let at = world.present_try(id).ended_at + timeout;
        world.triggers.clear_timeout(id, at);
    }
    let place = place(world, id);
    if world.triggers.give_up_waiting(place) {
        return true;
    }
    if let Some((next, fires_at)) = world.triggers.done() {
        let fires_at = fires_at.max(engine.now());
        world.try_mut(next).due_at = fires_at;
        engine.schedule(fires_at, Event::TriggerFires(next));
    }
    false
}

/// The place of a deferred instance's trigger among those that wait for a triggerer.
fn place<R: Recorder>(world: &World<R>, id: InstanceId) -> Place {
    let instance = world.instance(id);
    let weight = world.plan.tasks[instance.task.index()].weight;
    Place::new(weight, world.present_try(id).ended_at, id)
}
