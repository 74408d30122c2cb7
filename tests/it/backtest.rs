//! Backtests: a history is lived through again exactly, whatever its tasks do, and what differs is told; a second part is
//! predicted from the first if it is of the same kind, and not if it is not.

use slotwise::deployment::TaskInstanceState;
use slotwise::experiment::{
    Prediction, PredictionError, PredictionPlan, SetAside, predict, replay,
};
use slotwise::scenario::{self, NoFiles, Scenario};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::History;

use crate::recorded_history::simulated_history;

/// Sensors, retries, branches, mapped lists, deferral, triggered runs, and pools that are too small for them.
const SITE: &str = r#"
name: all-kinds
start: 2026-03-02T00:00:00Z
horizon: 2d
pools: {narrow: 3, wide: 6}
defaults: {task: {duration: {lognormal: {mean: 3m, sd: 2m}}}}
executor: {tracked: {start_delay: {uniform: {low: 1s, high: 9s}}}}
dags:
  hourly:
    schedule: "@hourly"
    max_active_runs: 2
    catchup: true
    start_date: 2026-03-02T00:00:00Z
    run_size: {lognormal: {mean: 1, cv: 0.5}}
    tasks:
      wait: {pool: narrow, kind: {sensor: {mode: reschedule, poke_interval: 60s, wait: {exponential: {mean: 4m}}}}, duration: {uniform: {low: 1s, high: 4s}}}
      list: {upstream: wait, pool: narrow, pushes: {uniform: {low: 0, high: 5}}, failure_rate: 0.2, retries: 2, retry_delay: 90s}
      each: {upstream: list, pool: narrow, map: {over: list}, failure_rate: 0.1, retries: 1, retry_delay: 30s}
      report: {upstream: each, trigger_rule: all_done, pool: wide}
  choosing:
    schedule: "*/20 * * * *"
    tasks:
      choose: {pool: wide, kind: {branch: {left: 0.5, right: 0.3}}}
      left: {upstream: choose, pool: narrow, pool_slots: 2}
      right: {upstream: choose, pool: wide}
      stop: {upstream: right, pool: wide, kind: {short_circuit: {stop_rate: 0.5}}}
      after: {upstream: stop, pool: narrow}
      keep: {pool: wide, kind: {sensor: {mode: poke, poke_interval: 30s, wait: {exponential: {mean: 3m}}}}, duration: {constant: 1s}}
  asked:
    schedule: {poisson: {rate: 3 per hour}}
    tasks:
      serve: {pool: narrow, failure_rate: 0.1, fatal_share: 0.5, retries: 1}
"#;

fn scenario(text: &str) -> Scenario {
    let read = scenario::read(text, &NoFiles);
    read.unwrap_or_else(|problems| panic!("{problems}")).value
}

#[test]
fn whatever_was_recorded_is_lived_through_again_to_the_microsecond() {
    let site = scenario(SITE);
    let history = simulated_history(&site, 1);
    let pokes = history.pokes.len();
    assert!(pokes > 50, "{pokes} pokes");
    let retried = history.tries.iter().filter(|one| one.try_number > 1);
    assert!(retried.count() > 20);
    let replay = replay(&site, &history);
    let differing: Vec<_> = replay.tries.iter().filter(|one| !one.is_exact()).collect();
    assert!(differing.is_empty(), "{:#?}", differing.first());
    assert!(replay.tries.len() > 500);
    assert!(replay.unrecorded.is_empty(), "{:?}", replay.unrecorded);
    assert!(replay.set_aside.is_empty());
    assert_eq!(replay.runs.exact, replay.runs.ended);
    assert_eq!(
        (replay.runs.not_simulated, replay.runs.not_recorded),
        (0, 0)
    );
}

#[test]
fn nothing_is_dropped_in_silence() {
    let site = scenario(SITE);
    let mut history = simulated_history(&site, 1);
    let executed = |history: &History| {
        let tries = history.tries.iter();
        tries.filter(|one| one.queued_at.is_some()).count()
    };
    let all = executed(&history);
    // A task that is not there any more, a try that ends before it begins, and one that is there twice.
    let of_task = |task: &str| {
        let mut tries = history.tries.iter();
        tries.position(|one| one.task_id == task && one.ended_at.is_some())
    };
    let (gone, broken) = (of_task("serve").unwrap(), of_task("report").unwrap());
    let twice = history.tries.len() - 1;
    assert_eq!(history.tries[twice].state, TaskInstanceState::Success);
    history.tries[gone].task_id = "unheard_of".into();
    let begun = history.tries[broken].started_at.unwrap();
    history.tries[broken].ended_at = Some(begun - SimDuration::from_seconds(1));
    let copy = history.tries[twice].clone();
    history.tries.push(copy);
    let replay = replay(&site, &history);
    let reasons: Vec<SetAside> = replay.set_aside.iter().map(|&(_, reason)| reason).collect();
    for reason in [
        SetAside::UnknownTask,
        SetAside::Contradictory,
        SetAside::Repeated,
    ] {
        assert_eq!(
            reasons.iter().filter(|&&one| one == reason).count(),
            1,
            "{reason:?}"
        );
    }
    assert_eq!(replay.tries.len() + replay.set_aside.len(), all + 1);
    assert_eq!(
        replay.tries.len() + replay.set_aside.len() + replay.never_executed,
        history.tries.len()
    );
}

#[test]
fn a_shorter_horizon_leaves_the_rest_out_and_says_so() {
    let site = scenario(SITE);
    let history = simulated_history(&site, 1);
    let half = scenario(&SITE.replace("horizon: 2d", "horizon: 1d"));
    let replay = replay(&half, &history);
    assert!(!replay.set_aside.is_empty());
    let outside = |&(_, reason): &(usize, SetAside)| reason == SetAside::OutsideWindow;
    assert!(replay.set_aside.iter().all(outside));
    let exact = replay.tries.iter().filter(|one| {
        // What was under way at the end of the shorter one is cut off there.
        one.is_exact() || one.simulated.is_some_and(|it| it.started_at.is_none())
    });
    assert_eq!(exact.count(), replay.tries.len());
}

#[test]
fn a_limit_that_was_another_one_is_found_out() {
    let site = scenario(SITE);
    let history = simulated_history(&site, 1);
    let smaller = scenario(&SITE.replace("narrow: 3", "narrow: 2"));
    let replay = replay(&smaller, &history);
    let agreements = replay.agreements(&smaller.deployment, "all-kinds");
    let of = |name: &str| agreements.iter().find(|one| one.name == name).unwrap();
    assert!(of("all-kinds").share_within_loop().unwrap() < 0.95);
    let (narrow, wide) = (of("narrow"), of("wide"));
    assert!(narrow.mean_absolute_error > wide.mean_absolute_error);
    assert!(narrow.simulated.as_ref().unwrap().mean > 1.5 * narrow.recorded.as_ref().unwrap().mean);
    assert_eq!(narrow.causes[0].cause, "pool");
}

/// Six days of a site whose pool is busy; its scheduled runs have a deadline.
const WEEK: &str = r#"
name: week
start: 2026-03-02T00:00:00Z
horizon: 6d
pools: {narrow: 2}
defaults: {task: {pool: narrow, retries: 1, retry_delay: 1m, failure_rate: 0.05}}
executor: {tracked: {start_delay: {uniform: {low: 1s, high: 9s}}}}
dags:
  hourly:
    schedule: "@hourly"
    deadline: 25m
    tasks:
      wait: {kind: {sensor: {mode: reschedule, poke_interval: 60s, wait: {exponential: {mean: 3m}}}}, duration: {uniform: {low: 1s, high: 4s}}}
      load: {upstream: wait, duration: {lognormal: {mean: 6m, sd: 3m}}}
      check: {upstream: load, duration: {gamma: {mean: 4m, sd: 2m}}}
  half_hourly:
    schedule: "*/30 * * * *"
    tasks:
      fetch: {duration: {lognormal: {mean: 8m, sd: 5m}}}
"#;

/// The prediction of the last three days of a history.
fn predicted(history: &History) -> Prediction {
    let plan = PredictionPlan {
        split: SimTime::parse("2026-03-05T00:00:00Z").unwrap(),
        replications: 39,
        level: 0.9,
    };
    predict(&scenario(WEEK), history, plan, &|| {}).unwrap()
}

#[test]
fn what_comes_of_the_same_kind_is_inside_as_often_as_it_should() {
    // Four histories together, because each has a few figures only and they depend on each other.
    let shares = [1, 2, 3, 4].map(|number| {
        let prediction = predicted(&simulated_history(&scenario(WEEK), number));
        let coverage = prediction.coverage;
        assert!(coverage.figures >= 6, "{coverage:?}");
        assert!(coverage.p_value > 0.02, "{coverage:?}");
        assert!((prediction.claimed - 0.9).abs() < 1e-12);
        assert!(prediction.unknown.is_empty());
        coverage.share().unwrap()
    });
    let mean = shares.iter().sum::<f64>() / 4.0;
    assert!((0.8..=1.0).contains(&mean), "{shares:?}");
}

#[test]
fn what_comes_of_another_kind_is_outside() {
    // The pool loses a slot when the second part begins, and nobody has told the scenario.
    let smaller = format!("{WEEK}events: [{{at: 72h, resize: {{pool: narrow, slots: 1}}}}]\n");
    let prediction = predicted(&simulated_history(&scenario(&smaller), 1));
    let coverage = prediction.coverage;
    assert!(coverage.share().unwrap() < 0.5, "{coverage:?}");
    assert!(coverage.p_value <= 1.0 / 40.0 + 1e-12, "{coverage:?}");
    let waits = prediction.figures.iter();
    let above = waits.filter(|one| one.figure == "pool_wait_p95" && one.recorded > one.high);
    assert_eq!(above.count(), 3);
    let missed = |one: &&slotwise::experiment::PredictedFigure| one.figure == "deadline_misses";
    assert!(
        prediction
            .figures
            .iter()
            .any(|one| missed(&one) && !one.is_inside)
    );
}

#[test]
fn threads_do_not_change_a_prediction_and_bad_plans_are_refused() {
    let history = simulated_history(&scenario(WEEK), 1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let alone = pool.unwrap().install(|| predicted(&history));
    assert_eq!(alone.figures, predicted(&history).figures);
    let plan = PredictionPlan {
        split: SimTime::parse("2026-03-08T00:00:00Z").unwrap(),
        replications: 39,
        level: 0.9,
    };
    let refused = predict(&scenario(WEEK), &history, plan, &|| {});
    assert!(matches!(refused, Err(PredictionError::Split(_))));
}
