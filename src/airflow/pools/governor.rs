//! A policy at its pools, with the guard before it.

use super::dynamic_pool_manager::DynamicPoolError;
use crate::ids::PoolId;
use crate::policy::{
    Admitted, Guard, GuardSpec, Notice, Observation, PolicyFailure, PoolLoad, SizingPolicy,
};

/// A policy, its guard, and the pools that they size.
pub(super) struct Governor {
    pub(super) pools: Vec<(String, PoolId)>,
    policy: Box<dyn SizingPolicy>,
    pub(super) guard: Guard,
}

impl Governor {
    pub(super) fn new(
        pools: Vec<(String, PoolId)>,
        policy: Box<dyn SizingPolicy>,
        guard: GuardSpec,
    ) -> Self {
        Self {
            pools,
            policy,
            guard: Guard::new(guard),
        }
    }

    pub(super) fn id_of(&self, name: &str) -> Option<PoolId> {
        let known = self.pools.iter().find(|(known, _)| known == name);
        known.map(|&(_, pool)| pool)
    }

    /// What the policy wants after it was shown some loads, and the guard admits of the pools as they are. Wishes about
    /// pools that are not there, or not in its charge, are dropped.
    pub(super) fn decide(
        &mut self,
        shown: &Observation,
        present: &Observation,
    ) -> Result<Vec<Admitted>, DynamicPoolError> {
        let wishes = self.policy.decide(shown);
        match self.policy.failure() {
            None => Ok(self.guard.admit(present, &wishes)),
            Some(failure) => Err(self.cannot_decide(present, failure)),
        }
    }

    fn cannot_decide(&self, present: &Observation, failure: PolicyFailure) -> DynamicPoolError {
        let mut pools = self.pools.iter();
        let pool = pools.find(|&&(_, pool)| pool == failure.pool);
        DynamicPoolError::Policy {
            pool: pool.map_or_else(String::new, |(name, _)| name.clone()),
            at: present.time,
            failure: Box::new(failure),
        }
    }

    /// What somebody else has done to the pool that is observed, if it is news.
    pub(super) fn notice(&mut self, pool: PoolId, load: Option<&PoolLoad>) -> Option<Notice> {
        self.guard.notice(pool, load.map(|load| load.slots))
    }
}
