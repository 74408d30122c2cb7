//! The tables as CSV files that someone who may reach the database has exported.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader};

use super::source::{Field, Query, Source, SourceError};

/// A folder with a file a table, the names of the columns in its first line.
#[derive(Debug)]
pub struct CsvSource {
    folder: PathBuf,
}

/// Columns that hold bytes. PostgreSQL writes them as `\x` and hexadecimal digits, SQLite as they are, up to the first zero.
const BYTES: [&str; 1] = ["data_compressed"];

impl CsvSource {
    /// Opens the folder.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn open(folder: &Path) -> Result<Self, SourceError> {
        if !fs::metadata(folder).is_ok_and(|found| found.is_dir()) {
            return Err(SourceError("there is no such folder".into()));
        }
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// The file of a table and its first line; none if there is no such file.
    fn table(&self, table: &str) -> Result<Option<Table>, SourceError> {
        let name = format!("{table}.csv");
        let file = match File::open(self.folder.join(&name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SourceError(format!("`{name}`: {error}"))),
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, file));
        let header = reader.byte_headers().map(|header| {
            let names = header.iter().enumerate().map(|(at, name)| {
                // A byte-order mark, which some programs put before the first name.
                let name = if at == 0 {
                    name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name)
                } else {
                    name
                };
                String::from_utf8_lossy(name).into_owned()
            });
            names.collect::<Vec<_>>()
        });
        let columns = header.map_err(|error| failed(&name, &error))?;
        Ok(Some(Table {
            name,
            columns,
            reader,
        }))
    }

    /// Whether the rows of a table stand in this order already, so that they need not be kept to be sorted.
    fn is_in_order(&self, table: &str, order: &[usize]) -> Result<bool, SourceError> {
        let Some(mut table) = self.table(table)?.filter(|_| !order.is_empty()) else {
            return Ok(true);
        };
        let (mut row, mut before) = (ByteRecord::new(), ByteRecord::new());
        while table.next(&mut row)? {
            let key: ByteRecord = order.iter().map(|&at| &row[at]).collect();
            if !before.is_empty() && compare(&before, &key, order.len()) == Ordering::Greater {
                return Ok(false);
            }
            before = key;
        }
        Ok(true)
    }
}

impl Source for CsvSource {
    fn columns(&mut self, table: &str) -> Result<Option<Vec<String>>, SourceError> {
        Ok(self.table(table)?.map(|table| table.columns))
    }

    fn rows(
        &mut self,
        query: &Query<'_>,
        each: &mut dyn FnMut(&[Field<'_>]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let Some(mut table) = self.table(query.table)? else {
            return Err(SourceError(format!("there is no `{}.csv`", query.table)));
        };
        let places = table.places(query.columns)?;
        let order = table.places(query.order)?;
        let mut row = ByteRecord::new();
        if self.is_in_order(query.table, &order)? {
            while table.next(&mut row)? {
                each(&table.fields(&row, query.columns, &places)?)?;
            }
            return Ok(());
        }
        // Exports mostly are in order already. Of others no more is kept than is asked for.
        let mut rows: Vec<ByteRecord> = Vec::new();
        let kept: Vec<usize> = order.iter().chain(&places).copied().collect();
        while table.next(&mut row)? {
            let mut record: ByteRecord = kept.iter().map(|&at| &row[at]).collect();
            record.set_position(row.position().cloned());
            rows.push(record);
        }
        rows.sort_by(|a, b| compare(a, b, order.len()));
        let places: Vec<usize> = (order.len()..kept.len()).collect();
        for row in &rows {
            each(&table.fields(row, query.columns, &places)?)?;
        }
        Ok(())
    }
}

/// A file of a table.
struct Table {
    name: String,
    columns: Vec<String>,
    reader: Reader<BufReader<File>>,
}

impl Table {
    fn next(&mut self, row: &mut ByteRecord) -> Result<bool, SourceError> {
        let read = self.reader.read_byte_record(row);
        read.map_err(|error| failed(&self.name, &error))
    }

    fn places(&self, wanted: &[&str]) -> Result<Vec<usize>, SourceError> {
        let place = |name: &&str| {
            let found = self.columns.iter().position(|known| known == name);
            found.ok_or_else(|| {
                SourceError(format!(
                    "`{}`, line 1: there is no column `{name}`",
                    self.name
                ))
            })
        };
        wanted.iter().map(place).collect()
    }

    fn fields<'f>(
        &self,
        row: &'f ByteRecord,
        names: &[&str],
        places: &[usize],
    ) -> Result<Vec<Field<'f>>, SourceError> {
        let field = |(name, &at): (&&str, &usize)| {
            field(name, &row[at]).ok_or_else(|| {
                let line = row.position().map_or(0, csv::Position::line);
                SourceError(format!(
                    "`{}`, line {line}: column `{name}` is no text in UTF-8",
                    self.name
                ))
            })
        };
        names.iter().zip(places).map(field).collect()
    }
}

/// What stands in a field; none if it should be text and is not.
fn field<'f>(column: &str, content: &'f [u8]) -> Option<Field<'f>> {
    if content.is_empty() {
        // Exports write nothing for NULL, and an empty text is of no use where a name or a moment is wanted.
        return Some(Field::Null);
    }
    match std::str::from_utf8(content) {
        Ok(text) => Some(Field::Text(text)),
        Err(_) if BYTES.contains(&column) => Some(Field::Bytes(content)),
        Err(_) => None,
    }
}

/// Numbers and moments by their value, all else by its bytes.
fn compare(a: &ByteRecord, b: &ByteRecord, columns: usize) -> Ordering {
    let one = |(a, b): (&[u8], &[u8])| {
        let texts = std::str::from_utf8(a).ok().zip(std::str::from_utf8(b).ok());
        let fields = texts.map(|(a, b)| (Field::Text(a), Field::Text(b)));
        let numbers = fields.and_then(|(a, b)| a.integer().zip(b.integer()));
        let moments = fields.and_then(|(a, b)| a.moment().zip(b.moment()));
        match (numbers, moments) {
            (Some((a, b)), _) => a.cmp(&b),
            (None, Some((a, b))) => a.cmp(&b),
            (None, None) => a.cmp(b),
        }
    };
    let ordering = a.iter().zip(b).take(columns).map(one);
    ordering.fold(Ordering::Equal, Ordering::then)
}

fn failed(name: &str, error: &csv::Error) -> SourceError {
    let line = error.position().map_or(1, csv::Position::line);
    let words = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields where the first line names {expected_len} columns"),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    SourceError(format!("`{name}`, line {line}: {words}"))
}
