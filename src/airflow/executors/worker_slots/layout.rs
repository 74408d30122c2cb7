//! Which queues and workers the executors of a deployment have.

use super::{Group, Queue, Reserve, Route, SlowStarts, WorkerSlots};
use crate::airflow::executors::autoscaler::Autoscaler;
use crate::airflow::executors::workload::Beginnings;
use crate::deployment::{Deployment, ExecutorKind, OperatorAction, SchedulerMode, WorkerGroup};
use crate::time::SimTime;

/// Whether events take workers of an executor away.
fn loses_some(deployment: &Deployment, executor: usize) -> bool {
    let mut actions = deployment.events.iter().map(|event| &event.action);
    actions.any(
        |action| matches!(action, OperatorAction::LoseWorkers(loss) if loss.executor == executor),
    )
}

impl WorkerSlots {
    /// In `ideal` mode there are workers for all.
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let schedulers = deployment.airflow.schedulers.max(1) as usize;
        let mut slots = Self {
            routes: Vec::new(),
            queues: Vec::new(),
            groups: vec![Group::default()],
            autoscaled: Vec::new(),
            beginnings: Beginnings::default(),
            slow_starts: SlowStarts::default(),
            ended: vec![0; schedulers * deployment.executors.len()],
            learnt_at: vec![SimTime::MIN; schedulers * deployment.executors.len()],
            revocable: 0,
            waiting_since: SimTime::MAX,
        };
        for (at, executor) in deployment.executors.iter().enumerate() {
            let route = match &executor.kind {
                _ if matches!(deployment.scheduler, SchedulerMode::Ideal { .. }) => Route::AtOnce,
                ExecutorKind::Tracked => Route::AtOnce,
                ExecutorKind::Local => {
                    let first = slots.add_queues(schedulers, false);
                    let processes = match executor.parallelism {
                        0 if deployment.rules().zero_parallelism_is_unbounded => u32::MAX,
                        processes => processes,
                    };
                    for queue in first..first + schedulers {
                        slots.add_group(processes, processes, vec![queue], (at, 0));
                    }
                    Route::Processes(first)
                }
                ExecutorKind::Celery(groups) => {
                    let first = slots.add_queues(deployment.queues.len().max(1), true);
                    let each_apart =
                        loses_some(deployment, at) || groups.iter().any(WorkerGroup::reserves);
                    for (kind, group) in groups.iter().enumerate() {
                        let served = group.queues.iter().map(|queue| first + queue);
                        slots.add_workers(group, served.collect(), (at, kind), each_apart);
                    }
                    Route::Broker(first)
                }
                ExecutorKind::Kubernetes { pods_per_loop } => {
                    Route::Pods(slots.add_queues(schedulers, true), *pods_per_loop)
                }
            };
            slots.routes.push(route);
        }
        slots
    }

    fn add_queues(&mut self, count: usize, revocable: bool) -> usize {
        let first = self.queues.len();
        self.queues.extend((0..count).map(|_| Queue {
            revocable,
            ..Queue::default()
        }));
        first
    }

    fn add_group(&mut self, slots: u32, holds: u32, queues: Vec<usize>, kin: (usize, usize)) {
        for &queue in &queues {
            self.queues[queue].groups.push(self.groups.len());
            self.queues[queue].in_turn |= holds > slots;
        }
        self.groups.push(Group {
            slots,
            busy: 0,
            holds,
            reserve: Reserve::default(),
            queues,
            processes: slots,
            kin,
            up_at: SimTime::MIN,
        });
    }

    /// Workers that come and go, and those that reserve, stand each for itself.
    fn add_workers(
        &mut self,
        group: &WorkerGroup,
        queues: Vec<usize>,
        kin: (usize, usize),
        each_apart: bool,
    ) {
        let workers = match &group.autoscale {
            Some(spec) => spec.max_workers,
            None if each_apart => group.workers,
            None => return self.add_group(group.slots(), group.slots(), queues, kin),
        };
        let holds = group.prefetch_count().unwrap_or(u32::MAX);
        let first = self.groups.len();
        for worker in 0..workers {
            self.add_group(group.worker_concurrency, holds, queues.clone(), kin);
            if worker >= group.workers {
                self.groups[first + worker as usize].slots = 0;
            }
        }
        if let Some(spec) = &group.autoscale {
            let autoscaler = Autoscaler::new(spec.clone(), group.worker_concurrency, group.workers);
            self.autoscaled.push((autoscaler, first..self.groups.len()));
        }
    }
}
