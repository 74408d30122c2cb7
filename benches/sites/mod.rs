//! Metadata databases of as many tries as are wanted: the two recorded weeks of the tests, over and over.

#![expect(clippy::unwrap_used, reason = "the database is a constant")]

use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rusqlite::Connection;

/// What one copy holds.
const TRIES: usize = 3_521 + 81;

/// A database of at least so many tries, made once and kept in the folder of build results.
pub(crate) fn database(tries: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("site-{tries}.db"));
    if !path.exists() {
        let unfinished = path.with_extension("unfinished");
        make(&unfinished, tries.div_ceil(TRIES));
        fs::rename(&unfinished, &path).unwrap();
    }
    path
}

fn make(path: &Path, copies: usize) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = File::open(package.join("tests/data/airflow/metadata-3x.db.gz")).unwrap();
    io::copy(
        &mut GzDecoder::new(recorded),
        &mut File::create(path).unwrap(),
    )
    .unwrap();
    let database = Connection::open(path).unwrap();
    let mut sql =
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN;"
            .to_owned();
    for table in [
        "dag_run",
        "task_instance",
        "task_instance_history",
        "task_reschedule",
    ] {
        let columns = columns(&database, table);
        let list = |of: &dyn Fn(&Column) -> String| {
            let listed: Vec<String> = columns.iter().map(of).collect();
            listed.join(", ")
        };
        let names = list(&|column| format!("\"{}\"", column.name));
        // Only the rows of the first copy are copied, though the table grows meanwhile.
        write!(
            sql,
            "CREATE TEMP TABLE once AS SELECT * FROM {table} ORDER BY rowid;
             WITH RECURSIVE copy(k) AS (SELECT 1 WHERE {copies} > 1 UNION ALL SELECT k + 1 FROM copy WHERE k + 1 < {copies})
             INSERT INTO {table} ({names}) SELECT {} FROM copy, once; DROP TABLE once;",
            list(&Column::copied)
        )
        .unwrap();
    }
    database.execute_batch(&format!("{sql} COMMIT;")).unwrap();
}

struct Column {
    name: String,
    kind: String,
}

fn columns(database: &Connection, table: &str) -> Vec<Column> {
    let mut rows = database
        .prepare("SELECT name, type FROM pragma_table_info(?1)")
        .unwrap();
    let column = |row: &rusqlite::Row<'_>| {
        Ok(Column {
            name: row.get(0)?,
            kind: row.get(1)?,
        })
    };
    let found = rows.query_map([table], column).unwrap();
    found.map(Result::unwrap).collect()
}

impl Column {
    /// Its value in the k-th copy: three weeks later each, under a name of its own.
    fn copied(&self) -> String {
        let name = format!("once.\"{}\"", self.name);
        match (self.name.as_str(), self.kind.as_str()) {
            ("run_id", _) => format!("{name} || '_' || k"),
            ("id", "INTEGER") => format!("{name} + 1000000 * k"),
            ("id" | "ti_id" | "task_instance_id", _) => {
                format!("printf('%08x', k) || substr({name}, 9)")
            }
            (_, "TIMESTAMP") => {
                format!("strftime('%Y-%m-%d %H:%M:%f000', {name}, (21 * k) || ' days')")
            }
            _ => name,
        }
    }
}
