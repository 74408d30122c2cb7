//! Workers that die: their processes serve no more, and what they were about to start goes back to the broker.

use super::{Route, WorkerSlots, can_revoke};
use crate::airflow::executors::workload::Workload;
use crate::time::SimTime;

impl WorkerSlots {
    /// The first `count` workers of a Celery executor that serve, of one of its worker groups or of all, serve no more
    /// until they are back. Gives their groups.
    pub(crate) fn stop(
        &mut self,
        executor: usize,
        worker_group: Option<usize>,
        count: u32,
        up_at: SimTime,
    ) -> Vec<usize> {
        let mut stopped = Vec::new();
        if !matches!(self.routes.get(executor), Some(Route::Broker(_))) {
            return stopped;
        }
        let is_meant = |(of, kind): (usize, usize)| {
            of == executor && worker_group.is_none_or(|group| group == kind)
        };
        for (at, worker) in self.groups.iter_mut().enumerate() {
            if stopped.len() < count as usize && worker.slots > 0 && is_meant(worker.kin) {
                (worker.slots, worker.up_at) = (0, up_at);
                stopped.push(at);
            }
        }
        stopped
    }

    /// A worker that has stopped dies. Gives what it was about to start and what it had reserved, in the order of
    /// sending.
    pub(crate) fn lose(&mut self, worker: usize) -> Vec<Workload> {
        self.groups[worker].busy = 0;
        let mut lost = self.beginnings.take_from(worker as u32);
        lost.extend(self.groups[worker].reserve.empty());
        let revocable = lost.iter().filter(|lost| can_revoke(&self.routes, lost));
        self.revocable -= revocable.count();
        // What was taken back before is nobody's concern any more.
        lost.retain(|workload| !workload.revoked);
        lost.sort_by_key(|workload| workload.sent_at);
        lost
    }

    /// Puts a workload that nobody has started in front of the broker queue of that position.
    pub(crate) fn put_back(&mut self, workload: Workload, executor: usize, queue: usize) {
        if let Route::Broker(first) = self.routes[executor] {
            self.queues[first + queue].waiting.push_front(workload);
            self.wait(workload.sent_at);
        }
    }

    /// The groups of workers that serve queues of a worker.
    pub(crate) fn colleagues(&self, worker: usize) -> Vec<usize> {
        let queues = self.groups[worker].queues.iter();
        let mut groups: Vec<usize> = queues
            .flat_map(|&queue| &self.queues[queue].groups)
            .copied()
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}
