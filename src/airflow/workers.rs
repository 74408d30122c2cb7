//! What happens on the workers: segments start, run and end.

use super::event::Event;
use super::outcomes::{Attempt, Ending, Outcomes};
use super::world::World;
use super::{choices, deferral, sensing};
use crate::deployment::{Deployment, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::InstanceId;
use crate::time::SimDuration;
use crate::trace::Recorder;

/// Hands a queued instance to its executor, which starts it after its start delay.
#[inline]
pub(crate) fn send<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let attempt = attempt(world, id, world.instance(id).segment + 1);
    let delay = outcomes.start_delay(&attempt);
    if delay > SimDuration::ZERO {
        engine.schedule(engine.now() + delay, Event::Start(id));
    } else {
        start(world, outcomes, engine, id);
    }
}

/// A worker begins a segment: how it will go is known from here on, when it ends is an event. Says whether it began;
/// a worker is refused if the instance was taken away.
#[inline]
pub(crate) fn start<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) -> bool {
    if world.instance(id).taken_away {
        world.let_go(id);
        return false;
    }
    let now = engine.now();
    world.set_state(id, TaskInstanceState::Running, now);
    let segment = outcomes.segment(&attempt(world, id, world.instance(id).segment));
    world.instance_mut(id).ending = segment.ending;
    engine.schedule(
        now + segment.duration.max(SimDuration::ZERO),
        Event::End(id),
    );
    true
}

/// A worker ends a segment and writes the state straight to the database: the pool slots are free at once.
#[inline]
pub(crate) fn end<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    let instance = *world.instance(id);
    if instance.taken_away {
        return refuse(world, engine, id);
    }
    match instance.ending {
        Ending::Success => {
            if world.plan.tasks[instance.task.index()].chooses {
                choices::carry_out(world, deployment, outcomes, id, now);
            }
            world.set_state(id, TaskInstanceState::Success, now);
        }
        Ending::Failed => fail(world, deployment, engine, id),
        Ending::FailedForGood => world.set_state(id, TaskInstanceState::Failed, now),
        Ending::Skipped => world.set_state(id, TaskInstanceState::Skipped, now),
        Ending::InVain => sensing::poked_in_vain(world, deployment, engine, id),
        Ending::Deferred => deferral::defer(world, outcomes, engine, id),
        // Nobody is told: the scheduler will miss the heartbeats.
        Ending::Lost => {}
    }
}

/// A try has failed: there is another one if one is left.
pub(crate) fn fail<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    let instance = *world.instance(id);
    if instance.try_number > instance.max_tries {
        return world.set_state(id, TaskInstanceState::Failed, now);
    }
    world.set_state(id, TaskInstanceState::UpForRetry, now);
    let task = &deployment.tasks[instance.task.index()];
    let dag_id = &deployment.dags[task.dag.index()].dag_id;
    let run = world.run(instance.run).identity.logical_date;
    let failed_try = u32::from(instance.try_number);
    // Ready when `end_date + delay < now`, strictly: the first microsecond after the delay.
    let delay =
        task.retry.delay(dag_id, &task.task_id, run, failed_try) + SimDuration::from_micros(1);
    world.instance_mut(id).due_at = now + delay;
    engine.schedule(now + delay, Event::Due(id));
}

/// A worker reports the end of what is no longer its own.
#[cold]
fn refuse<R: Recorder>(world: &mut World<R>, engine: &Engine<Event>, id: InstanceId) {
    let mut row = world.instance_record(id, TaskInstanceState::Running, Some(engine.now()));
    row.refused = true;
    world.recorder.task_instance(&row);
    world.let_go(id);
}

/// What names the execution of an instance.
#[inline]
pub(crate) fn attempt<R: Recorder>(world: &World<R>, id: InstanceId, segment: u16) -> Attempt {
    let instance = world.instance(id);
    let task = &world.plan.tasks[instance.task.index()];
    let run = world.run(instance.run);
    Attempt {
        task: instance.task,
        logical_date: run.name_date(),
        map_index: instance.map_index,
        try_number: u32::from(instance.try_number),
        segment: u32::from(segment),
        waited: if segment > 1 {
            instance.started_at - world.first_pokes.of(id).started_at
        } else {
            SimDuration::ZERO
        },
        trigger_timed_out: instance.trigger_timed_out,
        run_key: run.key,
        task_key: task.name_key,
        run_size: run.size,
    }
}
