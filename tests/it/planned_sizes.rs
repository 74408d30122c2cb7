//! Recorded pool changes as the decisions of a policy, which go through the guard instead of around it.

use crate::recorded_site::Site;
use slotwise::deployment::OperatorAction;
use slotwise::ids::PoolId;
use slotwise::policy::{
    GuardSpec, ManualChange, Observation, OwnPolicy, PolicyPlan, PolicySpec, PoolResize,
    SizingPolicy,
};
use slotwise::time::{SimDuration, SimTime};

/// The sizes that pools were given, each at its moment.
#[derive(Clone)]
struct PlannedSizes(Vec<(SimTime, PoolId, i64)>);

impl SizingPolicy for PlannedSizes {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let now = self.0.iter().filter(|(at, _, _)| *at == seen.time);
        now.map(|&(_, pool, slots)| PoolResize {
            pool,
            slots: slots as f64,
            reason: "as recorded".into(),
        })
        .collect()
    }
}

/// The site without the resizes that a policy can make, and that policy; none if there are none. Operators still create and
/// delete pools and make them unlimited, and what they resize after that is theirs.
pub(crate) fn through_the_guard(site: &Site) -> Option<(Site, PolicyPlan)> {
    let mut theirs: Vec<PoolId> = Vec::new();
    let (mut planned, mut left) = (Vec::new(), Vec::new());
    for event in &site.deployment.events {
        match event.action {
            OperatorAction::ResizePool { pool, slots }
                if slots >= 0 && !theirs.contains(&pool) && is_limited(site, pool) =>
            {
                planned.push((event.at, pool, slots));
            }
            _ => {
                theirs.extend(event.action.pool());
                left.push(event.clone());
            }
        }
    }
    let mut deployment = site.deployment.clone();
    deployment.events = left;
    let mut pools: Vec<PoolId> = planned.iter().map(|&(_, pool, _)| pool).collect();
    pools.sort_unstable();
    pools.dedup();
    let offsets = planned
        .iter()
        .map(|&(at, _, _)| (at - site.start).as_micros());
    let every = offsets.reduce(greatest_common_divisor)?;
    let plan = PolicyPlan {
        pools,
        every: SimDuration::from_micros(every),
        size: Some(PolicySpec::Own(OwnPolicy::new(PlannedSizes(planned)))),
        guard: GuardSpec {
            min: 0,
            on_manual_change: ManualChange::TakeOver,
            ..GuardSpec::default()
        },
    };
    let site = Site {
        deployment,
        start: site.start,
        end: site.end,
        outcomes: site.outcomes.clone(),
    };
    Some((site, plan))
}

fn is_limited(site: &Site, pool: PoolId) -> bool {
    site.deployment.pools[pool.index()].slots >= 0
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
