//! The rows of a plain site, as [`crate::airflow::Simulation`] writes them.

use super::PlainSite;
use super::live::State;
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::ids::{DagId, TaskId};
use crate::time::SimTime;
use crate::trace::{
    DagRunRecord, PoolSample, Recorder, RunName, RunType, SchedulingWait, TaskInstanceRecord,
    WaitParts,
};

impl<R: Recorder> PlainSite<'_, R> {
    /// Writes the row of an instance that has ended, or is cut off.
    #[inline]
    pub(super) fn write_instance(&mut self, at: u32, ended_at: Option<SimTime>) {
        let instance = &self.live.instances[at as usize];
        let run = &self.live.runs[instance.run as usize];
        let index = run.task_of(at);
        let task = &self.tasks[index as usize];
        let begun = instance.state != State::Blocked;
        let ran = matches!(instance.state, State::Running | State::Ended);
        let row = TaskInstanceRecord {
            dag: task.dag,
            task: TaskId::new(index as usize),
            pool: task.pool,
            pool_slots: task.slots,
            logical_date: run.created_at,
            run: RunName::dated(RunType::Manual, run.created_at),
            map_index: -1,
            try_number: u32::from(begun),
            segment: u32::from(ran),
            priority_weight: task.weight,
            ready_at: begun.then_some(instance.ready_at),
            scheduling: if begun {
                instance.scheduling
            } else {
                SchedulingWait::default()
            },
            scheduled_at: begun.then_some(instance.scheduled_at),
            // A worker begins in the loop that queues.
            queued_at: ran.then_some(instance.started_at),
            started_at: ran.then_some(instance.started_at),
            ended_at,
            state: match instance.state {
                State::Blocked => TaskInstanceState::None,
                State::Scheduled => TaskInstanceState::Scheduled,
                State::Running => TaskInstanceState::Running,
                State::Ended => TaskInstanceState::Success,
            },
            taken_at: None,
            refused: false,
            wait: if begun {
                instance.wait
            } else {
                WaitParts::default()
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
                    State::Blocked | State::Running => {}
                }
                self.write_instance(at, None);
            }
            self.write_run(id, state, None);
        }
    }

    /// A count of a pool changes.
    #[inline]
    pub(super) fn pool_changed(&mut self, pool: usize) {
        if !std::mem::replace(&mut self.is_changed[pool], true) {
            self.changed_pools.push(pool);
        }
    }

    /// Writes the rows of the pools that have changed, and tells what they hold up.
    #[inline]
    pub(super) fn sample_pools(&mut self, now: SimTime) {
        while let Some(at) = self.changed_pools.pop() {
            self.is_changed[at] = false;
            let pool = crate::ids::PoolId::new(at);
            let counts = self.pools.counts(pool);
            self.recorder.pool(&PoolSample {
                at: now,
                pool,
                slots: self.pools.slots(pool),
                running: counts.running,
                queued: counts.queued,
                scheduled: counts.scheduled,
                deferred: counts.deferred,
            });
            self.attribution.set_pool(pool, self.pools.open(pool), now);
        }
    }
}
