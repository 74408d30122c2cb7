//! Policies at work: at fixed intervals each looks at its pools, and what its guard admits is carried out.

use crate::airflow::event::Event;
use crate::airflow::pools::actuation::Actuation;
use crate::airflow::pools::dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
use crate::airflow::pools::pool_manager::PoolManager;
use crate::airflow::world::World;
use crate::deployment::{Deployment, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{InstanceId, PoolId};
use crate::policy::{Admitted, Observation, PolicyPlan, PoolLoad};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, ResizeRecord};
use std::borrow::Cow;
use std::collections::VecDeque;

/// The policies of a run: their pools, how often they look, and how what they decide comes about.
#[derive(Debug)]
pub(crate) struct Governance {
    policies: Vec<Look>,
    key: StreamKey,
    failure: Option<DynamicPoolError>,
}

#[derive(Debug)]
struct Look {
    pools: Vec<PoolId>,
    every: SimDuration,
    observation_delay: SimDuration,
    /// The observations that the policy is still to be shown, and the one that it is shown now, the oldest first. Empty
    /// where it is shown the present.
    past: VecDeque<Observation>,
    actuation: Actuation,
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
    /// No policies yet; `key` is that of the replication.
    pub(crate) fn new(key: StreamKey) -> Self {
        Self {
            policies: Vec::new(),
            key,
            failure: None,
        }
    }

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
            observation_delay: plan.guard.observation_delay,
            past: VecDeque::new(),
            actuation: Actuation::new(&plan.guard, self.key),
        });
        engine.schedule(engine.now(), Event::PolicyLook(policy));
        Ok(())
    }

    /// Why a policy could not go on, which was the end of the run.
    pub(crate) fn failure(&self) -> Option<&DynamicPoolError> {
        self.failure.as_ref()
    }

    /// Lets a policy look and sends its decisions on their way; says whether a pool was resized.
    pub(crate) fn look<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        policy: usize,
        engine: &mut Engine<Event>,
    ) -> bool {
        let now = engine.now();
        let look = &mut self.policies[policy];
        let visible = |&pool: &PoolId| {
            let load = PoolLoad {
                pending: look.actuation.pending(pool),
                ..load(world, pool, now)?
            };
            Some((pool, load))
        };
        let present = Observation {
            time: now,
            pools: look.pools.iter().filter_map(visible).collect(),
        };
        let notices = world.pools.notices(policy, now);
        carried_out(world, notices);
        let decided = match look.shown(&present) {
            Some(shown) => world.pools.decide(policy, &shown, &present),
            None => Ok(Vec::new()),
        };
        engine.schedule(now + look.every, Event::PolicyLook(policy));
        match decided {
            Ok(decided) => look.send(world, policy, decided, engine),
            Err(failure) => {
                self.failure = Some(failure);
                engine.stop();
                false
            }
        }
    }

    /// A decision takes effect that took a while; says whether a pool was resized.
    pub(crate) fn resize<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        policy: usize,
        engine: &Engine<Event>,
    ) -> bool {
        let Some(resize) = self.policies[policy].actuation.arrive() else {
            return false;
        };
        let rows = world.pools.carry_out(policy, resize, engine.now());
        carried_out(world, rows)
    }
}

impl Look {
    /// What the policy is shown: the newest observation that is old enough, if there is one, at the moment of now.
    fn shown<'o>(&mut self, present: &'o Observation) -> Option<Cow<'o, Observation>> {
        if self.observation_delay == SimDuration::ZERO {
            return Some(Cow::Borrowed(present));
        }
        let newest = present.time - self.observation_delay;
        self.past.push_back(present.clone());
        while self.past.get(1).is_some_and(|next| next.time <= newest) {
            self.past.pop_front();
        }
        let shown = self.past.front().filter(|shown| shown.time <= newest)?;
        Some(Cow::Owned(Observation {
            time: present.time,
            pools: shown.pools.clone(),
        }))
    }

    /// Sends decisions on their way, on which they may be lost; says whether a pool was resized at once.
    fn send<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        policy: usize,
        decided: Vec<Admitted>,
        engine: &mut Engine<Event>,
    ) -> bool {
        let now = engine.now();
        let mut acted = false;
        for resize in decided {
            let name = world.pools.name(resize.pool);
            if self.actuation.loses(name, now) {
                let kept = world.pools.slots(resize.pool).unwrap_or(resize.from);
                let row = ResizeRecord {
                    at: now,
                    pool: resize.pool,
                    from: kept,
                    to: kept,
                    reason: format!("{}; lost on its way to {}", resize.reason, resize.slots),
                };
                carried_out(world, vec![row]);
                continue;
            }
            world.pools.decided(policy, now, &resize);
            match self.actuation.send(resize, now) {
                Ok(moment) => {
                    engine.schedule(moment, Event::Resize(policy));
                }
                Err(resize) => {
                    let rows = world.pools.carry_out(policy, resize, now);
                    acted |= carried_out(world, rows);
                }
            }
        }
        acted
    }
}

/// Writes the rows of what was done to pools, or noticed; says whether one was resized.
fn carried_out<R: Recorder>(world: &mut World<R>, rows: Vec<ResizeRecord>) -> bool {
    let mut acted = false;
    for row in rows {
        let pool = row.pool;
        let is_resized = row.from != row.to;
        world.recorder.resize(row);
        if is_resized {
            world.mark_unserved(pool);
            world.pool_changed(pool);
            acted = true;
        }
    }
    acted
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
        let instance = self.instance(id);
        let present = self.rows.instances.present_try(id);
        let task = &self.plan.tasks[instance.task.index()];
        let since = &mut self.since_look[task.pool.index()];
        match next {
            S::Scheduled => since.arrived += u64::from(task.pool_slots),
            S::Queued => since.waits.add(now - present.scheduled_at),
            _ => {}
        }
        if before == S::Running {
            since.services.add(now - present.started_at);
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
