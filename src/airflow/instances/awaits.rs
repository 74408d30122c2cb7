//! Sensors that await a task of the same logical date: they learn of its success, and until then they may block the
//! pool whose slots it needs (docs/background/scheduler.md, sensors and deferral).

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::outcomes::{Ending, Outcomes};
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::world::World;
use crate::deployment::{
    DagRunState, Deployment, OperatorAction, Schedule, SensorMode, TaskInstanceState, TaskKind,
};
use crate::engine::Engine;
use crate::ids::{DagId, InstanceId, RunId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;
use std::collections::BTreeSet;

/// What is awaited, and by whom; a site without such sensors keeps nothing.
#[derive(Debug, Default)]
pub(crate) struct Awaits {
    awaited: Vec<Awaited>,
    /// By task: what it awaits, and which of the awaited it is.
    sensors: Vec<Option<AwaitingSensor>>,
    places: Vec<Option<usize>>,
    /// What has succeeded, for which date, since sensors were last told.
    news: Vec<(usize, SimTime)>,
}

/// A task that sensors await.
#[derive(Debug)]
struct Awaited {
    /// The DAGs whose sensors await it.
    by: Vec<DagId>,
    /// Dates for which it has succeeded, as long as a sensor may ask for them.
    succeeded: BTreeSet<SimTime>,
    /// When there are so many of them, those that nobody can ask for any more are left out.
    forget_at: usize,
    /// Sensors that keep their worker until it succeeds.
    poking: Vec<Poking>,
}

#[derive(Clone, Copy, Debug)]
struct AwaitingSensor {
    /// Position among what is awaited.
    awaits: usize,
    poke_interval: SimDuration,
    keeps_worker: bool,
    /// Whether what it awaits needs slots of the pool that it holds slots of itself.
    blocks: bool,
}

/// A sensor at work.
#[derive(Clone, Copy, Debug)]
struct Poking {
    sensor: InstanceId,
    date: Option<SimTime>,
    /// When its time is up.
    ends_at: SimTime,
}

impl Awaits {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let mut awaits = Self::default();
        for (at, task) in deployment.tasks.iter().enumerate() {
            let (TaskKind::Sensor(sensor), Some(awaited)) = (&task.kind, task.awaits()) else {
                continue;
            };
            if awaits.sensors.is_empty() {
                awaits.sensors = vec![None; deployment.tasks.len()];
                awaits.places = vec![None; deployment.tasks.len()];
            }
            let place = *awaits.places[awaited.index()].get_or_insert_with(|| {
                awaits.awaited.push(Awaited {
                    by: Vec::new(),
                    succeeded: BTreeSet::new(),
                    forget_at: 64,
                    poking: Vec::new(),
                });
                awaits.awaited.len() - 1
            });
            let by = &mut awaits.awaited[place].by;
            if by.last() != Some(&task.dag) {
                by.push(task.dag);
            }
            let other = &deployment.tasks[awaited.index()];
            awaits.sensors[at] = Some(AwaitingSensor {
                awaits: place,
                poke_interval: sensor.poke_interval,
                keeps_worker: sensor.mode == SensorMode::Poke,
                blocks: other.pool == task.pool && !other.is_without_worker(),
            });
        }
        awaits
    }

    /// Whether no sensor awaits a task.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.awaited.is_empty()
    }

    /// Whether something has succeeded that sensors have not been told of.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }
}

impl Awaited {
    /// Takes out a sensor that waits for this date.
    fn take_poking(&mut self, date: SimTime) -> Option<Poking> {
        let mut poking = self.poking.iter();
        let at = poking.position(|poking| poking.date == Some(date))?;
        Some(self.poking.swap_remove(at))
    }
}

impl<R: Recorder> World<R> {
    /// A task instance has succeeded: sensors may await that.
    pub(crate) fn note_success(&mut self, run: RunId, task: TaskId) {
        let Some(place) = self.awaits.places[task.index()] else {
            return;
        };
        let succeeded = |id| self.instance(id).state == TaskInstanceState::Success;
        let Some(date) = self.run(run).identity.logical_date else {
            return;
        };
        if self.instances_of(run, task).all(succeeded) {
            self.awaits.awaited[place].succeeded.insert(date);
            self.awaits.news.push((place, date));
        }
    }

    /// A run begins anew: its successes are forgotten.
    pub(crate) fn forget_successes(&mut self, run: RunId) {
        let date = self.run(run).identity.logical_date;
        for task in self.tasks_of(run) {
            let Some(place) = self.awaits.places[task.index()] else {
                continue;
            };
            date.map(|date| self.awaits.awaited[place].succeeded.remove(&date));
        }
    }

    /// A sensor leaves its worker, however that comes: it holds no slots any more.
    pub(crate) fn stop_poking(&mut self, id: InstanceId) {
        let task = self.instance(id).task;
        let Some(sensor) = self.awaits.sensors[task.index()] else {
            return;
        };
        // One that has found what it awaits has been let go before.
        if self.present_try(id).ending == Ending::Success {
            return;
        }
        let poking = &mut self.awaits.awaited[sensor.awaits].poking;
        if let Some(at) = poking.iter().position(|poking| poking.sensor == id) {
            poking.swap_remove(at);
            self.unblock(task, sensor);
        }
    }

    fn unblock(&mut self, task: TaskId, sensor: AwaitingSensor) {
        if sensor.blocks {
            let plan = &self.plan.tasks[task.index()];
            self.deadlocks.unblock(plan.pool, plan.pool_slots);
        }
    }

    /// Whether a sensor awaits a task that has succeeded.
    pub(crate) fn is_there(&self, id: InstanceId) -> bool {
        let instance = self.instance(id);
        let sensor = self.awaits.sensors.get(instance.task.index());
        let date = self.run(instance.run).identity.logical_date;
        match (sensor.copied().flatten(), date) {
            (Some(sensor), Some(date)) => {
                self.awaits.awaited[sensor.awaits].succeeded.contains(&date)
            }
            _ => false,
        }
    }
}

/// An instance has begun: if it is a sensor that keeps its worker until a task succeeds, it waits for the news.
pub(crate) fn begin<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    let instance = *world.instance(id);
    let Some(sensor) = world.awaits.sensors[instance.task.index()] else {
        return;
    };
    if !sensor.keeps_worker {
        return;
    }
    if world.is_there(id) {
        return find(world, outcomes, engine, id, sensor);
    }
    let poking = Poking {
        sensor: id,
        date: world.run(instance.run).identity.logical_date,
        ends_at: world.present_try(id).due_at,
    };
    world.awaits.awaited[sensor.awaits].poking.push(poking);
    if sensor.blocks {
        let plan = &world.plan.tasks[instance.task.index()];
        let pool = plan.pool;
        world.deadlocks.block(pool, plan.pool_slots);
        world.look_for_deadlock(pool, engine.now());
    }
}

/// Tells the sensors at work what has succeeded.
pub(crate) fn tell<R: Recorder>(
    world: &mut World<R>,
    creation: &RunCreation<'_>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
) {
    while let Some((place, date)) = world.awaits.news.pop() {
        while let Some(poking) = world.awaits.awaited[place].take_poking(date) {
            let instance = *world.instance(poking.sensor);
            let Some(sensor) = world.awaits.sensors[instance.task.index()] else {
                continue;
            };
            world.unblock(instance.task, sensor);
            // It is otherwise if its worker was lost.
            if world.present_try(poking.sensor).due_at == poking.ends_at {
                find(world, outcomes, engine, poking.sensor, sensor);
            }
            let pool = world.plan.tasks[instance.task.index()].pool;
            world.look_for_deadlock(pool, engine.now());
        }
        let awaited = &world.awaits.awaited[place];
        if awaited.succeeded.len() >= awaited.forget_at {
            let asked = oldest_asked(world, creation, &awaited.by, engine.now());
            let awaited = &mut world.awaits.awaited[place];
            awaited.succeeded = awaited.succeeded.split_off(&asked);
            awaited.forget_at = 64 + 2 * awaited.succeeded.len();
        }
    }
}

/// What a sensor awaits is there: the first poke that ends from now on finds it, unless its time is up before.
fn find<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
    sensor: AwaitingSensor,
) {
    let now = engine.now();
    let poke = outcomes.poke(&workers::attempt(world, id));
    let present = world.try_mut(id);
    let cycle = (poke + sensor.poke_interval).as_micros().max(1);
    let left = (now - present.started_at - poke).as_micros().max(0);
    let cycles = (left + cycle - 1) / cycle;
    let ends_at = present.started_at + SimDuration::from_micros(cycles * cycle) + poke;
    if ends_at > present.due_at {
        return;
    }
    present.ending = Ending::Success;
    if ends_at < present.due_at {
        // The event of its time-out will find that it is late.
        present.due_at = ends_at;
        engine.schedule(ends_at, Event::End(id));
    }
}

/// No sensor of these DAGs will ask for a date before this one.
fn oldest_asked<R: Recorder>(
    world: &World<R>,
    creation: &RunCreation<'_>,
    dags: &[DagId],
    now: SimTime,
) -> SimTime {
    let deployment = creation.deployment;
    let is_open = |state| matches!(state, DagRunState::Queued | DagRunState::Running);
    let open = world.rows.runs.iter();
    let open = open.filter(|run| is_open(run.state) && dags.contains(&run.dag));
    let open = open.filter_map(|run| run.identity.logical_date);
    let planned = dags.iter().filter_map(|&dag| {
        let by_timetable = matches!(
            deployment.dags[dag.index()].schedule,
            Schedule::Timetable(_)
        );
        let next = creation.dags[dag.index()].next;
        if by_timetable {
            next.map(|next| next.logical_date)
        } else {
            Some(now)
        }
    });
    let events = deployment.events.iter().filter(|event| event.at >= now);
    let requested = events.filter_map(|event| match &event.action {
        OperatorAction::Backfill(backfill) if dags.contains(&backfill.dag) => Some(backfill.from),
        OperatorAction::TriggerRuns(request) if dags.contains(&request.dag) => request.logical_date,
        _ => None,
    });
    open.chain(planned).chain(requested).min().unwrap_or(now)
}
