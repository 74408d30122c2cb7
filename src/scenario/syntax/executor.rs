//! Executors: one kind, one variant.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::{DistributionSyntax, Names};
use crate::deployment::ScaleIn;
use crate::time::SimDuration;

/// What runs the tasks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExecutorSyntax {
    /// Knows what it has sent, and has workers without bound.
    Tracked(TrackedSyntax),
    /// `LocalExecutor`: processes beside the scheduler. It does not count what it has sent.
    Local(LocalSyntax),
    /// `CeleryExecutor`: workers that take from the queues of a broker.
    Celery(Box<CelerySyntax>),
    /// `KubernetesExecutor`: a pod for each task.
    Kubernetes(KubernetesSyntax),
}

/// An executor that knows what it has sent, with workers without bound.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackedSyntax {
    /// Slots of its own; the default is `airflow.parallelism`.
    pub(crate) parallelism: Option<Located<u32>>,
    /// From being sent to running; the default is no time at all.
    pub(crate) start_delay: Option<Located<DistributionSyntax>>,
}

/// Processes beside the scheduler.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalSyntax {
    /// Processes of each scheduler; the default is `airflow.parallelism`.
    pub(crate) parallelism: Option<Located<u32>>,
    /// From being taken by a process to running; the default is no time at all.
    pub(crate) start_delay: Option<Located<DistributionSyntax>>,
}

/// Workers that take from the queues of a broker.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CelerySyntax {
    /// Slots of its own, which bound what is at the broker and at the workers; the default is `airflow.parallelism`.
    pub(crate) parallelism: Option<Located<u32>>,
    /// How many workers there are, if all are alike; the default is 1, with an autoscaler its fewest.
    pub(crate) workers: Option<Located<u32>>,
    /// `[celery] worker_concurrency`: tasks that one worker runs at a time; the default is 16.
    pub(crate) worker_concurrency: Option<Located<u32>>,
    /// `[celery] worker_prefetch_multiplier`: messages that one worker holds for each of its processes, the one that is
    /// run included; the default is 1, and 0 is without bound.
    pub(crate) worker_prefetch_multiplier: Option<Located<u32>>,
    /// The queues that they serve, if all are alike; the default is `default`.
    pub(crate) queues: Option<Located<Names>>,
    /// What changes their number, if all are alike.
    pub(crate) autoscale: Option<Located<AutoscaleSyntax>>,
    /// Workers that are not alike, by a name for each kind; excludes `workers`, `queues` and `autoscale`.
    #[serde(default)]
    pub(crate) worker_groups: IndexMap<Located<String>, WorkerGroupSyntax>,
    /// From being taken by a worker to running; the default is no time at all.
    pub(crate) start_delay: Option<Located<DistributionSyntax>>,
}

/// Workers that are alike.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkerGroupSyntax {
    /// How many there are; the default is 1, with an autoscaler its fewest.
    pub(crate) workers: Option<Located<u32>>,
    /// Tasks that one of them runs at a time; the default is that of the executor.
    pub(crate) worker_concurrency: Option<Located<u32>>,
    /// Messages that one of them holds for each of its processes; the default is that of the executor.
    pub(crate) worker_prefetch_multiplier: Option<Located<u32>>,
    /// The queues that they serve; the default is `default`.
    pub(crate) queues: Option<Located<Names>>,
    /// What changes their number.
    pub(crate) autoscale: Option<Located<AutoscaleSyntax>>,
}

/// An autoscaler as KEDA: it wants `ceil((queued + running) / worker_concurrency)` workers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoscaleSyntax {
    /// The fewest workers; the default is 0.
    pub(crate) min_workers: Option<u32>,
    /// The most workers; the default is 10.
    pub(crate) max_workers: Option<Located<u32>>,
    /// How often it looks; the default is 5 seconds.
    pub(crate) polling_interval: Option<Located<SimDuration>>,
    /// A worker is taken away when none of the looks within this time wanted it; the default is 5 minutes.
    pub(crate) cool_down: Option<SimDuration>,
    /// From asking for a worker to its serving; the default is no time at all.
    pub(crate) start_up: Option<SimDuration>,
    /// What becomes of a worker that is taken away; the default is `graceful`.
    pub(crate) scale_in: Option<ScaleInSyntax>,
}

/// What becomes of a worker that is taken away.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScaleInSyntax {
    /// It takes nothing more, and ends what it runs.
    Graceful,
    /// It is killed, and what it runs is lost.
    Killing,
}

impl From<ScaleInSyntax> for ScaleIn {
    fn from(syntax: ScaleInSyntax) -> Self {
        match syntax {
            ScaleInSyntax::Graceful => Self::Graceful,
            ScaleInSyntax::Killing => Self::Killing,
        }
    }
}

/// A pod for each task.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KubernetesSyntax {
    /// Slots of its own; the default is `airflow.parallelism`.
    pub(crate) parallelism: Option<Located<u32>>,
    /// `[kubernetes_executor] worker_pods_creation_batch_size`: pods made in a loop; the default is 1.
    pub(crate) worker_pods_creation_batch_size: Option<Located<u32>>,
    /// From the making of the pod to running; the default is no time at all.
    pub(crate) start_delay: Option<Located<DistributionSyntax>>,
}

impl ExecutorSyntax {
    /// Its kind, which is the name of an executor that stands alone.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Tracked(_) => "tracked",
            Self::Local(_) => "local",
            Self::Celery(_) => "celery",
            Self::Kubernetes(_) => "kubernetes",
        }
    }

    /// Slots of its own, if given.
    pub(crate) fn parallelism(&self) -> Option<&Located<u32>> {
        match self {
            Self::Tracked(tracked) => tracked.parallelism.as_ref(),
            Self::Local(local) => local.parallelism.as_ref(),
            Self::Celery(celery) => celery.parallelism.as_ref(),
            Self::Kubernetes(kubernetes) => kubernetes.parallelism.as_ref(),
        }
    }

    /// From being taken by a worker to running, if given.
    pub(crate) fn start_delay(&self) -> Option<&Located<DistributionSyntax>> {
        match self {
            Self::Tracked(tracked) => tracked.start_delay.as_ref(),
            Self::Local(local) => local.start_delay.as_ref(),
            Self::Celery(celery) => celery.start_delay.as_ref(),
            Self::Kubernetes(kubernetes) => kubernetes.start_delay.as_ref(),
        }
    }
}
