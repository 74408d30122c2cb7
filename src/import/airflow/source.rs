//! Where the tables of a metadata database come from, and what stands in a field, whoever stores it.

use crate::time::SimTime;

/// A table of the metadata database, some of its columns, and the order in which its rows are wanted.
#[derive(Clone, Debug)]
pub struct Query<'q> {
    /// The table.
    pub table: &'q str,
    /// The columns, in the order in which fields are handed over.
    pub columns: &'q [&'q str],
    /// Columns to sort by; without any, rows come as they were written where the source knows that.
    pub order: &'q [&'q str],
}

/// Something that has the tables: a database, or files that were exported from one.
pub trait Source {
    /// The columns of a table; none if there is no such table.
    ///
    /// # Errors
    /// The source cannot be read.
    fn columns(&mut self, table: &str) -> Result<Option<Vec<String>>, SourceError>;

    /// Hands over the rows one by one, without holding more than a few of them.
    ///
    /// # Errors
    /// The source cannot be read, or what `each` has failed with.
    fn rows(
        &mut self,
        query: &Query<'_>,
        each: &mut dyn FnMut(&[Field<'_>]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;
}

/// A source cannot be read: the reason in words, never with a credential in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'f> {
    /// Nothing.
    Null,
    /// A whole number, or a truth value.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text; other databases than SQLite hand over everything but bytes as text.
    Text(&'f str),
    /// Bytes.
    Bytes(&'f [u8]),
}

impl<'f> Field<'f> {
    /// Whether nothing stands there.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text.
    pub fn text(&self) -> Option<&'f str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The whole number.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The truth value: 1, `t`, `true` and `True` are true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Integer(number) => *number != 0,
            Self::Text(text) => ["1", "t", "true", "True", "TRUE"].contains(text),
            _ => false,
        }
    }

    /// The moment: `2025-03-03 00:00:03.709000` in UTC, or with `T` between and an offset behind, as databases write it.
    pub fn moment(&self) -> Option<SimTime> {
        let text = self.text()?;
        if let Ok(moment) = SimTime::parse(text) {
            return Some(moment);
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(SimTime::from_micros(zoned.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_every_database_writes_it() {
        let known = SimTime::parse("2025-03-03T00:00:03.709Z").unwrap();
        for text in [
            "2025-03-03 00:00:03.709000",
            "2025-03-03 00:00:03.709",
            "2025-03-03T00:00:03.709000+00:00",
            "2025-03-03 00:00:03.709+00",
            "2025-03-03 01:00:03.709+01",
        ] {
            assert_eq!(Field::Text(text).moment(), Some(known), "{text}");
        }
        assert_eq!(Field::Text("yesterday").moment(), None);
        assert_eq!(Field::Null.moment(), None);
    }

    #[test]
    fn truth_is_read_as_every_database_writes_it() {
        for field in [
            Field::Integer(1),
            Field::Text("t"),
            Field::Text("true"),
            Field::Text("True"),
        ] {
            assert!(field.is_true());
        }
        for field in [Field::Integer(0), Field::Text("f"), Field::Null] {
            assert!(!field.is_true());
        }
    }
}
