//! As many slots as clear the backlog within an acceptable wait.
//!
//! ```text
//! target  = acceptable wait / mean service        (instances that one slot may have before it)
//! desired = current × (backlog / current) / target = backlog / target
//! ```
//!
//! The backlog of a pool is its demand: what waits, and what is in use. The mean service is given, or measured: the mean
//! of the looks so far, each later one with a weight of a fifth.
//! Source: Amazon EC2 Auto Scaling User Guide, "Scaling policy based on Amazon SQS".

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::mean_service::MeanService;
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::time::SimDuration;

/// Sizes a pool by what waits in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogPerSlot {
    /// How long an instance may wait.
    pub acceptable_wait: SimDuration,
    /// How long an instance runs; measured if it is not given.
    pub mean_service: Option<SimDuration>,
}

impl BacklogPerSlot {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "backlog_per_slot",
        summary: "as many slots as clear what waits within an acceptable time",
        parameters: &[
            Parameter::required(
                "acceptable_wait",
                ParameterKind::Duration,
                "how long an instance may wait",
            ),
            Parameter::new(
                "mean_service",
                ParameterKind::Duration,
                ParameterDefault::Absent,
                "how long an instance runs; measured if it is not given",
            ),
        ],
        build: |given| Ok(PolicySpec::BacklogPerSlot(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            acceptable_wait: given.duration("acceptable_wait"),
            mean_service: given.optional_duration("mean_service"),
        }
    }
}

impl PoolRule for BacklogPerSlot {
    type Memory = MeanService;

    fn wish(&self, measured: &mut MeanService, load: &PoolLoad) -> Option<(f64, String)> {
        measured.see(load);
        let service = self.mean_service.or(measured.mean())?.as_seconds();
        let wait = self.acceptable_wait.as_seconds();
        let desired = load.demand() as f64 * service / wait;
        let reason = format!(
            "{} slots in demand, {service:.0} s each, {wait:.0} s acceptable",
            load.demand()
        );
        (service > 0.0).then_some((desired, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_hundred_of_a_tenth_of_a_second_need_fifteen_slots_within_ten() {
        let rule = BacklogPerSlot {
            acceptable_wait: SimDuration::from_seconds(10),
            mean_service: Some(SimDuration::from_seconds_f64(0.1)),
        };
        let load = PoolLoad {
            slots: 10,
            scheduled: 1_500,
            ..PoolLoad::default()
        };
        let (desired, _) = rule.wish(&mut MeanService::default(), &load).unwrap();
        assert!((desired - 15.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_service_time_it_waits_until_something_has_ended() {
        let rule = BacklogPerSlot {
            acceptable_wait: SimDuration::from_seconds(60),
            mean_service: None,
        };
        let mut measured = MeanService::default();
        let mut load = PoolLoad {
            slots: 10,
            scheduled: 12,
            ..PoolLoad::default()
        };
        assert_eq!(rule.wish(&mut measured, &load), None);
        load.finished = 4;
        load.mean_service = Some(SimDuration::from_seconds(30));
        assert_eq!(rule.wish(&mut measured, &load).unwrap().0.round() as i64, 6);
    }
}
