//! Runs, tries and pokes out of the tables, one row at a time.

mod failures;
mod pokes;
mod reschedules;
mod run_places;
mod runs;
mod tries;

pub(super) use pokes::PokedTry;

use super::exclusions::{Exclusion, Exclusions};
use super::schema::{Columns, Schema};
use super::source::{Field, Query, Source, SourceError};
use super::{ImportError, Selection};
use crate::time::SimTime;
use crate::trace::{RecordedPoke, RecordedRun, RecordedRunName, RecordedTry};
use failures::Failures;
use pokes::Pokes;
use run_places::{Named, RunPlaces};

/// Takes what is read, in the order of [`crate::trace::History`] as far as the tables have it. Places of runs are those
/// in the table, in which there may be gaps.
pub(super) trait HistorySink {
    fn run(&mut self, place: usize, run: &RecordedRun) -> Result<(), ImportError>;
    fn attempt(
        &mut self,
        run: RecordedRunName<'_>,
        attempt: &RecordedTry,
    ) -> Result<(), ImportError>;
    /// Of a task's try that was handed over before.
    fn poke(
        &mut self,
        run: RecordedRunName<'_>,
        task_id: &str,
        attempt: &PokedTry,
        poke: &RecordedPoke,
    ) -> Result<(), ImportError>;
}

/// Reads the tables in an order in which little has to be kept: the runs, of which the places stay; the pokes, which wait
/// for their tries, as failures of older versions do; the tries, of which nothing stays.
pub(super) struct HistoryReader<'r> {
    pub(super) schema: &'r Schema,
    pub(super) selection: &'r Selection,
    pub(super) exclusions: &'r mut Exclusions,
    runs: RunPlaces,
    pokes: Pokes,
    failures: Failures,
}

impl<'r> HistoryReader<'r> {
    pub(super) fn new(
        schema: &'r Schema,
        selection: &'r Selection,
        exclusions: &'r mut Exclusions,
    ) -> Self {
        Self {
            schema,
            selection,
            exclusions,
            runs: RunPlaces::default(),
            pokes: Pokes::default(),
            failures: Failures::default(),
        }
    }

    pub(super) fn read(
        mut self,
        source: &mut dyn Source,
        sink: &mut dyn HistorySink,
    ) -> Result<(), ImportError> {
        self.read_runs(source, sink)?;
        self.read_pokes(source)?;
        self.read_failures(source)?;
        self.read_tries(source, "task_instance", sink)?;
        if self.schema.has_table("task_instance_history") {
            self.read_tries(source, "task_instance_history", sink)?;
        }
        for ended_at in self.pokes.lost() {
            let told = || format!("the poke that ended at {ended_at}");
            self.exclusions.add(Exclusion::PokeWithoutTry, told);
        }
        for ended_at in self.failures.lost() {
            let told = || format!("the failure at {ended_at}");
            self.exclusions.add(Exclusion::FailureWithoutTask, told);
        }
        self.pokes.order();
        for (attempt, poke) in self.pokes.claimed() {
            let run = self.pokes.run_name(attempt);
            sink.poke(run, self.pokes.task(attempt.task), attempt, &poke)?;
        }
        Ok(())
    }

    /// The moment in a field; what is none is counted.
    fn moment(&mut self, field: Field<'_>, name: &dyn Fn() -> String) -> Option<SimTime> {
        if field.is_null() {
            return None;
        }
        let moment = field.moment();
        if moment.is_none() {
            self.exclusions.add(Exclusion::Moment, name);
        }
        moment
    }

    /// Hands over the rows of a table, those of the `wanted` columns that it has; what `take` fails with comes back as it is.
    fn each_row(
        &mut self,
        source: &mut dyn Source,
        (table, wanted): (&str, &[&'static str]),
        order: &[&str],
        mut take: impl FnMut(&mut Self, &Columns, &[Field<'_>]) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let columns = self.schema.columns(table, wanted);
        let query = Query {
            table,
            columns: &columns.0,
            order,
        };
        let mut failure = None;
        let read = source.rows(&query, &mut |row| {
            take(self, &columns, row).map_err(|error| {
                failure = Some(error);
                SourceError(String::new())
            })
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(read?),
        }
    }

    /// The run that a row names; one that is nowhere is counted, if it could have been imported.
    fn find_run(&mut self, run: RecordedRunName<'_>, name: &dyn Fn() -> String) -> Named {
        let found = self.runs.find(run);
        if found == Named::Nowhere && self.selection.holds_dag(run.dag_id) {
            self.exclusions.add(Exclusion::TryWithoutRun, name);
        }
        found
    }
}

/// A try as a person would look for it.
fn try_text(run: RecordedRunName<'_>, task_id: &str, number: i64) -> String {
    let RecordedRunName { dag_id, run_id } = run;
    format!("{dag_id} / {run_id} / {task_id}, try {number}")
}
