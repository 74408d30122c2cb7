//! Pokes out of the table of reschedules.

use super::HistoryReader;
use super::pokes::TryKey;
use super::run_places::Named;
use crate::import::airflow::ImportError;
use crate::import::airflow::exclusions::Exclusion;
use crate::import::airflow::schema::{Columns, Version};
use crate::import::airflow::source::{Field, Source, SourceError};
use crate::trace::{RecordedPoke, RecordedRunName};

impl HistoryReader<'_> {
    pub(super) fn read_pokes(&mut self, source: &mut dyn Source) -> Result<(), ImportError> {
        let table = "task_reschedule";
        if !self.schema.has_table(table) {
            return Ok(());
        }
        let wanted = [
            "ti_id",
            "dag_id",
            "run_id",
            "task_id",
            "map_index",
            "try_number",
            "start_date",
            "end_date",
            "reschedule_date",
        ];
        let table = (table, &wanted[..]);
        self.each_row(source, table, &["id"], |reader, columns, row| {
            Ok(reader.take_poke(columns, row)?)
        })?;
        self.pokes.sort();
        Ok(())
    }

    fn take_poke(&mut self, columns: &Columns, row: &[Field<'_>]) -> Result<(), SourceError> {
        let get = |column| columns.field(row, column);
        let key = match get("ti_id") {
            Field::Null => match self.named_try(columns, row) {
                Ok(key) => Some(key),
                Err(Named::LeftOut) => return Ok(()),
                Err(_) => None,
            },
            id => Some(TryKey::of_id(id)?),
        };
        let name = || "a row of `task_reschedule`".to_owned();
        let [started_at, ended_at, next_at] = ["start_date", "end_date", "reschedule_date"]
            .map(|column| self.moment(get(column), &name));
        let (Some(ended_at), Some(next_at)) = (ended_at, next_at) else {
            self.exclusions.add(Exclusion::PokeWithoutTimes, name);
            return Ok(());
        };
        let poke = RecordedPoke {
            of: 0,
            // Airflow 3 writes the end here, too.
            started_at: started_at.filter(|_| self.schema.version == Version::Two),
            ended_at,
            next_at,
        };
        match key {
            Some(key) => self.pokes.add(key, poke),
            None => self.exclusions.add(Exclusion::PokeWithoutTry, name),
        }
        Ok(())
    }

    /// The try that a row of Airflow 2 names, or what is known of its run if that is not imported.
    fn named_try(&mut self, columns: &Columns, row: &[Field<'_>]) -> Result<TryKey, Named> {
        let get = |column| columns.field(row, column);
        let text = |column| get(column).text().unwrap_or_default();
        let (dag_id, run_id) = (text("dag_id"), text("run_id"));
        let run = match self.runs.find(RecordedRunName { dag_id, run_id }) {
            Named::Imported(run) => run,
            other => return Err(other),
        };
        let number = |column| get(column).integer().unwrap_or_default();
        let (map_index, try_number) = (number("map_index"), number("try_number"));
        let (map_index, try_number) = (map_index as i32, try_number as u32);
        Ok(self.pokes.key(run, text("task_id"), map_index, try_number))
    }

    /// The pokes of a try that is not imported miss nothing.
    pub(super) fn leave_out_pokes(&mut self, columns: &Columns, row: &[Field<'_>]) {
        for column in ["id", "task_instance_id"] {
            if let Ok(key) = TryKey::of_id(columns.field(row, column)) {
                self.pokes.leave_out(key);
            }
        }
    }
}
