//! The metadata database of an Airflow site: what it is like, and what happened there.
//!
//! Tables and columns are those of Airflow 2.x and 3.x; which of them wrote the database is told by its schema. Nothing
//! is ever written to it.

mod anonymous;
mod arrivals;
mod calibrated;
mod csv_files;
mod dag_text;
mod exclusions;
mod figures;
mod fit_words;
mod manifest;
mod observations;
mod pace;
#[cfg(feature = "postgres")]
mod postgres;
mod recorded;
mod scenario_text;
mod schema;
mod selection;
mod sensing;
mod serialized_dag;
mod site;
mod sorted_changes;
mod source;
#[cfg(feature = "sqlite")]
mod sqlite;
mod task_text;
mod time_words;

use std::borrow::Cow;
use std::io::{self, Write};

pub use csv_files::CsvSource;
pub use exclusions::{Excluded, Exclusion, Exclusions};
pub use figures::{DagFigures, Figures, TaskFigures};
pub use observations::{DagSeen, Observations, Resumed, Sample, Sensing, TaskSeen};
pub use pace::Pace;
#[cfg(feature = "postgres")]
pub use postgres::{Address, PostgresSource};
pub use scenario_text::ScenarioText;
pub use schema::Version;
pub use selection::Selection;
pub use sensing::Waits;
pub use site::{Site, SiteAssets, SiteDag, SiteMap, SiteSchedule, SiteSensor, SiteTask, SiteValue};
pub use source::{Field, Query, Source, SourceError};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteSource;

use anonymous::{Anonymous, run_id};
use recorded::{HistoryReader, HistorySink, PokedTry};
use schema::Schema;
use sorted_changes::SortedChanges;

use crate::calibrate::{Calibration, Span};
use crate::trace::{
    HistoryRows, RecordedFile, RecordedPoke, RecordedRun, RecordedRunName, RecordedTry,
    RecordedTryName,
};

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A table is missing.
    #[error(
        "there is no table `{table}`: this is no metadata database of Airflow, or a part of one"
    )]
    NoTable {
        /// The table.
        table: &'static str,
    },
    /// A column is missing.
    #[error(
        "table `{table}` has no column `{column}`: an unknown version of Airflow, or half a migration"
    )]
    NoColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The schema is of no version.
    #[error("{reason}: half a migration; let `airflow db migrate` finish first")]
    HalfMigrated {
        /// How that is told.
        reason: &'static str,
    },
    /// No DAG is left to import.
    #[error("{}", no_dag(.patterns))]
    NoDag {
        /// The names that were asked for.
        patterns: Vec<String>,
    },
    /// No run is left to import.
    #[error("no run of these DAGs was due in the time that was asked for")]
    NoRun,
    /// The history cannot be written.
    #[error("cannot write the history: {0}")]
    Write(#[from] io::Error),
}

fn no_dag(patterns: &[String]) -> String {
    let patterns: Vec<String> = patterns.iter().map(|name| format!("`{name}`")).collect();
    match patterns.as_slice() {
        [] => "no DAG can be read from `serialized_dag`".into(),
        patterns => format!("no DAG has a name that fits {}", patterns.join(" or ")),
    }
}

/// What was imported, beside the history, which is written while it is read.
#[derive(Debug)]
pub struct Imported {
    /// Which Airflow wrote the database.
    pub version: Version,
    /// The head of its migrations.
    pub migration: Option<String>,
    /// What could not be used.
    pub exclusions: Exclusions,
    /// The site as it is declared.
    pub site: Site,
    /// What was seen of it.
    pub seen: Observations,
}

impl Imported {
    /// The figures that are derived from what was seen.
    pub fn figures(&self) -> Figures {
        Figures::of(&self.site, &self.seen)
    }

    /// The scenario.
    pub fn scenario(&self, figures: &Figures) -> ScenarioText {
        scenario_text::write(self.version, &self.site, &self.seen, figures)
    }

    /// What was fitted and how far it can be trusted, as a report takes it.
    pub fn calibration(&self, figures: &Figures) -> Calibration {
        calibrated::calibration(&self.site, &self.seen, figures)
    }

    /// What was read, what was not used, and what had to be assumed, as JSON.
    pub fn manifest(&self, selection: &Selection, figures: &Figures) -> String {
        manifest::text(self, selection, figures)
    }
}

/// Reads a site from a source, and writes its history to three files: those of [`RecordedFile::ALL`], in that order.
///
/// # Errors
/// The source cannot be read or is no metadata database, or the history cannot be written.
pub fn import<W: Write>(
    source: &mut dyn Source,
    selection: &Selection,
    files: [W; 3],
) -> Result<Imported, ImportError> {
    let schema = Schema::read(source)?;
    let mut exclusions = Exclusions::default();
    let site = Site::read(source, &schema, selection, &mut exclusions)?;
    if site.dags.is_empty() {
        let patterns = selection.dags.clone();
        return Err(ImportError::NoDag { patterns });
    }
    let mut files = HistoryFiles::new(files);
    files.anonymous = selection.anonymize.then(Anonymous::default);
    let site = match &mut files.anonymous {
        Some(anonymous) => anonymous.site(site),
        None => site,
    };
    files.seen = Observations::new(&site);
    HistoryReader::new(&schema, selection, &mut exclusions).read(source, &mut files)?;
    let seen = files.finish()?;
    let is_window = selection.since.is_some() || selection.until.is_some();
    if is_window && seen.first_due.is_none() {
        return Err(ImportError::NoRun);
    }
    count_unknown(&site, &seen, &mut exclusions);
    if selection.anonymize {
        exclusions.forget_examples();
    }
    Ok(Imported {
        version: schema.version,
        migration: schema.migration,
        exclusions,
        site,
        seen,
    })
}

/// What was seen and is not described any more has no place in the scenario.
fn count_unknown(site: &Site, seen: &Observations, exclusions: &mut Exclusions) {
    for (name, dag) in &seen.dags {
        let Some(described) = site.dags.get(name) else {
            exclusions.add(Exclusion::DagUnknown, || name.clone());
            continue;
        };
        for task in dag
            .tasks
            .keys()
            .filter(|task| !described.tasks.contains_key(*task))
        {
            exclusions.add(Exclusion::TaskUnknown, || format!("{name} / {task}"));
        }
    }
}

/// The files of a history, while it is read, and what is kept of it.
struct HistoryFiles<W: Write> {
    anonymous: Option<Anonymous>,
    seen: Observations,
    changes: SortedChanges,
    runs: HistoryRows<W>,
    tries: HistoryRows<W>,
    pokes: HistoryRows<W>,
}

impl<W: Write> HistoryFiles<W> {
    fn new([runs, tries, pokes]: [W; 3]) -> Self {
        Self {
            anonymous: None,
            seen: Observations::default(),
            changes: SortedChanges::default(),
            runs: HistoryRows::new(RecordedFile::Runs, runs),
            tries: HistoryRows::new(RecordedFile::Tries, tries),
            pokes: HistoryRows::new(RecordedFile::Pokes, pokes),
        }
    }

    fn see(&mut self, dag_id: &str, attempt: &RecordedTry) -> io::Result<()> {
        let span = self.seen.attempt(dag_id, attempt);
        let mut changes = span.into_iter().flat_map(Span::changes);
        changes.try_for_each(|change| self.changes.push(change))
    }

    fn finish(mut self) -> io::Result<Observations> {
        self.seen.finish(&mut self.changes)?;
        for rows in [self.runs, self.tries, self.pokes] {
            rows.finish()?;
        }
        Ok(self.seen)
    }
}

impl<W: Write> HistorySink for HistoryFiles<W> {
    fn run(&mut self, place: usize, run: &RecordedRun) -> Result<(), ImportError> {
        let run = match &mut self.anonymous {
            Some(anonymous) => Cow::Owned(anonymous.run(place, run)),
            None => Cow::Borrowed(run),
        };
        self.seen.run(&run);
        Ok(self.runs.run(&run)?)
    }

    fn attempt(
        &mut self,
        run: RecordedRunName<'_>,
        attempt: &RecordedTry,
    ) -> Result<(), ImportError> {
        let Some(anonymous) = &mut self.anonymous else {
            self.see(run.dag_id, attempt)?;
            return Ok(self.tries.attempt(run, attempt)?);
        };
        let (dag_id, run_id) = (anonymous.dag_id(run.dag_id), run_id(attempt.run));
        let attempt = anonymous.attempt(attempt);
        self.see(&dag_id, &attempt)?;
        let run = RecordedRunName {
            dag_id: &dag_id,
            run_id: &run_id,
        };
        Ok(self.tries.attempt(run, &attempt)?)
    }

    fn poke(
        &mut self,
        run: RecordedRunName<'_>,
        task_id: &str,
        attempt: &PokedTry,
        poke: &RecordedPoke,
    ) -> Result<(), ImportError> {
        let (dag_id, run_id, task_id) = match &mut self.anonymous {
            Some(anonymous) => (
                Cow::Owned(anonymous.dag_id(run.dag_id)),
                Cow::Owned(run_id(attempt.run)),
                Cow::Owned(anonymous.task_id(task_id)),
            ),
            None => (run.dag_id.into(), run.run_id.into(), task_id.into()),
        };
        self.seen.poke(&dag_id, &task_id, attempt, poke);
        let name = RecordedTryName {
            run: RecordedRunName {
                dag_id: &dag_id,
                run_id: &run_id,
            },
            task_id: &task_id,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
        };
        Ok(self.pokes.poke(name, poke)?)
    }
}
