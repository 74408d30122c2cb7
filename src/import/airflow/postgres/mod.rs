//! The metadata database on a PostgreSQL server, read in one transaction that can write nothing.

mod address;
mod password;
mod tls;

use indexmap::IndexMap;
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use address::Address;

use super::source::{Field, Query, Source, SourceError};

/// A transaction on a server.
pub struct PostgresSource {
    client: Client,
    /// The columns of the tables that were asked for.
    tables: IndexMap<String, Vec<Column>>,
}

/// A column of a table.
#[derive(Clone)]
struct Column {
    name: String,
    /// Whether it holds bytes, which are no text.
    is_bytes: bool,
    /// Whether it is sorted by the rules of a language, which differ from server to server.
    is_collated: bool,
    /// Its place in the primary key, if it has one.
    key: Option<i32>,
}

/// All tables are of one moment though a scheduler may be at work. A query that takes ten minutes is given up, and so is
/// one that waits five seconds for a lock, which a migration may hold. Moments are written in UTC.
const BEGIN: &str = "
    BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL statement_timeout = '10min';
    SET LOCAL lock_timeout = '5s';
    SET LOCAL TIME ZONE 'UTC';
    SET LOCAL datestyle = 'ISO';
";

/// The columns of a table on the search path.
const COLUMNS: &str = "
    SELECT attname::text, atttypid = 'bytea'::regtype, attcollation <> 0, array_position(indkey::int2[], attnum)
    FROM pg_catalog.pg_attribute
    LEFT JOIN pg_catalog.pg_index ON indrelid = attrelid AND indisprimary
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum
";

impl PostgresSource {
    /// Connects to the server and begins the transaction.
    ///
    /// # Errors
    /// The server cannot be reached, is not the one it should be, or refuses.
    pub fn connect(address: &Address) -> Result<Self, SourceError> {
        let tls = MakeRustlsConnect::new(tls::config(address.tls())?);
        let connected = address.config().connect(tls);
        let mut client = connected.map_err(|error| failed(&error))?;
        client
            .batch_execute(BEGIN)
            .map_err(|error| failed(&error))?;
        Ok(Self {
            client,
            tables: IndexMap::new(),
        })
    }

    fn table(&mut self, table: &str) -> Result<&[Column], SourceError> {
        if !self.tables.contains_key(table) {
            let found = self.client.query(COLUMNS, &[&quoted(table)]);
            let found = found.map_err(|error| located(table, &error))?;
            let columns = found.iter().map(|row| {
                Ok(Column {
                    name: row.try_get(0)?,
                    is_bytes: row.try_get(1)?,
                    is_collated: row.try_get(2)?,
                    key: row.try_get(3)?,
                })
            });
            let columns = columns.collect::<Result<_, postgres::Error>>();
            let columns = columns.map_err(|error| located(table, &error))?;
            self.tables.insert(table.to_owned(), columns);
        }
        Ok(&self.tables[table])
    }

    /// The query in the language of the server: everything but bytes becomes text, and text is sorted by its bytes.
    fn sql(&mut self, query: &Query<'_>) -> Result<String, SourceError> {
        let known = self.table(query.table)?;
        let column = |name: &str| known.iter().find(|column| column.name == name);
        let selected = query.columns.iter().map(|name| match column(name) {
            Some(column) if column.is_bytes => quoted(name),
            _ => format!("{}::text", quoted(name)),
        });
        let selected = selected.collect::<Vec<_>>().join(", ");
        // The place of a row is no order here: it changes with every update.
        let mut key: Vec<&Column> = known.iter().filter(|column| column.key.is_some()).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
        let order = if query.order.is_empty() {
            &key
        } else {
            query.order
        };
        let order = order.iter().map(|name| match column(name) {
            // The name alone would mean the text that is selected.
            Some(column) if column.is_collated => format!("t.{} COLLATE \"C\"", quoted(name)),
            _ => format!("t.{}", quoted(name)),
        });
        let order = order.collect::<Vec<_>>().join(", ");
        let from = format!("SELECT {selected} FROM {} AS t", quoted(query.table));
        Ok(match order.as_str() {
            "" => from,
            order => format!("{from} ORDER BY {order}"),
        })
    }
}

impl Source for PostgresSource {
    fn columns(&mut self, table: &str) -> Result<Option<Vec<String>>, SourceError> {
        let columns = self.table(table)?.iter().map(|column| column.name.clone());
        let columns: Vec<String> = columns.collect();
        Ok((!columns.is_empty()).then_some(columns))
    }

    fn rows(
        &mut self,
        query: &Query<'_>,
        each: &mut dyn FnMut(&[Field<'_>]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let sql = self.sql(query)?;
        let located = |error: postgres::Error| located(query.table, &error);
        let none: [&str; 0] = [];
        let mut rows = self.client.query_raw(&sql, none).map_err(located)?;
        while let Some(row) = rows.next().map_err(located)? {
            let fields = (0..query.columns.len()).map(|at| field(&row, at));
            each(&fields.collect::<Result<Vec<_>, _>>().map_err(located)?)?;
        }
        Ok(())
    }
}

fn field(row: &Row, at: usize) -> Result<Field<'_>, postgres::Error> {
    if *row.columns()[at].type_() == postgres::types::Type::BYTEA {
        let bytes: Option<&[u8]> = row.try_get(at)?;
        return Ok(bytes.map_or(Field::Null, Field::Bytes));
    }
    let text: Option<&str> = row.try_get(at)?;
    Ok(text.map_or(Field::Null, Field::Text))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn located(table: &str, error: &postgres::Error) -> SourceError {
    SourceError(format!("table `{table}`: {}", failed(error)))
}

/// The error with its causes; neither the client nor a server puts a password into one.
fn failed(error: &postgres::Error) -> SourceError {
    let mut words = error.as_db_error().map_or_else(
        || error.to_string(),
        |error| format!("{}: {}", error.severity(), error.message()),
    );
    let mut cause = std::error::Error::source(error).filter(|_| error.as_db_error().is_none());
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    SourceError(words)
}
