//! Each cause of a wait in a tiny story with exact numbers. A loop begins every ten seconds, and `first` always takes
//! seven.

use crate::sites::{START, add_dag, at, executor, site, trace};
use slotwise::deployment::{
    Dag, Deferral, Deployment, LoopPace, Mapping, OperatorAction, OperatorEvent, Schedule,
    SchedulerMode, Task, TaskKind, Timetable,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::SimDuration;
use slotwise::trace::{FullTrace, WaitCause};

const EVERY_TEN_SECONDS: SchedulerMode =
    SchedulerMode::Airflow(LoopPace::Every(SimDuration::from_seconds(10)));

fn once() -> Dag {
    Dag {
        schedule: Schedule::Timetable(Timetable::once()),
        start_date: START,
        ..Dag::named("dag")
    }
}

/// A task in the pool of the story that always takes so many seconds.
fn task(task_id: &str, seconds: f64) -> Task {
    Task {
        pool: PoolId::new(1),
        duration: Distribution::constant(seconds).unwrap(),
        ..Task::named(task_id, DagId::default())
    }
}

/// A pool of so many slots, and one run of two tasks of which the first begins at once.
fn two_tasks(slots: i64, second: Task) -> Deployment {
    let mut deployment = site(EVERY_TEN_SECONDS, &[("pool", slots)]);
    add_dag(&mut deployment, once(), vec![task("first", 7.0), second]);
    deployment
}

/// Why the last instance of the last task waited the last time, without what was nothing, in seconds.
fn last_wait(trace: &FullTrace) -> Vec<(&'static str, f64)> {
    let rows = trace.task_instances.iter();
    let last = rows.max_by_key(|row| (row.task, row.map_index, row.scheduled_at));
    let wait = last.unwrap().wait;
    let parts = WaitCause::ALL.map(|cause| (cause.name(), wait.of(cause).as_seconds()));
    parts.into_iter().filter(|part| part.1 > 0.0).collect()
}

fn second_wait(deployment: &Deployment) -> Vec<(&'static str, f64)> {
    last_wait(&trace(deployment, 60.0))
}

#[test]
fn parallelism_holds_until_a_loop_learns_of_the_end() {
    let expected = [("parallelism", 10.0), ("loop", 10.0)];
    let mut deployment = two_tasks(9, task("second", 1.0));
    deployment.airflow.parallelism = 1;
    assert_eq!(second_wait(&deployment), expected);
    let mut deployment = two_tasks(9, task("second", 1.0));
    deployment.executors = vec![executor(1)];
    assert_eq!(second_wait(&deployment), expected);
}

#[test]
fn an_executor_without_slots_holds_its_own_tasks_alone() {
    let mut deployment = two_tasks(9, task("second", 1.0));
    deployment.executors = vec![executor(1), executor(1)];
    deployment.tasks[1].executor = 1;
    assert_eq!(second_wait(&deployment), []);
}

#[test]
fn a_full_pool_holds_until_the_end_and_then_the_loop() {
    let deployment = two_tasks(1, task("second", 1.0));
    assert_eq!(second_wait(&deployment), [("pool", 7.0), ("loop", 3.0)]);
}

#[test]
fn a_closed_pool_holds_to_the_horizon() {
    let deployment = two_tasks(0, task("second", 1.0));
    assert_eq!(second_wait(&deployment), [("pool", 60.0)]);
}

#[test]
fn a_deleted_pool_holds_until_it_is_created_again() {
    let mut deployment = two_tasks(1, task("second", 1.0));
    let pool = PoolId::new(1);
    deployment.events = vec![
        OperatorEvent {
            at: at(3.0),
            action: OperatorAction::DeletePool { pool },
        },
        OperatorEvent {
            at: at(24.0),
            action: OperatorAction::CreatePool { pool, slots: 1 },
        },
    ];
    assert_eq!(second_wait(&deployment), [("pool", 24.0), ("loop", 6.0)]);
}

#[test]
fn a_wide_task_waits_for_more_than_one_slot() {
    let wide = Task {
        pool_slots: 2,
        ..task("second", 1.0)
    };
    let waits = second_wait(&two_tasks(2, wide));
    assert_eq!(waits, [("pool_slots", 7.0), ("loop", 3.0)]);
}

#[test]
fn limits_of_a_task_hold_its_other_instances() {
    let mapped = Task {
        mapping: Some(Mapping::Fixed(2)),
        ..task("second", 7.0)
    };
    let per_dag = Task {
        max_active_tis_per_dag: Some(1),
        ..mapped.clone()
    };
    let per_run = Task {
        max_active_tis_per_dagrun: Some(1),
        ..mapped
    };
    for limited in [per_dag, per_run] {
        let waits = second_wait(&two_tasks(9, limited));
        assert_eq!(waits, [("max_active_tis", 7.0), ("loop", 3.0)]);
    }
}

#[test]
fn a_run_at_its_limit_holds_its_tasks() {
    let mut deployment = two_tasks(9, task("second", 1.0));
    deployment.dags[0].max_active_tasks = 1;
    let expected = [("max_active_tasks", 7.0), ("loop", 3.0)];
    assert_eq!(second_wait(&deployment), expected);
}

#[test]
fn the_first_cause_that_holds_is_charged() {
    // The pool is full for seven seconds, `parallelism` is reached for ten.
    let mut deployment = two_tasks(1, task("second", 1.0));
    deployment.dags[0].max_active_tasks = 1;
    assert_eq!(second_wait(&deployment), [("pool", 7.0), ("loop", 3.0)]);
    deployment.airflow.parallelism = 1;
    let expected = [("parallelism", 10.0), ("loop", 10.0)];
    assert_eq!(second_wait(&deployment), expected);
}

#[test]
fn what_does_not_get_onto_the_page_is_passed_over() {
    let mut deployment = two_tasks(9, task("second", 1.0));
    deployment.airflow.max_tis_per_query = 1;
    assert_eq!(second_wait(&deployment), [("passed_over", 10.0)]);
}

#[test]
fn a_paused_dag_is_passed_over_once_nothing_else_holds_it() {
    let mut deployment = two_tasks(1, task("second", 1.0));
    let event = |seconds, action| OperatorEvent {
        at: at(seconds),
        action,
    };
    let dag = DagId::new(0);
    deployment.events = vec![
        event(5.0, OperatorAction::PauseDag { dag }),
        event(25.0, OperatorAction::UnpauseDag { dag }),
    ];
    let expected = [("pool", 7.0), ("passed_over", 20.0), ("loop", 3.0)];
    assert_eq!(second_wait(&deployment), expected);
}

#[test]
fn what_a_trigger_puts_to_scheduled_waits_for_the_loop() {
    let deferrable = Task {
        kind: TaskKind::Deferrable(Deferral {
            wait: Distribution::constant(13.0).unwrap(),
            timeout: None,
            start_from_trigger: true,
        }),
        ..task("second", 1.0)
    };
    let mut deployment = two_tasks(9, deferrable);
    assert_eq!(second_wait(&deployment), [("loop", 7.0)]);
    // A loop that looked before it was there has not passed it over.
    deployment.tasks[1].pool_slots = 3;
    assert_eq!(second_wait(&deployment), [("loop", 7.0)]);
}

#[test]
fn in_ideal_mode_a_narrow_task_is_passed_over_for_the_head_of_the_line() {
    let mut deployment = two_tasks(
        2,
        Task {
            pool_slots: 2,
            ..task("second", 7.0)
        },
    );
    deployment.tasks.push(Task {
        dag: DagId::new(0),
        ..task("third", 1.0)
    });
    deployment.dags[0].task_count = 3;
    let waits = |head_of_line| {
        let mut deployment = deployment.clone();
        deployment.scheduler = SchedulerMode::Ideal { head_of_line };
        second_wait(&deployment)
    };
    assert_eq!(waits(false), []);
    assert_eq!(waits(true), [("pool", 7.0), ("passed_over", 7.0)]);
    assert_eq!(deployment.tasks[2].upstream, Vec::<TaskId>::new());
}
