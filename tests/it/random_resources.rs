//! Random resources for random sites: laws of every kind, limits on calls, and time limits that they make tasks miss.

use crate::random_sites::RandomSite;
use slotwise::deployment::{Excess, RateLimit, Resource, Slowdown, Task};
use slotwise::ids::PoolId;
use slotwise::time::SimDuration;

/// Puts pools of a third of all sites in front of a resource or two.
pub(crate) fn protect(site: &mut RandomSite) {
    let choice = site.seed.rotate_right(17);
    if !choice.is_multiple_of(3) {
        return;
    }
    let pools = |first: usize, last: usize| (first..=last).map(PoolId::new).collect();
    let name = |name: &str| name.to_owned();
    site.resources.push(Resource {
        name: name("database"),
        pools: pools(0, 1),
        slowdown: law(choice >> 8),
        rate_limit: None,
    });
    site.resources.push(Resource {
        name: name("api"),
        pools: pools(2, 2),
        slowdown: law(choice >> 16),
        rate_limit: Some(RateLimit {
            calls_per_task: 1 + (choice >> 24) as u32 % 3,
            refill: 0.2,
            tokens: 4,
            excess: if choice >> 30 & 1 == 0 {
                Excess::Fail
            } else {
                Excess::Delay
            },
        }),
    });
    let tasks = site.dags.iter_mut().flat_map(|(_, tasks)| tasks);
    for (at, task) in tasks.enumerate() {
        limit(task, choice >> (at % 16));
    }
}

fn law(choice: u64) -> Slowdown {
    let law = match choice % 5 {
        0 => Ok(Slowdown::None),
        1 => Slowdown::linear(0.4),
        2 => Slowdown::universal_scalability(0.1, 0.05),
        3 => Slowdown::processor_sharing(2.0),
        _ => Slowdown::table(vec![(2, 1.2), (4, 3.0)]),
    };
    law.unwrap()
}

fn limit(task: &mut Task, choice: u64) {
    if choice.is_multiple_of(4) {
        task.execution_timeout = Some(SimDuration::from_seconds(60));
    }
}
