//! Policies at work: at fixed intervals each looks at its pools, and what its guard admits is carried out.

use crate::airflow::event::Event;
use crate::airflow::pools::dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
use crate::airflow::pools::pool_manager::PoolManager;
use crate::airflow::world::World;
use crate::deployment::Deployment;
use crate::engine::Engine;
use crate::ids::PoolId;
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
    pub(crate) waits: Spans,
    pub(crate) services: Spans,
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
            world.pool_changed(pool, now);
        }
        engine.schedule(now + look.every, Event::PolicyLook(policy));
        acted
    }
}

/// The load of a pool as its policy sees it, none if it is deleted; what is counted since the last look begins anew.
fn load<R: Recorder>(world: &mut World<R>, pool: PoolId, now: SimTime) -> Option<PoolLoad> {
    let SinceLook { waits, services } = std::mem::take(&mut world.since_look[pool.index()]);
    Some(PoolLoad {
        finished: services.count,
        mean_wait: waits.mean(),
        mean_service: services.mean(),
        ..world.pools.load(pool, now)?
    })
}

impl Spans {
    #[inline]
    pub(crate) fn add(&mut self, span: SimDuration) {
        self.count += 1;
        self.sum += span;
    }

    fn mean(&self) -> Option<SimDuration> {
        (self.count > 0).then(|| SimDuration::from_micros(self.sum.as_micros() / self.count as i64))
    }
}
