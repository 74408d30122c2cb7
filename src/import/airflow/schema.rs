//! Which Airflow wrote the database, told by its tables, and whether all that is needed is there.

use indexmap::IndexMap;

use super::ImportError;
use super::source::{Field, Query, Source};

/// The generation of Airflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 2.x: runs have an `execution_date`.
    Two,
    /// 3.x: runs have a `logical_date` and a `run_after`.
    Three,
}

/// What a database has.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub(super) version: Version,
    /// Head of its migrations, if it says so.
    pub(super) migration: Option<String>,
    /// The columns of the tables that are there.
    tables: IndexMap<&'static str, Vec<String>>,
}

/// Tables without which there is nothing to import, and the columns that are read from them.
const NEEDED: [(&str, &[&str]); 5] = [
    ("slot_pool", &["pool", "slots", "description"]),
    (
        "dag",
        &["dag_id", "is_paused", "max_active_tasks", "max_active_runs"],
    ),
    ("serialized_dag", &["dag_id", "data"]),
    (
        "dag_run",
        &[
            "id",
            "dag_id",
            "run_id",
            "run_type",
            "state",
            "queued_at",
            "start_date",
            "end_date",
        ],
    ),
    (
        "task_instance",
        &[
            "dag_id",
            "run_id",
            "task_id",
            "map_index",
            "try_number",
            "state",
            "queued_dttm",
            "start_date",
            "end_date",
            "pool",
            "pool_slots",
            "priority_weight",
        ],
    ),
];

/// Tables that older versions lack, or that a site may have emptied.
const OPTIONAL: [&str; 4] = [
    "task_instance_history",
    "task_fail",
    "task_reschedule",
    "alembic_version",
];

impl Schema {
    pub(super) fn read(source: &mut dyn Source) -> Result<Self, ImportError> {
        let mut tables = IndexMap::new();
        for (table, columns) in NEEDED {
            let found = source
                .columns(table)?
                .ok_or(ImportError::NoTable { table })?;
            for column in columns {
                if !found.iter().any(|known| known == column) {
                    return Err(ImportError::NoColumn { table, column });
                }
            }
            tables.insert(table, found);
        }
        for table in OPTIONAL {
            tables.extend(source.columns(table)?.map(|columns| (table, columns)));
        }
        let mut schema = Self {
            version: Version::Three,
            migration: None,
            tables,
        };
        schema.version = schema.told_version()?;
        schema.migration = schema.read_migration(source)?;
        Ok(schema)
    }

    /// Half a migration has columns of both, or the new tables with the old ones' columns.
    fn told_version(&self) -> Result<Version, ImportError> {
        let has = |table, column| self.has(table, column);
        match (
            has("dag_run", "execution_date"),
            has("dag_run", "run_after"),
        ) {
            (true, false) => Ok(Version::Two),
            (false, true) => {
                for (table, column) in [
                    ("dag_run", "logical_date"),
                    ("task_instance", "id"),
                    ("task_instance", "scheduled_dttm"),
                ] {
                    if !has(table, column) {
                        return Err(ImportError::NoColumn { table, column });
                    }
                }
                Ok(Version::Three)
            }
            (true, true) => Err(ImportError::HalfMigrated {
                reason: "`dag_run` has both `execution_date` of Airflow 2 and `run_after` of Airflow 3",
            }),
            (false, false) => Err(ImportError::HalfMigrated {
                reason: "`dag_run` has neither `execution_date` of Airflow 2 nor `run_after` of Airflow 3",
            }),
        }
    }

    fn read_migration(&self, source: &mut dyn Source) -> Result<Option<String>, ImportError> {
        let mut heads = Vec::new();
        if self.has("alembic_version", "version_num") {
            let query = Query {
                table: "alembic_version",
                columns: &["version_num"],
                order: &["version_num"],
            };
            source.rows(&query, &mut |row| {
                heads.extend(row[0].text().map(str::to_owned));
                Ok(())
            })?;
        }
        Ok((!heads.is_empty()).then(|| heads.join(", ")))
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        let columns = self.tables.get(table);
        columns.is_some_and(|columns| columns.iter().any(|known| known == column))
    }

    /// Those of the columns that the table has; [`Columns::field`] finds a value by its name.
    pub(super) fn columns(&self, table: &str, wanted: &[&'static str]) -> Columns {
        let there = wanted.iter().filter(|column| self.has(table, column));
        Columns(there.copied().collect())
    }
}

/// The columns of a query by name.
pub(super) struct Columns(pub(super) Vec<&'static str>);

impl Columns {
    /// Where a column stands in a row; none if the table lacks it.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.0.iter().position(|known| *known == column)
    }

    /// The value of a column; nothing if the table lacks it.
    pub(super) fn field<'f>(&self, row: &[Field<'f>], column: &str) -> Field<'f> {
        self.place(column).map_or(Field::Null, |at| row[at])
    }
}
