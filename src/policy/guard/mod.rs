//! The guard: what every policy's wish passes before it becomes a pool's size.
//!
//! Rounding, stabilisation, step limits, bounds, cool-down, the budget, the reason and the respect for what people do live
//! here once and in no policy, so that a policy stays a formula and the same rules hold in a simulation and before a running
//! Airflow.

mod budget;
mod charge;
mod spec;
mod stabilisation;
mod step_limit;

pub use charge::{ManualChange, Notice};
pub use spec::GuardSpec;
pub use stabilisation::Stabilisation;
pub use step_limit::StepLimit;

use std::collections::BTreeMap;

use super::{Observation, PoolLoad, PoolResize};
use crate::ids::PoolId;
use crate::time::SimTime;
use charge::Charge;
use stabilisation::Asked;
use step_limit::Change;

/// How far above a whole number a wish may lie and still mean it: 21 / 0.7 is 30, not 30.000000000000004.
const ROUNDING_NOISE: f64 = 1e-9;

/// Keeps the decisions of one policy within its bounds.
#[derive(Clone, Debug)]
pub struct Guard {
    spec: GuardSpec,
    pools: BTreeMap<PoolId, History>,
}

/// What is remembered of a pool.
#[derive(Clone, Debug, Default)]
struct History {
    charge: Charge,
    last_resize: Option<SimTime>,
    asked: Asked,
    /// The changes that may still count for a step limit.
    made: Vec<Change>,
}

/// A resize that the guard lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The pool.
    pub pool: PoolId,
    /// Its size until now, or the one that is decided already.
    pub from: i64,
    /// The size from then on.
    pub slots: i64,
    /// The policy's reason, and the bound if one was met.
    pub reason: String,
}

impl Guard {
    /// A guard that has let nothing pass yet.
    pub fn new(spec: GuardSpec) -> Self {
        Self {
            spec,
            pools: BTreeMap::new(),
        }
    }

    /// The bounds.
    pub fn spec(&self) -> &GuardSpec {
        &self.spec
    }

    /// What becomes of the wishes after a look: each is rounded up (a part of a slot needs a whole one), stabilised, limited
    /// in its step and bounded; what is left of the growth of all pools is cut to the budget. A wish is dropped if it
    /// changes nothing, comes within the cool-down of the pool's last resize, is no number, or is about a pool that was
    /// not seen or is not in the policy's charge. An unlimited pool, and one closed by a negative size, is never resized.
    ///
    /// `seen` are the pools as they are, which need not be what the policy was shown. What has been decided and is still to
    /// take effect counts as if it had.
    pub fn admit(&mut self, seen: &Observation, wishes: &[PoolResize]) -> Vec<Admitted> {
        let mut admitted: Vec<Admitted> = Vec::new();
        for (pool, load) in &seen.pools {
            let wish = wishes.iter().find(|wish| wish.pool == *pool);
            admitted.extend(self.admit_one(seen.time, *pool, load, wish));
        }
        if let Some(budget) = self.spec.budget {
            keep_budget(budget, seen, &mut admitted);
        }
        admitted.retain(|resize| resize.slots != resize.from);
        admitted
    }

    /// Notes that a resize is on its way: from now on it counts for the cool-down and the step limits.
    pub fn decided(&mut self, now: SimTime, resize: &Admitted) {
        let history = self.pools.entry(resize.pool).or_default();
        history.last_resize = Some(now);
        let longest = self.spec.step_up.per.max(self.spec.step_down.per);
        let oldest = now - longest;
        history.made.retain(|change| change.at > oldest);
        history.made.push(Change {
            at: now,
            by: resize.slots - resize.from,
        });
    }

    /// Notes that a pool has this size by the policy's doing, or with its knowledge.
    pub fn took_effect(&mut self, pool: PoolId, slots: i64) {
        self.pools
            .entry(pool)
            .or_default()
            .charge
            .took_effect(slots);
    }

    /// Compares the size of a pool, or that there is none, with what the policy has left there; says, once, what somebody
    /// else has done, after which the policy may not be in charge any more.
    pub fn notice(&mut self, pool: PoolId, slots: Option<i64>) -> Option<Notice> {
        let charge = &mut self.pools.entry(pool).or_default().charge;
        let reason = charge.notice(slots, self.spec.on_manual_change)?;
        Some(Notice {
            pool,
            slots: slots.unwrap_or(0),
            reason,
        })
    }

    /// Whether the policy still sizes the pool: not once it has stood down, or the pool was deleted.
    pub fn is_in_charge(&self, pool: PoolId) -> bool {
        let history = self.pools.get(&pool);
        history.is_none_or(|history| !history.charge.is_given_up())
    }

    /// Notes what is asked for one pool, and says what may become of it now.
    fn admit_one(
        &mut self,
        now: SimTime,
        pool: PoolId,
        load: &PoolLoad,
        wish: Option<&PoolResize>,
    ) -> Option<Admitted> {
        let spec = self.spec;
        let current = load.coming();
        let history = self.pools.entry(pool).or_default();
        let wish = wish.filter(|wish| wish.slots.is_finite());
        // Who asks for nothing asks for what there is.
        let wanted = wish.map_or(current, |wish| whole_slots(wish.slots, f64::ceil));
        let stable = history
            .asked
            .stabilise(spec.stabilisation, now, current, wanted);
        let wish = wish?;
        let cools_down = history
            .last_resize
            .is_some_and(|last| now - last < spec.cool_down);
        if current < 0 || load.slots < 0 || cools_down || history.charge.is_given_up() {
            return None;
        }
        let step = if stable > current {
            spec.step_up.grow(now, current, stable, &history.made)
        } else {
            spec.step_down.shrink(now, current, stable, &history.made)
        };
        let slots = spec.bound(step);
        let mut reason = wish.reason.clone();
        if stable != wanted {
            reason += "; steadied";
        }
        if step != stable {
            reason += "; step limited";
        }
        match slots - step {
            0 => {}
            1.. => reason = format!("{reason}; at least {slots}"),
            _ => reason = format!("{reason}; at most {slots}"),
        }
        Some(Admitted {
            pool,
            from: current,
            slots,
            reason,
        })
    }
}

/// Cuts growth to what a budget leaves.
fn keep_budget(budget: u32, seen: &Observation, admitted: &mut [Admitted]) {
    let limited = seen.pools.iter().filter(|(_, load)| load.slots > 0);
    let mut sizes: Vec<(i64, i64)> = admitted
        .iter()
        .map(|resize| (resize.from, resize.slots))
        .collect();
    // Pools that stay as they are have their part of it, too.
    let others = limited.filter(|(pool, _)| admitted.iter().all(|resize| resize.pool != *pool));
    sizes.extend(others.map(|(_, load)| (load.coming(), load.coming())));
    budget::share(budget, &mut sizes);
    for (resize, (_, slots)) in admitted.iter_mut().zip(sizes) {
        if resize.slots != slots {
            resize.slots = slots;
            resize.reason = format!("{}; {budget} slots in all", resize.reason);
        }
    }
}

/// A computed number of slots made whole by `round` (`f64::ceil` or `f64::floor`), blind to an error of 10⁻⁹ that
/// floating point may have left.
pub fn whole_slots(slots: f64, round: fn(f64) -> f64) -> i64 {
    let nearest = slots.round();
    if (slots - nearest).abs() <= ROUNDING_NOISE {
        nearest as i64
    } else {
        round(slots) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    const SPEC: GuardSpec = GuardSpec {
        min: 2,
        max: Some(10),
        cool_down: SimDuration::from_seconds(60),
        stabilisation: Stabilisation {
            up: SimDuration::ZERO,
            down: SimDuration::ZERO,
        },
        step_up: StepLimit {
            slots: None,
            percent: None,
            per: SimDuration::ZERO,
        },
        step_down: StepLimit {
            slots: None,
            percent: None,
            per: SimDuration::ZERO,
        },
        budget: None,
        on_manual_change: ManualChange::StandDown,
        observation_delay: SimDuration::ZERO,
        actuation_delay: SimDuration::ZERO,
        loss: 0.0,
    };

    fn wish(pool: usize, slots: f64) -> PoolResize {
        PoolResize {
            pool: PoolId::new(pool),
            slots,
            reason: "because".into(),
        }
    }

    fn at(second: i64) -> SimTime {
        SimTime::from_micros(second * 1_000_000)
    }

    fn seen(second: i64, sizes: &[i64]) -> Observation {
        let load = |&slots: &i64| PoolLoad {
            slots,
            ..PoolLoad::default()
        };
        let pools = sizes.iter().map(load).enumerate();
        Observation {
            time: at(second),
            pools: pools
                .map(|(pool, load)| (PoolId::new(pool), load))
                .collect(),
        }
    }

    /// What is admitted and carried out.
    fn made(guard: &mut Guard, seen: &Observation, wishes: &[PoolResize]) -> Vec<Admitted> {
        let admitted = guard.admit(seen, wishes);
        for resize in &admitted {
            guard.decided(seen.time, resize);
        }
        admitted
    }

    fn admitted(current: i64, slots: f64) -> Option<(i64, String)> {
        let mut admitted = Guard::new(SPEC).admit(&seen(0, &[current]), &[wish(0, slots)]);
        admitted
            .pop()
            .map(|admitted| (admitted.slots, admitted.reason))
    }

    #[test]
    fn wishes_are_rounded_up_and_bounded() {
        assert_eq!(admitted(5, 6.1), Some((7, "because".into())));
        assert_eq!(admitted(5, 21.0 / 7.0 + 4e-16), Some((3, "because".into())));
        assert_eq!(admitted(5, 99.0), Some((10, "because; at most 10".into())));
        assert_eq!(admitted(5, 0.0), Some((2, "because; at least 2".into())));
    }

    #[test]
    fn what_changes_nothing_or_means_nothing_is_dropped() {
        assert_eq!(admitted(7, 6.1), None);
        assert_eq!(admitted(10, 99.0), None);
        assert_eq!(admitted(5, f64::NAN), None);
        assert_eq!(admitted(5, f64::INFINITY), None);
    }

    #[test]
    fn unlimited_pools_are_left_alone_and_closed_ones_opened() {
        assert_eq!(admitted(-1, 5.0), None);
        assert_eq!(admitted(-7, 5.0), None);
        assert_eq!(admitted(0, 5.0), Some((5, "because".into())));
    }

    #[test]
    fn the_cool_down_counts_from_the_last_resize_of_the_pool() {
        let mut guard = Guard::new(SPEC);
        let mut resized = |second, sizes: &[i64], wishes: &[PoolResize]| {
            made(&mut guard, &seen(second, sizes), wishes).len()
        };
        assert_eq!(resized(0, &[5, 5], &[wish(0, 6.0)]), 1);
        assert_eq!(resized(59, &[6, 5], &[wish(0, 7.0), wish(1, 7.0)]), 1);
        assert_eq!(resized(60, &[6, 7], &[wish(0, 6.0)]), 0);
        assert_eq!(resized(61, &[6, 7], &[wish(0, 7.0)]), 1);
    }

    #[test]
    fn steps_are_steadied_then_limited_and_told() {
        let mut guard = Guard::new(GuardSpec {
            max: Some(100),
            cool_down: SimDuration::ZERO,
            stabilisation: Stabilisation {
                up: SimDuration::ZERO,
                down: SimDuration::from_seconds(300),
            },
            step_up: StepLimit {
                slots: Some(4),
                percent: None,
                per: SimDuration::from_seconds(60),
            },
            ..SPEC
        });
        let mut told = |second, current, wished: Option<f64>| {
            let wishes: Vec<_> = wished.map(|slots| wish(0, slots)).into_iter().collect();
            let resize = made(&mut guard, &seen(second, &[current]), &wishes).pop();
            resize.map(|resize| (resize.slots, resize.reason))
        };
        assert_eq!(
            told(0, 10, Some(30.0)),
            Some((14, "because; step limited".into()))
        );
        assert_eq!(told(60, 14, None), None);
        assert_eq!(
            told(120, 14, Some(5.0)),
            None,
            "30 were asked for, and 14 held"
        );
        assert_eq!(
            told(340, 14, Some(5.0)),
            None,
            "nobody asked for less at 60"
        );
        assert_eq!(told(361, 14, Some(6.0)), Some((6, "because".into())));
    }

    #[test]
    fn a_budget_moves_slots_and_cuts_growth() {
        let mut guard = Guard::new(GuardSpec {
            max: None,
            budget: Some(20),
            cool_down: SimDuration::ZERO,
            ..SPEC
        });
        let mut sizes = |sizes: &[i64], wishes: &[PoolResize]| -> Vec<(i64, String)> {
            let admitted = made(&mut guard, &seen(0, sizes), wishes).into_iter();
            admitted
                .map(|resize| (resize.slots, resize.reason))
                .collect()
        };
        let cut = || "because; 20 slots in all".to_owned();
        assert_eq!(
            sizes(&[10, 10], &[wish(0, 4.0), wish(1, 30.0)]),
            [(4, "because".into()), (16, cut())]
        );
        assert_eq!(sizes(&[10, 8], &[wish(1, 30.0)]), [(10, cut())]);
        assert_eq!(sizes(&[10, 10], &[wish(1, 30.0)]), []);
    }
}
