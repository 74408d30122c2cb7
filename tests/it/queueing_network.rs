//! The quick way to simulate an open queueing network against the simulation of everything.

use crate::sites::{START, add_dag, at, once, simulation, site, task};
use proptest::prelude::*;
use slotwise::airflow::as_queueing_network;
use slotwise::deployment::{
    Dag, Deployment, RetryPolicy, Schedule, SchedulerMode, Task, TaskKind, TriggerRule, WeightRule,
};
use slotwise::ids::{PoolId, TaskId};
use slotwise::random::arrivals::Bursts;
use slotwise::random::{ArrivalProcess, Distribution, PointProcess, StreamKey};
use slotwise::time::SimDuration;
use slotwise::trace::{MeasurementWindow, RunningSummary};

const FIRST_COME: SchedulerMode = SchedulerMode::Ideal {
    head_of_line: false,
};
const SEED: u64 = 11;

/// Durations with and without ties.
fn any_duration() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        prop::sample::select(vec![0.0, 5.0, 10.0])
            .prop_map(|value| Distribution::constant(value).unwrap()),
        (1.0..40.0f64).prop_map(|mean| Distribution::exponential(mean).unwrap()),
    ]
}

/// A task that comes after some of the first ones of its DAG, by the bits of a number.
fn any_task() -> impl Strategy<Value = (Task, u32)> {
    let rules = vec![
        WeightRule::Absolute,
        WeightRule::Downstream,
        WeightRule::Upstream,
    ];
    let rule = prop::sample::select(rules);
    (
        0..4usize,
        1u32..4,
        -1i64..3,
        rule,
        any_duration(),
        any::<u32>(),
    )
        .prop_map(
            |(pool, pool_slots, priority_weight, weight_rule, duration, upstream)| {
                let task = Task {
                    pool: PoolId::new(pool),
                    pool_slots,
                    priority_weight,
                    weight_rule,
                    duration,
                    ..task("", 0.0)
                };
                (task, upstream)
            },
        )
}

/// A DAG whose runs arrive at random, or several at a time.
fn any_dag() -> impl Strategy<Value = (Dag, Vec<Task>)> {
    let process = (any::<bool>(), 10.0..200.0f64).prop_map(|(bursts, gap)| {
        if bursts {
            let period = SimDuration::from_seconds((gap / 5.0) as i64 * 5);
            let bursts = Bursts::new(period, None);
            ArrivalProcess::new(PointProcess::Bursts(bursts))
                .in_batches(Distribution::constant(3.0).unwrap())
                .unwrap()
        } else {
            ArrivalProcess::poisson(1.0 / gap)
        }
    });
    let deadline = prop::option::of(10i64..200);
    let size = prop::option::of(1.0..2.0f64);
    let tasks = prop::collection::vec(any_task(), 1..6);
    (process, deadline, size, tasks).prop_map(|(process, deadline, size, tasks)| {
        let dag = Dag {
            schedule: Schedule::Arrivals(process),
            deadline: deadline.map(SimDuration::from_seconds),
            run_size: size.map(|mean| Distribution::exponential(mean).unwrap()),
            ..once("")
        };
        let tasks = tasks
            .into_iter()
            .enumerate()
            .map(|(at, (task, upstream))| Task {
                task_id: format!("task_{at}"),
                upstream: (0..at)
                    .filter(|above| upstream >> above & 1 == 1)
                    .map(TaskId::new)
                    .collect(),
                ..task
            });
        (dag, tasks.collect())
    })
}

fn any_network() -> impl Strategy<Value = Deployment> {
    let slots = prop_oneof![6 => 1i64..6, 1 => Just(-1), 1 => Just(0)];
    let slots = prop::collection::vec(slots, 3);
    (slots, prop::collection::vec(any_dag(), 1..4)).prop_map(|(slots, dags)| {
        let names = ["red", "green", "blue"];
        let pools: Vec<_> = names.into_iter().zip(slots).collect();
        let mut site = site(FIRST_COME, &pools);
        for (number, (dag, tasks)) in dags.into_iter().enumerate() {
            let dag_id = format!("dag_{number}");
            add_dag(&mut site, Dag { dag_id, ..dag }, tasks);
        }
        site
    })
}

fn window() -> MeasurementWindow {
    MeasurementWindow {
        start: START,
        warm_up_end: at(300.0),
        end: at(1_800.0),
    }
}

fn simulated(site: &Deployment) -> RunningSummary {
    let empty = RunningSummary::new(site, window());
    let mut simulation = simulation(site, None, SEED, empty);
    simulation.run_until(window().end);
    simulation.finish()
}

fn quick(site: &Deployment) -> Option<RunningSummary> {
    as_queueing_network(site, StreamKey::root(SEED, 0), window())
}

proptest! {
    #[test]
    fn the_quick_way_comes_to_the_same(site in any_network()) {
        let quick = quick(&site).expect("an open queueing network");
        let simulated = simulated(&site);
        for task in (0..site.tasks.len()).map(TaskId::new) {
            prop_assert_eq!(quick.work_of_task(task), simulated.work_of_task(task));
        }
        for pool in quick.pool_ids() {
            prop_assert_eq!(quick.slots_of(pool).over_window(), simulated.slots_of(pool).over_window());
        }
        prop_assert_eq!(quick, simulated);
    }
}

fn one_task(change: impl FnOnce(&mut Deployment)) -> Deployment {
    let mut site = site(FIRST_COME, &[("red", 2)]);
    let schedule = Schedule::Arrivals(ArrivalProcess::poisson(0.1));
    let tasks = vec![task("first", 10.0), task("second", 10.0)];
    add_dag(
        &mut site,
        Dag {
            schedule,
            ..once("dag")
        },
        tasks,
    );
    change(&mut site);
    site
}

#[test]
fn what_only_the_whole_simulation_knows_is_left_to_it() {
    assert!(quick(&one_task(|_| ())).is_some());
    let changes: [fn(&mut Deployment); 8] = [
        |site| site.scheduler = crate::sites::EVERY_SECOND,
        |site| site.tasks[1].failure_rate = 0.1,
        |site| site.tasks[1].kind = TaskKind::Empty,
        |site| site.tasks[1].trigger_rule = TriggerRule::AllDone,
        |site| site.tasks[1].execution_timeout = Some(SimDuration::from_seconds(5)),
        |site| site.dags[0].dagrun_timeout = Some(SimDuration::from_seconds(5)),
        |site| site.executors[0].start_delay = Distribution::constant(1.0).unwrap(),
        |site| site.dags[0].schedule = once("dag").schedule,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(quick(&one_task(change)).is_none(), "change {at}");
    }
    // Retries matter only where something fails.
    let retries = RetryPolicy {
        retries: 3,
        ..RetryPolicy::default()
    };
    assert!(quick(&one_task(|site| site.tasks[0].retry = retries)).is_some());
}

#[test]
fn wide_tasks_hold_others_back_only_in_the_whole_simulation() {
    let held_back = |slots| {
        one_task(|site| {
            site.scheduler = SchedulerMode::Ideal { head_of_line: true };
            site.tasks[0].pool_slots = slots;
        })
    };
    assert!(quick(&held_back(1)).is_some());
    assert!(quick(&held_back(2)).is_none());
}
