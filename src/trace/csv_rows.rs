//! Task instances as comma-separated values, written while the run goes on.
//!
//! The first columns are those of traces recorded from a real scheduler, so that both are read by the same tools; why an
//! instance waited follows.

use std::io::Write;

use super::{
    DagRunRecord, PoolSample, Recorder, ResizeRecord, SchedulingWaitCause, TaskInstanceRecord,
    WaitCause,
};
use crate::deployment::Deployment;
use crate::time::SimTime;

/// The columns of `task_instances.csv`.
pub const COLUMNS: [&str; 25] = [
    "dag_id",
    "run_id",
    "logical_date",
    "task_id",
    "map_index",
    "try_number",
    "segment",
    "scheduled_at",
    "queued_at",
    "started_at",
    "ended_at",
    "state",
    "pool",
    "pool_slots",
    "priority_weight",
    "waited_for_parallelism",
    "waited_for_pool",
    "waited_for_pool_slots",
    "waited_for_max_active_tis",
    "waited_for_max_active_tasks",
    "waited_for_passed_over",
    "waited_for_loop",
    "ready_at",
    "scheduling_waited_for_turns",
    "scheduling_waited_for_loop",
];

/// Writes every task instance row to `W`; the first failure stops the writing and is told at the end.
pub struct CsvRows<'a, W: Write> {
    deployment: &'a Deployment,
    out: csv::Writer<W>,
    outcome: csv::Result<()>,
}

impl<'a, W: Write> CsvRows<'a, W> {
    /// A recorder that begins with the line of column names.
    pub fn new(deployment: &'a Deployment, out: W) -> Self {
        let mut out = csv::Writer::from_writer(out);
        let outcome = out.write_record(COLUMNS);
        Self {
            deployment,
            out,
            outcome,
        }
    }

    /// Ends the writing and gives back what was written to.
    ///
    /// # Errors
    /// The first failure to write.
    pub fn finish(self) -> csv::Result<W> {
        self.outcome?;
        self.out
            .into_inner()
            .map_err(|e| csv::Error::from(e.into_error()))
    }

    fn write(&mut self, row: &TaskInstanceRecord) -> csv::Result<()> {
        let dag = &self.deployment.dags[row.dag.index()];
        let moment = |at: Option<SimTime>| at.map(|at| at.to_string()).unwrap_or_default();
        self.out.write_field(&dag.dag_id)?;
        self.out.write_field(row.run.run_id(self.deployment))?;
        self.out.write_field(row.logical_date.to_string())?;
        self.out
            .write_field(&self.deployment.tasks[row.task.index()].task_id)?;
        self.out.write_field(row.map_index.to_string())?;
        self.out.write_field(row.try_number.to_string())?;
        self.out.write_field(row.segment.to_string())?;
        self.out.write_field(moment(row.scheduled_at))?;
        self.out.write_field(moment(row.queued_at))?;
        self.out.write_field(moment(row.started_at))?;
        self.out.write_field(moment(row.ended_at))?;
        self.out.write_field(row.state_name())?;
        self.out
            .write_field(&self.deployment.pools[row.pool.index()].name)?;
        self.out.write_field(row.pool_slots.to_string())?;
        self.out.write_field(row.priority_weight.to_string())?;
        for cause in WaitCause::ALL {
            let seconds = row.wait.of(cause).as_seconds();
            self.out.write_field(seconds.to_string())?;
        }
        self.out.write_field(moment(row.ready_at))?;
        for cause in SchedulingWaitCause::ALL {
            let seconds = row.scheduling.of(cause).as_seconds();
            self.out.write_field(seconds.to_string())?;
        }
        self.out.write_record(None::<&[u8]>)
    }
}

impl<W: Write> Recorder for CsvRows<'_, W> {
    const WAIT_PARTS: bool = true;

    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        if self.outcome.is_ok() {
            self.outcome = self.write(row);
        }
    }

    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;
    use crate::trace::synthetic::{deployment, segment};
    use crate::trace::{SchedulingWait, WaitParts};

    #[test]
    fn a_row_reads_as_in_recorded_traces() {
        let deployment = deployment();
        let mut rows = CsvRows::new(&deployment, Vec::new());
        let mut wait = WaitParts::default();
        wait.add(WaitCause::Pool, SimDuration::from_seconds_f64(2.5));
        let mut scheduling = SchedulingWait::default();
        scheduling.add(
            SchedulingWaitCause::Turns,
            SimDuration::from_seconds_f64(1.5),
        );
        rows.task_instance(&TaskInstanceRecord {
            started_at: None,
            ready_at: Some(SimTime::from_micros(-1_500_000)),
            scheduling,
            wait,
            ..segment([0, 1, 2, 3])
        });
        let text = String::from_utf8(rows.finish().unwrap()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        assert_eq!(
            lines[1],
            "etl,scheduled__1970-01-01T00:00:00+00:00,1970-01-01T00:00:00.000000Z,extract,-1,1,1,\
             1970-01-01T00:00:00.000000Z,1970-01-01T00:00:01.000000Z,,1970-01-01T00:00:03.000000Z,\
             success,database_pool,1,1,0,2.5,0,0,0,0,0,1969-12-31T23:59:58.500000Z,1.5,0"
        );
    }

    #[test]
    fn a_full_disk_is_told_at_the_end() {
        let deployment = deployment();
        let mut nowhere = [0u8; 4];
        let mut rows = CsvRows::new(&deployment, &mut nowhere[..]);
        rows.task_instance(&segment([0, 1, 2, 3]));
        assert!(rows.finish().is_err());
    }
}
