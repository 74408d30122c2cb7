//! Of several rules the one counts that asks for most.
//!
//! A rule that asks for nothing asks for what there is, so that a pool shrinks only when all rules agree.
//! Source: Kubernetes documentation, "Horizontal Pod Autoscaling", scaling on multiple metrics; Application Auto Scaling API
//! reference, `PutScalingPolicy`.

use super::{Observation, PolicyFailure, PolicySpec, PoolResize, SizingPolicy};

/// Sizes a pool as the most demanding of several rules says.
#[derive(Clone, Debug, PartialEq)]
pub struct Largest {
    /// The rules.
    pub of: Vec<PolicySpec>,
}

impl Largest {
    /// A policy of these rules that has seen nothing yet.
    pub fn policy(&self) -> Box<dyn SizingPolicy> {
        Box::new(AtWork(self.of.iter().map(PolicySpec::build).collect()))
    }
}

struct AtWork(Vec<Box<dyn SizingPolicy>>);

impl SizingPolicy for AtWork {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let all: Vec<Vec<PoolResize>> = self.0.iter_mut().map(|rule| rule.decide(seen)).collect();
        let largest = |&(pool, load): &(_, super::PoolLoad)| {
            let of_pool = |wishes: &Vec<PoolResize>| {
                let mut wishes = wishes.iter();
                wishes.find(|wish| wish.pool == pool).cloned()
            };
            let wishes = all.iter().filter_map(of_pool);
            // Of equal wishes the first has the word.
            let wish =
                wishes.reduce(|most, one| if one.slots > most.slots { one } else { most })?;
            let all_wish = all.iter().all(|wishes| of_pool(wishes).is_some());
            (all_wish || wish.slots > load.coming() as f64).then_some(wish)
        };
        seen.pools.iter().filter_map(largest).collect()
    }

    fn failure(&mut self) -> Option<PolicyFailure> {
        self.0.iter_mut().find_map(|rule| rule.failure())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;
    use crate::policy::{Fixed, PoolLoad, TargetUtilisation};

    fn wish(slots: i64, fixed: u32, utilisation: f64) -> Option<f64> {
        let rules = Largest {
            of: vec![
                PolicySpec::Fixed(Fixed { slots: fixed }),
                PolicySpec::TargetUtilisation(TargetUtilisation::new(0.5)),
            ],
        };
        let load = PoolLoad {
            slots,
            ..PoolLoad::of(utilisation)
        };
        let seen = Observation {
            time: load.time,
            pools: vec![(PoolId::new(0), load)],
        };
        let mut wishes = rules.policy().decide(&seen);
        wishes.pop().map(|wish| wish.slots)
    }

    #[test]
    fn the_most_demanding_rule_decides() {
        assert_eq!(wish(10, 4, 1.0), Some(20.0));
        assert_eq!(wish(10, 25, 1.0), Some(25.0));
        assert_eq!(wish(10, 4, 0.2), Some(4.0), "both would shrink it");
        assert_eq!(wish(10, 4, 0.5), None, "one would keep it");
    }
}
