//! Sensors in `reschedule` mode: what happens after a poke in vain (docs/background/scheduler.md, 6).

use super::event::Event;
use super::first_pokes::FirstPoke;
use super::world::World;
use crate::deployment::{Deployment, Sensor, TaskInstanceState, TaskKind};
use crate::engine::Engine;
use crate::ids::InstanceId;
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

/// A poke has found nothing: the sensor leaves its worker until the next one, or its time is up.
pub(crate) fn poked_in_vain<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let now = engine.now();
    let instance = *world.instance(id);
    let task = &deployment.tasks[instance.task.index()];
    let TaskKind::Sensor(sensor) = &task.kind else {
        return world.set_state(id, TaskInstanceState::Failed, now);
    };
    let started = waits_since(world, id, now);
    if now - started > sensor.timeout {
        return world.set_state(id, time_is_up(sensor), now);
    }
    let dag_id = &deployment.dags[task.dag.index()].dag_id;
    // At least a microsecond, so that time goes on where no loop comes between (`ideal` mode).
    let interval = sensor.next_poke(dag_id, &task.task_id, started, now);
    let due = now + interval.max(SimDuration::from_micros(1));
    world.set_state(id, TaskInstanceState::UpForReschedule, now);
    world.instance_mut(id).due_at = due;
    engine.schedule(due, Event::Due(id));
}

/// From when the time-out counts: the first poke from its beginning, later ones from the *end* of the first, because
/// that is when the first reschedule was written down.
fn waits_since<R: Recorder>(world: &mut World<R>, id: InstanceId, now: SimTime) -> SimTime {
    let instance = *world.instance(id);
    if instance.segment > 1 {
        return world.first_pokes.of(id).ended_at;
    }
    let poke = FirstPoke {
        started_at: instance.started_at,
        ended_at: now,
    };
    world.first_pokes.note(id, poke);
    instance.started_at
}

fn time_is_up(sensor: &Sensor) -> TaskInstanceState {
    if sensor.soft_fail {
        TaskInstanceState::Skipped
    } else {
        TaskInstanceState::Failed
    }
}
