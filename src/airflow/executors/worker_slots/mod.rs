//! Where sent instances wait for a worker: process queues, broker queues, pod queues, and starts under way.

mod layout;
mod losing;
mod reserving;
mod slow_starts;
mod taking_back;

use self::reserving::Reserve;
use self::slow_starts::SlowStarts;
use self::taking_back::can_revoke;
use crate::airflow::executors::autoscaler::{Autoscaler, Scaling};
use crate::airflow::executors::workload::{Beginning, Beginnings, Workload};
use crate::time::SimTime;
use std::collections::VecDeque;
use std::ops::Range;

/// All queues before workers, and the workers that take from them.
#[derive(Debug)]
pub(crate) struct WorkerSlots {
    /// By executor.
    routes: Vec<Route>,
    queues: Vec<Queue>,
    /// The first one has no bound and serves no queue.
    groups: Vec<Group>,
    /// Autoscalers, each with the groups that are its workers.
    autoscaled: Vec<(Autoscaler, Range<usize>)>,
    beginnings: Beginnings,
    slow_starts: SlowStarts,
    /// Workloads that ended and that no synchronisation has learnt of, by book.
    ended: Vec<i64>,
    /// When each book was last brought up to date.
    learnt_at: Vec<SimTime>,
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
    /// Whether it deals to its workers in turn, because some of them reserve; and whose turn is next.
    in_turn: bool,
    turn: usize,
}

/// Processes that take from the same queues: of one worker where workers come and go, else of several.
#[derive(Debug, Default)]
struct Group {
    /// How many serve the queues.
    slots: u32,
    /// How many are at work, those of a worker that serves no more included.
    busy: u32,
    /// How many messages they hold at the most, those that they are at work with included; and those that they only
    /// hold.
    holds: u32,
    reserve: Reserve,
    queues: Vec<usize>,
    /// How many there are when the worker serves.
    processes: u32,
    /// The executor of Celery workers, and which of its worker groups they belong to.
    kin: (usize, usize),
    /// When a worker that does not serve will have started up.
    up_at: SimTime,
}

/// What a look of an autoscaler comes to, by group.
#[derive(Debug)]
pub(crate) struct Scaled {
    /// Workers that start up.
    pub(crate) come: Range<usize>,
    /// When they serve.
    pub(crate) up_at: SimTime,
    /// Workers that are killed with what they run.
    pub(crate) killed: Range<usize>,
    /// When it looks again.
    pub(crate) next_look: SimTime,
}

/// The workers without bound.
const UNBOUND: usize = 0;

impl WorkerSlots {
    /// How many autoscalers there are.
    pub(crate) fn autoscalers(&self) -> usize {
        self.autoscaled.len()
    }

    /// An autoscaler looks at what its workers run and what waits for them.
    pub(crate) fn autoscale(&mut self, at: usize, now: SimTime) -> Scaled {
        let (autoscaler, workers) = &mut self.autoscaled[at];
        let running: usize = self.groups[workers.clone()]
            .iter()
            .map(|worker| worker.busy as usize + worker.reserve.counted())
            .sum();
        let queues = self
            .groups
            .get(workers.start)
            .map_or(&[][..], |worker| &worker.queues);
        let waiting: usize = queues
            .iter()
            .map(|&queue| self.queues[queue].waiting.len())
            .sum();
        let Scaling { come, leave } = autoscaler.look(running + waiting, now);
        let groups = |range: Range<usize>| workers.start + range.start..workers.start + range.end;
        let (come, leave) = (groups(come), groups(leave));
        let up_at = now + autoscaler.start_up();
        for worker in &mut self.groups[come.clone()] {
            worker.up_at = up_at;
        }
        for worker in &mut self.groups[leave.clone()] {
            // What it runs goes on to the end, unless it is killed.
            worker.slots = 0;
        }
        Scaled {
            come,
            up_at,
            killed: if autoscaler.kills() { leave } else { 0..0 },
            next_look: now + autoscaler.polling_interval(),
        }
    }

    /// A worker has started up.
    pub(crate) fn start_up(&mut self, group: usize, now: SimTime) {
        let mut autoscaled = self.autoscaled.iter();
        let of = autoscaled.find(|(_, workers)| workers.contains(&group));
        let is_wanted =
            of.is_none_or(|(autoscaler, workers)| autoscaler.asks_for(group - workers.start));
        let worker = &mut self.groups[group];
        if is_wanted && worker.up_at == now {
            worker.slots = worker.processes;
        }
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
        if self.queues[queue].in_turn {
            return self.send_in_turn(workload, queue);
        }
        let serving = &self.queues[queue].groups;
        if let Some(group) = self.free_worker(serving) {
            self.groups[group].busy += 1;
            return Some(group as u32);
        }
        self.put_behind(workload, queue);
        None
    }

    fn put_behind(&mut self, workload: Workload, queue: usize) {
        self.queues[queue].waiting.push_back(workload);
        if self.queues[queue].revocable {
            self.wait(workload.sent_at);
        }
    }

    /// The least busy of the first kind of workers that have a free process.
    #[inline]
    fn free_worker(&self, serving: &[usize]) -> Option<usize> {
        let serving = serving.iter().map(|&at| (at, &self.groups[at]));
        let free = serving.filter(|(_, group)| group.busy < group.slots);
        let first = free.min_by_key(|(_, group)| (group.kin, group.busy));
        first.map(|(at, _)| at)
    }

    /// A process of a group is free.
    #[inline]
    pub(crate) fn leave(&mut self, group: u32) {
        if group as usize != UNBOUND {
            self.groups[group as usize].busy -= 1;
        }
    }

    /// The workload that has waited longest in the queues of a group, for a process of it that is free.
    #[inline]
    pub(crate) fn next_of(&mut self, group: u32) -> Option<Workload> {
        let at = group as usize;
        if self.groups[at].reserves() {
            return self.next_reserved(at);
        }
        if self.groups[at].busy >= self.groups[at].slots {
            return None;
        }
        let queue = self.longest_waiting(at)?;
        self.groups[at].busy += 1;
        self.take(queue)
    }

    /// The queue of a group whose first workload has waited longest.
    #[inline]
    fn longest_waiting(&self, group: usize) -> Option<usize> {
        let first = |&queue: &usize| Some((self.queues[queue].waiting.front()?.sent_at, queue));
        let firsts = self.groups[group].queues.iter().filter_map(first);
        firsts.min().map(|(_, queue)| queue)
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
        if can_revoke(&self.routes, &workload) {
            self.wait(workload.sent_at);
        }
        self.beginnings.add(workload, group)
    }

    /// The start delay of a beginning is over.
    #[inline]
    pub(crate) fn begun(&mut self, at: usize) -> Option<Beginning> {
        let begun = self.beginnings.remove(at)?;
        self.revocable -= usize::from(can_revoke(&self.routes, &begun.workload));
        Some(begun)
    }

    /// A workload has ended: the executor that counts it will learn of it.
    #[inline]
    pub(crate) fn end(&mut self, book: u32) {
        self.ended[book as usize] += 1;
    }

    /// What an executor learns of its ended workloads.
    #[inline]
    pub(crate) fn learn(&mut self, book: usize, now: SimTime) -> i64 {
        self.learnt_at[book] = now;
        std::mem::take(&mut self.ended[book])
    }

    /// When an executor last learnt of ended workloads.
    pub(crate) fn learnt_at(&self, book: usize) -> SimTime {
        self.learnt_at[book]
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
}
