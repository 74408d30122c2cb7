//! The quick way to simulate a plain site under Airflow's scheduler against the simulation of everything.

use crate::sites::{START, add_dag, at, executor, once, simulation, site, task};
use proptest::prelude::*;
use slotwise::airflow::as_plain_site;
use slotwise::deployment::{
    Dag, Deployment, LoopPace, RetryPolicy, Rules, Schedule, SchedulerMode, Task, TaskKind, Timers,
    TriggerRule, WeightRule,
};
use slotwise::ids::{PoolId, TaskId};
use slotwise::random::arrivals::Bursts;
use slotwise::random::{ArrivalProcess, Distribution, PointProcess, StreamKey};
use slotwise::time::SimDuration;
use slotwise::trace::{CsvRows, MeasurementWindow, NoRecorder, RunningSummary, StarvingTasks};

const SEED: u64 = 11;

/// Durations with and without ties, and none at all.
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
    let wants = (0..4usize, 0u32..4, -1i64..3, 0..2usize);
    (wants, rule, any_duration(), any::<u32>()).prop_map(
        |((pool, pool_slots, priority_weight, executor), weight_rule, duration, upstream)| {
            let task = Task {
                pool: PoolId::new(pool),
                pool_slots,
                priority_weight,
                weight_rule,
                duration,
                executor,
                ..task("", 0.0)
            };
            (task, upstream)
        },
    )
}

/// A DAG whose runs arrive at random, or several at a time.
fn any_dag() -> impl Strategy<Value = (Dag, Vec<Task>)> {
    let process = (any::<bool>(), 10.0..100.0f64).prop_map(|(bursts, gap)| {
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
    let limit = prop_oneof![1u32..4, Just(100)];
    let tasks = prop::collection::vec(any_task(), 1..6);
    (process, deadline, size, limit, tasks).prop_map(|(process, deadline, size, limit, tasks)| {
        let dag = Dag {
            schedule: Schedule::Arrivals(process),
            deadline: deadline.map(SimDuration::from_seconds),
            run_size: size.map(|mean| Distribution::exponential(mean).unwrap()),
            max_active_runs: limit,
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

/// Whole seconds, so that loops fall upon ends and arrivals, or not.
fn any_pace() -> impl Strategy<Value = LoopPace> {
    let micros = SimDuration::from_micros;
    let timers = prop::sample::select(vec![Timers::Exact, Timers::None]);
    let spans = prop::sample::select(vec![
        (1_000_000, 4_000_000),
        (200_000, 1_000_000),
        (1, 4_999_999),
        (700_001, 0),
    ]);
    prop_oneof![
        prop::sample::select(vec![1_000_000, 5_000_000, 3_333_333])
            .prop_map(move |period| LoopPace::Every(micros(period))),
        (spans, timers).prop_map(move |((busy, idle), timers)| LoopPace::Paced {
            busy: micros(busy),
            per_task: SimDuration::ZERO,
            idle: micros(idle),
            timers,
        }),
    ]
}

fn any_site() -> impl Strategy<Value = Deployment> {
    let slots = prop_oneof![6 => 1i64..6, 1 => Just(-1), 1 => Just(0)];
    let slots = prop::collection::vec(slots, 3);
    let bounds = (
        prop_oneof![1u32..5, Just(100)],
        0u32..5,
        1u32..4,
        prop_oneof![1 => Just(0), 6 => 1u32..4, 3 => Just(20)],
    );
    let dags = prop::collection::vec(any_dag(), 1..4);
    (any_pace(), slots, bounds, dags).prop_map(
        |(pace, slots, (parallelism, page, of_executor, examined), dags)| {
            let names = ["red", "green", "blue"];
            let pools: Vec<_> = names.into_iter().zip(slots).collect();
            let mut site = site(SchedulerMode::Airflow(pace), &pools);
            site.executors.push(executor(of_executor));
            site.airflow.parallelism = parallelism;
            site.airflow.max_tis_per_query = page;
            site.airflow.max_dagruns_per_loop_to_schedule = examined;
            for (number, (dag, tasks)) in dags.into_iter().enumerate() {
                let dag_id = format!("dag_{number}");
                add_dag(&mut site, Dag { dag_id, ..dag }, tasks);
            }
            site
        },
    )
}

fn window() -> MeasurementWindow {
    MeasurementWindow {
        start: START,
        warm_up_end: at(200.0),
        end: at(1_200.0),
    }
}

fn recorder(site: &Deployment) -> (RunningSummary, CsvRows<'_, Vec<u8>>) {
    (
        RunningSummary::new(site, window()),
        CsvRows::new(site, Vec::new()),
    )
}

/// The summary and the rows as text.
fn told(recorded: (RunningSummary, CsvRows<'_, Vec<u8>>)) -> (RunningSummary, String) {
    let rows = recorded.1.finish().unwrap();
    (recorded.0, String::from_utf8(rows).unwrap())
}

fn simulated(site: &Deployment) -> (RunningSummary, String) {
    let mut simulation = simulation(site, None, SEED, recorder(site));
    simulation.run_until(window().end);
    told(simulation.finish())
}

fn quick(site: &Deployment) -> Option<(RunningSummary, String)> {
    let key = StreamKey::root(SEED, 0);
    let MeasurementWindow { start, end, .. } = window();
    let recorded = as_plain_site(site, key, start, end, recorder(site));
    recorded.ok().map(told)
}

proptest! {
    #[test]
    fn the_quick_way_comes_to_the_same(site in any_site()) {
        let (summary, rows) = quick(&site).expect("a plain site");
        let (expected, expected_rows) = simulated(&site);
        for (row, expected) in rows.lines().zip(expected_rows.lines()) {
            prop_assert_eq!(row, expected);
        }
        prop_assert_eq!(rows.len(), expected_rows.len());
        for pool in summary.pool_ids() {
            prop_assert_eq!(summary.slots_of(pool).over_window(), expected.slots_of(pool).over_window());
        }
        prop_assert_eq!(summary, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn as_many_starve(site in any_site()) {
        let recorder = || {
            let starving = StarvingTasks::new(site.pools.len(), window());
            (RunningSummary::new(&site, window()), starving)
        };
        let mut whole = simulation(&site, None, SEED, recorder());
        whole.run_until(window().end);
        let key = StreamKey::root(SEED, 0);
        let MeasurementWindow { start, end, .. } = window();
        let quick = as_plain_site(&site, key, start, end, recorder()).ok();
        let (_, quick) = quick.expect("a plain site");
        let (summary, starving) = whole.finish();
        prop_assert!(quick.into_courses() == starving.into_courses());
        // Looking once more changes nothing else.
        prop_assert_eq!(summary, simulated(&site).0);
    }
}

fn two_tasks(change: impl FnOnce(&mut Deployment)) -> Deployment {
    let mut site = site(crate::sites::EVERY_SECOND, &[("red", 2)]);
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
    assert!(quick(&two_tasks(|_| ())).is_some());
    let changes: [fn(&mut Deployment); 13] = [
        |site| {
            site.scheduler = SchedulerMode::Ideal {
                head_of_line: false,
            };
        },
        |site| {
            site.scheduler = SchedulerMode::Airflow(LoopPace::Paced {
                busy: SimDuration::from_seconds(1),
                per_task: SimDuration::from_micros(1),
                idle: SimDuration::from_seconds(1),
                timers: Timers::None,
            });
        },
        |site| site.airflow.rules = Rules::AIRFLOW_2,
        |site| site.airflow.schedulers = 2,
        |site| site.tasks[1].failure_rate = 0.1,
        |site| site.tasks[1].kind = TaskKind::Empty,
        |site| site.tasks[1].trigger_rule = TriggerRule::AllDone,
        |site| site.tasks[1].execution_timeout = Some(SimDuration::from_seconds(5)),
        |site| site.tasks[1].max_active_tis_per_dag = Some(1),
        |site| site.dags[0].dagrun_timeout = Some(SimDuration::from_seconds(5)),
        |site| site.dags[0].max_active_tasks = 1,
        |site| site.executors[0].start_delay = Distribution::constant(1.0).unwrap(),
        |site| site.dags[0].schedule = once("dag").schedule,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(quick(&two_tasks(change)).is_none(), "change {at}");
    }
    // Retries matter only where something fails.
    let retries = RetryPolicy {
        retries: 3,
        ..RetryPolicy::default()
    };
    assert!(quick(&two_tasks(|site| site.tasks[0].retry = retries)).is_some());
}

#[test]
fn it_is_for_recorders_that_want_to_know_why_instances_waited() {
    let site = two_tasks(|_| ());
    let MeasurementWindow { start, end, .. } = window();
    let recorded = as_plain_site(&site, StreamKey::root(SEED, 0), start, end, NoRecorder);
    assert!(recorded.is_err());
}
