//! The benchmark workloads as deployments.
//!
//! * W1: M/M/16 at load 0.9: one pool of 16 slots, one DAG of one task.
//! * W2: a DAG of twelve tasks over four pools: three extracts, each followed by a call of its own; four computes of
//!   two slots after all calls; a load; a notify. Lognormal durations with sigma 0.8, Poisson runs.

#![expect(clippy::unwrap_used, reason = "the parameters are constants")]

use slotwise::deployment::{
    AirflowSettings, Dag, Deployment, Executor, ExecutorKind, LoopPace, Pool, Schedule,
    SchedulerMode, Task, Timers,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::random::{ArrivalProcess, Distribution};
use slotwise::time::{SimDuration, SimTime};

pub(crate) const IDEAL: SchedulerMode = SchedulerMode::Ideal {
    head_of_line: false,
};
pub(crate) const AIRFLOW: SchedulerMode = SchedulerMode::Airflow(LoopPace::Paced {
    busy: SimDuration::from_micros(200_000),
    per_task: SimDuration::ZERO,
    idle: SimDuration::from_seconds(1),
    timers: Timers::Exact,
});

/// The loop without the timers that end its sleeps.
pub(crate) const WITHOUT_TIMERS: SchedulerMode = SchedulerMode::Airflow(LoopPace::Paced {
    busy: SimDuration::from_micros(200_000),
    per_task: SimDuration::ZERO,
    idle: SimDuration::from_seconds(1),
    timers: Timers::None,
});

/// Arrivals per second of W1 and W2.
pub(crate) const W1_RATE: f64 = 14.4;
pub(crate) const W2_RATE: f64 = 0.85 / 16.0;
/// Task instances of one run of W2.
pub(crate) const W2_TASKS: u64 = 12;

pub(crate) fn w1() -> Deployment {
    let mut deployment = empty(IDEAL);
    deployment.pools.push(pool("servers", 16));
    let mut task = task("serve", 1, 1, Distribution::exponential(1.0).unwrap());
    task.pool = PoolId::new(1);
    deployment.tasks.push(task);
    deployment.dags.push(dag("queue", 1, W1_RATE));
    deployment
}

pub(crate) fn w2(mode: SchedulerMode, rate: f64) -> Deployment {
    let mut deployment = empty(mode);
    deployment
        .pools
        .extend([pool("database", 16), pool("api", 8), pool("compute", 32)]);
    let mut add = |name: String, pool: usize, slots: u32, mean: f64, upstream: &[usize]| {
        let sigma: f64 = 0.8;
        let sd = mean * libm::sqrt(libm::expm1(sigma * sigma));
        let mut task = task(
            &name,
            pool,
            slots,
            Distribution::lognormal(mean, sd).unwrap(),
        );
        task.upstream = upstream.iter().copied().map(TaskId::new).collect();
        deployment.tasks.push(task);
    };
    for i in 0..3 {
        add(format!("extract_{i}"), 1, 1, 60.0, &[]);
    }
    for i in 0..3 {
        add(format!("call_{i}"), 2, 1, 36.0, &[i]);
    }
    for i in 0..4 {
        add(format!("compute_{i}"), 3, 2, 64.0, &[3, 4, 5]);
    }
    add("load".into(), 1, 1, 45.0, &[6, 7, 8, 9]);
    add("notify".into(), 0, 1, 5.0, &[10]);
    deployment.dags.push(dag("etl", W2_TASKS as usize, rate));
    deployment
}

/// The moment after which `runs` runs have arrived on average.
pub(crate) fn horizon(runs: u64, rate: f64) -> SimTime {
    SimTime::default() + SimDuration::from_seconds_f64(runs as f64 / rate)
}

fn empty(scheduler: SchedulerMode) -> Deployment {
    Deployment {
        pools: vec![Pool::default_pool()],
        airflow: AirflowSettings {
            parallelism: 64,
            ..AirflowSettings::default()
        },
        executors: vec![Executor {
            name: "workers".into(),
            parallelism: 64,
            start_delay: Distribution::ZERO,
            kind: ExecutorKind::Tracked,
        }],
        scheduler,
        ..Deployment::default()
    }
}

fn pool(name: &str, slots: i64) -> Pool {
    Pool {
        name: name.into(),
        slots,
        description: None,
        include_deferred: false,
    }
}

fn dag(name: &str, tasks: usize, rate: f64) -> Dag {
    Dag {
        task_count: tasks,
        schedule: Schedule::Arrivals(ArrivalProcess::poisson(rate)),
        max_active_runs: u32::MAX,
        max_active_tasks: u32::MAX,
        ..Dag::named(name)
    }
}

fn task(name: &str, pool: usize, pool_slots: u32, duration: Distribution) -> Task {
    Task {
        pool: PoolId::new(pool),
        pool_slots,
        duration,
        ..Task::named(name, DagId::default())
    }
}
