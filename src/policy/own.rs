//! A policy of the user's own, as a Rust type: what makes one for each simulated run.

use std::fmt;
use std::sync::Arc;

use super::SizingPolicy;

/// Makes policies of the user's own: every replication gets one that has seen nothing yet.
#[derive(Clone)]
pub struct OwnPolicy {
    make: Arc<dyn Fn() -> Box<dyn SizingPolicy> + Send + Sync>,
}

impl OwnPolicy {
    /// Clones this policy, which has seen nothing yet, for each run.
    ///
    /// # Examples
    /// ```
    /// use slotwise::policy::{Observation, OwnPolicy, PolicySpec, PoolResize, SizingPolicy};
    ///
    /// /// As many slots as are asked for.
    /// #[derive(Clone)]
    /// struct Demand;
    ///
    /// impl SizingPolicy for Demand {
    ///     fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
    ///         let wish = |(pool, load): &(_, slotwise::policy::PoolLoad)| PoolResize {
    ///             pool: *pool,
    ///             slots: load.demand() as f64,
    ///             reason: "what is asked for".into(),
    ///         };
    ///         seen.pools.iter().map(wish).collect()
    ///     }
    /// }
    ///
    /// let size = PolicySpec::Own(OwnPolicy::new(Demand));
    /// assert!(size.build().decide(&Observation::default()).is_empty());
    /// ```
    pub fn new(policy: impl SizingPolicy + Clone + Sync + 'static) -> Self {
        Self {
            make: Arc::new(move || Box::new(policy.clone())),
        }
    }

    /// A policy that has seen nothing yet.
    pub fn policy(&self) -> Box<dyn SizingPolicy> {
        (self.make)()
    }
}

/// Two are the same if they are clones.
impl PartialEq for OwnPolicy {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.make, &other.make)
    }
}

impl fmt::Debug for OwnPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnPolicy").finish_non_exhaustive()
    }
}
