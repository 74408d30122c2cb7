//! What is taken back from executors: what is stuck in queued, and what a start that was taken back has overtaken.

use super::{Route, WorkerSlots};
use crate::airflow::executors::workload::Workload;
use crate::airflow::runs::dag_run::DagRuns;
use crate::time::SimTime;

impl WorkerSlots {
    /// Takes back what a scheduler sent before `limit` and what still waits, in the order of the queues. What a worker
    /// has reserved keeps its place there until its turn; a start that is under way goes on. Nobody counts them any
    /// more.
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
        for group in self.groups.iter_mut().filter(|group| group.reserves()) {
            group.reserve.revoke(|workload| {
                let stuck = is_stuck(workload);
                if stuck {
                    revoked.push(*workload);
                }
                stuck
            });
        }
        let routes = &self.routes;
        for workload in self.beginnings.workloads() {
            if !workload.revoked && can_revoke(routes, workload) && is_stuck(workload) {
                revoked.push(*workload);
                workload.revoked = true;
            }
        }
        self.waiting_since = since;
    }

    /// A revoked start has won: the workload that was sent in its place is dropped from the queues, and refused if a
    /// worker has begun with it.
    pub(crate) fn supersede(&mut self, winner: &Workload) {
        for queue in &mut self.queues {
            let before = queue.waiting.len();
            queue
                .waiting
                .retain(|other| !other.is_of_the_instance_of(winner));
            if queue.revocable {
                self.revocable -= before - queue.waiting.len();
            }
        }
        for group in self.groups.iter_mut().filter(|group| group.reserves()) {
            let reserve = &mut group.reserve;
            reserve.revoke(|other| other.is_of_the_instance_of(winner));
        }
        for workload in self.beginnings.workloads() {
            workload.revoked |= workload.is_of_the_instance_of(winner);
        }
    }
}

/// Whether the executor of a workload can take it back.
pub(super) fn can_revoke(routes: &[Route], workload: &Workload) -> bool {
    let executor = workload.book as usize % routes.len();
    !matches!(routes[executor], Route::Processes(_))
}
