//! How a policy describes itself: its name and its parameters, of which the reader of scenarios, the schema and the
//! reference are made.

use super::{PolicySpec, Step};
use crate::time::SimDuration;

/// A policy that a scenario can name.
#[derive(Clone, Copy, Debug)]
pub struct PolicyDescription {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it does, in one line without a full stop.
    pub summary: &'static str,
    /// What it understands.
    pub parameters: &'static [Parameter],
    /// Makes it of parameters that are complete and within their bounds; else says what does not fit together.
    pub build: fn(&Given) -> Result<PolicySpec, String>,
}

/// A parameter of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it is measured in, and its bounds.
    pub kind: ParameterKind,
    /// The value if none is given.
    pub default: ParameterDefault,
    /// What it means, in one line without a full stop.
    pub meaning: &'static str,
}

/// What a parameter is measured in, and its bounds, both included.
#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// A plain number.
    Number(f64, f64),
    /// A plain number above the first bound.
    Above(f64, f64),
    /// A whole number.
    Whole(u32, u32),
    /// A duration, longer than nothing.
    Duration,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// Steps of [`super::ThresholdSteps`].
    Steps,
}

/// The value of a parameter that is not given.
#[derive(Clone, Copy, Debug)]
pub enum ParameterDefault {
    /// It must be given.
    Required,
    /// It may be left out, which has a meaning of its own.
    Absent,
    /// A number.
    Number(f64),
    /// A duration in seconds.
    Seconds(i64),
    /// A name.
    Name(&'static str),
}

/// The parameters of a policy as given, defaults filled in.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<(&'static str, ParameterValue)>);

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterValue {
    /// A plain or a whole number.
    Number(f64),
    /// A duration.
    Duration(SimDuration),
    /// One of the names of a choice.
    Name(&'static str),
    /// Steps.
    Steps(Vec<Step>),
}

/// The names of load signals ([`super::Signal`]).
pub(super) const SIGNALS: ParameterKind = ParameterKind::Choice(&["demand", "occupancy"]);

impl PolicyDescription {
    /// The policy of these values, all of which are within their bounds; what is not given has its default.
    ///
    /// # Errors
    /// What is missing, or does not fit together.
    pub fn with(&self, mut values: Vec<(&str, ParameterValue)>) -> Result<PolicySpec, String> {
        let mut given = Given::default();
        for parameter in self.parameters {
            let at = values.iter().position(|(name, _)| *name == parameter.name);
            let value = at.map(|at| values.swap_remove(at).1);
            let default = match parameter.default {
                ParameterDefault::Required | ParameterDefault::Absent => None,
                ParameterDefault::Number(value) => Some(ParameterValue::Number(value)),
                ParameterDefault::Seconds(seconds) => {
                    Some(ParameterValue::Duration(SimDuration::from_seconds(seconds)))
                }
                ParameterDefault::Name(name) => Some(ParameterValue::Name(name)),
            };
            let is_required = matches!(parameter.default, ParameterDefault::Required);
            match value.or(default) {
                Some(value) => given.0.push((parameter.name, value)),
                None if is_required => {
                    return Err(format!("`{}` needs `{}`", self.name, parameter.name));
                }
                None => {}
            }
        }
        (self.build)(&given)
    }
}

impl Given {
    fn value(&self, name: &str) -> Option<&ParameterValue> {
        let mut values = self.0.iter();
        values
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// A number that is given or has a default; not a number if it is no number.
    pub(super) fn number(&self, name: &str) -> f64 {
        match self.value(name) {
            Some(ParameterValue::Number(value)) => *value,
            _ => f64::NAN,
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, name: &str) -> u32 {
        self.number(name) as u32
    }

    /// A duration, if it is given.
    pub(super) fn optional_duration(&self, name: &str) -> Option<SimDuration> {
        match self.value(name) {
            Some(ParameterValue::Duration(value)) => Some(*value),
            _ => None,
        }
    }

    /// A duration that is given or has a default.
    pub(super) fn duration(&self, name: &str) -> SimDuration {
        self.optional_duration(name).unwrap_or_default()
    }

    /// Steps.
    pub(super) fn steps(&self, name: &str) -> &[Step] {
        match self.value(name) {
            Some(ParameterValue::Steps(steps)) => steps,
            _ => &[],
        }
    }

    /// Two whole numbers of which the first must not lie above the second.
    pub(super) fn bounds(&self, least: &str, most: &str) -> Result<[u32; 2], String> {
        let bounds = [self.whole(least), self.whole(most)];
        if bounds[0] > bounds[1] {
            return Err(format!(
                "`{least}` is {}, above `{most}`, which is {}",
                bounds[0], bounds[1]
            ));
        }
        Ok(bounds)
    }

    /// The name that is chosen.
    pub(super) fn choice(&self, name: &str) -> &'static str {
        match self.value(name) {
            Some(ParameterValue::Name(chosen)) => chosen,
            _ => "",
        }
    }
}

impl Parameter {
    /// A parameter that must be given.
    pub(super) const fn required(
        name: &'static str,
        kind: ParameterKind,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, ParameterDefault::Required, meaning)
    }

    /// A parameter with this default.
    pub(super) const fn new(
        name: &'static str,
        kind: ParameterKind,
        default: ParameterDefault,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            default,
            meaning,
        }
    }
}
