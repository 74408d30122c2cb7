//! Workers that die and workers that slow down, each as a tiny story with a loop every second.

use crate::executors::{celery, constant, once, one_run, told};
use crate::sites::{add_dag, at, executor, trace};
use slotwise::deployment::{
    Autoscale, Deployment, Executor, ExecutorKind, OperatorAction, OperatorEvent, ScaleIn, Task,
    WorkerLoss,
};
use slotwise::ids::DagId;
use slotwise::time::SimDuration;

fn seconds(seconds: i64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// Two Celery workers of so many processes each.
fn two_workers(processes: u32) -> Executor {
    let mut celery = celery(&[(processes, &[0])]);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].workers = 2;
    }
    celery
}

/// One worker dies at that second, and is back after a while.
fn lose_one(site: &mut Deployment, second: f64, back_after: i64) {
    site.airflow.task_instance_heartbeat_timeout = seconds(30);
    site.events.push(OperatorEvent {
        at: at(second),
        action: OperatorAction::LoseWorkers(WorkerLoss {
            executor: 0,
            group: None,
            count: 1,
            back_after: seconds(back_after),
        }),
    });
}

/// The rows of the story by when they ended.
fn by_end(site: &Deployment) -> Vec<String> {
    let mut told = told(site, &trace(site, 400.0));
    told.sort_by_key(|row| row.split(' ').nth(3).map(|end| end.parse::<u32>().unwrap()));
    told
}

#[test]
fn what_a_dead_worker_ran_is_missed_later_and_its_processes_are_gone() {
    let tasks = [
        ("a", 100.0, 9, 0),
        ("b", 100.0, 8, 0),
        ("c", 100.0, 7, 0),
        ("d", 100.0, 6, 0),
        ("e", 5.0, 5, 0),
        ("f", 5.0, 4, 0),
    ];
    let mut site = one_run(two_workers(2), &tasks);
    site.tasks[2].retry.retries = 1;
    site.tasks[2].retry.retry_delay = seconds(20);
    lose_one(&mut site, 10.0, 60);
    // Messages go to the less busy worker, so the first one has `a` and `c`. They hold their slots in silence until the
    // check of 50 s, the first more than 30 s later. At 70 s the worker is back, takes what waits, and then `c` again.
    let expected = [
        "a 0 0 50 failed",
        "c 0 0 50 up_for_retry",
        "e 0 70 75 success",
        "f 0 70 75 success",
        "b 0 0 100 success",
        "d 0 0 100 success",
        "c 71 75 175 success",
    ];
    assert_eq!(by_end(&site), expected);
}

#[test]
fn what_a_dead_worker_was_about_to_start_goes_back_to_the_broker() {
    let slow = Executor {
        start_delay: constant(20.0),
        ..two_workers(1)
    };
    let tasks = [("a", 5.0, 9, 0), ("b", 5.0, 8, 0), ("c", 5.0, 7, 0)];
    let mut site = one_run(slow, &tasks);
    lose_one(&mut site, 10.0, 100);
    // `a` goes before `c`, which has waited as long, and begins anew with the other worker when that has ended `b`.
    let expected = [
        "b 0 20 25 success",
        "a 0 45 50 success",
        "c 0 70 75 success",
    ];
    assert_eq!(told(&site, &trace(&site, 400.0)), expected);
}

#[test]
fn a_free_worker_takes_over_at_once_what_was_not_started() {
    let slow = Executor {
        start_delay: constant(20.0),
        ..two_workers(1)
    };
    let mut site = one_run(slow, &[("a", 5.0, 9, 0)]);
    lose_one(&mut site, 10.0, 100);
    assert_eq!(told(&site, &trace(&site, 400.0)), ["a 0 30 35 success"]);
}

#[test]
fn a_slow_down_multiplies_the_start_delays_that_begin_in_it() {
    let slow = Executor {
        start_delay: constant(10.0),
        ..executor(100)
    };
    let mut site = one_run(slow, &[("before", 1.0, 1, 0)]);
    for (name, second) in [("within", 6.0), ("after", 20.0)] {
        let task = Task {
            duration: constant(1.0),
            ..Task::named(name, DagId::default())
        };
        add_dag(&mut site, once(name, second), vec![task]);
    }
    for (second, factor) in [(5.0, 3.0), (6.0, 0.5)] {
        site.events.push(OperatorEvent {
            at: at(second),
            action: OperatorAction::SlowDown {
                executor: 0,
                factor,
                lasts: seconds(14),
            },
        });
    }
    // The first one is over at 19 s, the second one at 20 s; both hold at 6 s.
    let expected = [
        "before 0 10 11 success",
        "within 6 21 22 success",
        "after 20 30 31 success",
    ];
    assert_eq!(told(&site, &trace(&site, 100.0)), expected);
}

#[test]
fn a_killing_scale_in_loses_what_the_worker_runs() {
    let mut celery = celery(&[(2, &[0])]);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].workers = 2;
        groups[0].autoscale = Some(Autoscale {
            min_workers: 1,
            max_workers: 2,
            polling_interval: seconds(10),
            cool_down: seconds(20),
            start_up: seconds(30),
            scale_in: ScaleIn::Killing,
        });
    }
    let tasks = [("a", 300.0, 9, 0), ("b", 300.0, 8, 0), ("c", 5.0, 7, 0)];
    let mut site = one_run(celery, &tasks);
    site.airflow.task_instance_heartbeat_timeout = seconds(30);
    // Two workers were last wanted at 0 s, when three were at work; so the one with `b` is killed at 30 s, and missed
    // at the check of 70 s.
    let expected = ["c 0 0 5 success", "b 0 0 70 failed", "a 0 0 300 success"];
    assert_eq!(by_end(&site), expected);
}
