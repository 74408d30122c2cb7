//! The DAG run whose instances waited longest together, with all its rows: the one that is worth a look.
//!
//! Rows are kept of runs that have not ended, and of the one that has waited longest so far, so memory follows what is alive.

use std::collections::BTreeMap;

use super::{
    DagRunRecord, MeasurementWindow, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord,
};
use crate::ids::DagId;
use crate::time::{SimDuration, SimTime};

/// Keeps the rows of one run.
#[derive(Clone, Debug)]
pub struct LongestRun {
    window: MeasurementWindow,
    /// The rows of runs that have not ended, by DAG and the moment the run is due.
    open: BTreeMap<(DagId, SimTime), Vec<TaskInstanceRecord>>,
    /// Emptied lists, to be filled again.
    spare: Vec<Vec<TaskInstanceRecord>>,
    longest: Option<RunRows>,
}

/// A run with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRows {
    /// The run.
    pub run: DagRunRecord,
    /// Its rows, in the order of their ends.
    pub rows: Vec<TaskInstanceRecord>,
    /// How long its instances waited together, to be scheduled and for their pools.
    pub waited: SimDuration,
}

impl LongestRun {
    /// Looks at the runs that end within the window.
    pub fn new(window: MeasurementWindow) -> Self {
        Self {
            window,
            open: BTreeMap::new(),
            spare: Vec::new(),
            longest: None,
        }
    }

    /// The run; none if none has ended.
    pub fn into_run(self) -> Option<RunRows> {
        self.longest
    }
}

impl Recorder for LongestRun {
    const WAIT_PARTS: bool = true;

    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        let rows = self.open.entry((row.dag, row.run.run_after));
        let rows = rows.or_insert_with(|| self.spare.pop().unwrap_or_default());
        rows.push(*row);
    }

    fn dag_run(&mut self, row: &DagRunRecord) {
        let place = (row.dag, row.name.run_after);
        let Some(mut rows) = self.open.remove(&place) else {
            return;
        };
        // Hardly ever are two runs due at one moment.
        if rows.iter().any(|it| it.run != row.name) {
            let others = rows.extract_if(.., |it| it.run != row.name);
            self.open.insert(place, others.collect());
        }
        let waits = rows
            .iter()
            .map(|it| it.scheduling.total() + it.wait.total());
        let waited = waits.fold(SimDuration::ZERO, |sum, wait| sum + wait);
        let counts = row.ended_at.is_some_and(|at| self.window.holds(at));
        // Of runs of equal waits the first is kept, and one of several instances shows more than one of a single one.
        let rank = (rows.len() > 1, waited);
        let is_longer = |it: &RunRows| rank > (it.rows.len() > 1, it.waited);
        if counts && self.longest.as_ref().is_none_or(is_longer) {
            let run = *row;
            self.longest = Some(RunRows { run, rows, waited });
        } else {
            rows.clear();
            self.spare.push(rows);
        }
    }

    fn pool(&mut self, _: &PoolSample) {}

    fn resize(&mut self, _: ResizeRecord) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::synthetic::{busy_hour, dag_run, first_hour};

    #[test]
    fn the_run_that_waited_longest_is_kept_with_its_rows_alone() {
        let mut longest = LongestRun::new(first_hour());
        let rows = busy_hour(30);
        let mut named = dag_run(600, Some(3_000));
        named.name = rows[0].run;
        for row in &rows {
            longest.task_instance(row);
        }
        longest.dag_run(&named);
        let of_run = rows.iter().filter(|row| row.run == named.name).count();
        let mut other = dag_run(900, Some(3_100));
        other.name.run_after = SimTime::from_micros(1);
        longest.dag_run(&other);
        let found = longest.into_run().unwrap();
        assert_eq!((found.run, found.rows.len()), (named, of_run));
        assert!(found.waited > SimDuration::ZERO || of_run > 0);
    }
}
