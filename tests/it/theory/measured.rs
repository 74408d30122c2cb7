//! What a replication of a scenario came to, in minutes and by the names that theory uses.

use std::path::Path;

use slotwise::deployment::Task;
use slotwise::experiment::{Replication, replicate};
use slotwise::ids::{PoolId, TaskId};
use slotwise::metrics::{Metrics, PoolMetrics, measure};
use slotwise::scenario::{self, NoFiles, Scenario, Setting};
use slotwise::stats::Histogram;
use slotwise::time::SimDuration;
use slotwise::trace::{
    DagRunRecord, PoolSample, Recorder, ResizeRecord, RunningSummary, TaskInstanceRecord,
};

use super::{Effort, SEED};

/// Microseconds.
const MINUTE: f64 = 60_000_000.0;

/// The scenario of a file of `tests/data/theory/`, as long as the effort allows.
pub(super) fn scenario(name: &str, settings: &[(&str, &str)], effort: Effort) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/theory")
        .join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(path).unwrap();
    let settings: Vec<_> = settings
        .iter()
        .map(|&(path, value)| Setting { path, value })
        .collect();
    let scenario = scenario::read_with(&text, name, &settings, &NoFiles);
    let mut scenario = scenario
        .unwrap_or_else(|problems| panic!("{problems}"))
        .value;
    let shorter =
        |span: SimDuration| SimDuration::from_micros(span.as_micros() / effort.divisor() as i64);
    scenario.seed = SEED;
    scenario.horizon = shorter(scenario.horizon);
    scenario.warm_up = shorter(scenario.warm_up);
    scenario
}

/// The rows that a replication writes.
pub(super) fn rows<R: Recorder>(scenario: &Scenario, number: u64, recorder: R) -> R {
    let replication = Replication {
        scenario,
        policy: None,
        number,
    };
    replicate(&replication, recorder).unwrap()
}

/// A replication.
pub(super) struct Run<'a> {
    scenario: &'a Scenario,
    summary: RunningSummary,
    metrics: Metrics,
    /// Of every DAG, how long each of its runs took.
    makespans: Vec<Vec<f64>>,
}

/// How long each run of each DAG took, in minutes.
struct Makespans(Vec<Vec<f64>>);

impl Recorder for Makespans {
    fn task_instance(&mut self, _: &TaskInstanceRecord) {}
    fn dag_run(&mut self, row: &DagRunRecord) {
        // From its start: a run of `@continuous` is due, as in Airflow, from the creation of the run before it on.
        let (Some(start), Some(end)) = (row.started_at, row.ended_at) else {
            return;
        };
        self.0[row.dag.index()].push((end - start).as_micros() as f64 / MINUTE);
    }
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}

impl<'a> Run<'a> {
    /// Simulates it.
    pub(super) fn of(scenario: &'a Scenario, number: u64) -> Self {
        let window = Replication {
            scenario,
            policy: None,
            number,
        }
        .window();
        let summary = RunningSummary::new(&scenario.deployment, window);
        let metrics = |summary: &RunningSummary| measure(summary, &scenario.deployment);
        if scenario.warm_up > SimDuration::ZERO {
            let summary = rows(scenario, number, summary);
            let metrics = metrics(&summary);
            return Self {
                scenario,
                summary,
                metrics,
                makespans: Vec::new(),
            };
        }
        let makespans = Makespans(vec![Vec::new(); scenario.deployment.dags.len()]);
        let (summary, Makespans(makespans)) = rows(scenario, number, (summary, makespans));
        let metrics = metrics(&summary);
        Self {
            scenario,
            summary,
            metrics,
            makespans,
        }
    }

    fn pool(&self, name: &str) -> &PoolMetrics {
        self.metrics
            .pools
            .iter()
            .find(|pool| pool.pool == name)
            .unwrap()
    }

    fn dag(&self, name: &str) -> usize {
        self.scenario
            .deployment
            .dags
            .iter()
            .position(|dag| dag.dag_id == name)
            .unwrap()
    }

    fn minutes(&self) -> f64 {
        self.metrics.measured_hours * 60.0
    }

    /// Slots in use, as a share of all.
    pub(super) fn utilisation(&self, pool: &str) -> f64 {
        self.pool(pool).utilisation.unwrap()
    }

    /// Slots in use, in the mean.
    pub(super) fn busy(&self, pool: &str) -> f64 {
        self.pool(pool).slot_hours_used / self.metrics.measured_hours
    }

    /// The share of tries that failed.
    pub(super) fn share_refused(&self, pool: &str) -> f64 {
        let tries = &self.pool(pool).task_instances;
        tries.failed as f64 / tries.started as f64
    }

    /// Slots waited for, in the mean.
    pub(super) fn queue(&self, pool: &str) -> f64 {
        self.pool(pool).queue_mean
    }

    /// The mean wait for a slot.
    pub(super) fn wait(&self, pool: &str) -> f64 {
        self.pool(pool).task_instances.pool_wait.unwrap().mean / 60.0
    }

    /// The mean wait of the tasks of a DAG.
    pub(super) fn wait_of(&self, dag: &str) -> f64 {
        self.metrics.dags[self.dag(dag)]
            .task_instances
            .pool_wait
            .unwrap()
            .mean
            / 60.0
    }

    /// The mean time at work.
    pub(super) fn work(&self, pool: &str) -> f64 {
        self.pool(pool).task_instances.duration.unwrap().mean / 60.0
    }

    /// Tasks that ended well in a minute.
    pub(super) fn throughput(&self, pool: &str) -> f64 {
        self.pool(pool).task_instances.throughput / 60.0
    }

    /// Tasks that wait or work, in the mean; a wide one is one.
    pub(super) fn tasks_in_system(&self) -> f64 {
        let time = |(task, declared): (usize, &Task)| {
            let time = &self.summary.work_of_task(TaskId::new(task)).slot_time;
            (time.scheduled + time.queued + time.running) as f64 / f64::from(declared.pool_slots)
        };
        let tasks = self.scenario.deployment.tasks.iter().enumerate();
        tasks.map(time).sum::<f64>() / MINUTE / self.minutes()
    }

    /// The tasks of a DAG that began.
    pub(super) fn started(&self, dag: &str) -> u64 {
        self.metrics.dags[self.dag(dag)].task_instances.started
    }

    /// The runs of these DAGs that ended in a minute.
    pub(super) fn runs_ended(&self, dags: &[&str]) -> f64 {
        let ended = |name: &&str| {
            let runs = &self.metrics.dags[self.dag(name)].runs;
            runs.succeeded + runs.failed
        };
        dags.iter().map(ended).sum::<u64>() as f64 / self.minutes()
    }

    /// The share of tasks that waited at all.
    pub(super) fn share_waiting(&self, pool: &str) -> f64 {
        let waits = self.waits(pool);
        let at_once = waits
            .buckets()
            .find(|&(low, ..)| low == 0)
            .map_or(0, |(.., count)| count);
        1.0 - at_once as f64 / waits.count() as f64
    }

    /// The quantile of the wait. The histogram answers with the middles of its buckets; going straight through them is far
    /// finer than the bounds of the comparisons.
    pub(super) fn wait_quantile(&self, pool: &str, p: f64) -> f64 {
        let waits = self.waits(pool);
        let (rank, mut below) = (p * waits.count() as f64, 0.0);
        for (low, width, count) in waits.buckets() {
            if below + count as f64 >= rank {
                let micros = low as f64 + width as f64 * (rank - below) / count as f64;
                return micros / MINUTE;
            }
            below += count as f64;
        }
        f64::NAN
    }

    fn waits(&self, pool: &str) -> Histogram {
        let at = self
            .metrics
            .pools
            .iter()
            .position(|known| known.pool == pool)
            .unwrap();
        self.summary.work_of_pool(PoolId::new(at)).pool_wait
    }

    /// How long each run of a DAG took; of scenarios without a warm-up only.
    pub(super) fn makespans(&self, dag: &str) -> &[f64] {
        &self.makespans[self.dag(dag)]
    }
}
