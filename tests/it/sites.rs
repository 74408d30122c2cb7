//! Small deployments made in code, and what a simulation makes of them.

use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::{
    Dag, Deployment, Executor, ExecutorKind, LoopPace, Pool, Schedule, SchedulerMode, Task,
    Timetable,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::policy::PolicyPlan;
use slotwise::random::{Distribution, StreamKey};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{FullTrace, Recorder, TaskInstanceRecord};

/// 2026-03-02T00:00:00Z, a Monday: where these simulations begin.
pub(crate) const START: SimTime = SimTime::from_micros(1_772_409_600_000_000);

/// A loop begins every second, whatever the last one did.
pub(crate) const EVERY_SECOND: SchedulerMode =
    SchedulerMode::Airflow(LoopPace::Every(SimDuration::from_seconds(1)));

/// The pool of a story; 0 is `default_pool`.
pub(crate) const POOL: PoolId = PoolId::new(1);

/// That many seconds after the start.
pub(crate) fn at(seconds: f64) -> SimTime {
    START + SimDuration::from_seconds_f64(seconds)
}

/// A deployment without DAGs: an unlimited `default_pool`, then these pools, and one executor that never binds.
pub(crate) fn site(scheduler: SchedulerMode, pools: &[(&str, i64)]) -> Deployment {
    let pool = |&(name, slots): &(&str, i64)| Pool {
        name: name.into(),
        slots,
        ..Pool::default_pool()
    };
    let mut site = Deployment {
        pools: [("default_pool", -1)]
            .iter()
            .chain(pools)
            .map(pool)
            .collect(),
        scheduler,
        ..Deployment::default()
    };
    site.airflow.parallelism = 1_000;
    site.executors.push(executor(1_000));
    site
}

pub(crate) fn executor(parallelism: u32) -> Executor {
    Executor {
        name: "workers".into(),
        parallelism,
        start_delay: Distribution::ZERO,
        kind: ExecutorKind::Tracked,
    }
}

/// A DAG with one run, due at the start.
pub(crate) fn once(dag_id: &str) -> Dag {
    Dag {
        schedule: Schedule::Timetable(Timetable::once()),
        start_date: START,
        ..Dag::named(dag_id)
    }
}

/// A DAG with a run every so many seconds from the start on.
pub(crate) fn every(dag_id: &str, seconds: i64) -> Dag {
    let period = SimDuration::from_seconds(seconds);
    Dag {
        schedule: Schedule::Timetable(Timetable::delta_trigger(period).unwrap()),
        catchup: true,
        ..once(dag_id)
    }
}

/// A task in the pool of the story that always takes so many seconds.
pub(crate) fn task(task_id: &str, seconds: f64) -> Task {
    Task {
        pool: POOL,
        duration: Distribution::constant(seconds).unwrap(),
        ..Task::named(task_id, DagId::default())
    }
}

/// Adds a DAG. The `upstream` of its tasks counts from 0 within the DAG.
pub(crate) fn add_dag(site: &mut Deployment, dag: Dag, tasks: Vec<Task>) -> DagId {
    let id = DagId::new(site.dags.len());
    let first = site.tasks.len();
    site.dags.push(Dag {
        first_task: TaskId::new(first),
        task_count: tasks.len(),
        ..dag
    });
    for mut task in tasks {
        task.dag = id;
        task.move_links(first);
        site.tasks.push(task);
    }
    id
}

/// The simulation of a site from [`START`], under a policy if there is one.
pub(crate) fn simulation<'a, R: Recorder>(
    site: &'a Deployment,
    policy: Option<&PolicyPlan>,
    seed: u64,
    recorder: R,
) -> Simulation<'a, Drawn<'a>, R> {
    let key = StreamKey::root(seed, 0);
    let mut simulation = Simulation::new(site, START, key, Drawn::new(site), recorder);
    if let Some(policy) = policy {
        simulation.govern(policy).unwrap();
    }
    simulation
}

/// All rows of that many seconds.
pub(crate) fn trace(site: &Deployment, seconds: f64) -> FullTrace {
    let mut simulation = simulation(site, None, 1, FullTrace::default());
    simulation.run_until(at(seconds));
    simulation.finish()
}

/// The rows of that task, in the order in which they were written.
pub(crate) fn rows(trace: &FullTrace, task: usize) -> Vec<&TaskInstanceRecord> {
    let rows = trace.task_instances.iter();
    rows.filter(|row| row.task == TaskId::new(task)).collect()
}

/// A moment of each row, in seconds after the start.
pub(crate) fn moments(
    rows: &[&TaskInstanceRecord],
    moment: fn(&TaskInstanceRecord) -> Option<SimTime>,
) -> Vec<Option<f64>> {
    let seconds = |at: SimTime| (at - START).as_seconds();
    rows.iter().map(|row| moment(row).map(seconds)).collect()
}
