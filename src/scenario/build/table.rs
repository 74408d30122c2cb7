//! Tables beside the scenario: a column of a CSV file, by its name.

use super::Builder;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;

/// The longest table that is read, in bytes.
const MAX_TABLE_BYTES: usize = 64 << 20;

/// What the fields of a column must be.
pub(super) struct Field<T> {
    /// In words, such as "a number".
    pub(super) kind: &'static str,
    /// The value of a field; none if it is something else.
    pub(super) read: fn(&str) -> Option<T>,
}

impl Builder<'_> {
    /// The values of a column of the file.
    pub(super) fn column<T>(
        &self,
        path: &Located<&str>,
        column: &str,
        field: &Field<T>,
    ) -> Result<Vec<T>, Diagnostic> {
        let text = self.text_beside(path)?;
        column_of(&text, column, field).map_err(|reason| unreadable(path, &reason))
    }

    /// The text of a file beside the scenario.
    pub(super) fn text_beside(&self, path: &Located<&str>) -> Result<String, Diagnostic> {
        if !stays_inside(path.value) {
            return Err(Diagnostic::error(
                "file::outside",
                format!("`{}` may lie outside of the scenario's folder", path.value),
            )
            .label(path.span, "")
            .help("write a path relative to the scenario, without `..`"));
        }
        let text = self.files.read(path.value);
        text.map_err(|reason| unreadable(path, &reason))
    }
}

fn unreadable(path: &Located<&str>, reason: &str) -> Diagnostic {
    let message = format!("cannot read `{}`: {reason}", path.value);
    Diagnostic::error("file::unreadable", message).label(path.span, "")
}

/// Whether a path is relative and never leaves its folder, on any system.
fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':'])
        && path.split('/').all(|part| !part.is_empty() && part != "..")
}

fn column_of<T>(text: &str, column: &str, expected: &Field<T>) -> Result<Vec<T>, String> {
    if text.len() > MAX_TABLE_BYTES {
        return Err(format!(
            "it has {} bytes, the limit is {MAX_TABLE_BYTES}",
            text.len()
        ));
    }
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let header = table.headers().map_err(|error| error.to_string())?;
    let at = header.iter().position(|name| name.trim() == column);
    let at = at.ok_or_else(|| format!("it has no column `{column}`"))?;
    let mut values = Vec::new();
    for row in table.records() {
        let row = row.map_err(|error| error.to_string())?;
        let field = row.get(at).unwrap_or_default().trim();
        let value = (expected.read)(field);
        values.push(
            value.ok_or_else(|| {
                format!("`{field}` in column `{column}` is not {}", expected.kind)
            })?,
        );
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_must_stay_inside() {
        assert!(stays_inside("a.csv"));
        assert!(stays_inside("data/a.csv"));
        for path in [
            "",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "C:\\x",
            "a//b",
            ".\\a",
        ] {
            assert!(!stays_inside(path), "{path}");
        }
    }

    #[test]
    fn a_column_is_read_by_name() {
        let number = Field {
            kind: "a number",
            read: |field| field.parse::<f64>().ok(),
        };
        let read = |text| column_of(text, "seconds", &number);
        assert_eq!(read("task,seconds\na,1.5\nb,2\n"), Ok(vec![1.5, 2.0]));
        assert!(read("task\na\n").unwrap_err().contains("no column"));
        assert!(read("seconds\nx\n").unwrap_err().contains("not a number"));
    }
}
