//! What a fit ends in: a distribution by its parameters, which a scenario can be told.

use std::fmt::{self, Write};

use super::families::Family;
use crate::random::{Distribution, EmpiricalMode, ParameterError, Quantity};

/// A distribution as a scenario writes it; of seconds for durations, of plain numbers for lengths, counts and factors.
///
/// [`fmt::Display`] writes durations, such as `{lognormal: {mean: 182.3s, sd: 91s}}`; [`Self::plain_text`] leaves the unit
/// out.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// A family with its parameters, named as in a scenario.
    Family {
        /// The name of the family.
        family: &'static str,
        /// Its parameters and their values.
        parameters: Vec<(&'static str, f64)>,
    },
    /// Recorded values, and an exponential tail beyond the largest of them that is in the body.
    Empirical {
        /// The body, in rising order, which ends where the tail begins.
        values: Vec<f64>,
        /// Whether values between them happen, too.
        mode: EmpiricalMode,
        /// The share of draws from the tail, and how far beyond the body these lie on average.
        tail: Option<Tail>,
    },
}

/// What lies beyond the recorded body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail {
    /// How many of all draws are in it.
    pub share: f64,
    /// How far beyond the body they lie on average.
    pub mean_excess: f64,
}

impl Law {
    /// The law of one value that never varies.
    pub fn constant(value: f64) -> Self {
        Self::Family {
            family: "constant",
            parameters: vec![("value", value)],
        }
    }

    /// The member of a family with this mean and coefficient of variation; none of one whose spread is not free.
    pub(super) fn of_mean_and_cv(family: Family, mean: f64, cv: f64) -> Option<Self> {
        let parameters = match family {
            Family::Lognormal => vec![("mean", mean), ("sd", mean * cv)],
            Family::Gamma | Family::Weibull => vec![("mean", mean), ("cv", cv)],
            Family::Pareto if cv > 1.0 => vec![("mean", mean), ("cv", cv)],
            Family::Pareto
            | Family::Exponential
            | Family::Normal
            | Family::Erlang
            | Family::Uniform => return None,
        };
        let family = family.name();
        Some(Self::Family { family, parameters })
    }

    /// The same mean with less spread, as if a lognormal factor of this log-variance v had been divided out:
    /// 1 + cv² becomes (1 + cv²) e^-v. None where the family is not one whose spread is free, or nothing would be left.
    ///
    /// Exponential and Erlang durations become gamma ones, of which they are a case.
    pub(super) fn narrowed(&self, log_variance: f64) -> Option<Self> {
        let distribution = self.distribution().ok()?;
        let mean = distribution.mean();
        let squared_cv = distribution.variance() / (mean * mean);
        let left = (1.0 + squared_cv) * libm::exp(-log_variance) - 1.0;
        if left <= 0.0 {
            return None;
        }
        let family = match self.family() {
            "exponential" | "erlang" => Family::Gamma,
            name => *Family::ALL.iter().find(|family| family.name() == name)?,
        };
        Self::of_mean_and_cv(family, mean, left.sqrt())
    }

    /// The name of the family, `empirical` if there is none.
    pub const fn family(&self) -> &'static str {
        match self {
            Self::Family { family, .. } => family,
            Self::Empirical { .. } => "empirical",
        }
    }

    /// The distribution to draw from.
    ///
    /// # Errors
    /// Parameters that are out of the range of the family.
    pub fn distribution(&self) -> Result<Distribution, ParameterError> {
        match self {
            Self::Family { family, parameters } => {
                Distribution::from_parameters(family, &rounded(parameters))
            }
            Self::Empirical { values, mode, tail } => {
                let values: Vec<f64> = values.iter().map(|&value| round(value)).collect();
                let end = values.last().copied().unwrap_or(0.0);
                let body = Distribution::empirical(values, *mode)?;
                let Some(tail) = tail else {
                    return Ok(body);
                };
                let beyond = Distribution::exponential(round(tail.mean_excess))?;
                let share = round(tail.share);
                let beyond = beyond.modified(end, None, None)?;
                Distribution::mixture(vec![(1.0 - share, body), (share, beyond)])
            }
        }
    }

    /// As a scenario writes a distribution of plain numbers.
    pub fn plain_text(&self) -> String {
        self.text("")
    }

    fn text(&self, unit: &str) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = match self {
            Self::Family { family, parameters } => {
                let parameters: Vec<String> = rounded(parameters)
                    .iter()
                    .map(|&(name, value)| match Quantity::of(name) {
                        Quantity::Value => format!("{name}: {value}{unit}"),
                        _ => format!("{name}: {value}"),
                    })
                    .collect();
                write!(text, "{{{family}: {{{}}}}}", parameters.join(", "))
            }
            Self::Empirical { values, mode, tail } => {
                let values: Vec<f64> = values.iter().map(|&value| round(value)).collect();
                let listed: Vec<String> = values
                    .iter()
                    .map(|value| format!("{value}{unit}"))
                    .collect();
                let mode = match mode {
                    EmpiricalMode::Resample => "resample",
                    EmpiricalMode::Interpolate => "interpolate",
                };
                let body = format!(
                    "{{empirical: {{values: [{}], mode: {mode}}}}}",
                    listed.join(", ")
                );
                match tail {
                    None => write!(text, "{body}"),
                    Some(tail) => {
                        let share = round(tail.share);
                        let end = values.last().copied().unwrap_or(0.0);
                        let mean = round(tail.mean_excess);
                        write!(
                            text,
                            "{{mixture: {{components: [{{weight: {}, distribution: {body}}}, {{weight: {share}, \
                             distribution: {{exponential: {{mean: {mean}{unit}, shift: {end}{unit}}}}}}}]}}}}",
                            1.0 - share
                        )
                    }
                }
            }
        };
        text
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text("s"))
    }
}

fn rounded(parameters: &[(&'static str, f64)]) -> Vec<(&'static str, f64)> {
    parameters
        .iter()
        .map(|&(name, value)| (name, round(value)))
        .collect()
}

/// Six significant digits: more than any sample knows, and a person can read them. What is written and what is drawn from
/// are the same.
fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_written_with_units_where_they_belong() {
        let law = Law::Family {
            family: "gamma",
            parameters: vec![("mean", 182.345_678), ("shape", 4.0)],
        };
        assert_eq!(law.to_string(), "{gamma: {mean: 182.346s, shape: 4}}");
        assert_eq!(law.plain_text(), "{gamma: {mean: 182.346, shape: 4}}");
        assert!((law.distribution().unwrap().mean() - 182.346).abs() < 1e-9);
    }

    #[test]
    fn a_tail_goes_on_where_the_body_ends() {
        let law = Law::Empirical {
            values: vec![1.0, 2.0, 4.0],
            mode: EmpiricalMode::Interpolate,
            tail: Some(Tail {
                share: 0.25,
                mean_excess: 3.0,
            }),
        };
        let distribution = law.distribution().unwrap();
        assert!((distribution.mean() - (0.75 * 2.25 + 0.25 * 7.0)).abs() < 1e-12);
        assert!((distribution.cdf(4.0) - 0.75).abs() < 1e-12);
        assert!(law.to_string().contains("shift: 4s"), "{law}");
    }
}
