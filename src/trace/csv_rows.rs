//! Task instances as comma-separated values, written while the run goes on.
//!
//! The first columns are those of traces recorded from a real scheduler, so that both are read by the same tools; why an
//! instance waited follows.

use std::io::{self, Write};

use super::{
    DagRunRecord, PoolSample, Recorder, ResizeRecord, SchedulingWaitCause, TaskInstanceRecord,
    WaitCause,
};
use crate::deployment::Deployment;
use crate::trace::csv_text::{CsvText, quoted};

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
    out: W,
    outcome: io::Result<()>,
    /// Rows that are not written yet.
    text: CsvText,
    /// The names of DAGs, tasks and pools as fields.
    dags: Vec<String>,
    tasks: Vec<String>,
    pools: Vec<String>,
}

/// So many bytes are written at once, and no fewer except at the end.
const CHUNK: usize = 1 << 18;

impl<'a, W: Write> CsvRows<'a, W> {
    /// A recorder that begins with the line of column names.
    pub fn new(deployment: &'a Deployment, out: W) -> Self {
        let mut text = CsvText::default();
        for column in COLUMNS {
            text.quoted(column);
        }
        text.end_row();
        let Deployment {
            dags, tasks, pools, ..
        } = deployment;
        Self {
            deployment,
            out,
            outcome: Ok(()),
            text,
            dags: dags.iter().map(|dag| quoted(&dag.dag_id)).collect(),
            tasks: tasks.iter().map(|task| quoted(&task.task_id)).collect(),
            pools: pools.iter().map(|pool| quoted(&pool.name)).collect(),
        }
    }

    /// Ends the writing and gives back what was written to.
    ///
    /// # Errors
    /// The first failure to write.
    pub fn finish(mut self) -> io::Result<W> {
        self.outcome?;
        self.out.write_all(&self.text.bytes)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn append(&mut self, row: &TaskInstanceRecord) {
        let text = &mut self.text;
        text.quoted(&self.dags[row.dag.index()]);
        text.run_id(&row.run, self.deployment);
        text.moment(Some(row.logical_date));
        text.quoted(&self.tasks[row.task.index()]);
        text.number(row.map_index.into());
        text.number(row.try_number.into());
        text.number(row.segment.into());
        text.moment(row.scheduled_at);
        text.moment(row.queued_at);
        text.moment(row.started_at);
        text.moment(row.ended_at);
        text.quoted(row.state_name());
        text.quoted(&self.pools[row.pool.index()]);
        text.number(row.pool_slots.into());
        text.number(row.priority_weight);
        for cause in WaitCause::ALL {
            text.seconds(row.wait.of(cause));
        }
        text.moment(row.ready_at);
        for cause in SchedulingWaitCause::ALL {
            text.seconds(row.scheduling.of(cause));
        }
        text.end_row();
    }
}

impl<W: Write> Recorder for CsvRows<'_, W> {
    const WAIT_PARTS: bool = true;

    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        if self.outcome.is_err() {
            return;
        }
        self.append(row);
        if self.text.bytes.len() >= CHUNK {
            self.outcome = self.out.write_all(&self.text.bytes);
            self.text.bytes.clear();
        }
    }

    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{SimDuration, SimTime};
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
