//! What a loop of the scheduler costs while so many instances wait; run with `cargo bench --bench loop_cost`. The pool
//! has one slot, so in each loop one instance has ended and one of those that wait is queued. Items are loops.

#![expect(clippy::unwrap_used, reason = "the parameters are constants")]

use divan::Bencher;
use divan::counter::ItemsCount;
use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::{
    AirflowSettings, Dag, Deployment, Executor, ExecutorKind, LoopPace, OperatorAction,
    OperatorEvent, Pool, RequestedBy, RunRequest, SchedulerMode, Task,
};
use slotwise::ids::DagId;
use slotwise::random::{Distribution, StreamKey};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::NoRecorder;

/// Tasks of a run, each of a weight of its own.
const TASKS: usize = 10;
const LOOPS: i64 = 50;

fn main() {
    divan::main();
}

#[divan::bench(args = [100, 1_000, 10_000, 100_000, 1_000_000], sample_count = 20, sample_size = 1)]
fn waiting_instances(bencher: Bencher, waiting: usize) {
    let deployment = crowded(waiting);
    // The first loops create, start and promote everything.
    let begin = SimTime::default() + SimDuration::from_seconds(10);
    let end = begin + SimDuration::from_seconds(LOOPS);
    let crowd = || {
        let key = StreamKey::root(1, 0);
        let outcomes = Drawn::new(&deployment);
        let mut simulation =
            Simulation::new(&deployment, SimTime::default(), key, outcomes, NoRecorder);
        simulation.run_until(begin);
        simulation
    };
    bencher
        .counter(ItemsCount::new(LOOPS as u64))
        .with_inputs(crowd)
        .bench_local_values(|mut simulation| {
            simulation.run_until(end);
            simulation
        });
}

/// Runs of ten tasks, all triggered at once, in front of a pool that serves one instance a loop. When the loops have
/// passed `waiting` are left, rounded up to whole runs.
fn crowded(waiting: usize) -> Deployment {
    let all = u32::MAX;
    let dag = Dag {
        task_count: TASKS,
        max_active_runs: all,
        max_active_tasks: all,
        ..Dag::named("crowd")
    };
    let task = |at: usize| Task {
        duration: Distribution::constant(0.5).unwrap(),
        priority_weight: at as i64,
        ..Task::named(format!("task_{at}"), DagId::default())
    };
    let runs = RunRequest {
        dag: DagId::default(),
        runs: (waiting + LOOPS as usize).div_ceil(TASKS) as u32,
        run_id: None,
        logical_date: None,
        by: RequestedBy::Cli,
    };
    Deployment {
        pools: vec![Pool {
            slots: 1,
            ..Pool::default_pool()
        }],
        airflow: AirflowSettings {
            max_dagruns_per_loop_to_schedule: all,
            ..AirflowSettings::default()
        },
        executors: vec![Executor {
            name: "workers".into(),
            parallelism: 32,
            start_delay: Distribution::ZERO,
            kind: ExecutorKind::Tracked,
        }],
        scheduler: SchedulerMode::Airflow(LoopPace::Every(SimDuration::from_seconds(1))),
        tasks: (0..TASKS).map(task).collect(),
        dags: vec![dag],
        events: vec![OperatorEvent {
            at: SimTime::default(),
            action: OperatorAction::TriggerRuns(runs),
        }],
        ..Deployment::default()
    }
}
