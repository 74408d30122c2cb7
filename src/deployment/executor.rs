//! Executors as declared: what the scheduler counts, and where sent instances wait for a worker.

use crate::random::Distribution;
use crate::time::SimDuration;

/// An executor. The scheduler gives it at most `parallelism` instances at a time, as far as it counts them; its kind
/// says who runs them.
#[derive(Clone, Debug)]
pub struct Executor {
    /// Name by which tasks ask for it.
    pub name: String,
    /// Slots of its own; `[core] parallelism` bounds all executors together.
    pub parallelism: u32,
    /// Seconds from being taken by a worker to running. A worker is busy from its beginning to the end of the task.
    pub start_delay: Distribution,
    /// Who runs what it is given.
    pub kind: ExecutorKind,
}

/// What runs the instances that an executor is given.
///
/// All kinds but the `Local` of Airflow 3 count an instance from the critical section until the synchronisation of the first loop at
/// or after its end (docs/background/scheduler.md, 7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExecutorKind {
    /// Workers without bound: the start delay begins at once.
    #[default]
    Tracked,
    /// `LocalExecutor`: `parallelism` processes of each scheduler take instances first in, first out. In Airflow 3
    /// what was sent is not counted, so instances are queued beyond `parallelism`; and it cannot be taken back.
    Local,
    /// `CeleryExecutor`: worker groups take messages first in, first out from the queues that they serve.
    Celery(Vec<WorkerGroup>),
    /// `KubernetesExecutor`: a pod for each instance, made first in, first out.
    Kubernetes {
        /// `[kubernetes_executor] worker_pods_creation_batch_size`: pods made in a loop.
        pods_per_loop: u32,
    },
}

/// Celery workers that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerGroup {
    /// How many workers there are; with an autoscaler, at the start.
    pub workers: u32,
    /// `[celery] worker_concurrency`: processes of one worker.
    pub worker_concurrency: u32,
    /// `[celery] worker_prefetch_multiplier`: a worker holds up to `worker_concurrency` times as many messages, those
    /// that it runs included. With 1 it reserves none behind busy processes; 0 is without bound.
    pub worker_prefetch_multiplier: u32,
    /// The queues that they serve, by position in [`super::Deployment::queues`].
    pub queues: Vec<usize>,
    /// What changes their number.
    pub autoscale: Option<Autoscale>,
}

/// An autoscaler of workers, as KEDA is set up by Airflow's Helm chart: it wants
/// `ceil((queued + running) / worker_concurrency)` workers within its bounds.
///
/// Source of the rule: the query of `workers.celery.keda` in the Helm chart (documentation of the chart, "Autoscaling
/// with KEDA"), and the stabilisation window of the Horizontal Pod Autoscaler of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscale {
    /// The fewest workers.
    pub min_workers: u32,
    /// The most workers.
    pub max_workers: u32,
    /// How often it looks.
    pub polling_interval: SimDuration,
    /// A worker is taken away when none of the looks within this time wanted it.
    pub cool_down: SimDuration,
    /// From asking for a worker to its serving.
    pub start_up: SimDuration,
    /// What becomes of a worker that is taken away.
    pub scale_in: ScaleIn,
}

/// What becomes of a worker that is taken away, and of what it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScaleIn {
    /// Celery's warm shutdown: it takes nothing more, and ends what it runs.
    #[default]
    Graceful,
    /// It is killed, as after too short a `terminationGracePeriodSeconds`: what it runs is lost.
    Killing,
}

impl WorkerGroup {
    /// How many workers there are, with an autoscaler at the most.
    pub fn most_workers(&self) -> u32 {
        let autoscale = self.autoscale.as_ref();
        autoscale.map_or(self.workers, |autoscale| autoscale.max_workers)
    }

    /// How many instances they run at a time, with an autoscaler at the most.
    pub fn slots(&self) -> u32 {
        let workers = self.most_workers();
        workers.saturating_mul(self.worker_concurrency)
    }

    /// How many messages one worker holds at the most, those that it runs included; none if there is no bound.
    ///
    /// Source: Celery hands `worker_concurrency * worker_prefetch_multiplier` to the broker as the prefetch count
    /// (`celery/worker/components.py`), where 0 means no bound. The broker counts messages that are not acknowledged,
    /// and with Airflow's `task_acks_late` that is done at the end of the task.
    pub fn prefetch_count(&self) -> Option<u32> {
        let multiplier = self.worker_prefetch_multiplier;
        (multiplier > 0).then(|| self.worker_concurrency.saturating_mul(multiplier))
    }

    /// Whether a worker holds more messages than it runs.
    pub fn reserves(&self) -> bool {
        self.worker_prefetch_multiplier != 1
    }
}
