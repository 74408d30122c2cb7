//! Distributions: parameters become numbers in the unit of their use.

use super::Builder;
use crate::random::{Distribution, EmpiricalMode, FamilyDescription, ParameterError, Quantity};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::{Located, hinted};
use crate::scenario::near::suggestion;
use crate::scenario::syntax::{
    DistributionSyntax, EMPIRICAL, EMPIRICAL_KEYS, MODIFIERS, Parameter, parse_duration, parse_rate,
};

/// The longest table that is read, in bytes.
const MAX_TABLE_BYTES: usize = 64 << 20;

/// What the values of a distribution are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// Durations, in seconds.
    Seconds,
    /// Durations of tasks: seconds, times this factor.
    ScaledSeconds(f64),
    /// Plain numbers.
    Plain,
}

/// Parameter names with their values.
type Given<'a> = Vec<(&'a str, f64)>;

impl Builder<'_> {
    /// The distribution; a problem is reported and zero stands in.
    pub(super) fn distribution(
        &mut self,
        syntax: &Located<DistributionSyntax>,
        unit: Unit,
    ) -> Distribution {
        let built = if *syntax.family == EMPIRICAL {
            self.empirical(syntax, unit)
        } else {
            by_parameters(syntax, unit)
        };
        let built = built.and_then(|distribution| modified(distribution, syntax, unit));
        built.unwrap_or_else(|problem| {
            self.report(problem);
            Distribution::ZERO
        })
    }

    fn empirical(
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

fn by_parameters(syntax: &DistributionSyntax, unit: Unit) -> Result<Distribution, Diagnostic> {
    let family = syntax.family.as_str();
    let known = Distribution::FAMILIES
        .iter()
        .find(|known| known.name == family);
    let known = known.map(FamilyDescription::parameters).unwrap_or_default();
    refuse_unknown(syntax, &known)?;
    let mut given: Given<'_> = Vec::new();
    for (name, parameter) in &syntax.parameters {
        if !MODIFIERS.contains(&name.as_str()) {
            given.push((name, number(name, parameter, unit)?));
        }
    }
    Distribution::from_parameters(family, &given).map_err(|error| at_fault(error, syntax))
}

fn modified(
    distribution: Distribution,
    syntax: &DistributionSyntax,
    unit: Unit,
) -> Result<Distribution, Diagnostic> {
    let get = |name: &str| {
        let parameter = syntax.parameters.get(name);
        parameter
            .map(|parameter| number(name, parameter, unit))
            .transpose()
    };
    let (shift, min, max) = (get("shift")?, get("min")?, get("max")?);
    if shift.is_none() && min.is_none() && max.is_none() {
        return Ok(distribution);
    }
    distribution
        .modified(shift.unwrap_or(0.0), min, max)
        .map_err(|error| at_fault(error, syntax))
}

fn refuse_unknown(syntax: &DistributionSyntax, known: &[&str]) -> Result<(), Diagnostic> {
    let allowed: Vec<&str> = known.iter().copied().chain(MODIFIERS).collect();
    let is_percentile = |name: &str| {
        name.strip_prefix('p')
            .is_some_and(|rest| rest.parse::<f64>().is_ok())
    };
    let unknown = syntax
        .parameters
        .keys()
        .find(|name| !allowed.contains(&name.as_str()) && !is_percentile(name));
    unknown.map_or(Ok(()), |name| {
        let message = format!(
            "`{}` has no parameter `{}`",
            syntax.family.value, name.value
        );
        Err(problem(&message, name.span).help(suggestion(name, &allowed)))
    })
}

/// The value of a parameter in the unit of its use.
///
/// Shapes and the spread of logarithms have no unit; `mu` is the mean of the logarithm of seconds, so a factor is
/// added to it as its logarithm; a rate is per second, so a factor divides it.
fn number(name: &str, parameter: &Located<Parameter>, unit: Unit) -> Result<f64, Diagnostic> {
    let quantity = Quantity::of(name);
    let value = match (&parameter.value, quantity, unit) {
        (Parameter::List(_), ..) => Err(format!("`{name}` is one value, not a list")),
        (Parameter::Number(value), Quantity::Plain, _) if name == "mu" => {
            Ok(value + libm::log(factor(unit)))
        }
        (Parameter::Number(value), Quantity::Plain, _)
        | (Parameter::Number(value), _, Unit::Plain) => Ok(*value),
        (Parameter::Text(_), Quantity::Plain, _) | (Parameter::Text(_), _, Unit::Plain) => {
            Err(format!("`{name}` is a plain number here"))
        }
        (Parameter::Text(text), Quantity::Rate, _) => {
            parse_rate(text).map(|rate| rate / factor(unit))
        }
        (Parameter::Text(text), Quantity::Value, _) => {
            signed_seconds(text).map(|seconds| seconds * factor(unit))
        }
        (Parameter::Number(value), Quantity::Rate, _) => Err(hinted(
            &format!("the rate `{value}` has no unit"),
            &format!("write `{value} per second`, or use `minute`, `hour`, `day`"),
        )),
        (Parameter::Number(value), Quantity::Value, _) => Err(hinted(
            &format!("`{name}` is a duration, and `{value}` has no unit"),
            &format!("write `{value}s` for seconds, or use `ms`, `m`, `h`, `d`"),
        )),
    };
    value.map_err(|message| problem(&message, parameter.span))
}

/// Only a shift may be negative, so only here is a sign read.
fn signed_seconds(text: &str) -> Result<f64, String> {
    match text.strip_prefix('-') {
        Some(rest) => parse_duration(rest).map(|span| -span.as_seconds()),
        None => parse_duration(text).map(crate::time::SimDuration::as_seconds),
    }
}

fn factor(unit: Unit) -> f64 {
    match unit {
        Unit::ScaledSeconds(factor) => factor,
        Unit::Seconds | Unit::Plain => 1.0,
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

/// The problem of a parameter at the place of that parameter.
fn at_fault(error: ParameterError, syntax: &DistributionSyntax) -> Diagnostic {
    let parameter = error
        .parameter
        .as_deref()
        .and_then(|name| syntax.parameters.get(name));
    let span = parameter.map_or(syntax.family.span, |parameter| parameter.span);
    problem(&error.message, span).maybe_help(error.help)
}

fn problem(message: &str, span: Span) -> Diagnostic {
    let (message, help) = message
        .split_once('\n')
        .map_or((message, None), |(m, h)| (m, Some(h)));
    Diagnostic::error("distribution::invalid", message)
        .label(span, "")
        .maybe_help(help.map(str::to_owned))
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

    #[test]
    fn only_what_has_a_length_is_scaled() {
        let at = |value| Located {
            value,
            span: Span::default(),
        };
        let text = |text: &str| at(Parameter::Text(text.into()));
        let unit = Unit::ScaledSeconds(2.0);
        assert_eq!(number("mean", &text("3s"), unit).unwrap(), 6.0);
        assert_eq!(
            number("cv", &at(Parameter::Number(0.5)), unit).unwrap(),
            0.5
        );
        assert_eq!(number("rate", &text("4 per second"), unit).unwrap(), 2.0);
        assert!(number("mean", &at(Parameter::Number(3.0)), unit).is_err());
        assert!(number("mean", &text("3s"), Unit::Plain).is_err());
    }
}
