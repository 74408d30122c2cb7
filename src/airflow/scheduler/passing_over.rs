//! Instances that are passed over: skipped by a branch, by the end of their run's time, or for want of anything to do.

use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::ids::InstanceId;
use crate::time::SimTime;
use crate::trace::Recorder;

impl<R: Recorder> World<R> {
    /// Skips an instance that has not begun to run, as the worker of a branch does.
    pub(crate) fn skip(&mut self, id: InstanceId, now: SimTime) {
        use TaskInstanceState as S;
        match self.instance(id).state {
            S::None | S::UpForRetry | S::UpForReschedule => self.set_state(id, S::Skipped, now),
            S::Scheduled => {
                let place = self.place(id);
                self.ready.remove(&mut self.rows.instances, id, place);
                self.end_wait(id, now);
                self.set_state(id, S::Skipped, now);
            }
            _ => {}
        }
    }

    /// Skips an instance without any time of its own: its run is out of time, or it is mapped over nothing.
    pub(crate) fn write_off(&mut self, id: InstanceId, now: SimTime) {
        self.write_off_as(id, TaskInstanceState::Skipped, now);
    }

    /// Ends an instance in a state, without any time of its own.
    pub(crate) fn write_off_as(&mut self, id: InstanceId, end: TaskInstanceState, now: SimTime) {
        use TaskInstanceState as S;
        let before = self.instance(id).state;
        if before == S::Scheduled {
            let place = self.place(id);
            self.ready.remove(&mut self.rows.instances, id, place);
            self.end_wait(id, now);
        }
        let instance = self.instance_mut(id);
        instance.state = end;
        let (run, task) = (instance.run, instance.task);
        // Between two segments the row shows when the last one ended.
        let is_between = matches!(before, S::UpForRetry | S::UpForReschedule);
        let ended_at = is_between.then_some(self.present_try(id).ended_at);
        self.count(id, before, end, now);
        self.counts_changed(task, before, end);
        let mut row = self.instance_record(id, before, ended_at);
        row.segment = 0;
        let waited_or_ran = matches!(before, S::Scheduled | S::Queued | S::Running);
        row.taken_at = waited_or_ran.then_some(now);
        self.recorder.task_instance(&row);
        self.note_end(id, before, now);
        if before.is_executing() {
            self.mark_unserved(self.plan.tasks[task.index()].pool);
        }
        self.tell_downstream(run, task, id, end, now);
    }
}
