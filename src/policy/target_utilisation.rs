//! Keeps a pool's utilisation near a target, as the horizontal autoscaler of Kubernetes does for pods.
//!
//! ```text
//! desired = current × utilisation / target      (the guard rounds it up)
//! no action while |utilisation / target − 1| ≤ tolerance
//! ```
//!
//! Source: Kubernetes documentation, "Horizontal Pod Autoscaling", algorithm details.

use super::description::{
    Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription, SIGNALS,
};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad, Signal};

/// Sizes a pool so that the target share of its slots is in demand.
///
/// A load that is told directly ([`PoolLoad::told`]) goes before the counts. A pool of 0 slots has no utilisation and
/// is left alone, as Kubernetes leaves alone what was scaled to zero.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetUtilisation {
    /// The wanted share, above 0; usually below 1.
    pub target: f64,
    /// How far the utilisation may lie from the target, as a share of the target, before anything is done.
    pub tolerance: f64,
    /// What counts as use.
    pub signal: Signal,
}

impl TargetUtilisation {
    /// The tolerance of Kubernetes.
    pub const DEFAULT_TOLERANCE: f64 = 0.1;

    /// A policy with the tolerance of Kubernetes, led by demand.
    pub fn new(target: f64) -> Self {
        Self {
            target,
            tolerance: Self::DEFAULT_TOLERANCE,
            signal: Signal::default(),
        }
    }

    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "target_utilisation",
        summary: "by the use of the pool, as the horizontal autoscaler of Kubernetes",
        parameters: &[
            Parameter::required(
                "target",
                ParameterKind::Above(0.0, 1.0),
                "the wanted share of slots in use",
            ),
            Parameter::new(
                "tolerance",
                ParameterKind::Number(0.0, 0.999_999),
                ParameterDefault::Number(Self::DEFAULT_TOLERANCE),
                "how far from the target nothing is done, as a share of it",
            ),
            Parameter::new(
                "signal",
                SIGNALS,
                ParameterDefault::Name("demand"),
                "what counts as use",
            ),
        ],
        build: |given| Ok(PolicySpec::TargetUtilisation(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            target: given.number("target"),
            tolerance: given.number("tolerance"),
            signal: Signal::named(given.choice("signal")),
        }
    }
}

impl PoolRule for TargetUtilisation {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let utilisation = self.signal.utilisation(load)?;
        let ratio = utilisation / self.target;
        let reason = || format!("utilisation {utilisation:.2}, target {:.2}", self.target);
        let acts = (ratio - 1.0).abs() > self.tolerance;
        acts.then(|| (load.slots as f64 * ratio, reason()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(slots: i64, metric: f64) -> PoolLoad {
        PoolLoad {
            slots,
            ..PoolLoad::of(metric / 100.0)
        }
    }

    fn desired(target: f64, load: &PoolLoad) -> Option<f64> {
        let wish = TargetUtilisation::new(target).wish(&mut (), load);
        wish.map(|(slots, _)| slots.ceil())
    }

    #[test]
    fn the_worked_examples_of_kubernetes_hold() {
        assert_eq!(desired(1.0, &told(5, 200.0)), Some(10.0));
        assert_eq!(desired(1.0, &told(8, 50.0)), Some(4.0));
        assert_eq!(desired(1.0, &told(10, 109.0)), None);
        assert_eq!(desired(1.0, &told(10, 111.0)), Some(12.0));
    }

    #[test]
    fn demand_sees_what_occupancy_hides() {
        let full = PoolLoad {
            slots: 8,
            running: 7,
            queued: 1,
            scheduled: 12,
            ..PoolLoad::default()
        };
        let mut policy = TargetUtilisation::new(0.8);
        assert_eq!(policy.wish(&mut (), &full).map(|wish| wish.0), Some(25.0));
        policy.signal = Signal::Occupancy;
        assert_eq!(policy.wish(&mut (), &full).map(|wish| wish.0), Some(10.0));
    }

    #[test]
    fn closed_and_unlimited_pools_have_no_utilisation() {
        assert_eq!(desired(0.8, &told(0, 90.0)), None);
        assert_eq!(desired(0.8, &told(-1, 90.0)), None);
    }

    #[test]
    fn every_pool_is_judged_by_itself() {
        use crate::ids::PoolId;
        use crate::policy::Observation;
        let seen = Observation {
            pools: vec![
                (PoolId::new(3), told(10, 80.0)),
                (PoolId::new(4), told(10, 40.0)),
            ],
            ..Observation::default()
        };
        let wishes = TargetUtilisation::new(0.8).policy().decide(&seen);
        assert_eq!(wishes.len(), 1);
        assert_eq!(wishes[0].pool, PoolId::new(4));
        assert_eq!(wishes[0].reason, "utilisation 0.40, target 0.80");
    }
}
