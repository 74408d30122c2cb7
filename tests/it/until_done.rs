//! `horizon: until_done`: the simulation ends when all runs are done and no more come, and tells how long that took.

use slotwise::experiment::{Case, Plan, Replication, estimate, summarise};
use slotwise::metrics::Metrics;
use slotwise::policy::PolicyPlan;
use slotwise::scenario::{NoFiles, Scenario, read};
use slotwise::time::SimDuration;

/// A pool of one slot with tasks of a minute, as the textbook schedules them.
fn scenario(rest: &str) -> Scenario {
    let text = format!(
        "horizon: until_done\nscheduler: {{ideal: {{}}}}\npools: {{p: 1}}\n\
         defaults: {{task: {{pool: p, duration: {{constant: 1m}}}}}}\n{rest}"
    );
    read(&text, &NoFiles)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .value
}

fn outcome(scenario: &Scenario, policy: Option<&PolicyPlan>) -> Metrics {
    Case { scenario, policy }.outcome(0).unwrap()
}

fn time_to_clear(rest: &str) -> Option<f64> {
    outcome(&scenario(rest), None).site.time_to_clear
}

const TEN_BY_HAND: &str =
    "dags: {d: {tasks: {t: {}}}}\nevents: [{at: 1m, trigger: {dag: d, runs: 10}}]\n";

#[test]
fn the_time_to_clear_is_the_end_of_the_last_run() {
    assert_eq!(time_to_clear(TEN_BY_HAND), Some(660.0));
    let catching_up = "dags: {d: {schedule: '@hourly', catchup: true, start_date: 2026-01-04T20:00:00Z, \
                       end_date: 2026-01-05T00:00:00Z, tasks: {t: {}}}}";
    assert_eq!(time_to_clear(catching_up), Some(300.0), "five runs");
    assert_eq!(
        time_to_clear("dags: {d: {schedule: '@once', tasks: {t: {}}}}"),
        Some(60.0)
    );
}

#[test]
fn what_is_still_to_come_is_waited_for() {
    let two_requests = "dags: {d: {tasks: {t: {}}}}\n\
                        events: [{at: 1m, trigger: {dag: d}}, {at: 5h, trigger: {dag: d}}]";
    assert_eq!(time_to_clear(two_requests), Some(5.0 * 3_600.0 + 60.0));
    let ends_later =
        "dags: {d: {schedule: '@hourly', end_date: 2026-01-05T03:30:00Z, tasks: {t: {}}}}";
    assert_eq!(time_to_clear(ends_later), Some(3.0 * 3_600.0 + 60.0));
    let set_off = "dags: {a: {schedule: '@once', tasks: {t: {outlets: x}}}, \
                   b: {schedule: {assets: {any: [x]}}, tasks: {t: {}}}}";
    let seconds = time_to_clear(set_off).unwrap();
    assert!((seconds - 120.0).abs() < 0.001, "{seconds}");
    let paused = "dags: {d: {tasks: {t: {}}}}\n\
                  events: [{at: 0s, pause: d}, {at: 1m, trigger: {dag: d}}, {at: 2h, unpause: d}]";
    assert_eq!(time_to_clear(paused), Some(7_260.0));
}

#[test]
fn the_window_ends_with_the_work() {
    let scenario = scenario(TEN_BY_HAND);
    let pool = &outcome(&scenario, None).pools[1];
    assert_eq!(pool.utilisation, Some(600.0 / 660.0));
    let replication = Replication {
        scenario: &scenario,
        policy: None,
        number: 0,
    };
    let summary = summarise(&replication).unwrap();
    assert_eq!(summary.window().length(), SimDuration::from_seconds(660));
}

#[test]
fn the_real_scheduler_needs_a_little_longer() {
    let text = format!(
        "horizon: until_done\npools: {{p: 1}}\ndefaults: {{task: {{pool: p, duration: {{constant: 1m}}}}}}\n{TEN_BY_HAND}"
    );
    let scenario = read(&text, &NoFiles).unwrap().value;
    let seconds = outcome(&scenario, None).site.time_to_clear.unwrap();
    assert!((660.0..690.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_policy_that_looks_for_ever_keeps_nothing_going() {
    let with_policy = format!(
        "{TEN_BY_HAND}policies: {{follow: {{pools: [p], size: {{target_utilisation: {{target: 0.5}}}}, guard: {{min: 1, max: 4}}}}}}"
    );
    let scenario = scenario(&with_policy);
    let cleared = outcome(&scenario, scenario.policies.values().next());
    let seconds = cleared.site.time_to_clear.unwrap();
    assert!((200.0..600.0).contains(&seconds), "{seconds}");
}

#[test]
fn what_can_never_be_done_is_never_cleared() {
    let closed = "dags: {d: {tasks: {t: {}}}}\n\
                  events: [{at: 0s, resize: {pool: p, slots: 0}}, {at: 1m, trigger: {dag: d}}]\n\
                  objectives: [{indicator: time_to_clear, at_most: 1d}]";
    let scenario = scenario(closed);
    let stuck = outcome(&scenario, None);
    assert_eq!(stuck.site.time_to_clear, None);
    assert_eq!(stuck.dags[0].runs.unfinished, 1);
    let case = Case {
        scenario: &scenario,
        policy: None,
    };
    let twice = Plan::new(2, 0.95).unwrap();
    let verdicts = estimate(case, &twice, &|_| {}).unwrap().objectives;
    assert_eq!((verdicts.len(), verdicts[0].met), (1, false));
    assert_eq!(verdicts[0].what, "site, time_to_clear");
}

#[test]
fn where_nothing_comes_all_is_done_at_once() {
    assert_eq!(time_to_clear("dags: {d: {tasks: {t: {}}}}"), Some(0.0));
}

#[test]
fn with_a_horizon_there_is_no_time_to_clear() {
    let fixed = scenario("dags: {d: {schedule: '@once', tasks: {t: {}}}}");
    let fixed = Scenario {
        until_done: false,
        ..fixed
    };
    assert_eq!(outcome(&fixed, None).site.time_to_clear, None);
}
