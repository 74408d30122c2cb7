//! What pools protect: durations stretch with concurrency, calls are limited, and whoever goes early leaves.

use crate::random_sites::{RandomSite, any_site, fixed};
use crate::sites::{
    EVERY_SECOND, POOL, START, add_dag, at, once, rows, simulation, site, task, trace,
};
use proptest::prelude::*;
use slotwise::airflow::as_queueing_network;
use slotwise::deployment::{
    Deployment, Excess, ExecutorKind, OperatorAction, OperatorEvent, RateLimit, Resource,
    RetryPolicy, Schedule, SchedulerMode, Sensor, SensorMode, SensorWait, Slowdown, Task,
    TaskInstanceState, TaskKind, WorkerLoss,
};
use slotwise::ids::PoolId;
use slotwise::random::{ArrivalProcess, Distribution, StreamKey};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{FullTrace, MeasurementWindow, TaskInstanceRecord};
use std::collections::BTreeMap;

const END: f64 = 3_600.0;

const IDEAL: SchedulerMode = SchedulerMode::Ideal {
    head_of_line: false,
};

fn seconds(seconds: i64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

fn resource(pools: &[usize], slowdown: Slowdown) -> Resource {
    Resource {
        name: "database".into(),
        pools: pools.iter().map(|&pool| PoolId::new(pool)).collect(),
        slowdown,
        rate_limit: None,
    }
}

/// The pool of the story has ten slots and stands in front of a resource; these tasks of one run are ready at the start.
fn story(slowdown: Slowdown, tasks: Vec<Task>) -> Deployment {
    let mut site = site(IDEAL, &[("pool", 10)]);
    site.resources.push(resource(&[POOL.index()], slowdown));
    add_dag(&mut site, once("dag"), tasks);
    site
}

fn one_server() -> Slowdown {
    Slowdown::processor_sharing(1.0).unwrap()
}

/// Name, start, end in seconds and state of every segment, by its end.
fn told(site: &Deployment) -> Vec<String> {
    let trace = trace(site, END);
    let mut rows: Vec<_> = trace.task_instances.iter().collect();
    rows.retain(|row| row.ended_at.is_some() && row.segment > 0);
    rows.sort_by_key(|row| (row.ended_at, row.task));
    let moment = |moment: Option<SimTime>| (moment.unwrap_or(START) - START).as_seconds();
    let tell = |row: &&TaskInstanceRecord| {
        let name = &site.tasks[row.task.index()].task_id;
        let (start, end) = (moment(row.started_at), moment(row.ended_at));
        format!("{name} {start} {end} {}", row.state_name())
    };
    rows.iter().map(tell).collect()
}

#[test]
fn tasks_stretch_while_they_run_and_no_longer() {
    // Two share the server until `a` is done at 20 s with its 10 s of work; `b` has 20 s left, which it does alone.
    let tasks = vec![task("a", 10.0), task("b", 30.0)];
    assert_eq!(
        told(&story(one_server(), tasks)),
        ["a 0 20 success", "b 0 40 success"]
    );
    // Only those slow each other that are at work.
    let after = Task {
        upstream: vec![slotwise::ids::TaskId::new(0)],
        ..task("b", 30.0)
    };
    assert_eq!(
        told(&story(one_server(), vec![task("a", 10.0), after])),
        ["a 0 10 success", "b 10 40 success"]
    );
}

#[test]
fn pools_in_front_of_one_resource_slow_each_other_and_slots_do_not_count() {
    let mut site = site(IDEAL, &[("pool", 10), ("other", 10)]);
    site.resources.push(resource(&[1, 2], one_server()));
    let other = Task {
        pool: PoolId::new(2),
        pool_slots: 4,
        ..task("b", 10.0)
    };
    let elsewhere = Task {
        pool: PoolId::new(0),
        ..task("c", 10.0)
    };
    add_dag(
        &mut site,
        once("dag"),
        vec![task("a", 10.0), other, elsewhere],
    );
    assert_eq!(
        told(&site),
        ["c 0 10 success", "a 0 20 success", "b 0 20 success"]
    );
}

#[test]
fn a_time_limit_counts_the_clock_on_the_wall_and_the_retry_comes_again() {
    let limited = Task {
        execution_timeout: Some(seconds(25)),
        retry: RetryPolicy {
            retries: 1,
            retry_delay: seconds(100),
            ..RetryPolicy::default()
        },
        ..task("a", 20.0)
    };
    let expected = [
        "a 0 25 up_for_retry",
        "b 0 42.5 success",
        "a 125.000001 145.000001 success",
    ];
    assert_eq!(
        told(&story(one_server(), vec![limited, task("b", 30.0)])),
        expected
    );
}

#[test]
fn what_is_done_at_the_last_moment_of_its_limit_is_done() {
    let limited = |limit| Task {
        execution_timeout: Some(seconds(limit)),
        ..task("a", 20.0)
    };
    let ends = |limit| told(&story(one_server(), vec![limited(limit), task("b", 20.0)]));
    assert_eq!(ends(40), ["a 0 40 success", "b 0 40 success"]);
    assert_eq!(ends(39), ["a 0 39 failed", "b 0 39.5 success"]);
}

#[test]
fn sensors_neither_slow_nor_are_slowed_and_deferred_tasks_only_while_they_run() {
    let poking = Task {
        kind: TaskKind::Sensor(Sensor {
            mode: SensorMode::Poke,
            poke_interval: seconds(10),
            timeout: seconds(1_000),
            soft_fail: false,
            exponential_backoff: false,
            max_wait: None,
            wait: SensorWait::Time(Distribution::constant(50.0).unwrap()),
        }),
        ..task("poking", 1.0)
    };
    let deferrable = Task {
        kind: TaskKind::Deferrable(slotwise::deployment::Deferral {
            wait: Distribution::constant(100.0).unwrap(),
            timeout: None,
            start_from_trigger: false,
        }),
        ..task("deferrable", 10.0)
    };
    let expected = [
        "deferrable 0 20 deferred",
        "work 0 40 success",
        "poking 0 56 success",
        "deferrable 120 130 success",
    ];
    let tasks = vec![poking, deferrable, task("work", 30.0)];
    assert_eq!(told(&story(one_server(), tasks)), expected);
}

#[test]
fn a_run_out_of_time_frees_the_slots_but_its_workers_go_on() {
    let mut site = story(one_server(), vec![task("a", 40.0)]);
    site.dags[0].dagrun_timeout = Some(seconds(10));
    add_dag(&mut site, once("other"), vec![task("b", 15.0)]);
    assert_eq!(told(&site), ["b 0 30 success", "a 0 55 refused_by_api"]);
    let taken = trace(&site, END);
    assert_eq!(rows(&taken, 0)[0].taken_at, Some(at(10.000_001)));
}

#[test]
fn a_dead_worker_takes_its_load_with_it() {
    let mut site = story(one_server(), vec![task("a", 40.0), task("b", 40.0)]);
    site.scheduler = EVERY_SECOND;
    let group = |queues: &[usize]| slotwise::deployment::WorkerGroup {
        workers: 1,
        worker_concurrency: 1,
        worker_prefetch_multiplier: 1,
        queues: queues.to_vec(),
        autoscale: None,
    };
    site.queues = vec!["default".into(), "other".into()];
    site.tasks[1].queue = 1;
    site.executors[0].kind = ExecutorKind::Celery(vec![group(&[0]), group(&[1])]);
    site.airflow.task_instance_heartbeat_timeout = seconds(100);
    site.events.push(OperatorEvent {
        at: at(20.0),
        action: OperatorAction::LoseWorkers(WorkerLoss {
            executor: 0,
            group: Some(0),
            count: 1,
            back_after: seconds(500),
        }),
    });
    // Until 20 s each has done 10 s of its work; then `b` is alone.
    assert_eq!(told(&site), ["b 0 50 success", "a 0 130 failed"]);
}

/// A token comes every ten seconds.
fn limited(calls_per_task: u32, tokens: u32, excess: Excess, tasks: Vec<Task>) -> Deployment {
    let mut site = story(Slowdown::None, tasks);
    site.resources[0].rate_limit = Some(RateLimit {
        calls_per_task,
        refill: 0.1,
        tokens,
        excess,
    });
    site
}

#[test]
fn calls_wait_for_their_tokens_and_hold_the_slot() {
    let tasks = ["a", "b", "c"].map(|name| task(name, 5.0)).to_vec();
    // Each calls as it begins, which takes the three tokens, and half-way.
    let mut site = limited(2, 3, Excess::Delay, tasks);
    assert_eq!(
        told(&site),
        ["a 0 12.5 success", "b 0 22.5 success", "c 0 32.5 success"]
    );
    // Who waits for a token is not at work, and a time limit counts all the same.
    site.resources[0].slowdown = one_server();
    site.tasks[2].execution_timeout = Some(seconds(25));
    assert_eq!(
        told(&site),
        ["a 0 12.5 success", "b 0 22.5 success", "c 0 25 failed"]
    );
}

#[test]
fn refused_tries_fail_at_once_and_waste_what_they_called() {
    let retry = RetryPolicy {
        retries: 2,
        retry_delay: seconds(10),
        ..RetryPolicy::default()
    };
    let tasks = ["a", "b"].map(|name| Task {
        retry: retry.clone(),
        ..task(name, 5.0)
    });
    // Half-way there is one token left, which `a` takes. Each further try of `b` finds one token, and never a second.
    let expected = [
        "b 0 2.5 up_for_retry",
        "a 0 5 success",
        "b 12.500001 15.000001 up_for_retry",
        "b 25.000002 27.500002 failed",
    ];
    let mut site = limited(2, 3, Excess::Fail, tasks.to_vec());
    assert_eq!(told(&site), expected);
    // Without a token even the first call is refused.
    site.resources[0].rate_limit.as_mut().unwrap().tokens = 1;
    site.tasks[0].retry.retries = 0;
    site.tasks[1].retry.retries = 0;
    assert_eq!(told(&site), ["b 0 0 failed", "a 0 2.5 failed"]);
}

#[test]
fn calls_that_always_find_a_token_change_nothing() {
    let tasks = vec![task("a", 7.0), task("b", 10.0), task("c", 3.0)];
    let site = limited(7, 1_000, Excess::Fail, tasks);
    assert_eq!(
        told(&site),
        ["c 0 3 success", "a 0 7 success", "b 0 10 success"]
    );
}

#[test]
fn a_protected_site_is_no_open_queueing_network() {
    let window = MeasurementWindow {
        start: START,
        warm_up_end: START,
        end: at(END),
    };
    let mut site = story(one_server(), vec![task("a", 1.0)]);
    site.dags[0].schedule = Schedule::Arrivals(ArrivalProcess::poisson(0.1));
    let quick = |site: &Deployment| as_queueing_network(site, StreamKey::root(1, 0), window);
    assert!(quick(&site).is_none());
    site.resources.clear();
    assert!(quick(&site).is_some());
}

/// The same site with one resource behind all of its pools, and with nothing that ends work early.
fn behind_all_pools(random: &mut RandomSite, slowdown: Slowdown) {
    for (dag, tasks) in &mut random.dags {
        dag.dagrun_timeout = None;
        for task in tasks {
            task.execution_timeout = None;
            match &mut task.kind {
                TaskKind::Sensor(_) => task.kind = TaskKind::Work,
                TaskKind::Deferrable(deferral) => deferral.timeout = None,
                _ => {}
            }
        }
    }
    random.resources = vec![resource(&[0, 1, 2, 3], slowdown)];
}

fn simulated(random: &RandomSite, scheduler: SchedulerMode) -> FullTrace {
    let site = random.deployment(scheduler);
    let mut simulation = simulation(
        &site,
        random.policy.as_ref(),
        random.seed,
        FullTrace::default(),
    );
    simulation.run_until(at(END));
    simulation.finish()
}

/// What names a segment in every history of a site.
type Name = (usize, SimTime, i32, u32, u32);

fn name(row: &TaskInstanceRecord) -> Name {
    (
        row.task.index(),
        row.logical_date,
        row.map_index,
        row.try_number,
        row.segment,
    )
}

/// At every change, the concurrency of all that ran.
fn concurrency(trace: &FullTrace) -> BTreeMap<SimTime, i64> {
    let mut changes: BTreeMap<SimTime, i64> = BTreeMap::new();
    let ran = trace.task_instances.iter();
    let ran = ran.filter(|row| row.segment > 0 || row.state == TaskInstanceState::Running);
    for row in ran {
        let Some(from) = row.started_at else {
            continue;
        };
        *changes.entry(from).or_default() += 1;
        *changes.entry(row.ended_at.unwrap_or(at(END))).or_default() -= 1;
    }
    let mut level = 0;
    for change in changes.values_mut() {
        level += *change;
        *change = level;
    }
    changes
}

/// Seconds of work that get done from one moment to another.
fn work_done(law: &Slowdown, levels: &BTreeMap<SimTime, i64>, from: SimTime, to: SimTime) -> f64 {
    let edges: Vec<(SimTime, i64)> = levels.range(from..to).map(|(&at, &n)| (at, n)).collect();
    let ends = edges.iter().skip(1).map(|&(at, _)| at).chain([to]);
    let spans = edges.iter().zip(ends);
    spans
        .map(|(&(begin, n), end)| (end - begin).as_seconds() / law.factor(n as u32))
        .sum()
}

proptest! {
    #![proptest_config(fixed(96))]

    /// A resource that slows nothing changes nothing.
    #[test]
    fn without_slowdown_all_is_as_without_a_resource(mut random in any_site(), ideal in any::<bool>()) {
        behind_all_pools(&mut random, Slowdown::None);
        for (at, (_, tasks)) in random.dags.iter_mut().enumerate() {
            tasks[0].execution_timeout = Some(seconds(20 + 10 * at as i64));
        }
        let scheduler = if ideal { IDEAL } else { SchedulerMode::Airflow(random.pace) };
        let protected = simulated(&random, scheduler);
        random.resources.clear();
        let free = simulated(&random, scheduler);
        let differs = protected.task_instances.iter().zip(&free.task_instances).find(|(a, b)| a != b);
        prop_assert_eq!(differs, None);
        prop_assert_eq!(protected.task_instances.len(), free.task_instances.len());
        prop_assert_eq!(protected.dag_runs, free.dag_runs);
    }

    /// Every segment gets done exactly the work that it has by its own luck, at the speed that the number of those at work
    /// allows at each moment.
    #[test]
    fn each_segment_gets_its_work_done(mut random in any_site(), law in 0..4u8) {
        let law = match law {
            0 => Slowdown::linear(0.3),
            1 => Slowdown::universal_scalability(0.05, 0.02),
            2 => Slowdown::processor_sharing(1.5),
            _ => Slowdown::table(vec![(3, 1.5), (5, 4.0)]),
        };
        let law = law.unwrap();
        behind_all_pools(&mut random, law.clone());
        for (_, tasks) in &mut random.dags {
            for task in tasks {
                task.lost_rate = 0.0;
            }
        }
        for executor in &mut random.executors {
            executor.kind = ExecutorKind::Tracked;
        }
        let slow = simulated(&random, IDEAL);
        random.resources.clear();
        let free = simulated(&random, IDEAL);
        let free: BTreeMap<Name, &TaskInstanceRecord> = free.task_instances.iter().map(|row| (name(row), row)).collect();
        let levels = concurrency(&slow);
        for row in slow.task_instances.iter().filter(|row| row.segment > 0) {
            let alone = free.get(&name(row)).and_then(|row| row.duration());
            let (Some(alone), Some(from), Some(to)) = (alone, row.started_at, row.ended_at) else {
                continue;
            };
            let done = work_done(&law, &levels, from, to);
            let surplus = done - alone.as_seconds();
            prop_assert!(surplus.abs() < 2e-6, "{surplus} s more than {row:?} has");
        }
    }
}
