//! Random small deployments for property tests: busy, tight and with everything that is simulated.

use crate::random_events::edit_files;
use crate::random_resources::protect;
use crate::random_tasks::{any_task, place, tie};
use crate::sites::{START, add_dag, at, executor, site};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use slotwise::deployment::timetable::CronSchedule;
use slotwise::deployment::{
    AirflowSettings, Autoscale, Dag, Deployment, Executor, ExecutorKind, LoopPace, OperatorEvent,
    Resource, Rules, ScaleIn, Schedule, SchedulerMode, SensorWait, Task, TaskKind, Timers,
    Timetable, WorkerGroup,
};
use slotwise::ids::{PoolId, TaskId};
use slotwise::policy::{CronWindow, GuardSpec, PolicyPlan, PolicySpec, TimeOfDay};
use slotwise::random::arrivals::{Bursts, RateProfile, Recording};
use slotwise::random::{ArrivalProcess, Distribution, PointProcess};
use slotwise::time::SimDuration;

/// Pools beside `default_pool`, and executors.
pub(crate) const POOLS: usize = 3;
pub(crate) const EXECUTORS: usize = 2;
pub(crate) const QUEUES: usize = 2;
/// Tasks of the largest DAG.
const TASKS: usize = 5;

/// A deployment in parts, so that it can be put together with and without some of its DAGs.
#[derive(Clone, Debug)]
pub(crate) struct RandomSite {
    pub(crate) slots: Vec<i64>,
    pub(crate) dags: Vec<(Dag, Vec<Task>)>,
    pub(crate) airflow: AirflowSettings,
    pub(crate) executors: Vec<Executor>,
    pub(crate) pace: LoopPace,
    /// The policy of the first pool after `default_pool`.
    pub(crate) policy: Option<PolicyPlan>,
    pub(crate) assets: Vec<String>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) events: Vec<OperatorEvent>,
    /// Which sensors await which tasks, if any do.
    pub(crate) awaits: Option<usize>,
    /// Edits of files: when, of which DAG, and how.
    pub(crate) edits: Vec<(f64, usize, u32)>,
    pub(crate) seed: u64,
}

impl RandomSite {
    pub(crate) fn deployment(&self, scheduler: SchedulerMode) -> Deployment {
        let names = ["red", "green", "blue"];
        let pools: Vec<_> = names.into_iter().zip(self.slots.iter().copied()).collect();
        let mut site = Deployment {
            airflow: self.airflow.clone(),
            executors: self.executors.clone(),
            assets: self.assets.clone(),
            resources: self.resources.clone(),
            events: self.events.clone(),
            queues: ["default", "heavy"].map(String::from).to_vec(),
            ..site(scheduler, &pools)
        };
        for (dag, tasks) in &self.dags {
            add_dag(&mut site, dag.clone(), tasks.clone());
        }
        if let Some(choice) = self.awaits {
            let_sensors_await(&mut site, choice);
        }
        edit_files(&mut site, &self.dags, &self.edits);
        site
    }

    pub(crate) fn in_airflow_mode(&self) -> Deployment {
        self.deployment(SchedulerMode::Airflow(self.pace))
    }
}

/// Lets sensors await other tasks, every second one a task of its own DAG, which has the same logical dates for sure.
fn let_sensors_await(site: &mut Deployment, choice: usize) {
    for at in 0..site.tasks.len() {
        let own = &site.dags[site.tasks[at].dag.index()];
        let awaited = if choice >> (at % 16) & 1 == 0 {
            own.first_task.index() + (at + 1) % own.task_count
        } else {
            (at + choice) % site.tasks.len()
        };
        if let TaskKind::Sensor(sensor) = &mut site.tasks[at].kind
            && awaited != at
        {
            sensor.wait = SensorWait::Task(TaskId::new(awaited));
        }
    }
}

/// Always the same cases, so that a test passes for everyone or for no one.
pub(crate) fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_260_302),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub(crate) fn any_site() -> impl Strategy<Value = RandomSite> {
    let slots = prop_oneof![6 => 1i64..6, 1 => Just(-1), 1 => Just(0)];
    (
        prop::collection::vec(slots, POOLS),
        prop::collection::vec(any_dag(), 1..5),
        any_settings(),
        prop::collection::vec((1u32..8, any_delay(), any_kind()), EXECUTORS),
        any_pace(),
        any::<bool>(),
        any::<u64>(),
    )
        .prop_map(
            |(slots, mut dags, mut airflow, executors, pace, governed, seed)| {
                if seed % 5 < 2 {
                    airflow.rules = Rules::AIRFLOW_2;
                    airflow.schedule_after_task_execution = seed % 7 > 1;
                }
                for (at, (dag, _)) in dags.iter_mut().enumerate() {
                    // Names that do not stand in the order of the file: ties are broken by name.
                    dag.dag_id = format!("dag_{}", ["c", "a", "d", "b"][at]);
                }
                let with_delay = |(parallelism, start_delay, kind)| Executor {
                    start_delay,
                    kind,
                    ..executor(parallelism)
                };
                let mut site = RandomSite {
                    policy: (governed && slots[0] >= 0).then(every_ten_minutes),
                    executors: executors.into_iter().map(with_delay).collect(),
                    slots,
                    dags,
                    airflow,
                    pace,
                    assets: Vec::new(),
                    resources: Vec::new(),
                    events: Vec::new(),
                    awaits: None,
                    edits: Vec::new(),
                    seed,
                };
                protect(&mut site);
                site
            },
        )
}

fn any_settings() -> impl Strategy<Value = AirflowSettings> {
    let limits = (2u32..12, 0u32..6, 1u32..4, 1u32..6);
    let schedulers = prop_oneof![3 => Just(1u32), 1 => Just(2), 1 => Just(3)];
    // So short that much gets stuck in queued.
    let seconds = |range| Strategy::prop_map(range, SimDuration::from_seconds);
    (limits, schedulers, seconds(2i64..60), seconds(1i64..40)).prop_map(
        |((parallelism, page, created, examined), schedulers, timeout, interval)| AirflowSettings {
            rules: Rules::AIRFLOW_3,
            schedule_after_task_execution: true,
            triggerer_capacity: 3,
            task_instance_heartbeat_timeout: SimDuration::from_seconds(20),
            parallelism,
            max_tis_per_query: page,
            max_dagruns_to_create_per_loop: created,
            max_dagruns_per_loop_to_schedule: examined,
            task_queued_timeout: timeout,
            task_queued_timeout_check_interval: interval,
            schedulers,
        },
    )
}

fn any_kind() -> impl Strategy<Value = ExecutorKind> {
    let seconds = SimDuration::from_seconds;
    let bounds = (0u32..2, 1u32..4);
    let autoscale = (bounds, 1i64..20, 0i64..120, 0i64..60, any::<bool>()).prop_map(
        move |((min_workers, max_workers), poll, cool_down, start_up, kills)| Autoscale {
            min_workers,
            max_workers,
            polling_interval: seconds(poll),
            cool_down: seconds(cool_down),
            start_up: seconds(start_up),
            scale_in: if kills {
                ScaleIn::Killing
            } else {
                ScaleIn::Graceful
            },
        },
    );
    let group = (
        1u32..3,
        (1u32..3, prop::sample::select(vec![1, 1, 1, 2, 3, 0])),
        prop::sample::subsequence(vec![0, 1], 1..=2),
        prop::option::weighted(0.3, autoscale),
    );
    let group = group.prop_map(
        |(workers, (worker_concurrency, worker_prefetch_multiplier), queues, autoscale)| {
            WorkerGroup {
                workers,
                worker_concurrency,
                worker_prefetch_multiplier,
                queues,
                autoscale,
            }
        },
    );
    prop_oneof![
        3 => Just(ExecutorKind::Tracked),
        1 => Just(ExecutorKind::Local),
        2 => prop::collection::vec(group, 1..3).prop_map(ExecutorKind::Celery),
        1 => (1u32..3).prop_map(|pods_per_loop| ExecutorKind::Kubernetes { pods_per_loop }),
    ]
}

fn any_pace() -> impl Strategy<Value = LoopPace> {
    let ms = |ms: i64| SimDuration::from_micros(ms * 1_000);
    prop_oneof![
        prop::sample::select(vec![700, 1_000, 5_000]).prop_map(move |p| LoopPace::Every(ms(p))),
        (
            prop::sample::select(vec![(200, 1_000), (1_300, 5_000)]),
            any::<bool>(),
            prop::sample::select(vec![0, 70]),
        )
            .prop_map(move |((busy, idle), exact, per_task)| {
                LoopPace::Paced {
                    busy: ms(busy),
                    per_task: ms(per_task),
                    idle: ms(idle),
                    timers: if exact { Timers::Exact } else { Timers::None },
                }
            }),
    ]
}

fn any_delay() -> impl Strategy<Value = Distribution> {
    let some = Distribution::exponential(3.0).unwrap();
    prop::sample::select(vec![Distribution::ZERO, some])
}

fn any_dag() -> impl Strategy<Value = (Dag, Vec<Task>)> {
    let tasks = prop::collection::vec((any_task(), any::<u8>()), 1..=TASKS);
    (
        tasks,
        any_schedule(),
        any::<(bool, u32)>(),
        1u32..6,
        1u32..6,
    )
        .prop_map(
            |(tasks, schedule, (catchup, choice), max_active_runs, max_active_tasks)| {
                let dag = Dag {
                    schedule,
                    catchup,
                    max_active_runs,
                    max_active_tasks,
                    start_date: START - SimDuration::from_seconds(1_200),
                    run_size: catchup.then(|| Distribution::lognormal(1.0, 0.3).unwrap()),
                    dagrun_timeout: (choice % 4 == 1).then(|| SimDuration::from_seconds(250)),
                    ..Dag::named("")
                };
                let placed = tasks.into_iter().enumerate().map(place).collect();
                (dag, tie(placed, choice))
            },
        )
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let timetable = |timetable| Schedule::Timetable(timetable);
    prop_oneof![
        (20i64..300).prop_map(move |seconds| {
            let delta = SimDuration::from_seconds(seconds);
            timetable(Timetable::delta_trigger(delta).unwrap())
        }),
        (20i64..300).prop_map(move |seconds| {
            let delta = SimDuration::from_seconds(seconds);
            timetable(Timetable::delta_interval(delta).unwrap())
        }),
        Just(timetable(
            Timetable::cron_trigger("*/5 * * * *", "UTC").unwrap()
        )),
        Just(timetable(Timetable::once())),
        any_arrivals().prop_map(Schedule::Arrivals),
    ]
}

fn any_arrivals() -> impl Strategy<Value = ArrivalProcess> {
    let points = (20.0..300.0f64, 0..4u8).prop_map(|(gap, kind)| match kind {
        0 => PointProcess::Poisson { rate: 1.0 / gap },
        1 => {
            // It begins with a quiet hour, of which a change of the clocks leaves out the second half.
            let rates = std::array::from_fn(|hour| if hour == 0 { 0.5 / gap } else { 2.0 / gap });
            let half_an_hour = SimDuration::from_seconds(1_800);
            let offsets = [
                (START, SimDuration::ZERO),
                (START + half_an_hour, half_an_hour),
            ];
            PointProcess::Profile(RateProfile::new(rates, &offsets).unwrap())
        }
        2 => {
            let jitter = Distribution::exponential(gap / 4.0).unwrap();
            let period = SimDuration::from_seconds_f64(gap);
            PointProcess::Bursts(Bursts::new(period, Some(jitter)))
        }
        _ => {
            let moments = [-9.0, 3.0, 3.0, 17.0].map(|part| at(part / 20.0 * gap));
            let recording = Recording::once(moments.to_vec());
            let period = SimDuration::from_seconds_f64(gap * 2.0);
            PointProcess::Recorded(recording.repeated(period).unwrap())
        }
    });
    (points, any::<bool>()).prop_map(|(points, in_batches)| {
        let process = ArrivalProcess::new(points);
        let size = Distribution::from_parameters("uniform", &[("low", 1.0), ("high", 4.0)]);
        if in_batches {
            process.in_batches(size.unwrap()).unwrap()
        } else {
            process
        }
    })
}

/// One slot in the first half of every ten minutes, four in the second.
fn every_ten_minutes() -> PolicyPlan {
    let window = |cron: &str, slots| CronWindow {
        begins: CronSchedule::new(cron, "UTC").unwrap(),
        slots,
    };
    let windows = vec![window("*/10 * * * *", 1), window("5-59/10 * * * *", 4)];
    PolicyPlan {
        pools: vec![PoolId::new(1)],
        every: SimDuration::from_seconds(37),
        size: Some(PolicySpec::TimeOfDay(TimeOfDay::new(windows))),
        guard: GuardSpec::default(),
    }
}
