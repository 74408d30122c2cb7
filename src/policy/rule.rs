//! Rules that size each pool by itself, and the policy that such a rule makes.

use super::{Observation, PoolLoad, PoolResize, SizingPolicy};
use crate::ids::PoolId;

/// A rule for one pool: its parameters say how, its memory what it has seen of the pool.
pub(super) trait PoolRule: Clone + Send + 'static {
    /// What is remembered of a pool from look to look.
    type Memory: Default + Send;

    /// The size that it wants after a look, and why; none to leave the pool as it is.
    fn wish(&self, memory: &mut Self::Memory, load: &PoolLoad) -> Option<(f64, String)>;

    /// A policy of this rule that has seen nothing yet.
    fn at_work(&self) -> Box<dyn SizingPolicy> {
        Box::new(AtWork {
            rule: self.clone(),
            memories: Vec::new(),
        })
    }
}

/// A rule with what it remembers of each pool. A policy governs few pools, so a list is searched.
struct AtWork<R: PoolRule> {
    rule: R,
    memories: Vec<(PoolId, R::Memory)>,
}

impl<R: PoolRule> SizingPolicy for AtWork<R> {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let Self { rule, memories } = self;
        let wish = |(pool, load): &(PoolId, PoolLoad)| {
            let known = memories.iter().position(|(known, _)| known == pool);
            let at = known.unwrap_or_else(|| {
                memories.push((*pool, R::Memory::default()));
                memories.len() - 1
            });
            let (slots, reason) = rule.wish(&mut memories[at].1, load)?;
            Some(PoolResize {
                pool: *pool,
                slots,
                reason,
            })
        };
        seen.pools.iter().filter_map(wish).collect()
    }
}
