//! Policies at work: at fixed intervals each looks at its pools, and what its guard admits is carried out.

use crate::airflow::event::Event;
use crate::airflow::pools::dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
use crate::airflow::pools::pool_manager::PoolManager;
use crate::airflow::world::World;
use crate::deployment::{Deployment, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{InstanceId, PoolId};
use crate::policy::{Observation, PolicyPlan, PoolLoad};
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

/// The policies of a run: their pools and how often they look.
#[derive(Debug, Default)]
pub(crate) struct Governance {
    policies: Vec<Look>,
}

#[derive(Debug)]
struct Look {
    pools: Vec<PoolId>,
    every: SimDuration,
}

/// What happened in a pool since its policy last looked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SinceLook {
    arrived: u64,
    failed: u64,
    waits: Spans,
    services: Spans,
}

/// A count of spans and their sum.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spans {
    count: u64,
    sum: SimDuration,
}

impl Governance {
    pub(crate) fn attach(
        &mut self,
        pools: &mut DynamicPoolManager<PoolManager>,
        deployment: &Deployment,
        plan: &PolicyPlan,
        engine: &mut Engine<Event>,
    ) -> Result<(), DynamicPoolError> {
        let Some(size) = &plan.size else {
            return Ok(());
        };
        let names: Vec<&str> = plan
            .pools
            .iter()
            .map(|pool| deployment.pools[pool.index()].name.as_str())
            .collect();
        let policy = pools.attach(&names, size.build(), plan.guard)?;
        self.policies.push(Look {
            pools: plan.pools.clone(),
            every: plan.every,
        });
        engine.schedule(engine.now(), Event::PolicyLook(policy));
        Ok(())
    }

    /// Lets a policy look and carries its decisions out; says whether a pool was resized.
    pub(crate) fn look<R: Recorder>(
        &self,
        world: &mut World<R>,
        policy: usize,
        engine: &mut Engine<Event>,
    ) -> bool {
        let now = engine.now();
        let look = &self.policies[policy];
        let visible = |&pool: &PoolId| Some((pool, load(world, pool, now)?));
        let seen = Observation {
            time: now,
            pools: look.pools.iter().filter_map(visible).collect(),
        };
        let resizes = world.pools.observe(policy, &seen);
        let acted = !resizes.is_empty();
        for resize in resizes {
            let pool = resize.pool;
            world.mark_unserved(pool);
            world.recorder.resize(resize);
            world.pool_changed(pool);
        }
        engine.schedule(now + look.every, Event::PolicyLook(policy));
        acted
    }
}

impl<R: Recorder> World<R> {
    /// Notes a change of state for the policy of the instance's pool.
    #[inline]
    pub(crate) fn note_for_policies(
        &mut self,
        id: InstanceId,
        before: TaskInstanceState,
        next: TaskInstanceState,
        now: SimTime,
    ) {
        use TaskInstanceState as S;
        let instance = &self.rows.instances[id.index()];
        let task = &self.plan.tasks[instance.task.index()];
        let since = &mut self.since_look[task.pool.index()];
        match next {
            S::Scheduled => since.arrived += u64::from(task.pool_slots),
            S::Queued => since.waits.add(now - instance.scheduled_at),
            _ => {}
        }
        if before == S::Running {
            since.services.add(now - instance.started_at);
            since.failed += u64::from(matches!(next, S::Failed | S::UpForRetry));
        }
    }
}

/// The load of a pool as its policy sees it, none if it is deleted; what is counted since the last look begins anew.
fn load<R: Recorder>(world: &mut World<R>, pool: PoolId, now: SimTime) -> Option<PoolLoad> {
    let SinceLook {
        arrived,
        failed,
        waits,
        services,
    } = std::mem::take(&mut world.since_look[pool.index()]);
    Some(PoolLoad {
        arrived,
        failed,
        finished: services.count,
        mean_wait: waits.mean(),
        mean_service: services.mean(),
        resource: world.resources.load_behind(pool),
        ..world.pools.load(pool, now)?
    })
}

impl Spans {
    #[inline]
    fn add(&mut self, span: SimDuration) {
        self.count += 1;
        self.sum += span;
    }

    fn mean(&self) -> Option<SimDuration> {
        (self.count > 0).then(|| SimDuration::from_micros(self.sum.as_micros() / self.count as i64))
    }
}
