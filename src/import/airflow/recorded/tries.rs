//! Tries out of the tables of task instances and of their history.

use super::pokes::TryKey;
use super::run_places::Named;
use super::{HistoryReader, HistorySink, try_text};
use crate::deployment::TaskInstanceState;
use crate::import::airflow::ImportError;
use crate::import::airflow::exclusions::Exclusion;
use crate::import::airflow::schema::{Columns, Version};
use crate::import::airflow::source::{Field, Source};
use crate::trace::{RecordedRunName, RecordedTry};

impl HistoryReader<'_> {
    pub(super) fn read_tries(
        &mut self,
        source: &mut dyn Source,
        table: &'static str,
        sink: &mut dyn HistorySink,
    ) -> Result<(), ImportError> {
        let wanted = [
            "id",
            "task_instance_id",
            "dag_id",
            "run_id",
            "task_id",
            "map_index",
            "try_number",
            "state",
            "scheduled_dttm",
            "queued_dttm",
            "start_date",
            "end_date",
            "pool",
            "pool_slots",
            "priority_weight",
        ];
        let columns = (table, &wanted[..]);
        self.each_row(source, columns, &[], |reader, columns, row| {
            let Some((key, attempt)) = reader.attempt(columns, row, table) else {
                return Ok(());
            };
            let text = |column| columns.field(row, column).text().unwrap_or_default();
            let (dag_id, run_id) = (text("dag_id"), text("run_id"));
            let run = RecordedRunName { dag_id, run_id };
            let late = key.map_or(0, |key| reader.pokes.claim(key, run, &attempt));
            for _ in 0..late {
                let name = || try_text(run, &attempt.task_id, attempt.try_number.into());
                reader.exclusions.add(Exclusion::PokeAfterTry, name);
            }
            sink.attempt(run, &attempt)?;
            for earlier in reader.failures.before(&attempt) {
                sink.attempt(run, &earlier)?;
            }
            Ok(())
        })
    }

    fn attempt(
        &mut self,
        columns: &Columns,
        row: &[Field<'_>],
        table: &str,
    ) -> Option<(Option<TryKey>, RecordedTry)> {
        let get = |column| columns.field(row, column);
        let text = |column| get(column).text();
        let name = || {
            let part = |column| text(column).unwrap_or("?");
            let number = get("try_number").integer().unwrap_or_default();
            let (dag_id, run_id) = (part("dag_id"), part("run_id"));
            try_text(RecordedRunName { dag_id, run_id }, part("task_id"), number)
        };
        let run = self.run_of(columns, row, &name)?;
        let number = |column| get(column).integer();
        let (Some(task_id), Some(pool), Some(try_number)) =
            (text("task_id"), text("pool"), number("try_number"))
        else {
            self.exclusions.add(Exclusion::TryWithoutName, name);
            return None;
        };
        let state = match get("state") {
            Field::Null => Some(TaskInstanceState::None),
            state => state.text().and_then(TaskInstanceState::named),
        };
        let Some(state) = state else {
            self.exclusions.add(Exclusion::TryState, name);
            return None;
        };
        let mut attempt = RecordedTry {
            run,
            task_id: task_id.to_owned(),
            map_index: number("map_index").unwrap_or(-1) as i32,
            try_number: try_number.max(0) as u32,
            state,
            is_earlier: table == "task_instance_history",
            scheduled_at: self.moment(get("scheduled_dttm"), &name),
            queued_at: self.moment(get("queued_dttm"), &name),
            started_at: self.moment(get("start_date"), &name),
            ended_at: self.moment(get("end_date"), &name),
            pool: pool.to_owned(),
            pool_slots: number("pool_slots").unwrap_or(1).max(0) as u32,
            priority_weight: number("priority_weight").unwrap_or(1),
        };
        self.check_times(&mut attempt, &name);
        let key = match self.schema.version {
            Version::Three if attempt.is_earlier => TryKey::of_id(get("task_instance_id")).ok(),
            Version::Three => TryKey::of_id(get("id")).ok(),
            Version::Two => self.pokes.known_key(run, &attempt),
        };
        Some((key, attempt))
    }

    /// The run of a row; none if it is not imported.
    fn run_of(
        &mut self,
        columns: &Columns,
        row: &[Field<'_>],
        name: &dyn Fn() -> String,
    ) -> Option<usize> {
        let text = |column| columns.field(row, column).text();
        let (Some(dag_id), Some(run_id)) = (text("dag_id"), text("run_id")) else {
            self.exclusions.add(Exclusion::TryWithoutName, name);
            return None;
        };
        match self.find_run(RecordedRunName { dag_id, run_id }, name) {
            Named::Imported(run) => Some(run),
            Named::LeftOut => {
                self.leave_out_pokes(columns, row);
                None
            }
            Named::Nowhere => None,
        }
    }

    fn check_times(&mut self, attempt: &mut RecordedTry, name: &dyn Fn() -> String) {
        let times = attempt.started_at.zip(attempt.ended_at);
        if times.is_some_and(|(start, end)| end < start) {
            self.exclusions.add(Exclusion::TryEndsBeforeStart, name);
            (attempt.started_at, attempt.ended_at) = (None, None);
        } else if attempt.was_executed() && attempt.state.is_finished() && times.is_none() {
            self.exclusions.add(Exclusion::TryWithoutTimes, name);
        }
        let queued = attempt.scheduled_at.zip(attempt.queued_at);
        if queued.is_some_and(|(scheduled, queued)| queued < scheduled) {
            self.exclusions.add(Exclusion::QueuedBeforeScheduled, name);
        }
        let start = attempt.queued_at.zip(attempt.started_at);
        if start.is_some_and(|(queued, start)| start < queued) {
            self.exclusions.add(Exclusion::StartBeforeQueued, name);
        }
    }
}
