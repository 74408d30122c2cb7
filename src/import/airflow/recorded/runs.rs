//! Runs out of their table.

use super::{HistoryReader, HistorySink};
use crate::deployment::DagRunState;
use crate::import::airflow::ImportError;
use crate::import::airflow::exclusions::Exclusion;
use crate::import::airflow::schema::{Columns, Version};
use crate::import::airflow::source::{Field, Source};
use crate::trace::{RecordedRun, RecordedRunName};

impl HistoryReader<'_> {
    pub(super) fn read_runs(
        &mut self,
        source: &mut dyn Source,
        sink: &mut dyn HistorySink,
    ) -> Result<(), ImportError> {
        let wanted = [
            "dag_id",
            "run_id",
            "run_type",
            "state",
            "logical_date",
            "execution_date",
            "run_after",
            "data_interval_end",
            "queued_at",
            "start_date",
            "end_date",
        ];
        let table = ("dag_run", &wanted[..]);
        self.each_row(source, table, &["id"], |reader, columns, row| {
            let Some(run) = reader.take_run(columns, row) else {
                return Ok(());
            };
            sink.run(reader.runs.next() - 1, &run)
        })?;
        self.runs.sort();
        Ok(())
    }

    /// The run of a row, whose name is known from now on; none if it is not imported.
    fn take_run(&mut self, columns: &Columns, row: &[Field<'_>]) -> Option<RecordedRun> {
        let get = |column| columns.field(row, column);
        let (dag_id, run_id) = (get("dag_id").text(), get("run_id").text());
        let name = || format!("{} / {}", dag_id.unwrap_or("?"), run_id.unwrap_or("?"));
        let version = self.schema.version;
        let mut moment = |column| self.moment(get(column), &name);
        let (logical_date, due) = match version {
            Version::Three => (moment("logical_date"), moment("run_after")),
            // The run of an interval is due at its end.
            Version::Two => (moment("execution_date"), moment("data_interval_end")),
        };
        let (queued_at, mut started_at) = (moment("queued_at"), moment("start_date"));
        let mut ended_at = moment("end_date");
        let due = due.or(queued_at).or(logical_date);
        let (Some(dag_id), Some(run_id), Some(run_after)) = (dag_id, run_id, due) else {
            self.exclusions.add(Exclusion::RunWithoutName, name);
            return None;
        };
        let key = RecordedRunName { dag_id, run_id };
        if !self.selection.holds(dag_id, run_after) {
            self.runs.add(key, false);
            return None;
        }
        let Some(state) = get("state").text().and_then(DagRunState::named) else {
            self.exclusions.add(Exclusion::RunState, name);
            self.runs.add(key, false);
            return None;
        };
        if started_at
            .zip(ended_at)
            .is_some_and(|(start, end)| end < start)
        {
            self.exclusions.add(Exclusion::RunEndsBeforeStart, name);
            (started_at, ended_at) = (None, None);
        }
        if queued_at
            .zip(started_at)
            .is_some_and(|(queued, start)| start < queued)
        {
            self.exclusions.add(Exclusion::RunStartsBeforeQueued, name);
        }
        self.runs.add(key, true);
        Some(RecordedRun {
            dag_id: dag_id.to_owned(),
            run_id: run_id.to_owned(),
            run_type: get("run_type").text().unwrap_or("manual").to_owned(),
            logical_date,
            run_after,
            queued_at,
            started_at,
            ended_at,
            state,
        })
    }
}
