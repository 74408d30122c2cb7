//! How sizing policies go wrong, one test a failure, each beside the means against it.

use slotwise::experiment::{Replication, replicate};
use slotwise::scenario::{self, NoFiles, Scenario};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{FullTrace, ResizeRecord};

/// A site of one pool, with a DAG and a policy `p` for it.
pub(crate) struct Story {
    pub(crate) slots: u32,
    /// The fields of the DAG, in one line.
    pub(crate) dag: &'static str,
    pub(crate) size: &'static str,
    pub(crate) horizon: &'static str,
}

impl Story {
    /// The scenario, whose policy has this guard; `more` are further lines.
    pub(crate) fn scenario(&self, guard: &str, more: &str) -> Scenario {
        let Self {
            slots,
            dag,
            size,
            horizon,
        } = self;
        let text = format!(
            "horizon: {horizon}\nscheduler: {{ideal: {{}}}}\npools: {{warehouse: {slots}}}\ndags: {{d: {{{dag}}}}}\n\
             policies: {{p: {{pools: [warehouse], size: {size}, guard: {guard}}}}}\n{more}\n"
        );
        let read = scenario::read(&text, &NoFiles);
        read.unwrap_or_else(|problems| panic!("{problems}")).value
    }

    /// What happens to the pool.
    pub(crate) fn resizes(&self, guard: &str, more: &str) -> Vec<ResizeRecord> {
        trace(&self.scenario(guard, more)).resizes
    }
}

pub(crate) fn trace(scenario: &Scenario) -> FullTrace {
    let replication = Replication {
        scenario,
        policy: Some(&scenario.policies[0]),
        number: 0,
    };
    replicate(&replication, FullTrace::default()).unwrap()
}

/// That long after the start.
pub(crate) fn after(minutes: i64) -> SimTime {
    SimTime::parse("2026-01-05T00:00:00Z").unwrap() + SimDuration::from_seconds(60 * minutes)
}

/// How often growing turned into shrinking, or the other way round.
fn direction_changes(rows: &[ResizeRecord]) -> usize {
    let grows: Vec<bool> = rows.iter().map(|row| row.to > row.from).collect();
    grows.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn sizes(rows: &[ResizeRecord]) -> Vec<i64> {
    rows.iter().map(|row| row.to).collect()
}

/// The length of a queue is no measure that halves when the slots double: without a queue it asks for nothing, and what it
/// takes away is a queue at once. A window that looks back keeps what was needed.
#[test]
fn a_metric_that_is_not_proportional_oscillates_unless_it_is_steadied() {
    let story = Story {
        slots: 12,
        dag: "schedule: {every: 1m}, max_active_runs: 1000, tasks: {t: {pool: warehouse, map: 4, duration: {constant: 150s}}}",
        size: "{script: {text: 'ceil(load.slots * load.scheduled / 4.0)'}}",
        horizon: "12h",
    };
    let free = story.resizes("{min: 2, max: 40}", "");
    let steadied = story.resizes("{min: 2, max: 40, stabilisation: {down: 1h}}", "");
    assert!(
        direction_changes(&free) > 100,
        "{}",
        direction_changes(&free)
    );
    assert!(
        direction_changes(&steadied) * 10 < direction_changes(&free),
        "{} of {}",
        direction_changes(&steadied),
        direction_changes(&free)
    );
}

/// A policy that follows every ripple calls the site at every look; a cool-down bounds how often.
#[test]
fn following_every_ripple_thrashes_and_a_cool_down_bounds_it() {
    let story = Story {
        slots: 8,
        dag: "schedule: {poisson: {rate: 120 per hour}}, max_active_runs: 1000, tasks: {t: {pool: warehouse, duration: {exponential: {mean: 4m}}}}",
        size: "{target_utilisation: {target: 0.8, tolerance: 0}}",
        horizon: "24h",
    };
    let per_hour = |guard| story.resizes(guard, "").len() as f64 / 24.0;
    let free = per_hour("{max: 40}");
    let cooled = per_hour("{max: 40, cool_down: 15m}");
    assert!(free > 30.0, "{free} an hour");
    assert!(cooled <= 4.0 && cooled > 1.0, "{cooled} an hour");
}

/// After a shrink the pool drains for as long as its tasks run. Who looks at what is still occupied meanwhile takes slots away
/// that were enough.
#[test]
fn draining_pools_are_shrunk_too_far_unless_the_policy_waits_for_them() {
    let story = Story {
        slots: 12,
        dag: "schedule: '@once', tasks: {t: {pool: warehouse, map: 200, duration: {constant: 20m}}}",
        size: "{script: {text: 'if load.occupied > 8.0 { load.slots - 2.0 }'}}",
        horizon: "4h",
    };
    assert_eq!(
        sizes(&story.resizes("{min: 1}", "")),
        [10, 8, 6, 4, 2, 1],
        "twelve ran on for twenty minutes, and it shrank all the while"
    );
    assert_eq!(
        sizes(&story.resizes("{min: 1, cool_down: 21m}", "")),
        [10, 8]
    );
    let trace = trace(&story.scenario("{min: 1, cool_down: 21m}", ""));
    let killed = trace
        .task_instances
        .iter()
        .filter(|row| row.state_name() == "failed");
    assert_eq!(killed.count(), 0, "nothing is evicted");
}

/// Loads that are ten minutes old make a policy act ten minutes late, both ways.
#[test]
fn stale_observations_are_acted_upon_late() {
    let story = Story {
        slots: 4,
        dag: "schedule: {cron: '0 1 * * *'}, tasks: {t: {pool: warehouse, map: 60, duration: {constant: 5m}}}",
        size: "{target_utilisation: {target: 1}}",
        horizon: "4h",
    };
    let at_once = story.resizes("{min: 4, max: 20}", "");
    let late = story.resizes("{min: 4, max: 20, observation_delay: 10m}", "");
    let moments = |rows: &[ResizeRecord]| [rows[0].at, rows[rows.len() - 1].at];
    assert_eq!(moments(&at_once)[0], after(60));
    assert_eq!(moments(&late)[0], after(70));
    assert_eq!((at_once[0].to, late[0].to), (20, 20));
    assert_eq!(late[late.len() - 1].to, 4);
    // The backlog was gone long before the policy heard of it.
    assert!(moments(&late)[1] > moments(&at_once)[1]);
    // What is asked for between two looks comes with the next one.
    let between = story.resizes("{min: 4, max: 20, observation_delay: 150s}", "");
    assert_eq!(between[0].at, after(63));
}

/// A full pool shows that it is full and nothing of what waits: who looks at its occupancy grows by a little each time.
#[test]
fn a_full_pool_hides_its_demand_from_its_occupancy() {
    let looks = |size| {
        let story = Story {
            slots: 4,
            dag: "schedule: '@once', tasks: {t: {pool: warehouse, map: 64, duration: {constant: 3h}}}",
            size,
            horizon: "2h",
        };
        sizes(&story.resizes("{max: 80}", ""))
    };
    assert_eq!(looks("{target_utilisation: {target: 0.8}}"), [80]);
    assert_eq!(
        looks("{target_utilisation: {target: 0.8, signal: occupancy}}"),
        [5, 7, 9, 12, 15, 19, 24, 30, 38, 48, 60, 75]
    );
    // The autoscaler of workers sees four running tasks and never learns that sixty wait.
    let seen_by_keda = looks("{keda: {worker_concurrency: 4}}");
    assert!(seen_by_keda.is_empty(), "four slots are one worker");
}

/// A minimum above the maximum is refused before anything runs; without one, the default of 1 counts.
#[test]
fn a_minimum_above_the_maximum_is_refused() {
    for guard in ["{min: 9, max: 4}", "{max: 0}"] {
        let text = format!(
            "horizon: 1h\npools: {{w: 4}}\ndags: {{d: {{tasks: {{t: {{pool: w, duration: {{constant: 1s}}}}}}}}}}\n\
             policies: {{p: {{pools: [w], size: {{fixed: {{slots: 5}}}}, guard: {guard}}}}}\n"
        );
        let problems = scenario::read(&text, &NoFiles).unwrap_err();
        let problem = &problems.list[0];
        assert_eq!(problem.code, "guard::min_above_max");
        assert!(!problem.labels.is_empty());
    }
}
