//! Sensors in `reschedule` mode: what happens after a poke in vain (docs/background/scheduler.md, 6).

use crate::airflow::event::Event;
use crate::airflow::instances::first_pokes::FirstPoke;
use crate::airflow::world::World;
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
    world.try_mut(id).due_at = due;
    engine.schedule(due, Event::Due(id));
}

/// From when the time-out counts. In Airflow 3 the first poke from its beginning, later ones from the *end* of the first,
/// because that is when the first reschedule was written down; in Airflow 2 from the beginning of the first poke of all
/// tries.
fn waits_since<R: Recorder>(world: &mut World<R>, id: InstanceId, now: SimTime) -> SimTime {
    let present = *world.present_try(id);
    if present.segment == 1 {
        let poke = FirstPoke {
            started_at: present.started_at,
            ended_at: now,
            first_of_all: present.started_at,
            run: world.run(world.instance(id).run).sequence,
        };
        world.first_pokes.note(id, poke);
    }
    let first = world.first_pokes.of(id);
    if world.rules.sensor_time_spans_tries {
        first.first_of_all
    } else if present.segment == 1 {
        first.started_at
    } else {
        first.ended_at
    }
}

fn time_is_up(sensor: &Sensor) -> TaskInstanceState {
    if sensor.soft_fail {
        TaskInstanceState::Skipped
    } else {
        TaskInstanceState::Failed
    }
}
