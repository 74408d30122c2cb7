//! Two recorders at once, such as a running summary and full rows.

use crate::time::SimTime;

use super::{
    DagRunRecord, DeadlockRecord, PoolSample, Recorder, ResizeRecord, ResourceSample, ServedRecord,
    TaskInstanceRecord,
};
use crate::ids::{PoolId, ResourceId};

impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    const WAIT_PARTS: bool = A::WAIT_PARTS || B::WAIT_PARTS;
    const STARVING: bool = A::STARVING || B::STARVING;

    #[inline]
    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        self.0.task_instance(row);
        self.1.task_instance(row);
    }

    #[inline]
    fn served(&mut self, row: &ServedRecord<'_>) {
        self.0.served(row);
        self.1.served(row);
    }

    #[inline]
    fn dag_run(&mut self, row: &DagRunRecord) {
        self.0.dag_run(row);
        self.1.dag_run(row);
    }

    #[inline]
    fn pool(&mut self, row: &PoolSample) {
        self.0.pool(row);
        self.1.pool(row);
    }

    #[inline]
    fn pool_use(&mut self, row: &PoolSample) {
        self.0.pool_use(row);
        self.1.pool_use(row);
    }

    #[inline]
    fn resize(&mut self, row: ResizeRecord) {
        self.0.resize(row.clone());
        self.1.resize(row);
    }

    fn resource(&mut self, row: &ResourceSample) {
        self.0.resource(row);
        self.1.resource(row);
    }

    fn refusal(&mut self, at: SimTime, resource: ResourceId) {
        self.0.refusal(at, resource);
        self.1.refusal(at, resource);
    }

    fn starving(&mut self, at: SimTime, pool: PoolId, tasks: u32) {
        self.0.starving(at, pool, tasks);
        self.1.starving(at, pool, tasks);
    }

    fn over(&mut self, at: SimTime) {
        self.0.over(at);
        self.1.over(at);
    }

    fn deadlock(&mut self, row: DeadlockRecord) {
        self.0.deadlock(row);
        self.1.deadlock(row);
    }
}
