//! Pools whose size follows a policy: tell the load, get the slots.
//!
//! It works on whatever holds pools: the simulation, a pools file, later a running Airflow.

use super::governor::Governor;
use super::{PoolError, PoolStatus, Pools};
use crate::ids::PoolId;
use crate::policy::{GuardSpec, Observation, PolicyFailure, PoolLoad, SizingPolicy, whole_slots};
use crate::time::SimTime;
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
    pub(super) pools: P,
    pub(super) governors: Vec<Governor>,
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
    /// A policy could not decide.
    #[error("policy `{}` cannot size pool `{pool}` at {at}: {failure}{}", failure.policy, place_of(failure))]
    Policy {
        /// The pool that it looked at.
        pool: String,
        /// The moment of the look.
        at: SimTime,
        /// What went wrong.
        failure: Box<PolicyFailure>,
    },
}

fn place_of(failure: &PolicyFailure) -> String {
    let place = failure.place.as_ref();
    place.map_or_else(String::new, |place| format!(" ({place})"))
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
    /// A pool does not exist, or has a policy already: two would undo each other's work.
    pub fn attach(
        &mut self,
        names: &[&str],
        policy: Box<dyn SizingPolicy>,
        guard: GuardSpec,
    ) -> Result<usize, DynamicPoolError> {
        let mut pools: Vec<(String, PoolId)> = Vec::with_capacity(names.len());
        for &name in names {
            let is_named_twice = pools.iter().any(|(known, _)| known == name);
            if is_named_twice || self.governor(name).is_some() {
                return Err(DynamicPoolError::HasPolicy(name.into()));
            }
            let not_found = || PoolError::NotFound(name.into());
            pools.push((name.into(), self.pools.id_of(name).ok_or_else(not_found)?));
        }
        self.governors.push(Governor::new(pools, policy, guard));
        Ok(self.governors.len() - 1)
    }

    /// Tells a pool's policy the load and returns the slots that the pool has afterwards. The simple case needs only
    /// one figure, [`PoolLoad::of`]; the pool's present size is looked up, and a cool-down counts `load.time`. A policy
    /// that finds its pool resized by other means does as `on_manual_change` of its guard says.
    ///
    /// # Errors
    /// The pool does not exist, has no policy, or refuses the new size; the policy fails.
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
        let no_policy = || DynamicPoolError::NoPolicy(name.into());
        let at = self.governor(name).ok_or_else(no_policy)?;
        let governor = &mut self.governors[at];
        let pool = governor.id_of(name).ok_or_else(no_policy)?;
        let load = PoolLoad {
            slots,
            include_deferred,
            ..*load
        };
        let seen = Observation {
            time: load.time,
            pools: vec![(pool, load)],
        };
        governor.notice(pool, Some(&load));
        let Some(resize) = governor.decide(&seen, &seen)?.pop() else {
            return Ok(slots);
        };
        self.pools.resize_pool(name, resize.slots)?;
        governor.guard.decided(load.time, &resize);
        governor.guard.took_effect(pool, resize.slots);
        Ok(resize.slots)
    }

    /// Whether a pool's policy still sizes it: not once it has stood down because somebody else resized the pool.
    pub fn is_governed(&self, name: &str) -> bool {
        let mut governors = self.governors.iter();
        governors.any(|governor| {
            let pool = governor.id_of(name);
            pool.is_some_and(|pool| governor.guard.is_in_charge(pool))
        })
    }

    /// Multiplies the slots of a pool and returns the result: rounded down, within the bounds of the pool's guard if
    /// it has a policy, and never below 1 unless the factor is 0. A cool-down does not hold back a person, and the policy
    /// goes on from the new size.
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
        if let Some(at) = self.governor(name)
            && let Some(pool) = self.governors[at].id_of(name)
        {
            self.governors[at].guard.took_effect(pool, bounded);
        }
        Ok(bounded)
    }

    /// The pools, to read and to change by other means.
    pub fn pools(&mut self) -> &mut P {
        &mut self.pools
    }

    fn governor(&self, name: &str) -> Option<usize> {
        self.governors
            .iter()
            .position(|governor| governor.id_of(name).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::pools::pool_manager::PoolManager;
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
    fn the_worked_example_of_scaling_holds() {
        let cases = include_str!("../../../tests/data/policies/examples.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).unwrap();
        let mut cases = cases.iter();
        let case = cases.find(|case| case["id"] == "seed-scale-pool").unwrap();
        let (slots, factor) = (&case["inputs"]["slots"], &case["inputs"]["factor"]);
        let mut pools = database(slots.as_i64().unwrap());
        let scaled = pools.scale_pool("database", factor.as_f64().unwrap());
        assert_eq!(
            scaled.ok(),
            case["expected"]["floor"].as_i64(),
            "rounded down"
        );
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
}
