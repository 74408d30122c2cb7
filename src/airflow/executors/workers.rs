//! What happens on the workers: segments start, run and end.

use crate::airflow::event::Event;
use crate::airflow::executors::lost_workers;
use crate::airflow::executors::start_check;
use crate::airflow::executors::workload::{Beginning, Workload};
use crate::airflow::instances::awaits;
use crate::airflow::instances::choices;
use crate::airflow::instances::deferral;
use crate::airflow::instances::lost_tasks;
use crate::airflow::instances::present_try::PresentTry;
use crate::airflow::instances::sensing;
use crate::airflow::outcomes::{Attempt, Ending, Outcomes};
use crate::airflow::resources;
use crate::airflow::world::World;
use crate::deployment::{Deployment, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{InstanceId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

/// Hands an instance that a scheduler has queued to its executor.
#[inline]
pub(crate) fn send<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
    scheduler: usize,
) {
    let task = world.instance(id).task;
    let workload = workload(world, outcomes, engine.now(), id, scheduler);
    hand_over(world, outcomes, engine, workload, task);
}

/// What a scheduler sends of an instance: from now on its executor counts it there.
#[inline]
pub(crate) fn workload<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    now: SimTime,
    id: InstanceId,
    scheduler: usize,
) -> Workload {
    let delay = outcomes.start_delay(&attempt_after(world, id, 1));
    let task = &world.plan.tasks[world.instance(id).task.index()];
    let book = world.workers.book(scheduler, task.executor) as u32;
    world.try_mut(id).book = book;
    let instance = world.instance(id);
    Workload {
        instance: id,
        try_number: instance.try_number,
        run: world.run(instance.run).sequence,
        book,
        sent_at: now,
        delay,
        revoked: false,
    }
}

/// Gives a workload of a task to the workers of its executor.
#[inline]
pub(crate) fn hand_over<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    workload: Workload,
    task: TaskId,
) {
    let task = &world.plan.tasks[task.index()];
    let (executor, queue) = (task.executor, task.queue);
    if let Some(group) = world.workers.send(workload, executor, queue) {
        begin(world, outcomes, engine, workload, group);
    }
}

/// A worker begins with a workload; says whether it was refused at once.
fn begin<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    workload: Workload,
    group: u32,
) -> bool {
    let delay = world.workers.start_delay(&workload, engine.now());
    if delay > SimDuration::ZERO {
        let at = world.workers.begin(workload, group);
        engine.schedule(engine.now() + delay, Event::Start(at));
        return false;
    }
    !start(world, outcomes, engine, &workload, group)
}

/// The start delay of a beginning is over. Says whether the scheduler has something to learn of it: that the worker
/// was refused.
#[inline]
pub(crate) fn begun<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    at: usize,
) -> bool {
    let Some(Beginning {
        workload, group, ..
    }) = world.workers.begun(at)
    else {
        return false;
    };
    let refused = !start(world, outcomes, engine, &workload, group);
    if refused {
        world.workers.leave(group);
        serve(world, outcomes, engine, group);
    }
    refused
}

/// A worker asks to run a segment. It is refused if the instance does not wait for it any more, or if it finds the pool
/// overfull where it looks; otherwise how it will go is known from here on, and when it ends is an event.
#[inline]
fn start<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    workload: &Workload,
    group: u32,
) -> bool {
    let now = engine.now();
    let id = workload.instance;
    if !workload.is_waiting(&world.rows) {
        if !workload.revoked {
            world.workers.end(workload.book);
        }
        return false;
    }
    if world.rules.checks_pool_at_start && !start_check::passes(world, id) {
        start_check::send_back(world, id, now);
        if !workload.revoked {
            world.workers.end(workload.book);
        }
        return false;
    }
    if workload.revoked {
        world.workers.supersede(workload);
    }
    world.set_state(id, TaskInstanceState::Running, now);
    let segment = outcomes.segment(&attempt(world, id));
    let present = world.try_mut(id);
    present.ending = segment.ending;
    present.group = group;
    present.requeues = 0;
    let duration = if world.resources.is_empty() {
        Some(segment.duration)
    } else {
        resources::begin(world, engine, id, &segment)
    };
    let Some(duration) = duration else {
        world.try_mut(id).due_at = SimTime::MAX;
        return true;
    };
    let ends_at = now + duration.max(SimDuration::ZERO);
    world.try_mut(id).due_at = ends_at;
    engine.schedule(ends_at, Event::End(id));
    if !world.awaits.is_empty() {
        awaits::begin(world, outcomes, engine, id);
    }
    true
}

/// Makes the pods of an executor whose turn it is in a scheduler's loop. A pod whose instance waits no more is not
/// made, but its place is used up.
pub(crate) fn make_pods<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    scheduler: usize,
    executor: usize,
) {
    let mut made = 0;
    while let Some(workload) = world.workers.next_pod(scheduler, executor, made) {
        made += 1;
        if workload.is_waiting(&world.rows) {
            begin(world, outcomes, engine, workload, 0);
        } else {
            world.workers.end(workload.book);
        }
    }
}

/// Where an instance is counted while a worker has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    book: u32,
    group: u32,
}

impl Seat {
    #[inline]
    pub(crate) fn of<R: Recorder>(world: &World<R>, id: InstanceId) -> Self {
        let PresentTry { book, group, .. } = *world.present_try(id);
        Self { book, group }
    }
}

/// The worker that ran an instance is free again, and its executor will learn of it.
#[inline]
pub(crate) fn leave<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
    seat: Seat,
) {
    if world.present_try(id).group != 0 {
        world.try_mut(id).group = 0;
    }
    let is_lost = world.instance(id).state == TaskInstanceState::Running;
    if !is_lost {
        world.workers.end(seat.book);
    }
    world.workers.leave(seat.group);
    serve(world, outcomes, engine, seat.group);
}

/// Free processes of a group take what waits for them.
#[inline]
pub(crate) fn serve<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    group: u32,
) {
    while let Some(next) = world.workers.next_of(group) {
        if begin(world, outcomes, engine, next, group) {
            world.workers.leave(group);
        }
    }
    if world.workers.has_shut_down(group) {
        lost_workers::give_back(world, outcomes, engine, group as usize);
    }
}

/// What waits in the queues of a worker goes to workers in turn, where that is how they take.
pub(crate) fn deal<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    worker: usize,
) {
    while let Some((workload, group)) = world.workers.deal(worker) {
        if begin(world, outcomes, engine, workload, group) {
            world.workers.leave(group);
        }
    }
}

/// An autoscaler looks: it may ask for workers or take some away, and it looks again. Says whether the scheduler may have
/// something to do with it: that workers were killed.
pub(crate) fn autoscale<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    at: usize,
) -> bool {
    let scaled = world.workers.autoscale(at, engine.now());
    for group in scaled.come {
        engine.schedule(scaled.up_at, Event::WorkerUp(group));
    }
    engine.schedule(scaled.next_look, Event::Autoscale(at));
    let kills = !scaled.killed.is_empty();
    for worker in scaled.killed {
        lost_workers::lose(world, outcomes, engine, worker);
    }
    kills
}

/// Whether a worker that is to end a segment may look for what comes next: its instance is its own to the end, and is not
/// deferred.
#[inline]
pub(crate) fn looks_on<R: Recorder>(world: &World<R>, id: InstanceId) -> bool {
    let ending = world.present_try(id).ending;
    !world.instance(id).taken_away && !matches!(ending, Ending::Deferred | Ending::Lost)
}

/// A worker ends a segment and writes the state straight to the database: the pool slots are free at once. Says whether
/// there still was such a worker.
#[inline]
pub(crate) fn end<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) -> bool {
    let now = engine.now();
    let instance = *world.instance(id);
    let PresentTry { due_at, ending, .. } = *world.present_try(id);
    if due_at != now {
        return false;
    }
    world.try_mut(id).due_at = SimTime::MIN;
    if instance.taken_away {
        refuse(world, engine, id);
        return true;
    }
    match ending {
        Ending::Success => {
            if world.plan.tasks[instance.task.index()].chooses {
                choices::carry_out(world, deployment, outcomes, id, now);
            }
            world.set_state(id, TaskInstanceState::Success, now);
        }
        Ending::Failed => fail(world, deployment, engine, id),
        Ending::FailedForGood => world.set_state(id, TaskInstanceState::Failed, now),
        Ending::Skipped => world.set_state(id, TaskInstanceState::Skipped, now),
        Ending::InVain if world.is_there(id) => {
            world.set_state(id, TaskInstanceState::Success, now);
        }
        Ending::InVain => sensing::poked_in_vain(world, deployment, engine, id),
        Ending::Deferred => deferral::defer(world, outcomes, engine, id),
        Ending::Lost => lost_tasks::lose(world, engine, id),
    }
    true
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
    world.try_mut(id).due_at = now + delay;
    engine.schedule(now + delay, Event::Due(id));
}

/// A worker is done with what is no longer its own.
#[cold]
pub(crate) fn refuse<R: Recorder>(world: &mut World<R>, engine: &Engine<Event>, id: InstanceId) {
    let mut row = world.instance_record(id, TaskInstanceState::Running, Some(engine.now()));
    row.refused = true;
    world.recorder.task_instance(&row);
    world.let_go(id);
}

/// How long after its first poke a sensor pokes again.
#[inline(never)]
fn waited<R: Recorder>(world: &World<R>, id: InstanceId) -> SimDuration {
    world.present_try(id).started_at - world.first_pokes.of(id).started_at
}

/// What names the latest execution of an instance.
#[inline]
pub(crate) fn attempt<R: Recorder>(world: &World<R>, id: InstanceId) -> Attempt {
    attempt_after(world, id, 0)
}

/// What names the execution of an instance that comes so many after the latest.
#[inline]
fn attempt_after<R: Recorder>(world: &World<R>, id: InstanceId, more: u32) -> Attempt {
    let (instance, present) = (world.instance(id), world.present_try(id));
    let task = &world.plan.tasks[instance.task.index()];
    let run = world.run(instance.run);
    Attempt {
        task: instance.task,
        logical_date: run.name_date(),
        map_index: instance.map_index,
        try_number: u32::from(instance.try_number),
        segment: present.segment + more,
        since: present.queued_at.max(present.started_at),
        waited: if present.segment + more > 1 {
            waited(world, id)
        } else {
            SimDuration::ZERO
        },
        trigger_timed_out: present.trigger_timed_out,
        requeues: u32::from(present.requeues),
        run_key: run.key,
        task_key: task.name_key,
        run_size: run.size,
    }
}
