//! Runs, tries and pokes out of the tables, one row at a time.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::exclusions::{Exclusion, Exclusions};
use super::schema::{Columns, Schema, Version};
use super::source::{Field, Query, Source, SourceError};
use super::{ImportError, Selection};
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::time::SimTime;
use crate::trace::{RecordedPoke, RecordedRun, RecordedTry};

/// Takes what is read, in the order of [`crate::trace::History`] as far as the tables have it.
pub(super) trait HistorySink {
    fn run(&mut self, run: &RecordedRun) -> Result<(), ImportError>;
    fn attempt(&mut self, run: &RecordedRun, attempt: &RecordedTry) -> Result<(), ImportError>;
    /// Of a try that was handed over before; [`RecordedPoke::of`] counts the tries as they were handed over.
    fn poke(
        &mut self,
        run: &RecordedRun,
        attempt: &RecordedTry,
        poke: &RecordedPoke,
    ) -> Result<(), ImportError>;
}

/// Reads the tables in an order in which little has to be kept: the runs, the pokes by their try, the tries.
pub(super) struct HistoryReader<'r> {
    pub(super) schema: &'r Schema,
    pub(super) selection: &'r Selection,
    pub(super) exclusions: &'r mut Exclusions,
    /// The runs that are imported.
    pub(super) runs: Vec<RecordedRun>,
    /// All runs of the table by DAG and name; none for those that are not imported.
    known: IndexMap<(String, String), Option<usize>>,
    /// Tries that were handed over.
    tries: usize,
    /// Pokes that wait for their try.
    pokes: BTreeMap<TryKey, Vec<RecordedPoke>>,
    /// Pokes with their tries.
    found: Vec<(RecordedTry, RecordedPoke)>,
}

/// How a poke names its try.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum TryKey {
    /// Airflow 3: by its id, 32 hexadecimal digits.
    Id(u128),
    /// Airflow 2: by run, task, map index and number.
    Named(usize, String, i32, u32),
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
            runs: Vec::new(),
            known: IndexMap::new(),
            tries: 0,
            pokes: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn read(
        &mut self,
        source: &mut dyn Source,
        sink: &mut dyn HistorySink,
    ) -> Result<(), ImportError> {
        self.read_runs(source)?;
        for run in &self.runs {
            sink.run(run)?;
        }
        self.read_pokes(source)?;
        self.read_tries(source, "task_instance", sink)?;
        if self.schema.has_table("task_instance_history") {
            self.read_tries(source, "task_instance_history", sink)?;
        }
        for pokes in std::mem::take(&mut self.pokes)
            .into_values()
            .collect::<Vec<_>>()
        {
            for poke in pokes {
                let told = || format!("the poke that ended at {}", poke.ended_at);
                self.exclusions.add(Exclusion::PokeWithoutTry, told);
            }
        }
        self.found.sort_by_key(|(_, poke)| poke.ended_at);
        for (attempt, poke) in &self.found {
            sink.poke(&self.runs[attempt.run], attempt, poke)?;
        }
        Ok(())
    }

    fn read_runs(&mut self, source: &mut dyn Source) -> Result<(), ImportError> {
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
        let columns = self.schema.columns("dag_run", &wanted);
        let query = Query {
            table: "dag_run",
            columns: &columns.0,
            order: &["id"],
        };
        source.rows(&query, &mut |row| {
            self.take_run(&columns, row);
            Ok(())
        })?;
        Ok(())
    }

    fn take_run(&mut self, columns: &Columns, row: &[Field<'_>]) {
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
            return;
        };
        let key = (dag_id.to_owned(), run_id.to_owned());
        if !self.selection.holds(dag_id, run_after) {
            self.known.insert(key, None);
            return;
        }
        let Some(state) = get("state").text().and_then(DagRunState::named) else {
            self.exclusions.add(Exclusion::RunState, name);
            self.known.insert(key, None);
            return;
        };
        if started_at
            .zip(ended_at)
            .is_some_and(|(start, end)| end < start)
        {
            self.exclusions.add(Exclusion::RunEndsBeforeStart, name);
            (started_at, ended_at) = (None, None);
        }
        self.known.insert(key, Some(self.runs.len()));
        self.runs.push(RecordedRun {
            dag_id: dag_id.to_owned(),
            run_id: run_id.to_owned(),
            run_type: get("run_type").text().unwrap_or("manual").to_owned(),
            logical_date,
            run_after,
            queued_at,
            started_at,
            ended_at,
            state,
        });
    }

    fn read_pokes(&mut self, source: &mut dyn Source) -> Result<(), ImportError> {
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
        let columns = self.schema.columns(table, &wanted);
        let query = Query {
            table,
            columns: &columns.0,
            order: &["id"],
        };
        source.rows(&query, &mut |row| {
            let get = |column| columns.field(row, column);
            let key = match get("ti_id") {
                Field::Null => self.named_try(&columns, row),
                id => Some(TryKey::Id(try_id(id)?)),
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
                Some(key) => self.pokes.entry(key).or_default().push(poke),
                None => self.exclusions.add(Exclusion::PokeWithoutTry, name),
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The try that a row of Airflow 2 names; none if its run is not imported.
    fn named_try(&self, columns: &Columns, row: &[Field<'_>]) -> Option<TryKey> {
        let get = |column| columns.field(row, column);
        let name = |column| get(column).text().unwrap_or_default().to_owned();
        let run = self.known.get(&(name("dag_id"), name("run_id")));
        let run = run.copied().flatten();
        let number = |column| get(column).integer().unwrap_or_default();
        run.map(|run| {
            let (map_index, try_number) = (number("map_index"), number("try_number"));
            TryKey::Named(run, name("task_id"), map_index as i32, try_number as u32)
        })
    }

    fn read_tries(
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
        let columns = self.schema.columns(table, &wanted);
        let query = Query {
            table,
            columns: &columns.0,
            order: &[],
        };
        let mut failure = Ok(());
        let read = source.rows(&query, &mut |row| {
            failure = self.take_try(&columns, row, table, sink);
            match &failure {
                Ok(()) => Ok(()),
                Err(_) => Err(SourceError(String::new())),
            }
        });
        failure?;
        Ok(read?)
    }

    fn take_try(
        &mut self,
        columns: &Columns,
        row: &[Field<'_>],
        table: &str,
        sink: &mut dyn HistorySink,
    ) -> Result<(), ImportError> {
        let Some((id, attempt)) = self.attempt(columns, row, table) else {
            return Ok(());
        };
        let named = || {
            let task = attempt.task_id.clone();
            TryKey::Named(attempt.run, task, attempt.map_index, attempt.try_number)
        };
        let key = id.map_or_else(named, TryKey::Id);
        for poke in self.pokes.remove(&key).unwrap_or_default() {
            let poke = RecordedPoke {
                of: self.tries,
                ..poke
            };
            self.found.push((attempt.clone(), poke));
        }
        self.tries += 1;
        sink.attempt(&self.runs[attempt.run], &attempt)
    }

    fn attempt(
        &mut self,
        columns: &Columns,
        row: &[Field<'_>],
        table: &str,
    ) -> Option<(Option<u128>, RecordedTry)> {
        let get = |column| columns.field(row, column);
        let text = |column| get(column).text();
        let name = || {
            let part = |column| text(column).unwrap_or("?");
            let number = get("try_number").integer().unwrap_or_default();
            let (dag, run, task) = (part("dag_id"), part("run_id"), part("task_id"));
            format!("{dag} / {run} / {task}, try {number}")
        };
        let run_name = (text("dag_id")?.to_owned(), text("run_id")?.to_owned());
        let run = match self.known.get(&run_name) {
            Some(Some(run)) => *run,
            Some(None) => {
                self.forget_pokes(columns, row);
                return None;
            }
            None => {
                if self.selection.holds_dag(&run_name.0) {
                    self.exclusions.add(Exclusion::TryWithoutRun, name);
                }
                return None;
            }
        };
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
        let id = match self.schema.version {
            Version::Three if attempt.is_earlier => try_id(get("task_instance_id")).ok(),
            Version::Three => try_id(get("id")).ok(),
            Version::Two => None,
        };
        Some((id, attempt))
    }

    /// The pokes of a try that is not imported miss nothing.
    fn forget_pokes(&mut self, columns: &Columns, row: &[Field<'_>]) {
        for column in ["id", "task_instance_id"] {
            if let Ok(id) = try_id(columns.field(row, column)) {
                self.pokes.remove(&TryKey::Id(id));
            }
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
        let start = attempt.queued_at.zip(attempt.started_at);
        if start.is_some_and(|(queued, start)| start < queued) {
            self.exclusions.add(Exclusion::StartBeforeQueued, name);
        }
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
}

/// The id of a task instance: 32 hexadecimal digits, with dashes on some databases.
fn try_id(field: Field<'_>) -> Result<u128, SourceError> {
    let digits = field.text().map(|text| text.replace('-', ""));
    let id = digits.and_then(|digits| u128::from_str_radix(&digits, 16).ok());
    id.ok_or_else(|| SourceError("a task instance has an id that is no UUID".into()))
}
