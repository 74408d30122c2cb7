//! Celery workers that reserve messages behind their busy processes (docs/background/scheduler.md, 7.2).

use super::{Group, WorkerSlots};
use crate::airflow::executors::workload::Workload;
use std::collections::VecDeque;

/// What a worker holds and has not begun with, first in, first out.
#[derive(Debug, Default)]
pub(super) struct Reserve {
    messages: VecDeque<Workload>,
    /// How many of them have been taken back. The worker learns that a message is void only when its turn comes.
    revoked: usize,
}

impl WorkerSlots {
    /// Takes a workload for a queue of which some worker reserves: the worker that begins with it at once, if one does.
    pub(super) fn send_in_turn(&mut self, workload: Workload, queue: usize) -> Option<u32> {
        // Who has room has emptied the queue, so nobody has where something waits.
        if self.queues[queue].waiting.is_empty()
            && let Some(worker) = self.next_in_turn(queue)
        {
            return self.hand(workload, worker);
        }
        self.put_behind(workload, queue);
        None
    }

    /// Deals what waits in the queues of a worker, as far as they take turns: the next workload with which a worker
    /// begins at once, and that worker.
    pub(crate) fn deal(&mut self, worker: usize) -> Option<(Workload, u32)> {
        for at in 0..self.groups[worker].queues.len() {
            let queue = self.groups[worker].queues[at];
            while self.queues[queue].in_turn && !self.queues[queue].waiting.is_empty() {
                let Some(next) = self.next_in_turn(queue) else {
                    break;
                };
                let workload = self.take(queue)?;
                if let Some(group) = self.hand(workload, next) {
                    return Some((workload, group));
                }
            }
        }
        None
    }

    /// What a worker that reserves begins with next, for a process of it that is free. It first takes all that it has
    /// room for.
    pub(super) fn next_reserved(&mut self, worker: usize) -> Option<Workload> {
        loop {
            while self.groups[worker].has_room()
                && let Some(queue) = self.longest_waiting(worker)
            {
                let workload = self.take(queue)?;
                self.reserve(workload, worker);
            }
            let group = &mut self.groups[worker];
            if group.busy >= group.slots {
                return None;
            }
            let workload = group.reserve.take_first()?;
            self.revocable -= 1;
            if !workload.revoked {
                group.busy += 1;
                return Some(workload);
            }
        }
    }

    /// Whether a worker that has been taken away has ended all that it ran, and still holds messages.
    #[inline]
    pub(crate) fn has_shut_down(&self, group: u32) -> bool {
        let worker = &self.groups[group as usize];
        worker.slots == 0 && worker.busy == 0 && !worker.reserve.messages.is_empty()
    }

    /// The next worker of a queue with room, whether a process of it is free or not; the turn goes on behind it.
    fn next_in_turn(&mut self, queue: usize) -> Option<usize> {
        let queue = &mut self.queues[queue];
        let (before, from) = queue.groups.split_at(queue.turn);
        let mut turns = from.iter().chain(before).enumerate();
        let (passed, &worker) = turns.find(|&(_, &at)| self.groups[at].has_room())?;
        queue.turn = (queue.turn + passed + 1) % queue.groups.len();
        Some(worker)
    }

    /// Gives a workload to a worker with room; says whether it begins with it at once.
    fn hand(&mut self, workload: Workload, worker: usize) -> Option<u32> {
        let group = &mut self.groups[worker];
        if group.busy < group.slots {
            group.busy += 1;
            return Some(worker as u32);
        }
        self.reserve(workload, worker);
        None
    }

    fn reserve(&mut self, workload: Workload, worker: usize) {
        self.groups[worker].reserve.messages.push_back(workload);
        self.wait(workload.sent_at);
    }
}

impl Group {
    /// Whether it holds more messages than it runs.
    #[inline]
    pub(super) fn reserves(&self) -> bool {
        self.holds > self.processes
    }

    fn has_room(&self) -> bool {
        self.slots > 0 && self.busy as usize + self.reserve.messages.len() < self.holds as usize
    }
}

impl Reserve {
    /// How many of them somebody still counts.
    pub(super) fn counted(&self) -> usize {
        self.messages.len() - self.revoked
    }

    /// Takes back those of which that holds.
    pub(super) fn revoke(&mut self, mut is_meant: impl FnMut(&Workload) -> bool) {
        for workload in &mut self.messages {
            if !workload.revoked && is_meant(workload) {
                workload.revoked = true;
                self.revoked += 1;
            }
        }
    }

    /// All of them, of a worker that is no more.
    pub(super) fn empty(&mut self) -> VecDeque<Workload> {
        std::mem::take(self).messages
    }

    fn take_first(&mut self) -> Option<Workload> {
        let first = self.messages.pop_front()?;
        self.revoked -= usize::from(first.revoked);
        Some(first)
    }
}
