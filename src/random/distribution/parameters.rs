//! What a family says about itself, and what is said to a user whose parameters do not fit.

use super::family::{FAMILIES, Family};
use super::given::Given;

/// A family of distributions, described for the reader of scenarios, the schema and the reference.
#[derive(Debug)]
pub struct FamilyDescription {
    /// The name in a scenario.
    pub name: &'static str,
    /// What it is good for, in one line.
    pub summary: &'static str,
    /// Sets of parameters that determine it; `pNN` stands for any percentile such as `p50` or `p99.9`.
    pub combinations: &'static [&'static [&'static str]],
    /// Makes the distribution of what was given.
    pub(super) build: fn(&Given) -> Result<Family, ParameterError>,
}

/// What a parameter measures, which tells how a scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// In the unit of the draws, such as seconds.
    Value,
    /// Per unit of the draws, such as per second.
    Rate,
    /// A number without unit, or on the logarithmic scale.
    Plain,
}

/// Parameters that make no distribution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParameterError {
    /// The parameter at fault by its given name; none if it is the combination.
    pub parameter: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl FamilyDescription {
    /// The names of the accepted parameters, each once, in the order of the combinations.
    pub fn parameters(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for name in self.combinations.iter().flat_map(|names| names.iter()) {
            if !names.contains(name) {
                names.push(*name);
            }
        }
        names
    }

    /// The combinations in words: "`mean` and `sd`, or two percentiles such as `p50` and `p95`".
    pub fn combinations_in_words(&self) -> String {
        let words: Vec<String> = self
            .combinations
            .iter()
            .map(|names| in_words(names))
            .collect();
        words.join(", or ")
    }

    pub(super) fn named(name: &str) -> Result<&'static Self, ParameterError> {
        FAMILIES
            .iter()
            .find(|family| family.name == name)
            .ok_or_else(|| {
                let names: Vec<String> = FAMILIES
                    .iter()
                    .map(|family| format!("`{}`", family.name))
                    .collect();
                ParameterError::about_all(format!("no distribution is called `{name}`"))
                    .with_help(format!("there are {}", names.join(", ")))
            })
    }

    pub(super) fn build(&self, given: &Given) -> Result<Family, ParameterError> {
        (self.build)(given)
    }
}

impl Quantity {
    /// What the parameter of this name measures, in whichever family.
    pub fn of(parameter: &str) -> Self {
        match parameter {
            "rate" => Self::Rate,
            "cv" | "mu" | "phases" | "shape" | "share" | "sigma" => Self::Plain,
            _ => Self::Value,
        }
    }
}

impl ParameterError {
    /// An error of one parameter.
    pub(super) fn about(parameter: &str, message: String) -> Self {
        Self {
            parameter: Some(parameter.to_owned()),
            message,
            help: None,
        }
    }

    /// An error of the parameters together.
    pub(super) fn about_all(message: String) -> Self {
        Self {
            parameter: None,
            message,
            help: None,
        }
    }

    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

fn in_words(names: &[&str]) -> String {
    match names {
        ["pNN"] => "one percentile such as `p95`".to_owned(),
        ["pNN", "pNN"] => "two percentiles such as `p50` and `p95`".to_owned(),
        _ => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(" and ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_different_names_and_tell_their_parameters() {
        let mut names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAMILIES.len());
        let gamma = FamilyDescription::named("gamma").unwrap();
        assert_eq!(
            gamma.parameters(),
            ["shape", "scale", "mean", "sd", "cv", "pNN"]
        );
    }

    #[test]
    fn an_unknown_family_is_told_the_known_ones() {
        let error = FamilyDescription::named("lognormall").unwrap_err();
        assert_eq!(error.to_string(), "no distribution is called `lognormall`");
        assert!(error.help.unwrap().contains("`lognormal`"));
    }

    #[test]
    fn combinations_read_as_a_sentence() {
        let exponential = FamilyDescription::named("exponential").unwrap();
        assert_eq!(
            exponential.combinations_in_words(),
            "`mean`, or `rate`, or one percentile such as `p95`"
        );
    }
}
