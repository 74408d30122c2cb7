//! Pools whose size follows a policy: tell the load, get the slots.
//!
//! It works on whatever holds pools: the simulation, a pools file, later a running Airflow.

use super::pool_manager::PoolManager;
use super::{PoolError, PoolStatus, Pools};
use crate::ids::PoolId;
use crate::policy::{Admitted, Guard, GuardSpec, Observation, PoolLoad, SizingPolicy, whole_slots};
use crate::trace::ResizeRecord;
use std::ops::{Deref, DerefMut};

/// Pools with sizing policies attached to some of them.
///
/// ```
/// use slotwise::airflow::{DynamicPoolManager, PoolManager, Pools};
/// use slotwise::policy::{GuardSpec, PoolLoad, TargetUtilisation};
///
/// let mut pools = PoolManager::default();
/// pools.create_pool("database", 8, "Warehouse connections")?;
///
/// let mut pools = DynamicPoolManager::new(pools);
/// let guard = GuardSpec { max: Some(16), ..GuardSpec::default() };
/// pools.attach(&["database"], TargetUtilisation::new(0.7).policy(), guard)?;
///
/// // 8 × 0.93 / 0.7 is 10.6: the pool grows to 11 slots.
/// assert_eq!(pools.adjust_pool_size("database", &PoolLoad::of(0.93))?, 11);
/// // Half as many, rounded down.
/// assert_eq!(pools.scale_pool("database", 0.5)?, 5);
/// # Ok::<(), slotwise::airflow::DynamicPoolError>(())
/// ```
pub struct DynamicPoolManager<P> {
    pools: P,
    governors: Vec<Governor>,
}

/// A policy, its guard, and the pools that they size.
struct Governor {
    pools: Vec<(String, PoolId)>,
    policy: Box<dyn SizingPolicy>,
    guard: Guard,
}

/// Why a pool's size cannot be changed as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DynamicPoolError {
    /// The pools refuse.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// Two policies would undo each other's work.
    #[error("pool `{0}` has a policy already")]
    HasPolicy(String),
    /// Nobody has said how the pool is sized.
    #[error("pool `{0}` has no policy")]
    NoPolicy(String),
    /// There is nothing to multiply.
    #[error("pool `{0}` is unlimited and cannot be scaled")]
    Unlimited(String),
    /// A size is not negative.
    #[error("pool `{name}` cannot be scaled by {factor}: a factor is a number from 0 up")]
    BadFactor {
        /// The pool.
        name: String,
        /// The factor asked for.
        factor: f64,
    },
}

/// It is still a pool manager: whatever can be asked of its pools can be asked of it.
impl<P> Deref for DynamicPoolManager<P> {
    type Target = P;

    #[inline]
    fn deref(&self) -> &P {
        &self.pools
    }
}

impl<P> DerefMut for DynamicPoolManager<P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut P {
        &mut self.pools
    }
}

impl<P: Pools> DynamicPoolManager<P> {
    /// These pools, none with a policy yet.
    pub fn new(pools: P) -> Self {
        Self {
            pools,
            governors: Vec::new(),
        }
    }

    /// Lets a policy size some pools within bounds. Returns its number, counted from 0.
    ///
    /// # Errors
    /// A pool does not exist or has a policy already.
    pub fn attach(
        &mut self,
        names: &[&str],
        policy: Box<dyn SizingPolicy>,
        guard: GuardSpec,
    ) -> Result<usize, DynamicPoolError> {
        let mut pools = Vec::with_capacity(names.len());
        for &name in names {
            if self.governor(name).is_some() {
                return Err(DynamicPoolError::HasPolicy(name.into()));
            }
            let not_found = || PoolError::NotFound(name.into());
            pools.push((name.into(), self.pools.id_of(name).ok_or_else(not_found)?));
        }
        let guard = Guard::new(guard);
        self.governors.push(Governor {
            pools,
            policy,
            guard,
        });
        Ok(self.governors.len() - 1)
    }

    /// Tells a pool's policy the load and returns the slots that the pool has afterwards. The simple case needs only
    /// one figure, [`PoolLoad::of`]; the pool's present size is looked up, and a cool-down counts `load.time`.
    ///
    /// # Errors
    /// The pool does not exist, has no policy, or refuses the new size.
    pub fn adjust_pool_size(
        &mut self,
        name: &str,
        load: &PoolLoad,
    ) -> Result<i64, DynamicPoolError> {
        let PoolStatus {
            slots,
            include_deferred,
            ..
        } = self.pools.get_pool_status(name)?;
        let at = self
            .governor(name)
            .ok_or_else(|| DynamicPoolError::NoPolicy(name.into()))?;
        let governor = &mut self.governors[at];
        let load = PoolLoad {
            slots,
            include_deferred,
            ..*load
        };
        let seen = governor.look(name, &load);
        let resize = governor.decide(&seen).pop();
        let resized = resize.map_or(slots, |resize| resize.to);
        if resized != slots {
            self.pools.resize_pool(name, resized)?;
        }
        Ok(resized)
    }

    /// Multiplies the slots of a pool and returns the result: rounded down, within the bounds of the pool's guard if
    /// it has a policy, and never below 1 unless the factor is 0. A cool-down does not hold back a person.
    ///
    /// # Errors
    /// The pool does not exist, is unlimited, or refuses the new size; the factor is negative or not a number.
    pub fn scale_pool(&mut self, name: &str, factor: f64) -> Result<i64, DynamicPoolError> {
        let slots = self.pools.get_pool_status(name)?.slots;
        if slots == -1 {
            return Err(DynamicPoolError::Unlimited(name.into()));
        }
        if !(factor.is_finite() && factor >= 0.0) {
            let name = name.into();
            return Err(DynamicPoolError::BadFactor { name, factor });
        }
        let fewest = i64::from(factor > 0.0);
        let scaled = whole_slots(slots as f64 * factor, f64::floor).max(fewest);
        let bounded = self
            .governor(name)
            .map_or(scaled, |at| self.governors[at].guard.spec().bound(scaled));
        self.pools.resize_pool(name, bounded)?;
        Ok(bounded)
    }

    /// The pools, to read and to change by other means.
    pub fn pools(&mut self) -> &mut P {
        &mut self.pools
    }

    fn governor(&self, name: &str) -> Option<usize> {
        self.governors
            .iter()
            .position(|governor| governor.pools.iter().any(|(known, _)| known == name))
    }
}

impl DynamicPoolManager<PoolManager> {
    /// Shows the simulated pools to the policy of that number, resizes them as it decides and its guard admits, and
    /// says what has changed. Pools that are deleted stay so.
    pub fn observe(&mut self, policy: usize, seen: &Observation) -> Vec<ResizeRecord> {
        let mut resizes = self.governors[policy].decide(seen);
        resizes.retain(|resize| self.pools.resize(resize.pool, resize.to).is_some());
        resizes
    }
}

impl Governor {
    /// The observation of one pool.
    fn look(&self, name: &str, load: &PoolLoad) -> Observation {
        let known = self.pools.iter().filter(|(known, _)| known == name);
        Observation {
            time: load.time,
            pools: known.map(|&(_, pool)| (pool, *load)).collect(),
        }
    }

    /// What the policy wants and the guard admits. Wishes about pools that were not shown are dropped.
    fn decide(&mut self, seen: &Observation) -> Vec<ResizeRecord> {
        let wishes = self.policy.decide(seen);
        let admitted = self.guard.admit(seen, &wishes).into_iter();
        let record = |admitted: Admitted| ResizeRecord {
            at: seen.time,
            pool: admitted.pool,
            from: admitted.from,
            to: admitted.slots,
            reason: admitted.reason,
        };
        admitted.map(record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::TaskInstanceState as State;
    use crate::policy::TargetUtilisation;
    use crate::time::{SimDuration, SimTime};

    fn database(slots: i64) -> DynamicPoolManager<PoolManager> {
        let mut pools = PoolManager::default();
        pools.create_pool("database", slots, "").unwrap();
        DynamicPoolManager::new(pools)
    }

    fn governed(slots: i64) -> DynamicPoolManager<PoolManager> {
        let mut pools = database(slots);
        let guard = GuardSpec {
            min: 4,
            max: Some(16),
            cool_down: SimDuration::from_seconds(300),
            ..GuardSpec::default()
        };
        let policy = TargetUtilisation::new(0.8).policy();
        assert_eq!(pools.attach(&["database"], policy, guard), Ok(0));
        pools
    }

    #[test]
    fn scaling_rounds_down_and_keeps_one_slot() {
        assert_eq!(database(5).scale_pool("database", 1.5), Ok(7));
        assert_eq!(database(100).scale_pool("database", 0.29), Ok(29));
        assert_eq!(database(5).scale_pool("database", 0.1), Ok(1));
        assert_eq!(database(5).scale_pool("database", 0.0), Ok(0));
        assert_eq!(governed(5).scale_pool("database", 0.0), Ok(4));
        assert_eq!(governed(5).scale_pool("database", 9.0), Ok(16));
    }

    #[test]
    fn scaling_refuses_what_has_no_meaning() {
        let refused = |slots, factor| {
            let error = database(slots).scale_pool("database", factor).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            refused(-1, 2.0),
            "pool `database` is unlimited and cannot be scaled"
        );
        assert!(refused(5, -0.5).ends_with("a factor is a number from 0 up"));
        assert!(refused(5, f64::NAN).contains("by NaN"));
        assert!(refused(5, 1e300).contains("the most are 2147483647"));
    }

    #[test]
    fn one_figure_is_enough_and_the_guard_holds() {
        let mut pools = governed(8);
        assert_eq!(
            pools.adjust_pool_size("database", &PoolLoad::of(0.8)),
            Ok(8)
        );
        assert_eq!(
            pools.adjust_pool_size("database", &PoolLoad::of(9.0)),
            Ok(16)
        );
        let at = |second| PoolLoad {
            time: SimTime::default() + SimDuration::from_seconds(second),
            ..PoolLoad::of(0.4)
        };
        assert_eq!(pools.adjust_pool_size("database", &at(299)), Ok(16));
        assert_eq!(pools.adjust_pool_size("database", &at(300)), Ok(8));
        assert_eq!(pools.pools().get_pool_status("database").unwrap().slots, 8);
    }

    #[test]
    fn every_pool_has_at_most_one_policy() {
        let mut pools = governed(8);
        let again = pools.attach(
            &["database"],
            TargetUtilisation::new(0.8).policy(),
            GuardSpec::default(),
        );
        assert_eq!(again, Err(DynamicPoolError::HasPolicy("database".into())));
        let mut pools = database(8);
        let alone = pools.adjust_pool_size("database", &PoolLoad::of(1.0));
        assert_eq!(alone, Err(DynamicPoolError::NoPolicy("database".into())));
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
        let resizes = pools.observe(0, &seen);
        assert_eq!((resizes[0].from, resizes[0].to), (8, 12));
        assert_eq!(resizes[0].reason, "utilisation 1.12, target 0.80");
        assert_eq!(pools.pools().total(id), 12);

        pools.pools().delete_pool("database").unwrap();
        let later = Observation {
            time: load.time + SimDuration::from_seconds(600),
            ..seen
        };
        assert_eq!(pools.observe(0, &later), []);
        assert_eq!(pools.pools().load(id, later.time), None);
    }
}
