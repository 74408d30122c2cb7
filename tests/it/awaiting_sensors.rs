//! Sensors that await a task of the same logical date, each as a tiny story with a loop every second.

use crate::executors::{constant, once, told};
use crate::sites::{add_dag, at, site, trace};
use slotwise::deployment::{
    Deployment, LoopPace, OperatorAction, OperatorEvent, SchedulerMode, Sensor, SensorMode,
    SensorWait, Task, TaskKind,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::time::SimDuration;
use slotwise::trace::DeadlockRecord;

const EVERY_SECOND: SchedulerMode =
    SchedulerMode::Airflow(LoopPace::Every(SimDuration::from_seconds(1)));

/// The task that is awaited: the first of the site.
const LOAD: TaskId = TaskId::new(0);

/// A DAG that loads for so long, and one whose sensor waits for it with pokes of two seconds, ten seconds apart, for a
/// minute at most if it must. Both tasks are in one pool of so many slots, and the sensor comes first.
fn load_and_wait(slots: i64, mode: SensorMode, loads_for: f64, timeout: i64) -> Deployment {
    let mut site = site(EVERY_SECOND, &[("pool", slots)]);
    let in_pool = |name, seconds| Task {
        pool: PoolId::new(1),
        duration: constant(seconds),
        ..Task::named(name, DagId::default())
    };
    add_dag(
        &mut site,
        once("etl", 0.0),
        vec![in_pool("load", loads_for)],
    );
    let wait = Task {
        priority_weight: 9,
        kind: TaskKind::Sensor(Sensor {
            mode,
            poke_interval: SimDuration::from_seconds(10),
            timeout: SimDuration::from_seconds(timeout),
            soft_fail: false,
            exponential_backoff: false,
            max_wait: None,
            wait: SensorWait::Task(LOAD),
        }),
        ..in_pool("wait", 2.0)
    };
    add_dag(&mut site, once("reports", 0.0), vec![wait]);
    site
}

fn deadlock(from: f64, until: Option<f64>) -> DeadlockRecord {
    DeadlockRecord {
        pool: PoolId::new(1),
        since: at(from),
        until: until.map(at),
        sensors: 1,
    }
}

#[test]
fn the_first_poke_that_ends_after_the_success_finds_it() {
    for (loads_for, found) in [(0.0, 2), (2.0, 2), (3.0, 14), (98.0, 98), (98.5, 110)] {
        let site = load_and_wait(2, SensorMode::Poke, loads_for, 600);
        let trace = trace(&site, 900.0);
        let told = told(&site, &trace);
        assert!(
            told.contains(&format!("wait 0 0 {found} success")),
            "{told:?}"
        );
        assert_eq!(trace.deadlocks, []);
    }
}

#[test]
fn what_has_succeeded_before_is_found_by_the_first_poke() {
    let mut site = load_and_wait(2, SensorMode::Poke, 5.0, 600);
    let before = Task {
        duration: constant(50.0),
        ..Task::named("before", DagId::default())
    };
    site.tasks.pop();
    let wait = load_and_wait(2, SensorMode::Poke, 5.0, 600).tasks[1].clone();
    site.dags.pop();
    let wait = Task {
        upstream: vec![TaskId::new(0)],
        ..wait
    };
    add_dag(&mut site, once("reports", 0.0), vec![before, wait]);
    site.tasks[2].upstream = vec![TaskId::new(1)];
    let told = told(&site, &trace(&site, 900.0));
    assert!(told.contains(&"wait 50 50 52 success".into()), "{told:?}");
}

#[test]
fn a_task_that_never_succeeds_lets_the_time_run_out() {
    // Between two processes the time-out counts from the end of the first poke.
    for (mode, last) in [(SensorMode::Poke, 62), (SensorMode::Reschedule, 74)] {
        let mut site = load_and_wait(2, mode, 20.0, 60);
        site.tasks[0].failure_rate = 1.0;
        let told = told(&site, &trace(&site, 900.0));
        let end = format!(" {last} failed");
        assert!(told.last().unwrap().ends_with(&end), "{told:?}");
    }
}

#[test]
fn a_rescheduling_sensor_gives_its_slot_to_what_it_awaits() {
    let site = load_and_wait(1, SensorMode::Reschedule, 20.0, 600);
    let trace = trace(&site, 900.0);
    // The second poke is due at 12 s and waits for the slot until 22 s.
    let expected = [
        "wait 0 0 2 up_for_reschedule",
        "load 2 2 22 success",
        "wait 22 22 24 success",
    ];
    assert_eq!(told(&site, &trace), expected);
    assert_eq!(trace.deadlocks, []);
}

#[test]
fn a_poking_sensor_holds_the_slot_of_what_it_awaits_until_its_time_is_up() {
    let site = load_and_wait(1, SensorMode::Poke, 20.0, 60);
    let cut_short = trace(&site, 30.0);
    assert_eq!(cut_short.deadlocks, [deadlock(0.0, None)]);
    let trace = trace(&site, 900.0);
    let expected = ["wait 0 0 62 failed", "load 62 62 82 success"];
    assert_eq!(told(&site, &trace), expected);
    assert_eq!(trace.deadlocks, [deadlock(0.0, Some(62.0))]);
}

#[test]
fn another_slot_ends_the_deadlock() {
    let mut site = load_and_wait(1, SensorMode::Poke, 20.0, 600);
    site.events.push(OperatorEvent {
        at: at(30.0),
        action: OperatorAction::ResizePool {
            pool: PoolId::new(1),
            slots: 2,
        },
    });
    let trace = trace(&site, 900.0);
    // A poke ends at the very moment of the success.
    let expected = ["wait 0 0 50 success", "load 30 30 50 success"];
    assert_eq!(told(&site, &trace), expected);
    assert_eq!(trace.deadlocks, [deadlock(0.0, Some(30.0))]);
}

#[test]
fn a_sensor_that_awaits_a_task_of_another_pool_blocks_nobody() {
    let mut site = load_and_wait(1, SensorMode::Poke, 20.0, 600);
    site.tasks[0].pool = PoolId::new(0);
    let trace = trace(&site, 900.0);
    assert_eq!(trace.deadlocks, []);
    assert!(told(&site, &trace).contains(&"wait 0 0 26 success".into()));
}
