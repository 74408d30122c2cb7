//! Distributions: parameters become numbers in the unit of their use.

use super::Builder;
use crate::random::{Distribution, FamilyDescription, ParameterError, Quantity};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::{Located, hinted};
use crate::scenario::near::suggestion;
use crate::scenario::syntax::{
    DistributionSyntax, EMPIRICAL, MIXTURE, MODIFIERS, Parameter, parse_duration, parse_rate,
};

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

impl Builder<'_> {
    /// The distribution; a problem is reported and zero stands in.
    pub(super) fn distribution(
        &mut self,
        syntax: &Located<DistributionSyntax>,
        unit: Unit,
    ) -> Distribution {
        let built = self.unbounded(syntax, unit);
        let built = built.and_then(|distribution| finite(distribution, syntax));
        built.unwrap_or_else(|problem| {
            self.report(problem);
            Distribution::ZERO
        })
    }

    /// The distribution, of which a larger one may yet cut off an infinite variance.
    pub(super) fn unbounded(
        &mut self,
        syntax: &Located<DistributionSyntax>,
        unit: Unit,
    ) -> Result<Distribution, Diagnostic> {
        let built = match syntax.family.as_str() {
            EMPIRICAL => self.empirical(syntax, unit),
            MIXTURE => self.mixture(syntax, unit),
            _ => by_parameters(syntax, unit),
        };
        modified(built?, syntax, unit)
    }
}

/// Means of draws without a finite variance have no standard error, and no interval could be told.
fn finite(
    distribution: Distribution,
    syntax: &DistributionSyntax,
) -> Result<Distribution, Diagnostic> {
    if distribution.variance().is_finite() {
        return Ok(distribution);
    }
    let message = format!("the variance of this `{}` is infinite", *syntax.family);
    Err(problem(&message, syntax.family.span)
        .help("give `max`, the longest value that there can be"))
}

fn by_parameters(syntax: &DistributionSyntax, unit: Unit) -> Result<Distribution, Diagnostic> {
    let family = syntax.family.as_str();
    let known = Distribution::FAMILIES
        .iter()
        .find(|known| known.name == family);
    let known = known.map(FamilyDescription::parameters).unwrap_or_default();
    refuse_unknown(syntax, &known)?;
    let mut given = Vec::new();
    for (name, parameter) in &syntax.parameters {
        if !MODIFIERS.contains(&name.as_str()) {
            given.push((name.as_str(), number(name, parameter, unit)?));
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

/// Refuses a parameter that is none of these, nor understood by every distribution.
pub(super) fn refuse_unknown(
    syntax: &DistributionSyntax,
    known: &[&str],
) -> Result<(), Diagnostic> {
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
pub(super) fn number(
    name: &str,
    parameter: &Located<Parameter>,
    unit: Unit,
) -> Result<f64, Diagnostic> {
    let quantity = Quantity::of(name);
    let value = match (&parameter.value, quantity, unit) {
        (Parameter::List(_), ..) => Err(format!("`{name}` is one value, not a list")),
        (Parameter::Component(_), ..) => Err(format!("`{name}` is one value, not a map")),
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

/// What a value is multiplied by.
pub(super) fn factor(unit: Unit) -> f64 {
    match unit {
        Unit::ScaledSeconds(factor) => factor,
        Unit::Seconds | Unit::Plain => 1.0,
    }
}

/// The problem of a parameter at the place of that parameter.
pub(super) fn at_fault(error: ParameterError, syntax: &DistributionSyntax) -> Diagnostic {
    let parameter = error
        .parameter
        .as_deref()
        .and_then(|name| syntax.parameters.get(name));
    let span = parameter.map_or(syntax.family.span, |parameter| parameter.span);
    problem(&error.message, span).maybe_help(error.help)
}

/// An error whose message may hold advice on a second line.
pub(super) fn problem(message: &str, span: Span) -> Diagnostic {
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
    fn only_what_has_a_length_is_scaled() {
        let at = |value| Located {
            value,
            span: Span::default(),
        };
        let text = |text: &str| at(Parameter::Text(text.into()));
        let unit = Unit::ScaledSeconds(2.0);
        assert_eq!(number("mean", &text("3s"), unit), Ok(6.0));
        assert_eq!(number("cv", &at(Parameter::Number(0.5)), unit), Ok(0.5));
        assert_eq!(number("rate", &text("4 per second"), unit), Ok(2.0));
        assert!(number("mean", &at(Parameter::Number(3.0)), unit).is_err());
        assert!(number("mean", &text("3s"), Unit::Plain).is_err());
    }
}
