//! The metadata database of an Airflow site: what it is like, and what happened there.
//!
//! Tables and columns are those of Airflow 2.x and 3.x; which of them wrote the database is told by its schema. Nothing
//! is ever written to it.

mod exclusions;
mod recorded;
mod schema;
mod selection;
mod source;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::io::{self, Write};

pub use exclusions::{Excluded, Exclusion, Exclusions};
pub use schema::Version;
pub use selection::Selection;
pub use source::{Field, Query, Source, SourceError};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteSource;

use recorded::{HistoryReader, HistorySink};
use schema::Schema;

use crate::trace::{HistoryRows, RecordedFile, RecordedPoke, RecordedRun, RecordedTry};

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
    /// The history cannot be written.
    #[error("cannot write the history: {0}")]
    Write(#[from] io::Error),
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
    let mut files = HistoryFiles::new(files);
    HistoryReader::new(&schema, selection, &mut exclusions).read(source, &mut files)?;
    files.finish()?;
    Ok(Imported {
        version: schema.version,
        migration: schema.migration,
        exclusions,
    })
}

/// The files of a history, while it is read.
struct HistoryFiles<W: Write> {
    runs: HistoryRows<W>,
    tries: HistoryRows<W>,
    pokes: HistoryRows<W>,
}

impl<W: Write> HistoryFiles<W> {
    fn new([runs, tries, pokes]: [W; 3]) -> Self {
        Self {
            runs: HistoryRows::new(RecordedFile::Runs, runs),
            tries: HistoryRows::new(RecordedFile::Tries, tries),
            pokes: HistoryRows::new(RecordedFile::Pokes, pokes),
        }
    }

    fn finish(self) -> io::Result<()> {
        for rows in [self.runs, self.tries, self.pokes] {
            rows.finish()?;
        }
        Ok(())
    }
}

impl<W: Write> HistorySink for HistoryFiles<W> {
    fn run(&mut self, run: &RecordedRun) -> Result<(), ImportError> {
        Ok(self.runs.run(run)?)
    }

    fn attempt(&mut self, run: &RecordedRun, attempt: &RecordedTry) -> Result<(), ImportError> {
        Ok(self.tries.attempt(run, attempt)?)
    }

    fn poke(
        &mut self,
        run: &RecordedRun,
        attempt: &RecordedTry,
        poke: &RecordedPoke,
    ) -> Result<(), ImportError> {
        Ok(self.pokes.poke(run, attempt, poke)?)
    }
}
