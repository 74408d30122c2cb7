//! Where sent instances wait for a worker: process queues, broker queues, pod queues, and starts under way.

use super::dag_run::DagRuns;
use crate::deployment::{Deployment, ExecutorKind, SchedulerMode, TaskInstanceState};
use crate::ids::InstanceId;
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// An instance on its way through an executor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// Names the run for good; rows of instances are used again, and this may outlive them.
    pub(crate) run: u64,
    pub(crate) instance: InstanceId,
    pub(crate) try_number: u16,
    /// Which executor of which scheduler counts it: see [`WorkerSlots::book`].
    pub(crate) book: u32,
    pub(crate) sent_at: SimTime,
    pub(crate) delay: SimDuration,
    /// Whether the scheduler has taken it back: nobody counts it any more.
    pub(crate) revoked: bool,
}

/// A worker's beginning with a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    pub(crate) workload: Workload,
    /// The group of workers that is busy with it.
    pub(crate) group: u32,
}

/// All queues before workers, and the workers that take from them.
#[derive(Debug)]
pub(crate) struct WorkerSlots {
    /// By executor.
    routes: Vec<Route>,
    queues: Vec<Queue>,
    /// The first one has no bound and serves no queue.
    groups: Vec<Group>,
    /// Starts under way; the places of those that are over are used again.
    beginnings: Vec<Option<Beginning>>,
    unused: Vec<usize>,
    /// Workloads that ended and that no synchronisation has learnt of, by book.
    ended: Vec<i64>,
    /// How many workloads that can be taken back wait, and since when none has waited that still does.
    revocable: usize,
    waiting_since: SimTime,
}

/// How an executor's instances get to their workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// A worker takes each at once.
    AtOnce,
    /// Each scheduler has a queue, from this one on.
    Processes(usize),
    /// Each broker queue has one, from this one on.
    Broker(usize),
    /// Each scheduler has a queue, from this one on, of which every loop takes so many.
    Pods(usize, u32),
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Workload>,
    /// The groups that serve it.
    groups: Vec<usize>,
    revocable: bool,
}

#[derive(Debug)]
struct Group {
    free: u32,
    queues: Vec<usize>,
}

/// The workers without bound.
const UNBOUND: usize = 0;

impl Workload {
    /// Whether its instance is still the one that was sent, and waits in queued.
    pub(crate) fn is_waiting(&self, rows: &DagRuns) -> bool {
        let instance = &rows.instances[self.instance.index()];
        instance.state == TaskInstanceState::Queued
            && instance.try_number == self.try_number
            && rows.runs[instance.run.index()].sequence == self.run
    }
}

impl WorkerSlots {
    /// In `ideal` mode there are workers for all.
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let schedulers = deployment.airflow.schedulers.max(1) as usize;
        let mut slots = Self {
            routes: Vec::new(),
            queues: Vec::new(),
            groups: vec![Group {
                free: 0,
                queues: Vec::new(),
            }],
            beginnings: Vec::new(),
            unused: Vec::new(),
            ended: vec![0; schedulers * deployment.executors.len()],
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
                        let served = group.queues.iter().map(|queue| first + queue).collect();
                        slots.add_group(group.slots(), served);
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

    fn add_group(&mut self, free: u32, queues: Vec<usize>) {
        for &queue in &queues {
            self.queues[queue].groups.push(self.groups.len());
        }
        self.groups.push(Group { free, queues });
    }

    /// Which of all books counts the instances that a scheduler gives to an executor.
    #[inline]
    pub(crate) fn book(&self, scheduler: usize, executor: usize) -> usize {
        scheduler * self.routes.len() + executor
    }

    /// Takes a workload of an executor, for the broker queue of that position: the workers that begin with it at
    /// once, if there are any.
    #[inline]
    pub(crate) fn send(
        &mut self,
        workload: Workload,
        executor: usize,
        queue: usize,
    ) -> Option<u32> {
        let scheduler = || workload.book as usize / self.routes.len();
        let queue = match self.routes[executor] {
            Route::AtOnce => return Some(UNBOUND as u32),
            Route::Processes(first) | Route::Pods(first, _) => first + scheduler(),
            Route::Broker(first) => first + queue,
        };
        let serving = &self.queues[queue].groups;
        if let Some(&group) = serving.iter().find(|&&group| self.groups[group].free > 0) {
            self.groups[group].free -= 1;
            return Some(group as u32);
        }
        self.queues[queue].waiting.push_back(workload);
        if self.queues[queue].revocable {
            self.wait(workload.sent_at);
        }
        None
    }

    /// A worker is free: the workload that has waited longest in the queues of its group takes it.
    #[inline]
    pub(crate) fn next_of(&mut self, group: u32) -> Option<Workload> {
        let group = group as usize;
        if group == UNBOUND {
            return None;
        }
        let first = |&queue: &usize| Some((self.queues[queue].waiting.front()?.sent_at, queue));
        let longest = self.groups[group].queues.iter().filter_map(first).min();
        let Some((_, queue)) = longest else {
            self.groups[group].free += 1;
            return None;
        };
        self.take(queue)
    }

    /// The pods that a scheduler's loop makes: up to so many of each executor that makes pods.
    pub(crate) fn next_pod(
        &mut self,
        scheduler: usize,
        executor: usize,
        made: u32,
    ) -> Option<Workload> {
        match self.routes[executor] {
            Route::Pods(first, per_loop) if made < per_loop => self.take(first + scheduler),
            _ => None,
        }
    }

    /// Whether pods of a scheduler wait to be made.
    pub(crate) fn pods_wait(&self, scheduler: usize) -> bool {
        self.routes.iter().any(|&route| match route {
            Route::Pods(first, _) => !self.queues[first + scheduler].waiting.is_empty(),
            _ => false,
        })
    }

    fn take(&mut self, queue: usize) -> Option<Workload> {
        let workload = self.queues[queue].waiting.pop_front()?;
        self.revocable -= usize::from(self.queues[queue].revocable);
        Some(workload)
    }

    /// A worker begins with a workload that takes time to start; gives the name of its beginning.
    #[inline]
    pub(crate) fn begin(&mut self, workload: Workload, group: u32) -> usize {
        if self.can_revoke(&workload) {
            self.wait(workload.sent_at);
        }
        let beginning = Some(Beginning { workload, group });
        if let Some(at) = self.unused.pop() {
            self.beginnings[at] = beginning;
            at
        } else {
            self.beginnings.push(beginning);
            self.beginnings.len() - 1
        }
    }

    /// The start delay of a beginning is over.
    #[inline]
    pub(crate) fn begun(&mut self, at: usize) -> Option<Beginning> {
        let begun = self.beginnings[at].take()?;
        self.unused.push(at);
        self.revocable -= usize::from(self.can_revoke(&begun.workload));
        Some(begun)
    }

    /// A workload has ended: the executor that counts it will learn of it.
    #[inline]
    pub(crate) fn end(&mut self, book: u32) {
        self.ended[book as usize] += 1;
    }

    /// What an executor learns of its ended workloads.
    #[inline]
    pub(crate) fn learn(&mut self, book: usize) -> i64 {
        std::mem::take(&mut self.ended[book])
    }

    fn can_revoke(&self, workload: &Workload) -> bool {
        let executor = workload.book as usize % self.routes.len();
        !matches!(self.routes[executor], Route::Processes(_))
    }

    fn wait(&mut self, since: SimTime) {
        self.waiting_since = match self.revocable {
            0 => since,
            _ => since.min(self.waiting_since),
        };
        self.revocable += 1;
    }

    /// Nothing that can be taken back has waited since before this; none if nothing waits.
    #[inline]
    pub(crate) fn waiting_since(&self) -> Option<SimTime> {
        (self.revocable > 0).then_some(self.waiting_since)
    }

    /// Takes back what a scheduler sent before `limit` and what still waits, in the order of the queues. A start that
    /// is under way goes on, but nobody counts it any more.
    pub(crate) fn revoke(
        &mut self,
        rows: &DagRuns,
        scheduler: usize,
        limit: SimTime,
        revoked: &mut Vec<Workload>,
    ) {
        let executors = self.routes.len();
        let mut since = SimTime::MAX;
        let mut is_stuck = |workload: &Workload| {
            let stuck = workload.sent_at < limit
                && workload.book as usize / executors == scheduler
                && workload.is_waiting(rows);
            if !stuck {
                since = since.min(workload.sent_at);
            }
            stuck
        };
        for queue in self.queues.iter_mut().filter(|queue| queue.revocable) {
            let before = revoked.len();
            queue.waiting.retain(|workload| {
                let stuck = is_stuck(workload);
                if stuck {
                    revoked.push(*workload);
                }
                !stuck
            });
            self.revocable -= revoked.len() - before;
        }
        for at in 0..self.beginnings.len() {
            let Some(mut beginning) = self.beginnings[at] else {
                continue;
            };
            let workload = &mut beginning.workload;
            if !workload.revoked && self.can_revoke(workload) && is_stuck(workload) {
                revoked.push(*workload);
                workload.revoked = true;
                self.beginnings[at] = Some(beginning);
            }
        }
        self.waiting_since = since;
    }

    /// A revoked start has won: the workload that was sent in its place is dropped from the queues, and refused if a
    /// worker has begun with it.
    pub(crate) fn supersede(&mut self, winner: &Workload) {
        let same = |other: &Workload| other.instance == winner.instance && other.run == winner.run;
        for queue in &mut self.queues {
            let before = queue.waiting.len();
            queue.waiting.retain(|other| !same(other));
            if queue.revocable {
                self.revocable -= before - queue.waiting.len();
            }
        }
        for beginning in self.beginnings.iter_mut().flatten() {
            beginning.workload.revoked |= same(&beginning.workload);
        }
    }
}
