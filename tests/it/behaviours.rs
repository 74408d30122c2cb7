//! What surprises people about Airflow's scheduler, each as a tiny story that a simulation must tell.
//!
//! The stories are those of Airflow 3.3.2 source and behaviour. A loop begins every second unless a story says
//! otherwise, and nothing takes time but the tasks.

use crate::sites::{
    EVERY_SECOND, POOL, START, add_dag, at, every, executor, moments, once, rows, simulation, site,
    task, trace,
};
use slotwise::airflow::{Snapshot, SnapshotInstance, SnapshotRun, decide};
use slotwise::deployment::timetable::CronSchedule;
use slotwise::deployment::{
    Dag, DagRunState, Deployment, Mapping, RetryPolicy, Schedule, SchedulerMode, Task,
    TaskInstanceState, TaskKind, Timetable,
};
use slotwise::ids::{PoolId, TaskId};
use slotwise::policy::{CronWindow, GuardSpec, PolicyPlan, PolicySpec, TimeOfDay};
use slotwise::time::SimDuration;
use slotwise::trace::{FullTrace, TaskInstanceRecord};

/// These tasks one after the other.
fn chain(tasks: impl IntoIterator<Item = Task>) -> Vec<Task> {
    let after = |(position, task): (usize, Task)| Task {
        upstream: position
            .checked_sub(1)
            .map(TaskId::new)
            .into_iter()
            .collect(),
        ..task
    };
    tasks.into_iter().enumerate().map(after).collect()
}

/// Narrow tasks that keep both slots busy from the tenth second on, and from the fifteenth a wide one of more weight.
fn wide_against_narrow(scheduler: SchedulerMode) -> Deployment {
    let mut site = site(scheduler, &[("pool", 2)]);
    add_dag(&mut site, every("narrow", 10), vec![task("narrow", 20.0)]);
    let wide = Task {
        pool_slots: 2,
        priority_weight: 100,
        ..task("wide", 5.0)
    };
    let late = Dag {
        start_date: at(15.0),
        ..once("wide")
    };
    add_dag(&mut site, late, vec![wide]);
    site
}

#[test]
fn a_wide_task_is_overtaken_for_ever() {
    let skips = SchedulerMode::Ideal {
        head_of_line: false,
    };
    for scheduler in [EVERY_SECOND, skips] {
        let trace = trace(&wide_against_narrow(scheduler), 3_600.0);
        let wide = rows(&trace, 1);
        assert_eq!(wide.len(), 1);
        assert_eq!(wide[0].state, TaskInstanceState::Scheduled);
        let narrow = rows(&trace, 0);
        assert_eq!(narrow.len(), 361);
        let waits = narrow.iter().map(|row| row.pool_wait());
        assert!(waits.flatten().all(|wait| wait == SimDuration::ZERO));
    }
}

#[test]
fn with_head_of_line_blocking_a_wide_task_holds_the_others_back() {
    let blocks = SchedulerMode::Ideal { head_of_line: true };
    let trace = trace(&wide_against_narrow(blocks), 3_600.0);
    // At 20 s a slot becomes free and stays so, at 30 s the other one.
    assert_eq!(moments(&rows(&trace, 1), |row| row.queued_at), [Some(30.0)]);
    let narrow = moments(&rows(&trace, 0), |row| row.queued_at);
    assert_eq!(narrow[..4], [Some(0.0), Some(10.0), Some(35.0), Some(35.0)]);
}

#[test]
fn a_small_page_full_of_one_pool_delays_another_pool() {
    for (max_tis_per_query, second) in [(2, 1.0), (16, 0.0)] {
        let mut site = site(EVERY_SECOND, &[("crowded", 1), ("empty", 1)]);
        site.airflow.max_tis_per_query = max_tis_per_query;
        let heavy = Task {
            priority_weight: 10,
            mapping: Some(Mapping::Fixed(5)),
            ..task("heavy", 60.0)
        };
        let light = Task {
            pool: PoolId::new(2),
            ..task("light", 60.0)
        };
        add_dag(&mut site, once("etl"), vec![heavy, light]);
        let trace = trace(&site, 10.0);
        assert_eq!(
            moments(&rows(&trace, 1), |row| row.queued_at),
            [Some(second)]
        );
    }
}

/// A policy that gives the pool of the story so many slots from midnight on, and others from ten past.
fn slots_from_midnight_and_ten_past(midnight: u32, ten_past: u32) -> PolicyPlan {
    let window = |cron: &str, slots| CronWindow {
        begins: CronSchedule::new(cron, "UTC").unwrap(),
        slots,
    };
    let windows = vec![
        window("0 0 * * *", midnight),
        window("10 0 * * *", ten_past),
    ];
    PolicyPlan {
        pools: vec![POOL],
        every: SimDuration::from_seconds(60),
        size: Some(PolicySpec::TimeOfDay(TimeOfDay::new(windows))),
        guard: GuardSpec::default(),
    }
}

fn governed(slots: i64, policy: &PolicyPlan) -> FullTrace {
    let mut site = site(EVERY_SECOND, &[("pool", slots)]);
    let many = Task {
        mapping: Some(Mapping::Fixed(8)),
        ..task("many", 1_200.5)
    };
    add_dag(&mut site, once("etl"), vec![many]);
    let mut simulation = simulation(&site, Some(policy), 1, FullTrace::default());
    simulation.run_until(at(7_200.0));
    let trace = simulation.finish();
    let [resize] = &trace.resizes[..] else {
        panic!("one resize, not {:?}", trace.resizes);
    };
    assert_eq!(
        (resize.at, resize.pool, resize.from),
        (at(600.0), POOL, slots)
    );
    trace
}

#[test]
fn a_shrunk_pool_drains_and_nothing_is_evicted() {
    let trace = governed(4, &slots_from_midnight_and_ten_past(4, 1));
    let mut queued = moments(&rows(&trace, 0), |row| row.queued_at);
    queued.sort_by(|a, b| a.partial_cmp(b).unwrap());
    // The four of the beginning go on to their end at 1200.5 s; then one at a time.
    let one_by_one = [1_201.0, 2_402.0, 3_603.0, 4_804.0].map(Some);
    assert_eq!(queued[..4], [Some(0.0); 4]);
    assert_eq!(queued[4..], one_by_one);
    let overfull = trace.pools.iter().filter(|sample| sample.slots == Some(1));
    assert_eq!(overfull.map(|sample| sample.running).max(), Some(4));
    let ended = trace
        .task_instances
        .iter()
        .filter_map(TaskInstanceRecord::duration);
    assert!(ended.eq([SimDuration::from_seconds_f64(1_200.5); 8]));
}

#[test]
fn a_grown_pool_wakes_the_scheduler() {
    let trace = governed(1, &slots_from_midnight_and_ten_past(1, 3));
    let mut queued = moments(&rows(&trace, 0), |row| row.queued_at);
    queued.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(queued[..4], [0.0, 600.0, 600.0, 1_201.0].map(Some));
}

#[test]
fn tasks_of_a_deleted_pool_wait_until_it_is_created_again() {
    let mut deployment = site(EVERY_SECOND, &[("pool", 2)]);
    let dag = add_dag(&mut deployment, once("etl"), vec![task("load", 1.0)]);
    let waiting = SnapshotInstance {
        task: TaskId::new(0),
        map_index: -1,
        row: 0,
        state: TaskInstanceState::Scheduled,
    };
    let mut snapshot = Snapshot {
        deployment,
        deleted: vec![POOL],
        occupied: vec![0],
        runs: vec![SnapshotRun {
            run_type: slotwise::trace::RunType::Scheduled,
            dag,
            state: DagRunState::Running,
            logical_date: Some(START),
            instances: vec![waiting],
        }],
        ..Snapshot::default()
    };
    assert_eq!(decide(&snapshot).queued, []);
    snapshot.deleted.clear();
    assert_eq!(decide(&snapshot).queued, [(0, 0)]);
}

#[test]
fn an_executor_slot_is_free_one_loop_later_than_a_pool_slot() {
    for (pool, parallelism, second) in [(1, 32, 11.0), (32, 1, 12.0)] {
        let mut site = site(EVERY_SECOND, &[("pool", pool)]);
        site.executors = vec![executor(parallelism)];
        let tasks = vec![task("first", 10.5), task("second", 10.5)];
        add_dag(&mut site, once("etl"), tasks);
        let trace = trace(&site, 60.0);
        assert_eq!(
            moments(&rows(&trace, 1), |row| row.queued_at),
            [Some(second)]
        );
    }
}

#[test]
fn a_chain_of_empty_operators_advances_one_level_a_loop() {
    let mut site = site(EVERY_SECOND, &[("pool", 0)]);
    let empty = |name| Task {
        kind: TaskKind::Empty,
        ..task(name, 0.0)
    };
    add_dag(&mut site, once("etl"), chain(["a", "b", "c"].map(empty)));
    let trace = trace(&site, 60.0);
    let all: Vec<_> = trace.task_instances.iter().collect();
    assert_eq!(moments(&all, |row| row.ended_at), [0.0, 1.0, 2.0].map(Some));
    assert_eq!(trace.dag_runs[0].ended_at, Some(at(3.0)));
}

#[test]
fn failure_spreads_one_level_a_loop() {
    let mut site = site(EVERY_SECOND, &[("pool", 1)]);
    let fails = Task {
        failure_rate: 1.0,
        ..task("fails", 5.5)
    };
    let below = ["a", "b", "c"].map(|name| task(name, 1.0));
    add_dag(
        &mut site,
        once("etl"),
        chain([fails].into_iter().chain(below)),
    );
    let trace = trace(&site, 60.0);
    let all: Vec<_> = trace.task_instances.iter().collect();
    assert_eq!(
        moments(&all, |row| row.ended_at),
        [5.5, 6.0, 7.0, 8.0].map(Some)
    );
    assert!(
        all[1..]
            .iter()
            .all(|row| row.state == TaskInstanceState::UpstreamFailed)
    );
    let run = trace.dag_runs[0];
    assert_eq!(
        (run.state, run.ended_at),
        (DagRunState::Failed, Some(at(9.0)))
    );
}

#[test]
fn a_retry_is_ready_only_after_its_delay_and_not_with_it() {
    let mut site = site(EVERY_SECOND, &[("pool", 1)]);
    let flaky = Task {
        failure_rate: 1.0,
        retry: RetryPolicy {
            retries: 1,
            retry_delay: SimDuration::from_seconds(10),
            ..RetryPolicy::default()
        },
        ..task("flaky", 5.0)
    };
    add_dag(&mut site, once("etl"), vec![flaky]);
    let trace = trace(&site, 60.0);
    // It fails at 5 s, so the loop at 15 s comes too early by nothing at all.
    assert_eq!(
        moments(&rows(&trace, 0), |row| row.scheduled_at),
        [0.0, 16.0].map(Some)
    );
}

#[test]
fn catching_up_creates_a_run_a_loop_and_no_backlog() {
    let mut site = site(EVERY_SECOND, &[("pool", 8)]);
    let behind = Dag {
        start_date: at(-600.0),
        max_active_runs: 3,
        ..every("behind", 60)
    };
    add_dag(&mut site, behind, vec![task("load", 30.5)]);
    let runs = trace(&site, 600.0).dag_runs;
    let queued = runs[..4].iter().map(|run| run.queued_at);
    // The first ends in the loop at 31 s; its place is taken in the next.
    assert!(queued.eq([0.0, 1.0, 2.0, 32.0].map(at)));
    for run in &runs {
        let unfinished = runs.iter().filter(|other| {
            other.queued_at <= run.queued_at && other.ended_at.is_none_or(|end| end > run.queued_at)
        });
        assert!(unfinished.count() <= 3, "when {run:?} was created");
    }
}

#[test]
fn continuous_runs_follow_each_other_in_ideal_mode_too() {
    let ideal = SchedulerMode::Ideal {
        head_of_line: false,
    };
    let mut site = site(ideal, &[("pool", 8)]);
    let endless = Dag {
        schedule: Schedule::Timetable(Timetable::continuous()),
        max_active_runs: 1,
        ..once("endless")
    };
    add_dag(&mut site, endless, vec![task("poll", 60.0)]);
    let runs = trace(&site, 600.0).dag_runs;
    assert_eq!(runs.len(), 10);
    assert!(
        runs.windows(2)
            .all(|pair| pair[0].ended_at < pair[1].started_at)
    );
}
