//! All rows of a run, kept in memory.

use super::{
    DagRunRecord, DeadlockRecord, LoopRecord, PoolSample, Recorder, ResizeRecord,
    TaskInstanceRecord,
};

/// Keeps every row. Memory grows with simulated time: meant for short runs that are looked at in detail.
#[derive(Clone, Debug, Default)]
pub struct FullTrace {
    /// Segments and unfinished instances, in the order of their end.
    pub task_instances: Vec<TaskInstanceRecord>,
    /// Runs, in the order of their end.
    pub dag_runs: Vec<DagRunRecord>,
    /// Slot counts at each change.
    pub pools: Vec<PoolSample>,
    /// Changes of pool sizes.
    pub resizes: Vec<ResizeRecord>,
    /// Deadlocks of pools, in the order of their end.
    pub deadlocks: Vec<DeadlockRecord>,
    /// Loops of the scheduler.
    pub loops: Vec<LoopRecord>,
}

impl Recorder for FullTrace {
    const WAIT_PARTS: bool = true;

    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        self.task_instances.push(*row);
    }

    fn dag_run(&mut self, row: &DagRunRecord) {
        self.dag_runs.push(*row);
    }

    fn pool(&mut self, row: &PoolSample) {
        self.pools.push(*row);
    }

    fn resize(&mut self, row: ResizeRecord) {
        self.resizes.push(row);
    }

    fn deadlock(&mut self, row: DeadlockRecord) {
        self.deadlocks.push(row);
    }

    fn scheduler_loop(&mut self, row: LoopRecord) {
        self.loops.push(row);
    }
}
