//! The history of a site as comma-separated values: one file each for its runs, its tries and the pokes of its sensors.
//!
//! Columns that traces of simulated runs have, too, have the same names here. `docs/reference/import.md` describes them all.

use std::io::{self, Write};
use std::str::FromStr;

use indexmap::IndexMap;

use super::csv_text::{CsvText, quoted};
use super::{History, RecordedPoke, RecordedRun, RecordedRunName, RecordedTry, RecordedTryName};
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::time::SimTime;

/// A file of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedFile {
    /// The runs.
    Runs,
    /// The tries.
    Tries,
    /// The pokes.
    Pokes,
}

impl RecordedFile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Runs, Self::Tries, Self::Pokes];

    /// What the file is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "dag_runs.csv",
            Self::Tries => "task_instances.csv",
            Self::Pokes => "pokes.csv",
        }
    }

    /// Its first line: the names of the columns.
    const fn header(self) -> &'static str {
        match self {
            Self::Runs => {
                "dag_id,run_id,run_type,logical_date,run_after,queued_at,started_at,ended_at,state"
            }
            Self::Tries => {
                "dag_id,run_id,task_id,map_index,try_number,scheduled_at,queued_at,started_at,ended_at,\
                 state,is_earlier,pool,pool_slots,priority_weight"
            }
            Self::Pokes => "dag_id,run_id,task_id,map_index,try_number,started_at,ended_at,next_at",
        }
    }
}

/// So many bytes are written at once, and no fewer except at the end.
const CHUNK: usize = 1 << 16;

/// Writes one file of a history, row by row; nothing of it is held for longer than a few rows.
#[derive(Debug)]
pub struct HistoryRows<W: Write> {
    out: W,
    text: CsvText,
}

impl<W: Write> HistoryRows<W> {
    /// Begins a file with the line of column names.
    pub fn new(file: RecordedFile, out: W) -> Self {
        let mut text = CsvText::default();
        text.quoted(file.header());
        text.end_row();
        Self { out, text }
    }

    /// Writes a run.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn run(&mut self, run: &RecordedRun) -> io::Result<()> {
        let text = &mut self.text;
        text.quoted(&quoted(&run.dag_id));
        text.quoted(&quoted(&run.run_id));
        text.quoted(&quoted(&run.run_type));
        text.moment(run.logical_date);
        text.moment(Some(run.run_after));
        text.moment(run.queued_at);
        text.moment(run.started_at);
        text.moment(run.ended_at);
        text.quoted(run.state.name());
        self.end_row()
    }

    /// Writes a try of this run.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn attempt(&mut self, run: RecordedRunName<'_>, attempt: &RecordedTry) -> io::Result<()> {
        self.name(attempt.name(run));
        let text = &mut self.text;
        text.moment(attempt.scheduled_at);
        text.moment(attempt.queued_at);
        text.moment(attempt.started_at);
        text.moment(attempt.ended_at);
        text.quoted(attempt.state.name());
        text.quoted(if attempt.is_earlier { "true" } else { "false" });
        text.quoted(&quoted(&attempt.pool));
        text.number(attempt.pool_slots.into());
        text.number(attempt.priority_weight);
        self.end_row()
    }

    /// Writes a poke of this try.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn poke(&mut self, attempt: RecordedTryName<'_>, poke: &RecordedPoke) -> io::Result<()> {
        self.name(attempt);
        self.text.moment(poke.started_at);
        self.text.moment(Some(poke.ended_at));
        self.text.moment(Some(poke.next_at));
        self.end_row()
    }

    /// Ends the file and gives back what was written to.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.text.bytes)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn name(&mut self, attempt: RecordedTryName<'_>) {
        let text = &mut self.text;
        text.quoted(&quoted(attempt.run.dag_id));
        text.quoted(&quoted(attempt.run.run_id));
        text.quoted(&quoted(attempt.task_id));
        text.number(attempt.map_index.into());
        text.number(attempt.try_number.into());
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.text.end_row();
        if self.text.bytes.len() >= CHUNK {
            self.out.write_all(&self.text.bytes)?;
            self.text.bytes.clear();
        }
        Ok(())
    }
}

/// Why a file of a history cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {reason}", file.name())]
pub struct HistoryCsvError {
    /// The file.
    pub file: RecordedFile,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: String,
}

impl History {
    /// Reads a history from the texts of its files. Tries are put in the order of their runs; within a run they stay as
    /// they stand.
    ///
    /// # Errors
    /// The first thing that is wrong: a missing column, a value that is none, a try without its run, a poke without its try.
    pub fn read(runs: &[u8], tries: &[u8], pokes: &[u8]) -> Result<Self, HistoryCsvError> {
        let mut history = Self::default();
        let mut known_runs = IndexMap::new();
        each_row(RecordedFile::Runs, runs, |row| {
            let key = (
                row.text("dag_id")?.to_owned(),
                row.text("run_id")?.to_owned(),
            );
            if let Some(first) = known_runs.insert(key, history.runs.len()) {
                let RecordedRun { dag_id, run_id, .. } = &history.runs[first];
                return Err(format!("`{dag_id}` has a run `{run_id}` already"));
            }
            history.runs.push(run(row)?);
            Ok(())
        })?;
        let find_run = |row: &Row<'_>| {
            let key = (
                row.text("dag_id")?.to_owned(),
                row.text("run_id")?.to_owned(),
            );
            let found = known_runs.get(&key).copied();
            found.ok_or_else(|| format!("`{}` has no run `{}`", key.0, key.1))
        };
        each_row(RecordedFile::Tries, tries, |row| {
            history.tries.push(attempt(find_run(row)?, row)?);
            Ok(())
        })?;
        history.tries.sort_by_key(|attempt| attempt.run);
        each_row(RecordedFile::Pokes, pokes, |row| {
            let run = find_run(row)?;
            let begin = history.tries.partition_point(|attempt| attempt.run < run);
            let task = row.text("task_id")?;
            let map_index: i32 = row.number("map_index")?;
            let try_number: u32 = row.number("try_number")?;
            let of_run = history.tries[begin..].iter();
            let place = of_run
                .take_while(|attempt| attempt.run == run)
                .position(|attempt| {
                    attempt.task_id == task
                        && attempt.map_index == map_index
                        && attempt.try_number == try_number
                });
            let place = place.ok_or_else(|| format!("`{task}` has no try {try_number} there"))?;
            history.pokes.push(RecordedPoke {
                of: begin + place,
                started_at: row.moment("started_at")?,
                ended_at: row.required("ended_at")?,
                next_at: row.required("next_at")?,
            });
            Ok(())
        })?;
        history.pokes.sort_by_key(|poke| poke.ended_at);
        Ok(history)
    }
}

fn run(row: &Row<'_>) -> Result<RecordedRun, String> {
    Ok(RecordedRun {
        dag_id: row.text("dag_id")?.to_owned(),
        run_id: row.text("run_id")?.to_owned(),
        run_type: row.text("run_type")?.to_owned(),
        logical_date: row.moment("logical_date")?,
        run_after: row.required("run_after")?,
        queued_at: row.moment("queued_at")?,
        started_at: row.moment("started_at")?,
        ended_at: row.moment("ended_at")?,
        state: row.value("state", DagRunState::named)?,
    })
}

fn attempt(run: usize, row: &Row<'_>) -> Result<RecordedTry, String> {
    Ok(RecordedTry {
        run,
        task_id: row.text("task_id")?.to_owned(),
        map_index: row.number("map_index")?,
        try_number: row.number("try_number")?,
        state: row.value("state", TaskInstanceState::named)?,
        is_earlier: row.number("is_earlier")?,
        scheduled_at: row.moment("scheduled_at")?,
        queued_at: row.moment("queued_at")?,
        started_at: row.moment("started_at")?,
        ended_at: row.moment("ended_at")?,
        pool: row.text("pool")?.to_owned(),
        pool_slots: row.number("pool_slots")?,
        priority_weight: row.number("priority_weight")?,
    })
}

/// A line with its fields.
struct Row<'r> {
    columns: &'r csv::StringRecord,
    fields: &'r csv::StringRecord,
}

impl<'r> Row<'r> {
    fn text(&self, column: &str) -> Result<&'r str, String> {
        let at = self.columns.iter().position(|known| known == column);
        at.and_then(|at| self.fields.get(at))
            .ok_or_else(|| format!("there is no column `{column}`"))
    }

    fn value<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, String> {
        let text = self.text(column)?;
        read(text).ok_or_else(|| format!("`{text}` is no value of `{column}`"))
    }

    fn number<T: FromStr>(&self, column: &str) -> Result<T, String> {
        self.value(column, |text| text.parse().ok())
    }

    fn required(&self, column: &str) -> Result<SimTime, String> {
        self.value(column, |text| SimTime::parse(text).ok())
    }

    fn moment(&self, column: &str) -> Result<Option<SimTime>, String> {
        match self.text(column)? {
            "" => Ok(None),
            _ => self.required(column).map(Some),
        }
    }
}

/// Reads every line; a failure gets its place.
fn each_row(
    file: RecordedFile,
    text: &[u8],
    mut each: impl FnMut(&Row<'_>) -> Result<(), String>,
) -> Result<(), HistoryCsvError> {
    let fail = |line, reason| HistoryCsvError { file, line, reason };
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        fail(line, error.to_string())
    };
    let mut reader = csv::Reader::from_reader(text);
    let columns = reader.headers().map_err(|error| broken(&error))?.clone();
    for column in file.header().split(',') {
        if !columns.iter().any(|known| known == column) {
            return Err(fail(1, format!("there is no column `{column}`")));
        }
    }
    let mut fields = csv::StringRecord::new();
    while reader
        .read_record(&mut fields)
        .map_err(|error| broken(&error))?
    {
        let line = fields.position().map_or(1, csv::Position::line);
        let (columns, fields) = (&columns, &fields);
        each(&Row { columns, fields }).map_err(|reason| fail(line, reason))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RecordedFile::{Pokes, Runs, Tries};
    use super::*;

    fn moment(seconds: i64) -> SimTime {
        SimTime::from_micros(seconds * 1_000_000 + 7)
    }

    fn history() -> History {
        let run = |number: i64| RecordedRun {
            dag_id: "a, \"b\"".into(),
            run_id: format!("manual__{number}"),
            run_type: "manual".into(),
            logical_date: (number == 1).then(|| moment(0)),
            run_after: moment(number),
            queued_at: Some(moment(number)),
            started_at: Some(moment(2)),
            ended_at: None,
            state: DagRunState::Running,
        };
        let attempt = |run: usize, try_number: u32| RecordedTry {
            run,
            task_id: "wait".into(),
            map_index: -1,
            try_number,
            state: TaskInstanceState::UpForReschedule,
            is_earlier: try_number == 1,
            scheduled_at: Some(moment(3)),
            queued_at: Some(moment(4)),
            started_at: Some(moment(5)),
            ended_at: None,
            pool: "api".into(),
            pool_slots: 2,
            priority_weight: -3,
        };
        let poke = RecordedPoke {
            of: 1,
            started_at: None,
            ended_at: moment(6),
            next_at: moment(66),
        };
        History {
            runs: vec![run(0), run(1)],
            tries: vec![attempt(0, 2), attempt(1, 2), attempt(1, 1)],
            pokes: vec![poke],
        }
    }

    fn files(history: &History) -> [String; 3] {
        let [mut runs, mut tries, mut pokes] =
            RecordedFile::ALL.map(|file| HistoryRows::new(file, Vec::new()));
        for run in &history.runs {
            runs.run(run).unwrap();
        }
        // As a site may list them: the last tries of all runs, then the earlier ones.
        for at in [1, 0, 2] {
            let attempt = &history.tries[at];
            let run = history.runs[attempt.run].name();
            tries.attempt(run, attempt).unwrap();
        }
        for poke in &history.pokes {
            let of = &history.tries[poke.of];
            let run = history.runs[of.run].name();
            pokes.poke(of.name(run), poke).unwrap();
        }
        [runs, tries, pokes].map(|rows| String::from_utf8(rows.finish().unwrap()).unwrap())
    }

    fn read(files: &[String; 3]) -> Result<History, HistoryCsvError> {
        let [runs, tries, pokes] = files;
        History::read(runs.as_bytes(), tries.as_bytes(), pokes.as_bytes())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let history = history();
        assert_eq!(read(&files(&history)), Ok(history));
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let fault = |of: RecordedFile, from: &str, to: &str| {
            let mut files = files(&history());
            let text = &mut files[of as usize];
            assert!(text.contains(from), "{text}");
            *text = text.replacen(from, to, 1);
            read(&files).unwrap_err().to_string()
        };
        for (found, told) in [
            (
                fault(Tries, "pool_slots", "slots"),
                "task_instances.csv:1: there is no column `pool_slots`",
            ),
            (
                fault(Runs, "manual__1", "manual__0"),
                "dag_runs.csv:3: `a, \"b\"` has a run `manual__0` already",
            ),
            (
                fault(Tries, "manual__1", "manual__7"),
                "task_instances.csv:2: `a, \"b\"` has no run `manual__7`",
            ),
            (
                fault(Tries, "up_for_reschedule", "asleep"),
                "task_instances.csv:2: `asleep` is no value of `state`",
            ),
            (
                fault(Pokes, "wait,-1,2", "wait,-1,3"),
                "pokes.csv:2: `wait` has no try 3 there",
            ),
        ] {
            assert_eq!(found, told);
        }
    }
}
