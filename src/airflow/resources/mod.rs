//! What pools protect, at work: tasks come, are slowed by each other's company, and go (docs/guides/protected-resources.md).
//!
//! Whoever ends a running task early because its worker dies takes it out here. A task that is only taken from its worker
//! works on to its end, and so does its load.

mod alarm;
mod protected;
mod shared_work;
mod token_bucket;
mod visit;

use crate::airflow::event::Event;
use crate::airflow::outcomes::{Ending, Segment};
use crate::airflow::world::World;
use crate::deployment::{Deployment, TaskKind};
use crate::engine::Engine;
use crate::ids::{InstanceId, PoolId, ResourceId};
use crate::policy::ResourceLoad;
use crate::time::SimDuration;
use crate::trace::Recorder;
use protected::{End, Protected, Terms};
use visit::Visit;

/// All resources of a site; one without resources keeps nothing.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    protected: Vec<Protected>,
    /// By pool, what it protects.
    behind: Vec<Option<ResourceId>>,
    /// By task, what it uses.
    uses: Vec<Option<Use>>,
    /// By instance, where it is.
    visits: Vec<Option<(ResourceId, Visit)>>,
}

/// A task's use of a resource.
#[derive(Clone, Copy, Debug)]
struct Use {
    resource: ResourceId,
    execution_timeout: Option<SimDuration>,
}

impl Resources {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        if deployment.resources.is_empty() {
            return Self::default();
        }
        let mut behind = vec![None; deployment.pools.len()];
        for (at, resource) in deployment.resources.iter().enumerate() {
            for pool in &resource.pools {
                behind[pool.index()] = Some(ResourceId::new(at));
            }
        }
        let uses = deployment.tasks.iter().map(|task| {
            // A sensor asks and waits; it does no work that would load anything.
            let works = !matches!(task.kind, TaskKind::Sensor(_));
            let resource = behind[task.pool.index()].filter(|_| works)?;
            Some(Use {
                resource,
                execution_timeout: task.execution_timeout,
            })
        });
        Self {
            protected: deployment.resources.iter().map(Protected::new).collect(),
            uses: uses.collect(),
            behind,
            visits: Vec::new(),
        }
    }

    /// How the resource does that a pool protects.
    pub(crate) fn load_behind(&self, pool: PoolId) -> Option<ResourceLoad> {
        let resource = (*self.behind.get(pool.index())?)?;
        Some(self.protected[resource.index()].load())
    }

    /// Whether nothing is protected.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.protected.is_empty()
    }
}

/// A worker begins with a segment: how long it runs, or none if its resource will tell when it ends.
pub(crate) fn begin<R: Recorder>(
    world: &mut World<R>,
    engine: &mut Engine<Event>,
    id: InstanceId,
    segment: &Segment,
) -> Option<SimDuration> {
    let now = engine.now();
    let instance = world.instance(id);
    let Some(at) = world.resources.uses[instance.task.index()] else {
        return Some(segment.duration);
    };
    let terms = Terms {
        alone: segment.duration,
        // The rest of a deferrable task belongs to the same try.
        calls: world.present_try(id).segment == 1,
        // The limit does not hold for the part before a deferral.
        ends_by: at
            .execution_timeout
            .filter(|_| segment.ending != Ending::Deferred)
            .map(|timeout| now + timeout),
    };
    let protected = &mut world.resources.protected[at.resource.index()];
    let Some(visit) = protected.come(id, terms, now) else {
        world.try_mut(id).ending = Ending::Failed;
        world.recorder.refusal(now, at.resource);
        return Some(SimDuration::ZERO);
    };
    let visits = &mut world.resources.visits;
    if visits.len() <= id.index() {
        visits.resize(world.rows.instances.rows.len(), None);
    }
    visits[id.index()] = Some((at.resource, visit));
    changed(world, engine, at.resource);
    None
}

/// The alarm of a resource rings: the task whose segment ends there now, if there is one.
pub(crate) fn ring<R: Recorder>(
    world: &mut World<R>,
    engine: &mut Engine<Event>,
    resource: ResourceId,
) -> Option<InstanceId> {
    let now = engine.now();
    let Resources {
        protected, visits, ..
    } = &mut world.resources;
    let protected = &mut protected[resource.index()];
    protected.alarm_rings();
    let Some((id, end)) = protected.go_on(visits, now) else {
        changed(world, engine, resource);
        return None;
    };
    leave(world, engine, id);
    let present = world.try_mut(id);
    present.due_at = now;
    if end != End::Done {
        present.ending = Ending::Failed;
    }
    if end == End::Refused {
        world.recorder.refusal(now, resource);
    }
    Some(id)
}

/// A task leaves its resource, if it is at one.
pub(crate) fn leave<R: Recorder>(world: &mut World<R>, engine: &mut Engine<Event>, id: InstanceId) {
    let visit = world.resources.visits.get_mut(id.index());
    let Some((resource, visit)) = visit.and_then(Option::take) else {
        return;
    };
    world.resources.protected[resource.index()].leave(&visit, engine.now());
    changed(world, engine, resource);
}

/// Tells the recorder, and sees to it that the next end is an event.
fn changed<R: Recorder>(world: &mut World<R>, engine: &mut Engine<Event>, resource: ResourceId) {
    let protected = &mut world.resources.protected[resource.index()];
    if let Some(moment) = protected.set_alarm(engine.now()) {
        engine.schedule(moment, Event::Resource(resource));
    }
    let row = protected.sample(engine.now(), resource);
    world.recorder.resource(&row);
}
