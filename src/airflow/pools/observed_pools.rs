//! Simulated pools under policies: what is noticed, decided and carried out at a look, each as rows.

use super::dynamic_pool_manager::{DynamicPoolError, DynamicPoolManager};
use super::pool_manager::PoolManager;
use crate::policy::{Admitted, Notice, Observation};
use crate::time::SimTime;
use crate::trace::ResizeRecord;

impl DynamicPoolManager<PoolManager> {
    /// Shows the simulated pools to the policy of that number, resizes them as it decides and its guard admits, and
    /// says what has changed, or what its policy has noticed. Pools that are deleted stay so.
    ///
    /// # Errors
    /// The policy fails.
    pub fn observe(
        &mut self,
        policy: usize,
        seen: &Observation,
    ) -> Result<Vec<ResizeRecord>, DynamicPoolError> {
        let mut rows = self.notices(policy, seen.time);
        for resize in self.decide(policy, seen, seen)? {
            self.decided(policy, seen.time, &resize);
            rows.extend(self.carry_out(policy, resize, seen.time));
        }
        Ok(rows)
    }

    /// What somebody else has done to the pools of a policy since it last noticed, as rows that change nothing.
    pub(crate) fn notices(&mut self, policy: usize, now: SimTime) -> Vec<ResizeRecord> {
        let Self { pools, governors } = self;
        let governor = &mut governors[policy];
        let ids = governor.pools.iter().map(|&(_, pool)| pool);
        let guard = &mut governor.guard;
        let notices = ids.filter_map(|pool| guard.notice(pool, pools.slots(pool)));
        notices.map(|notice| row_of(notice, now)).collect()
    }

    /// What the policy of that number wants after it was shown some loads, and the guard admits of the pools as they are.
    pub(crate) fn decide(
        &mut self,
        policy: usize,
        shown: &Observation,
        present: &Observation,
    ) -> Result<Vec<Admitted>, DynamicPoolError> {
        self.governors[policy].decide(shown, present)
    }

    /// Notes that a resize is on its way.
    pub(crate) fn decided(&mut self, policy: usize, now: SimTime, resize: &Admitted) {
        self.governors[policy].guard.decided(now, resize);
    }

    /// Carries a resize out, unless the policy is not in charge of the pool any more; what there is to be said of it.
    pub(crate) fn carry_out(
        &mut self,
        policy: usize,
        resize: Admitted,
        now: SimTime,
    ) -> Vec<ResizeRecord> {
        let guard = &mut self.governors[policy].guard;
        let (pool, present) = (resize.pool, self.pools.slots(resize.pool));
        let notice = guard.notice(pool, present);
        let mut rows: Vec<_> = notice
            .map(|notice| row_of(notice, now))
            .into_iter()
            .collect();
        if guard.is_in_charge(pool)
            && let Some(from) = self.pools.resize(pool, resize.slots)
        {
            guard.took_effect(pool, resize.slots);
            rows.push(ResizeRecord {
                at: now,
                pool,
                from,
                to: resize.slots,
                reason: resize.reason,
            });
        }
        rows
    }
}

fn row_of(notice: Notice, at: SimTime) -> ResizeRecord {
    ResizeRecord {
        at,
        pool: notice.pool,
        from: notice.slots,
        to: notice.slots,
        reason: notice.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::pools::Pools;
    use crate::deployment::TaskInstanceState as State;
    use crate::policy::{GuardSpec, TargetUtilisation};
    use crate::time::SimDuration;

    fn governed(slots: i64) -> DynamicPoolManager<PoolManager> {
        let mut pools = PoolManager::default();
        pools.create_pool("database", slots, "").unwrap();
        let mut pools = DynamicPoolManager::new(pools);
        let policy = TargetUtilisation::new(0.8).policy();
        let attached = pools.attach(&["database"], policy, GuardSpec::default());
        assert_eq!(attached, Ok(0));
        pools
    }

    #[test]
    fn the_simulation_is_told_what_changed_and_why() {
        let mut pools = governed(8);
        let id = pools.pools().id_of("database").unwrap();
        pools.pools().shift(id, State::None, State::Running, 8);
        pools.pools().shift(id, State::None, State::Scheduled, 1);
        let load = pools.pools().load(id, SimTime::default()).unwrap();
        let seen = Observation {
            time: load.time,
            pools: vec![(id, load)],
        };
        let resizes = pools.observe(0, &seen).unwrap();
        assert_eq!((resizes[0].from, resizes[0].to), (8, 12));
        assert_eq!(resizes[0].reason, "utilisation 1.12, target 0.80");
        assert_eq!(pools.pools().total(id), 12);

        pools.pools().delete_pool("database").unwrap();
        let later = Observation {
            time: load.time + SimDuration::from_seconds(600),
            ..seen
        };
        let rows = pools.observe(0, &later).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].from, rows[0].to), (0, 0));
        assert_eq!(rows[0].reason, "the pool was deleted: the policy stops");
        assert_eq!(pools.observe(0, &later), Ok(Vec::new()));
        assert_eq!(pools.pools().load(id, later.time), None);
    }
}
