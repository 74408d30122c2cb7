//! What happens on the workers: segments start, run and end.

use super::event::Event;
use super::outcomes::{Attempt, Outcomes};
use super::world::World;
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

/// A worker begins a segment: how it will go is known from here on, when it ends is an event.
#[inline]
pub(crate) fn start<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    world.set_state(id, TaskInstanceState::Running, now);
    let segment = outcomes.segment(&attempt(world, id, world.instance(id).segment));
    world.instance_mut(id).will_fail = segment.fails;
    engine.schedule(
        now + segment.duration.max(SimDuration::ZERO),
        Event::End(id),
    );
}

/// A worker ends a segment and writes the state straight to the database: the pool slots are free at once.
#[inline]
pub(crate) fn end<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    let instance = *world.instance(id);
    let state = if !instance.will_fail {
        TaskInstanceState::Success
    } else if u32::from(instance.try_number - instance.tries_before)
        <= world.plan.tasks[instance.task.index()].max_tries
    {
        TaskInstanceState::UpForRetry
    } else {
        TaskInstanceState::Failed
    };
    world.set_state(id, state, now);
    if state == TaskInstanceState::UpForRetry {
        let task = &deployment.tasks[instance.task.index()];
        let dag_id = &deployment.dags[task.dag.index()].dag_id;
        let run = world.run(instance.run).identity.logical_date;
        let failed_try = u32::from(instance.try_number);
        // Ready when `end_date + delay < now`, strictly: the first microsecond after the delay.
        let delay =
            task.retry.delay(dag_id, &task.task_id, run, failed_try) + SimDuration::from_micros(1);
        engine.schedule(now + delay, Event::RetryDue(id));
    }
}

#[inline]
fn attempt<R: Recorder>(world: &World<R>, id: InstanceId, segment: u16) -> Attempt {
    let instance = world.instance(id);
    let task = &world.plan.tasks[instance.task.index()];
    let run = world.run(instance.run);
    Attempt {
        task: instance.task,
        logical_date: run.name_date(),
        map_index: instance.map_index,
        try_number: u32::from(instance.try_number),
        segment: u32::from(segment),
        run_key: run.key,
        task_key: task.name_key,
        run_size: run.size,
    }
}
