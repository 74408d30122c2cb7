//! Distributions of recorded values, from the scenario itself or from a table beside it.

use super::Builder;
use super::distribution::{Unit, at_fault, factor, number, problem, refuse_unknown};
use crate::random::{Distribution, EmpiricalMode};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{DistributionSyntax, EMPIRICAL_KEYS, Parameter};

/// The longest table that is read, in bytes.
const MAX_TABLE_BYTES: usize = 64 << 20;

impl Builder<'_> {
    /// The distribution of the values that are listed, or that stand in a column of a table.
    pub(super) fn empirical(
        &self,
        syntax: &DistributionSyntax,
        unit: Unit,
    ) -> Result<Distribution, Diagnostic> {
        refuse_unknown(syntax, &EMPIRICAL_KEYS)?;
        let get = |key: &str| syntax.parameters.get(key);
        let values = match (get("values"), get("csv")) {
            (Some(values), None) => listed(values, unit),
            (None, Some(file)) => self.table(file, get("column"), unit),
            _ => Err(problem(
                "an empirical distribution has one source of values",
                syntax.family.span,
            )
            .help("give `values`, or `csv` and `column`")),
        }?;
        let mode = match get("mode").map(|mode| &mode.value) {
            None => EmpiricalMode::Resample,
            Some(Parameter::Text(text)) if text == "resample" => EmpiricalMode::Resample,
            Some(Parameter::Text(text)) if text == "interpolate" => EmpiricalMode::Interpolate,
            Some(_) => {
                let span = get("mode").map_or(syntax.family.span, |mode| mode.span);
                return Err(problem("`mode` is `resample` or `interpolate`", span));
            }
        };
        Distribution::empirical(values, mode).map_err(|error| at_fault(error, syntax))
    }

    /// A column of a CSV file beside the scenario.
    fn table(
        &self,
        file: &Located<Parameter>,
        column: Option<&Located<Parameter>>,
        unit: Unit,
    ) -> Result<Vec<f64>, Diagnostic> {
        let path = text_of(file, "csv")?;
        if !stays_inside(path) {
            return Err(Diagnostic::error(
                "file::outside",
                format!("`{path}` may lie outside of the scenario's folder"),
            )
            .label(file.span, "")
            .help("write a path relative to the scenario, without `..`"));
        }
        let column_text = match column {
            Some(column) => text_of(column, "column")?,
            None => {
                return Err(problem(
                    "`csv` needs `column`, the name of a column",
                    file.span,
                ));
            }
        };
        let unreadable = |reason: String| {
            Diagnostic::error(
                "file::unreadable",
                format!("cannot read `{path}`: {reason}"),
            )
            .label(file.span, "")
        };
        let text = self.files.read(path).map_err(unreadable)?;
        let values = column_of(&text, column_text).map_err(unreadable)?;
        Ok(values
            .into_iter()
            .map(|value| value * factor(unit))
            .collect())
    }
}

fn listed(values: &Located<Parameter>, unit: Unit) -> Result<Vec<f64>, Diagnostic> {
    match &values.value {
        Parameter::List(items) => items
            .iter()
            .map(|item| number("values", item, unit))
            .collect(),
        _ => Err(problem("`values` is a list", values.span)),
    }
}

fn text_of<'p>(parameter: &'p Located<Parameter>, key: &str) -> Result<&'p str, Diagnostic> {
    match &parameter.value {
        Parameter::Text(text) => Ok(text),
        _ => Err(problem(&format!("`{key}` is a text"), parameter.span)),
    }
}

/// Whether a path is relative and never leaves its folder, on any system.
fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':'])
        && path.split('/').all(|part| !part.is_empty() && part != "..")
}

fn column_of(text: &str, column: &str) -> Result<Vec<f64>, String> {
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
        let value = field.parse::<f64>().ok().filter(|value| value.is_finite());
        values
            .push(value.ok_or_else(|| format!("`{field}` in column `{column}` is not a number"))?);
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
        assert_eq!(
            column_of("task,seconds\na,1.5\nb,2\n", "seconds"),
            Ok(vec![1.5, 2.0])
        );
        assert!(
            column_of("task\na\n", "seconds")
                .unwrap_err()
                .contains("no column")
        );
        assert!(
            column_of("seconds\nx\n", "seconds")
                .unwrap_err()
                .contains("not a number")
        );
    }
}
