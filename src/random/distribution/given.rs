//! The parameters a user gave, and the questions that the families ask about them.
//!
//! Users know a mean and a spread, or two percentiles, rather than native parameters. The checks that all
//! families share are made here once, so that a family only turns checked numbers into its own.

use super::parameters::{FamilyDescription, ParameterError};

/// Named parameters for one family: all known to it, finite, and each given once.
pub(super) struct Given<'a> {
    family: &'static FamilyDescription,
    values: &'a [(&'a str, f64)],
}

/// One point of a distribution function: the share `p` of all draws lies at or below `value`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percentile {
    /// From 0 to 1, neither included.
    pub(super) p: f64,
    /// Positive.
    pub(super) value: f64,
}

impl<'a> Given<'a> {
    pub(super) fn new(
        family: &'static FamilyDescription,
        values: &'a [(&'a str, f64)],
    ) -> Result<Self, ParameterError> {
        let known = family.parameters();
        for (at, &(name, value)) in values.iter().enumerate() {
            let canonical = if rank(name).is_some() { "pNN" } else { name };
            if !known.contains(&canonical) {
                let message = format!("`{}` has no parameter `{name}`", family.name);
                let help = format!("give {}", family.combinations_in_words());
                return Err(ParameterError::about(name, message).with_help(help));
            }
            if !value.is_finite() {
                let message = format!("`{name}` must be finite, not {value}");
                return Err(ParameterError::about(name, message));
            }
            if values[..at].iter().any(|&(earlier, _)| earlier == name) {
                return Err(ParameterError::about(
                    name,
                    format!("`{name}` is given twice"),
                ));
            }
        }
        Ok(Self { family, values })
    }

    /// The values of these parameters, if these and no others were given.
    pub(super) fn exactly<const N: usize>(&self, names: [&str; N]) -> Option<[f64; N]> {
        let values = names.map(|name| self.values.iter().find(|given| given.0 == name));
        let complete = self.values.len() == N && values.iter().all(Option::is_some);
        complete.then(|| values.map(|given| given.map_or(0.0, |given| given.1)))
    }

    /// Mean and standard deviation, both positive, if `mean` was given with `sd` or with `cv` = sd / mean.
    pub(super) fn mean_and_sd(&self) -> Result<Option<(f64, f64)>, ParameterError> {
        if let Some([mean, sd]) = self.exactly(["mean", "sd"]) {
            return Ok(Some((positive("mean", mean)?, spread("sd", sd)?)));
        }
        let Some([mean, cv]) = self.exactly(["mean", "cv"]) else {
            return Ok(None);
        };
        let mean = positive("mean", mean)?;
        Ok(Some((mean, mean * spread("cv", cv)?)))
    }

    /// Exactly N percentiles, positive and rising with their rank: the last resort of a family, so that anything
    /// else is told which combinations there are.
    pub(super) fn percentiles<const N: usize>(&self) -> Result<[Percentile; N], ParameterError> {
        let mut ranked = Vec::new();
        for &(name, value) in self.values {
            let p = rank(name).ok_or_else(|| self.misfit())?;
            ranked.push((p, name, positive(name, value)?));
        }
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in ranked.windows(2) {
            let ((p, low, value), (q, high, above)) = (pair[0], pair[1]);
            if p >= q || value >= above {
                let message = format!("`{high}` must exceed `{low}`: {above} is not above {value}");
                return Err(ParameterError::about(high, message));
            }
        }
        let points: Vec<_> = ranked
            .into_iter()
            .map(|(p, _, value)| Percentile { p, value })
            .collect();
        points.try_into().map_err(|_| self.misfit())
    }

    /// Parameters that each exist but together do not determine the distribution.
    pub(super) fn misfit(&self) -> ParameterError {
        let names: Vec<String> = self
            .values
            .iter()
            .map(|given| format!("`{}`", given.0))
            .collect();
        let names = if names.is_empty() {
            "no parameters".to_owned()
        } else {
            names.join(" and ")
        };
        ParameterError::about_all(format!("`{}` cannot be made of {names}", self.family.name))
            .with_help(format!("give {}", self.family.combinations_in_words()))
    }
}

/// The value, if it is positive.
pub(super) fn positive(name: &str, value: f64) -> Result<f64, ParameterError> {
    if value > 0.0 {
        return Ok(value);
    }
    Err(ParameterError::about(
        name,
        format!("`{name}` must be positive, not {value}"),
    ))
}

/// The value, if it is not negative.
pub(super) fn not_negative(name: &str, value: f64) -> Result<f64, ParameterError> {
    if value >= 0.0 {
        return Ok(value);
    }
    Err(ParameterError::about(
        name,
        format!("`{name}` must not be negative, not {value}"),
    ))
}

/// A standard deviation or a coefficient of variation, if it is positive.
fn spread(name: &str, value: f64) -> Result<f64, ParameterError> {
    positive(name, value).map_err(|error| {
        if value == 0.0 {
            error.with_help("use `constant` for a value that never varies")
        } else {
            error
        }
    })
}

/// The share that a percentile's name stands for: `p99.9` is 0.999.
fn rank(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p')?;
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let percent: f64 = digits.parse().ok().filter(|_| plain)?;
    (percent > 0.0 && percent < 100.0).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given<'a>(values: &'a [(&'a str, f64)]) -> Result<Given<'a>, ParameterError> {
        Given::new(FamilyDescription::named("gamma").unwrap(), values)
    }

    #[test]
    fn percentile_names_have_digits_between_nothing_and_all() {
        assert_eq!(rank("p50"), Some(0.5));
        assert_eq!(rank("p97.5"), Some(0.975));
        for name in ["p0", "p100", "p", "px", "pool", "p-5", "p1e1", "50", "p.5"] {
            assert_eq!(rank(name), None, "{name}");
        }
    }

    #[test]
    fn a_coefficient_of_variation_is_a_standard_deviation() {
        let values = [("cv", 0.5), ("mean", 20.0)];
        assert_eq!(
            given(&values).unwrap().mean_and_sd(),
            Ok(Some((20.0, 10.0)))
        );
    }

    #[test]
    fn percentiles_are_ordered_by_rank() {
        let values = [("p95", 9.0), ("p50", 4.0)];
        let [low, high] = given(&values).unwrap().percentiles().unwrap();
        assert_eq!((low.p, low.value), (0.5, 4.0));
        assert_eq!((high.p, high.value), (0.95, 9.0));
    }

    #[test]
    fn every_fault_names_its_parameter() {
        let at = |values: &[(&str, f64)]| {
            let given = given(values)?;
            given.mean_and_sd()?;
            given.percentiles::<2>().map(|_| ())
        };
        for (values, parameter) in [
            ([("mean", 1.0), ("sdd", 1.0)], Some("sdd")),
            ([("mean", 1.0), ("sd", f64::NAN)], Some("sd")),
            ([("mean", 1.0), ("sd", -1.0)], Some("sd")),
            ([("mean", 0.0), ("sd", 1.0)], Some("mean")),
            ([("mean", 1.0), ("mean", 1.0)], Some("mean")),
            ([("p50", 5.0), ("p95", 3.0)], Some("p95")),
            ([("p50", 5.0), ("p50.0", 6.0)], Some("p50.0")),
            ([("p50", -5.0), ("p95", 3.0)], Some("p50")),
            ([("mean", 5.0), ("scale", 3.0)], None),
        ] {
            let error = at(&values).unwrap_err();
            assert_eq!(error.parameter.as_deref(), parameter, "{values:?}: {error}");
        }
    }

    #[test]
    fn a_spread_of_nothing_is_told_about_constants() {
        let values = [("mean", 1.0), ("cv", 0.0)];
        let error = given(&values).unwrap().mean_and_sd().unwrap_err();
        assert!(error.help.unwrap().contains("`constant`"));
    }

    #[test]
    fn a_misfit_lists_what_would_fit() {
        let values = [("p50", 1.0)];
        let error = given(&values).unwrap().percentiles::<2>().unwrap_err();
        assert_eq!(error.message, "`gamma` cannot be made of `p50`");
        assert!(
            error
                .help
                .unwrap()
                .ends_with("two percentiles such as `p50` and `p95`")
        );
    }
}
