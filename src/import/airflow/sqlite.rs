//! The metadata database as an SQLite file, opened so that nothing can be written to it.

use std::fmt::Write;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::source::{Field, Query, Source, SourceError};

/// An SQLite file.
#[derive(Debug)]
pub struct SqliteSource {
    connection: Connection,
}

/// How long a file that another process has locked is waited for.
const BUSY_MILLISECONDS: u64 = 5_000;

impl SqliteSource {
    /// Opens the file.
    ///
    /// A file that SQLite keeps with a write-ahead log needs a folder that can be written to, for the log's index. Elsewhere it is
    /// read as a file that nobody changes, which is right if its log is empty: nobody can write to it there, either.
    ///
    /// # Errors
    /// There is no such file, it is no SQLite database, or it has a log that cannot be read.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        if !path.is_file() {
            let what = if path.exists() {
                "it is no file"
            } else {
                "there is no such file"
            };
            return Err(SourceError(what.into()));
        }
        match Self::begin(path, "mode=ro") {
            Err(error) if needs_index(&error) => {
                let mut log = path.as_os_str().to_owned();
                log.push("-wal");
                if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
                    return Err(SourceError(
                        "its write-ahead log can only be read where its folder can be written to: copy the file and the one \
                         that ends in `-wal` to another folder"
                            .into(),
                    ));
                }
                Self::begin(path, "immutable=1").map_err(|error| failed(&error))
            }
            opened => opened.map_err(|error| failed(&error)),
        }
    }

    fn begin(path: &Path, how: &str) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri(path, how), flags)?;
        connection.busy_timeout(std::time::Duration::from_millis(BUSY_MILLISECONDS))?;
        // One transaction, so that all tables are of one moment though a scheduler may be at work.
        connection.execute_batch("PRAGMA query_only = 1; BEGIN;")?;
        // The file is opened by the first reading.
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        Ok(Self { connection })
    }
}

/// Whether SQLite could not make the index of a write-ahead log.
fn needs_index(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    )
}

/// The path as SQLite wants it in a URI: every byte that may mean something else there as a number.
fn uri(path: &Path, how: &str) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    format!("{uri}?{how}")
}

impl Source for SqliteSource {
    fn columns(&mut self, table: &str) -> Result<Option<Vec<String>>, SourceError> {
        let mut statement = self
            .connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .map_err(|error| failed(&error))?;
        let names = statement.query_map([table], |row| row.get(0));
        let names = names.and_then(Iterator::collect::<Result<Vec<String>, _>>);
        let names = names.map_err(|error| failed(&error))?;
        Ok((!names.is_empty()).then_some(names))
    }

    fn rows(
        &mut self,
        query: &Query<'_>,
        each: &mut dyn FnMut(&[Field<'_>]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let quoted = |columns: &[&str]| columns.iter().map(|name| quoted(name)).collect::<Vec<_>>();
        let order = match query.order {
            [] => vec!["rowid".to_owned()],
            columns => quoted(columns),
        };
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {}",
            quoted(query.columns).join(", "),
            self::quoted(query.table),
            order.join(", ")
        );
        let located = |error: &rusqlite::Error| {
            SourceError(format!("table `{}`: {}", query.table, failed(error)))
        };
        let mut statement = self
            .connection
            .prepare(&sql)
            .map_err(|error| located(&error))?;
        let mut rows = statement.query([]).map_err(|error| located(&error))?;
        while let Some(row) = rows.next().map_err(|error| located(&error))? {
            let field = |at| row.get_ref(at).map(field);
            let fields = (0..query.columns.len())
                .map(field)
                .collect::<Result<Vec<_>, _>>();
            each(&fields.map_err(|error| located(&error))?)?;
        }
        Ok(())
    }
}

fn field(value: ValueRef<'_>) -> Field<'_> {
    match value {
        ValueRef::Null => Field::Null,
        ValueRef::Integer(number) => Field::Integer(number),
        ValueRef::Real(number) => Field::Real(number),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Field::Bytes(text), Field::Text),
        ValueRef::Blob(bytes) => Field::Bytes(bytes),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn failed(error: &rusqlite::Error) -> SourceError {
    SourceError(error.to_string())
}
