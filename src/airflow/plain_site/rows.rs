//! The rows of a plain site, as [`crate::airflow::Simulation`] writes them.

use super::PlainSite;
use super::live::{LiveRuns, NONE, State};
use super::task::Task;
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::ids::{DagId, PoolId, TaskId};
use crate::time::SimTime;
use crate::trace::{
    DagRunRecord, PoolSample, Recorder, RunName, RunType, SchedulingWait, ServedRecord,
    TaskInstanceRecord, WaitParts,
};

impl<R: Recorder> PlainSite<'_, R> {
    /// Writes the row of an instance that has ended.
    #[inline]
    pub(super) fn write_success(&mut self, at: u32, now: SimTime) {
        let row = served(&self.live, &self.tasks, at, now);
        self.recorder.served(&row);
    }

    /// Writes the row of an instance that is cut off.
    fn write_cut_off(&mut self, at: u32) {
        let running = TaskInstanceRecord {
            ended_at: None,
            state: TaskInstanceState::Running,
            ..served(&self.live, &self.tasks, at, SimTime::MAX).row()
        };
        let scheduled = TaskInstanceRecord {
            segment: 0,
            queued_at: None,
            started_at: None,
            state: TaskInstanceState::Scheduled,
            ..running
        };
        let row = match self.live.instances[at as usize].state {
            State::Running | State::Ended => running,
            State::Scheduled => scheduled,
            State::Blocked(_) | State::Ready(_) => TaskInstanceRecord {
                try_number: 0,
                ready_at: None,
                scheduling: SchedulingWait::default(),
                scheduled_at: None,
                state: TaskInstanceState::None,
                wait: WaitParts::default(),
                ..scheduled
            },
        };
        self.recorder.task_instance(&row);
    }

    /// Writes the row of a run that has ended, or is cut off.
    pub(super) fn write_run(&mut self, id: u32, state: DagRunState, ended_at: Option<SimTime>) {
        let run = &self.live.runs[id as usize];
        let row = DagRunRecord {
            dag: DagId::new(run.dag as usize),
            name: RunName::dated(RunType::Manual, run.created_at),
            run_type: RunType::Manual,
            logical_date: Some(run.created_at),
            data_interval: Some((run.created_at, run.created_at)),
            queued_at: run.created_at,
            started_at: (run.started_at != SimTime::MIN).then_some(run.started_at),
            ended_at,
            state,
            wait: run.wait,
        };
        self.recorder.dag_run(&row);
    }

    /// Writes the rows of everything that is not finished when the simulation ends.
    pub(super) fn write_unfinished(&mut self, now: SimTime) {
        for id in 0..self.live.runs.len() as u32 {
            let run = self.live.run(id);
            if !run.lives {
                continue;
            }
            let state = match run.started_at {
                SimTime::MIN => DagRunState::Queued,
                _ => DagRunState::Running,
            };
            for at in run.first_instance..run.first_instance + run.tasks {
                match self.live.instances[at as usize].state {
                    State::Ended => continue,
                    State::Scheduled => self.end_wait(at, now),
                    State::Blocked(_) | State::Ready(_) | State::Running => {}
                }
                self.write_cut_off(at);
            }
            self.write_run(id, state, None);
        }
    }

    /// A count of a pool changes.
    #[inline]
    pub(super) fn pool_changed(&mut self, pool: PoolId) {
        self.changed_pools.put(pool, true);
        let may_start = self.pools[pool.index()].may_start();
        self.startable.put(pool, may_start);
    }

    /// Writes the rows of the pools that have changed.
    #[inline]
    pub(super) fn sample_pools(&mut self, now: SimTime) {
        while let Some(pool) = self.changed_pools.pop() {
            self.sample_pool(pool, now);
        }
    }

    /// Writes the row of a pool, and tells what it holds up.
    #[inline]
    pub(super) fn sample_pool(&mut self, pool: PoolId, now: SimTime) {
        let changed = &self.pools[pool.index()];
        self.recorder.pool_use(&PoolSample {
            at: now,
            pool,
            slots: Some(changed.slots),
            running: changed.running,
            // A worker begins in the loop that queues, and nothing is deferred.
            queued: 0,
            scheduled: changed.scheduled,
            deferred: 0,
        });
        // The clocks of a pool need not go right while nobody waits for it.
        if changed.waiting > 0 {
            self.attribution.set_pool(pool, changed.open, now);
        }
    }
}

/// The row of an instance that ends at this moment. A worker begins in the loop that queues.
#[inline]
fn served<'a>(
    live: &'a LiveRuns,
    tasks: &[Task<'_>],
    at: u32,
    ended_at: SimTime,
) -> ServedRecord<'a> {
    let instance = &live.instances[at as usize];
    let run = &live.runs[instance.run as usize];
    let index = run.task_of(at) as usize;
    let task = &tasks[index];
    ServedRecord {
        dag: task.dag,
        task: TaskId::new(index),
        pool: task.pool,
        pool_slots: task.slots,
        priority_weight: task.weight,
        logical_date: run.created_at,
        run: RunName::dated(RunType::Manual, run.created_at),
        ready_at: instance.ready_at,
        scheduling: instance.scheduling(),
        scheduled_at: instance.scheduled_at,
        started_at: instance.started_at,
        ended_at,
        wait: match instance.wait {
            NONE => None,
            place => Some(&live.waits[place]),
        },
    }
}
