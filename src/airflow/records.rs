//! The rows that a simulation writes, made from its state.

use super::world::World;
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::ids::{InstanceId, PoolId, RunId};
use crate::time::SimTime;
use crate::trace::{DagRunRecord, PoolSample, Recorder, TaskInstanceRecord};

impl<R: Recorder> World<R> {
    /// Writes the rows of everything that is not finished when the simulation ends. What waits for its next try has
    /// its row already.
    pub(crate) fn write_unfinished(&mut self) {
        for index in 0..self.rows.runs.len() {
            let run = &self.rows.runs[index];
            if !matches!(run.state, DagRunState::Queued | DagRunState::Running) {
                continue;
            }
            for at in run.first_instance..run.first_instance + run.instances as usize {
                let state = self.rows.instances[at].state;
                if !state.is_finished() && state != TaskInstanceState::UpForRetry {
                    let row = self.instance_record(InstanceId::new(at), state, None);
                    self.recorder.task_instance(&row);
                }
            }
            let row = self.run_record(RunId::new(index), None);
            self.recorder.dag_run(&row);
        }
    }

    /// The row of a pool as it stands.
    pub(crate) fn pool_sample(&self, pool: PoolId, at: SimTime) -> PoolSample {
        let counts = self.pools.counts(pool);
        PoolSample {
            at,
            pool,
            slots: self.pools.slots(pool),
            running: counts.running,
            queued: counts.queued,
            scheduled: counts.scheduled,
            deferred: counts.deferred,
        }
    }

    /// The row of an instance that leaves its executor, or gets a state that no worker set, or is cut off (without an
    /// end).
    pub(super) fn instance_record(
        &self,
        id: InstanceId,
        state: TaskInstanceState,
        ended_at: Option<SimTime>,
    ) -> TaskInstanceRecord {
        let instance = self.instance(id);
        let task = &self.plan.tasks[instance.task.index()];
        let run = self.run(instance.run);
        let known = |time: SimTime| (time != SimTime::MIN).then_some(time);
        // The times of an earlier segment do not belong to one that has not come so far yet.
        let queued = instance.state != TaskInstanceState::Scheduled;
        let started = queued && instance.state != TaskInstanceState::Queued;
        TaskInstanceRecord {
            dag: task.dag,
            task: instance.task,
            pool: task.pool,
            pool_slots: task.pool_slots,
            logical_date: run.name_date(),
            run: run.name(),
            map_index: instance.map_index,
            try_number: u32::from(instance.try_number),
            segment: if started {
                u32::from(instance.segment)
            } else {
                0
            },
            priority_weight: task.weight,
            scheduled_at: known(instance.scheduled_at),
            queued_at: known(instance.queued_at).filter(|_| queued),
            started_at: known(instance.started_at).filter(|_| started).or(ended_at),
            ended_at,
            state,
        }
    }

    /// The row of a run, ended or cut off.
    pub(super) fn run_record(&self, id: RunId, ended_at: Option<SimTime>) -> DagRunRecord {
        let run = self.run(id);
        DagRunRecord {
            dag: run.dag,
            name: run.name(),
            run_type: run.run_type(),
            logical_date: run.identity.logical_date,
            data_interval: run.identity.data_interval,
            queued_at: run.queued_at,
            started_at: (run.started_at != SimTime::MIN).then_some(run.started_at),
            ended_at,
            state: run.state,
        }
    }
}
