//! Small deployments made in code, and what a simulation makes of them.

use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::{Dag, Deployment, Executor, ExecutorKind, Pool, SchedulerMode, Task};
use slotwise::ids::{DagId, TaskId};
use slotwise::policy::PolicyPlan;
use slotwise::random::{Distribution, StreamKey};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{FullTrace, Recorder};

/// 2026-03-02T00:00:00Z, a Monday: where these simulations begin.
pub(crate) const START: SimTime = SimTime::from_micros(1_772_409_600_000_000);

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
        for upstream in &mut task.upstream {
            *upstream = TaskId::new(first + upstream.index());
        }
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
