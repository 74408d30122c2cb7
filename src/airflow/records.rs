//! The rows that a simulation writes, made from its state.

use crate::airflow::world::World;
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::ids::{InstanceId, PoolId, RunId};
use crate::time::SimTime;
use crate::trace::{
    DagRunRecord, PoolSample, Recorder, SchedulingWait, TaskInstanceRecord, WaitParts,
};

impl<R: Recorder> World<R> {
    /// Writes the rows of everything that is not finished when the simulation ends.
    pub(crate) fn write_unfinished(&mut self, now: SimTime) {
        for index in 0..self.rows.runs.len() {
            let run = &self.rows.runs[index];
            if !matches!(run.state, DagRunState::Queued | DagRunState::Running) {
                continue;
            }
            for at in run.first_instance..run.first_instance + run.instances as usize {
                self.write_if_unfinished(InstanceId::new(at), now);
            }
            for at in 0..self.rows.runs[index].expansions.len() {
                let added = self.rows.runs[index].expansions[at];
                for at in added.first_instance..added.first_instance + added.instances as usize {
                    self.write_if_unfinished(InstanceId::new(at), now);
                }
            }
            let row = self.run_record(RunId::new(index), None);
            self.recorder.dag_run(&row);
        }
    }

    /// What waits for its next try, its next poke or its trigger has its row already.
    fn write_if_unfinished(&mut self, id: InstanceId, now: SimTime) {
        use TaskInstanceState as S;
        let state = self.instance(id).state;
        if state == S::Scheduled {
            self.end_wait(id, now);
        }
        if matches!(state, S::None | S::Scheduled | S::Queued | S::Running) {
            let row = self.instance_record(id, state, None);
            self.recorder.task_instance(&row);
        }
    }

    /// Writes the row of an instance that goes back from queued to scheduled: it has waited, and no worker began.
    pub(crate) fn write_requeue(&mut self, id: InstanceId, now: SimTime) {
        let row = TaskInstanceRecord {
            started_at: None,
            state: TaskInstanceState::Scheduled,
            ..self.instance_record(id, TaskInstanceState::Queued, Some(now))
        };
        self.recorder.task_instance(&row);
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

    /// The row of an instance that has left the state `was`: its executor, or a state in which no worker had it; or
    /// that is cut off in it, without an end.
    pub(crate) fn instance_record(
        &self,
        id: InstanceId,
        was: TaskInstanceState,
        ended_at: Option<SimTime>,
    ) -> TaskInstanceRecord {
        use TaskInstanceState as S;
        let (instance, present) = (self.instance(id), self.present_try(id));
        let task = &self.plan.tasks[instance.task.index()];
        let run = self.run(instance.run);
        let known = |time: SimTime| (time != SimTime::MIN).then_some(time);
        // The times of an earlier segment do not belong to one that has not come so far yet.
        let at = self.rows.instances.try_id(id);
        let scheduling = known(present.scheduled_at).and(self.attribution.scheduling.latest(at));
        let queued = was != S::Scheduled;
        let started = queued && was != S::Queued;
        TaskInstanceRecord {
            dag: task.dag,
            task: instance.task,
            pool: task.pool,
            pool_slots: task.pool_slots,
            logical_date: run.name_date(),
            run: run.name(),
            map_index: instance.map_index,
            try_number: u32::from(instance.try_number),
            segment: match was {
                S::Running => present.segment,
                _ => 0,
            },
            priority_weight: task.weight,
            ready_at: scheduling.map(|(ready_at, _)| ready_at),
            scheduling: scheduling.map_or_else(SchedulingWait::default, |(_, wait)| wait),
            scheduled_at: known(present.scheduled_at),
            queued_at: known(present.queued_at).filter(|_| queued),
            started_at: known(present.started_at).filter(|_| started).or(ended_at),
            ended_at,
            state: instance.state,
            taken_at: None,
            refused: false,
            wait: known(present.scheduled_at)
                .map_or_else(WaitParts::default, |_| self.wait_parts(id)),
        }
    }

    /// The row of a run, ended or cut off.
    pub(crate) fn run_record(&self, id: RunId, ended_at: Option<SimTime>) -> DagRunRecord {
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
            wait: run.wait,
        }
    }
}
