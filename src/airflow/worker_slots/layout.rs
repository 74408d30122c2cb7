//! Which queues and workers the executors of a deployment have.

use super::{Group, Queue, Route, WorkerSlots};
use crate::airflow::autoscaler::Autoscaler;
use crate::airflow::workload::Beginnings;
use crate::deployment::{Deployment, ExecutorKind, SchedulerMode, WorkerGroup};
use crate::time::SimTime;

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
            ended: vec![0; schedulers * deployment.executors.len()],
            learnt_at: vec![SimTime::MIN; schedulers * deployment.executors.len()],
            revocable: 0,
            waiting_since: SimTime::MAX,
        };
        for executor in &deployment.executors {
            let route = match &executor.kind {
                _ if matches!(deployment.scheduler, SchedulerMode::Ideal { .. }) => Route::AtOnce,
                ExecutorKind::Tracked => Route::AtOnce,
                ExecutorKind::Local => {
                    let first = slots.add_queues(schedulers, false);
                    for queue in first..first + schedulers {
                        slots.add_group(executor.parallelism, vec![queue]);
                    }
                    Route::Processes(first)
                }
                ExecutorKind::Celery(groups) => {
                    let first = slots.add_queues(deployment.queues.len().max(1), true);
                    for group in groups {
                        let served = group.queues.iter().map(|queue| first + queue);
                        slots.add_workers(group, served.collect());
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

    fn add_group(&mut self, slots: u32, queues: Vec<usize>) {
        for &queue in &queues {
            self.queues[queue].groups.push(self.groups.len());
        }
        self.groups.push(Group {
            slots,
            busy: 0,
            queues,
        });
    }

    /// Workers whose number changes stand each for itself.
    fn add_workers(&mut self, group: &WorkerGroup, queues: Vec<usize>) {
        let Some(spec) = &group.autoscale else {
            return self.add_group(group.slots(), queues);
        };
        let first = self.groups.len();
        for worker in 0..spec.max_workers {
            let serves = worker < group.workers;
            let slots = if serves { group.worker_concurrency } else { 0 };
            self.add_group(slots, queues.clone());
        }
        let autoscaler = Autoscaler::new(spec.clone(), group.worker_concurrency, group.workers);
        self.autoscaled.push((autoscaler, first..self.groups.len()));
    }
}
