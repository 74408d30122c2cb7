//! Celery workers that reserve messages behind their busy processes, each as a tiny story with a loop every second.

use crate::executors::{celery, constant, once, one_run, told};
use crate::sites::{add_dag, at, trace};
use slotwise::deployment::{
    Autoscale, Deployment, Executor, ExecutorKind, OperatorAction, OperatorEvent, ScaleIn, Task,
    WorkerLoss,
};
use slotwise::ids::DagId;
use slotwise::time::SimDuration;

/// So many Celery workers of one process each.
fn workers(count: u32, worker_prefetch_multiplier: u32) -> Executor {
    let mut celery = celery(&[(1, &[0])]);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].workers = count;
        groups[0].worker_prefetch_multiplier = worker_prefetch_multiplier;
    }
    celery
}

/// A long task, and four short ones that are sent after it.
fn long_and_short(celery: Executor) -> Deployment {
    let tasks = [
        ("long", 100.0, 9, 0),
        ("a", 5.0, 8, 0),
        ("b", 5.0, 7, 0),
        ("c", 5.0, 6, 0),
        ("d", 5.0, 5, 0),
    ];
    one_run(celery, &tasks)
}

/// The rows of a story by when they ended.
fn by_end(site: &Deployment) -> Vec<String> {
    let mut told = told(site, &trace(site, 1_500.0));
    told.sort_by_key(|row| row.split(' ').nth(3).map(|end| end.parse::<u32>().unwrap()));
    told
}

fn seconds(seconds: i64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

#[test]
fn with_one_message_a_process_short_tasks_pass_the_long_one() {
    let expected = [
        "a 0 0 5 success",
        "b 0 5 10 success",
        "c 0 10 15 success",
        "d 0 15 20 success",
        "long 0 0 100 success",
    ];
    assert_eq!(by_end(&long_and_short(workers(2, 1))), expected);
}

#[test]
fn a_reserved_message_waits_behind_the_long_task_although_a_process_is_free() {
    // In turn: `long` and `b` to the first worker, `a` and `c` to the second, which takes `d` when `a` has ended.
    let expected = [
        "a 0 0 5 success",
        "c 0 5 10 success",
        "d 0 10 15 success",
        "long 0 0 100 success",
        "b 0 100 105 success",
    ];
    assert_eq!(by_end(&long_and_short(workers(2, 2))), expected);
}

#[test]
fn without_a_bound_every_message_is_dealt_at_once() {
    let expected = [
        "a 0 0 5 success",
        "c 0 5 10 success",
        "long 0 0 100 success",
        "b 0 100 105 success",
        "d 0 105 110 success",
    ];
    assert_eq!(by_end(&long_and_short(workers(2, 0))), expected);
}

#[test]
fn workers_that_do_not_reserve_are_passed_over_when_they_are_busy() {
    // One worker of each kind: the first reserves a message, the second none.
    let mut celery = celery(&[(1, &[0]), (1, &[0])]);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].worker_prefetch_multiplier = 2;
    }
    let expected = [
        "a 0 0 5 success",
        "c 0 5 10 success",
        "d 0 10 15 success",
        "long 0 0 100 success",
        "b 0 100 105 success",
    ];
    assert_eq!(by_end(&long_and_short(celery)), expected);
}

#[test]
fn what_a_dead_worker_had_reserved_goes_to_the_others() {
    let mut site = long_and_short(workers(2, 0));
    site.airflow.task_instance_heartbeat_timeout = seconds(30);
    site.events.push(OperatorEvent {
        at: at(7.0),
        action: OperatorAction::LoseWorkers(WorkerLoss {
            executor: 0,
            group: None,
            count: 1,
            back_after: seconds(600),
        }),
    });
    // `c` runs on the second worker; behind it stand `b` and `d`, which the first one had.
    let rows = by_end(&site);
    let expected = [
        "a 0 0 5 success",
        "c 0 5 10 success",
        "b 0 10 15 success",
        "d 0 15 20 success",
    ];
    assert_eq!(rows[..4], expected);
    assert!(rows[4].starts_with("long 0 0 ") && rows[4].ends_with(" failed"));
}

/// Four workers, of which the last one has `long` and, behind it, the last of every four tasks. The others are soon
/// idle; an autoscaler takes the last one away.
fn scaled_in(scale_in: ScaleIn) -> Vec<String> {
    let mut celery = workers(4, 3);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].autoscale = Some(Autoscale {
            min_workers: 0,
            max_workers: 4,
            polling_interval: seconds(10),
            cool_down: seconds(20),
            start_up: seconds(30),
            scale_in,
        });
    }
    let names = [
        "a", "b", "c", "long", "e", "f", "g", "h", "i", "j", "k", "l",
    ];
    let tasks: Vec<_> = (0..)
        .zip(names)
        .map(|(at, name)| (name, if name == "long" { 100.0 } else { 5.0 }, 99 - at, 0))
        .collect();
    let mut site = one_run(celery, &tasks);
    site.airflow.task_instance_heartbeat_timeout = seconds(200);
    let mut rows = by_end(&site);
    rows.split_off(rows.len() - 3)
}

#[test]
fn a_worker_that_is_scaled_in_gives_back_what_it_reserved_when_it_has_ended_what_it_runs() {
    // Two other workers take one each.
    let expected = [
        "long 0 0 100 success",
        "h 0 100 105 success",
        "l 0 100 105 success",
    ];
    assert_eq!(scaled_in(ScaleIn::Graceful), expected);
}

#[test]
fn a_worker_that_is_killed_gives_back_at_once() {
    // Three are queued or running from 15 s on, so the look at 40 s is the first that leaves out one of four workers.
    let rows = scaled_in(ScaleIn::Killing);
    assert_eq!(rows[..2], ["h 0 40 45 success", "l 0 40 45 success"]);
    assert!(rows[2].ends_with(" failed"));
}

#[test]
fn what_is_stuck_in_a_reserve_is_sent_again_but_keeps_its_place_there() {
    let tasks = [
        ("longest", 1_000.0, 9, 0),
        ("long", 800.0, 8, 0),
        ("a", 5.0, 7, 0),
        ("b", 5.0, 6, 0),
    ];
    let site = one_run(workers(2, 2), &tasks);
    // `a` and `b` are taken back after 600 s. Both workers still hold two messages each, so that the new ones wait at
    // the broker for the first that ends something, and skips what is void.
    let expected = [
        "a 0 - 720 scheduled",
        "b 0 - 720 scheduled",
        "long 0 0 800 success",
        "a 721 800 805 success",
        "b 721 805 810 success",
        "longest 0 0 1000 success",
    ];
    assert_eq!(by_end(&site), expected);
}

#[test]
fn a_reserve_is_filled_with_what_waits_in_several_queues_in_the_order_of_sending() {
    let mut celery = celery(&[(1, &[0, 1])]);
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].worker_prefetch_multiplier = 2;
    }
    let mut site = one_run(celery, &[("first", 30.0, 9, 0), ("heavy", 5.0, 8, 1)]);
    let queued = |name: &str, queue| Task {
        duration: constant(5.0),
        queue,
        ..Task::named(name, DagId::default())
    };
    add_dag(&mut site, once("later", 10.0), vec![queued("late", 1)]);
    add_dag(&mut site, once("last", 20.0), vec![queued("last", 0)]);
    let expected = [
        "first 0 0 30 success",
        "heavy 0 30 35 success",
        "late 10 35 40 success",
        "last 20 40 45 success",
    ];
    assert_eq!(by_end(&site), expected);
}
