//! Executors, their workers, and the queues between them.

use super::Builder;
use super::distribution::Unit;
use super::settings::unbounded;
use crate::deployment::{Autoscale, Executor, ExecutorKind, ScaleIn, WorkerGroup};
use crate::random::Distribution;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{
    AutoscaleSyntax, CelerySyntax, ExecutorSyntax, Names, TaskSyntax, TrackedSyntax,
};
use crate::time::SimDuration;

/// `[operators] default_queue`.
const DEFAULT_QUEUE: &str = "default";

/// More workers than this that come and go are a mistake.
pub(super) const MAX_WORKERS: u32 = 10_000;

/// `[celery] worker_concurrency`.
const DEFAULT_WORKER_CONCURRENCY: u32 = 16;

/// `[celery] worker_prefetch_multiplier`.
const DEFAULT_PREFETCH_MULTIPLIER: u32 = 1;

impl Builder<'_> {
    pub(super) fn executors(&mut self) {
        let syntax = self.syntax;
        self.deployment.queues.push(DEFAULT_QUEUE.into());
        match &syntax.executor {
            Some(alone) => {
                if let Some((first, _)) = syntax.executors.first() {
                    let problem = "`executor` is the only one, `executors` are several";
                    self.report(
                        Diagnostic::error("executor::two_ways", problem)
                            .label(alone.span, "")
                            .label(first.span, "")
                            .help(
                                "move it below `executors`, under a name; the first is the default",
                            ),
                    );
                }
                self.executor(alone.kind(), alone);
            }
            None if syntax.executors.is_empty() => {
                let tracked = ExecutorSyntax::Tracked(TrackedSyntax::default());
                self.executor(tracked.kind(), &tracked);
            }
            None => {}
        }
        for (name, executor) in &syntax.executors {
            self.name(name, "executor");
            self.executor(name, executor);
        }
    }

    fn executor(&mut self, name: &str, syntax: &ExecutorSyntax) {
        let default = self.deployment.airflow.parallelism;
        let kind = match syntax {
            ExecutorSyntax::Tracked(_) => ExecutorKind::Tracked,
            ExecutorSyntax::Local(_) => ExecutorKind::Local,
            ExecutorSyntax::Celery(celery) => {
                let groups = self.worker_groups(celery);
                self.prefetching(name, celery, &groups);
                ExecutorKind::Celery(groups)
            }
            ExecutorSyntax::Kubernetes(kubernetes) => ExecutorKind::Kubernetes {
                pods_per_loop: or(kubernetes.worker_pods_creation_batch_size.as_ref(), 1),
            },
        };
        let start_delay = syntax
            .start_delay()
            .map(|delay| self.distribution(delay, Unit::Seconds));
        self.deployment.executors.push(Executor {
            name: name.to_owned(),
            parallelism: unbounded(
                or(syntax.parallelism(), default),
                &self.deployment.airflow.rules,
            ),
            start_delay: start_delay.unwrap_or(Distribution::ZERO),
            kind,
        });
    }

    fn worker_groups(&mut self, celery: &CelerySyntax) -> Vec<WorkerGroup> {
        let concurrency = or(
            celery.worker_concurrency.as_ref(),
            DEFAULT_WORKER_CONCURRENCY,
        );
        let multiplier = or(
            celery.worker_prefetch_multiplier.as_ref(),
            DEFAULT_PREFETCH_MULTIPLIER,
        );
        if celery.worker_groups.is_empty() {
            let autoscale = celery.autoscale.as_ref();
            return vec![self.workers(
                celery.workers.as_ref(),
                (concurrency, multiplier),
                celery.queues.as_ref(),
                autoscale,
            )];
        }
        let workers = celery.workers.as_ref().map(|workers| workers.span);
        let queues = celery.queues.as_ref().map(|queues| queues.span);
        let autoscale = celery.autoscale.as_ref().map(|autoscale| autoscale.span);
        if let Some(span) = workers.or(queues).or(autoscale) {
            let problem = "workers are given as alike, and in groups";
            self.report(
                Diagnostic::error("executor::two_ways", problem)
                    .label(span, "")
                    .help("give it for each group below `worker_groups`"),
            );
        }
        let mut groups = Vec::new();
        for (name, group) in &celery.worker_groups {
            self.name(name, "worker group");
            let concurrency = or(group.worker_concurrency.as_ref(), concurrency);
            let multiplier = or(group.worker_prefetch_multiplier.as_ref(), multiplier);
            let autoscale = group.autoscale.as_ref();
            groups.push(self.workers(
                group.workers.as_ref(),
                (concurrency, multiplier),
                group.queues.as_ref(),
                autoscale,
            ));
        }
        groups
    }

    /// Workers that reserve messages stand each for itself, so there must not be too many of the executor.
    fn prefetching(&mut self, name: &str, celery: &CelerySyntax, groups: &[WorkerGroup]) {
        let of_groups = celery.worker_groups.values();
        let given = of_groups.filter_map(|group| group.worker_prefetch_multiplier.as_ref());
        let mut given = celery.worker_prefetch_multiplier.iter().chain(given);
        let Some(reserving) = given.find(|multiplier| multiplier.value != 1) else {
            return;
        };
        if !groups.iter().any(WorkerGroup::reserves) {
            return;
        }
        let workers: u64 = groups
            .iter()
            .map(|group| u64::from(group.most_workers()))
            .sum();
        if workers > u64::from(MAX_WORKERS) {
            let problem = format!(
                "executor `{name}` has {workers} workers; where some reserve messages, {MAX_WORKERS} are the limit"
            );
            self.report(
                Diagnostic::error("executor::prefetch", problem)
                    .label(reserving.span, "")
                    .help("with 1, the default, no message waits behind a busy process"),
            );
        }
    }

    fn workers(
        &mut self,
        workers: Option<&Located<u32>>,
        (worker_concurrency, worker_prefetch_multiplier): (u32, u32),
        queues: Option<&Located<Names>>,
        autoscale: Option<&Located<AutoscaleSyntax>>,
    ) -> WorkerGroup {
        let autoscale = autoscale.map(|autoscale| self.autoscale(workers, autoscale));
        let fewest = autoscale.as_ref().map_or(1, |spec| spec.min_workers);
        WorkerGroup {
            workers: or(workers, fewest),
            worker_concurrency,
            worker_prefetch_multiplier,
            queues: self.queues(queues),
            autoscale,
        }
    }

    fn autoscale(
        &mut self,
        workers: Option<&Located<u32>>,
        syntax: &Located<AutoscaleSyntax>,
    ) -> Autoscale {
        let interval = syntax.polling_interval.as_ref();
        let max_workers = or(syntax.max_workers.as_ref(), 10);
        let spec = Autoscale {
            min_workers: syntax.min_workers.unwrap_or(0),
            max_workers: max_workers.min(MAX_WORKERS),
            polling_interval: interval.map_or(SimDuration::from_seconds(5), |interval| {
                self.positive(interval, "the polling interval")
            }),
            cool_down: syntax.cool_down.unwrap_or(SimDuration::from_seconds(300)),
            start_up: syntax.start_up.unwrap_or_default(),
            scale_in: syntax.scale_in.map_or(ScaleIn::Graceful, Into::into),
        };
        let problem = if max_workers > MAX_WORKERS {
            Some(format!(
                "`max_workers` is {max_workers}, the limit is {MAX_WORKERS}"
            ))
        } else if spec.min_workers > max_workers {
            let fewest = spec.min_workers;
            Some(format!(
                "`min_workers` is {fewest}, above `max_workers`, which is {max_workers}"
            ))
        } else {
            workers
                .map(|workers| workers.value)
                .filter(|workers| !(spec.min_workers..=max_workers).contains(workers))
                .map(|workers| {
                    format!("`workers` is {workers}, beyond the bounds of the autoscaler")
                })
        };
        if let Some(problem) = problem {
            self.report(Diagnostic::error("autoscale::bounds", problem).label(syntax.span, ""));
        }
        spec
    }

    /// The queues of these names, each once; a name is known from here on.
    fn queues(&mut self, names: Option<&Located<Names>>) -> Vec<usize> {
        let Some(names) = names else {
            return vec![0];
        };
        let mut queues: Vec<usize> = names.0.iter().map(|name| self.queue_named(name)).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    fn queue_named(&mut self, name: &str) -> usize {
        let queues = &mut self.deployment.queues;
        queues
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                queues.push(name.to_owned());
                queues.len() - 1
            })
    }

    /// The executor of a task; an unknown one is reported.
    pub(super) fn executor_of(&mut self, name: &Located<String>, syntax: &TaskSyntax) -> usize {
        let shared = &self.syntax.defaults.task.executor;
        let Some(given) = syntax.executor.as_ref().or(shared.as_ref()) else {
            return 0;
        };
        let user = format!("task `{}` asks for", name.value);
        self.executor_named(given, &user).unwrap_or(0)
    }

    /// The executor of that name; an unknown one is reported as what `user` wants.
    pub(super) fn executor_named(&mut self, given: &Located<String>, user: &str) -> Option<usize> {
        let executors = &self.deployment.executors;
        let found = executors.iter().position(|known| known.name == given.value);
        if found.is_some() {
            return found;
        }
        let message = format!("{user} executor `{}`, which is not declared", given.value);
        let declared = self.syntax.executors.keys();
        let alone = match executors.first() {
            Some(first) if self.syntax.executors.is_empty() => vec![first.name.as_str()],
            _ => Vec::new(),
        };
        let help = self.did_you_mean(given, declared, &alone);
        self.report(
            Diagnostic::error("executor::unknown", message)
                .label(given.span, "no such executor")
                .help(help),
        );
        None
    }

    /// The queue of a task, which matters to Celery alone: there some worker must serve it.
    pub(super) fn queue_of(
        &mut self,
        name: &Located<String>,
        syntax: &TaskSyntax,
        executor: usize,
    ) -> usize {
        let given = syntax
            .queue
            .as_ref()
            .or(self.syntax.defaults.task.queue.as_ref());
        let queue = given.map_or(0, |given| self.queue_named(given));
        let Some(executor) = self.deployment.executors.get(executor) else {
            return queue;
        };
        let ExecutorKind::Celery(groups) = &executor.kind else {
            return queue;
        };
        if groups.iter().any(|group| group.queues.contains(&queue)) {
            return queue;
        }
        let queues = &self.deployment.queues;
        let message = format!(
            "task `{}` would wait for ever: no worker of executor `{}` serves queue `{}`",
            name.value, executor.name, queues[queue]
        );
        let mut served: Vec<usize> = groups
            .iter()
            .flat_map(|group| group.queues.clone())
            .collect();
        served.sort_unstable();
        served.dedup();
        let served: Vec<&str> = served.iter().map(|&queue| queues[queue].as_str()).collect();
        let queue_name = queues[queue].clone();
        let help = self.did_you_mean(&queue_name, std::iter::empty(), &served);
        let span = given.map_or(name.span, |given| given.span);
        let problem = Diagnostic::error("queue::unserved", message)
            .label(span, "")
            .help(help);
        self.report(problem);
        queue
    }
}

fn or(given: Option<&Located<u32>>, default: u32) -> u32 {
    given.map_or(default, |given| given.value)
}
