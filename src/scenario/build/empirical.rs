//! Distributions of recorded values, from the scenario itself or from a table beside it.

use super::Builder;
use super::distribution::{Unit, at_fault, factor, number, problem, refuse_unknown};
use super::table::Field;
use crate::random::{Distribution, EmpiricalMode};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{DistributionSyntax, EMPIRICAL_KEYS, Parameter};

const NUMBER: Field<f64> = Field {
    kind: "a number",
    read: |field| field.parse().ok().filter(|value: &f64| value.is_finite()),
};

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
        let path = file.with(text_of(file, "csv")?);
        let column = match column {
            Some(column) => text_of(column, "column")?,
            None => {
                return Err(problem(
                    "`csv` needs `column`, the name of a column",
                    file.span,
                ));
            }
        };
        let values = self.column(&path, column, &NUMBER)?;
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
