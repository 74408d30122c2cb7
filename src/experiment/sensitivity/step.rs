//! By how much a knob is turned: so many, or a share of its value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A turn to both sides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Step {
    /// So many more, and so many less.
    Count(u32),
    /// This share of the value, rounded up.
    Share(f64),
}

/// A step that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a step is a whole number from 1 on, or a share of the value such as `10%`, not `{0}`")]
pub struct BadStep(String);

impl Default for Step {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl Step {
    /// A little less and a little more than a value; no knob is turned below 1, because none of anything is no site.
    pub(super) fn around(self, value: i64) -> [Result<i64, String>; 2] {
        let step = match self {
            Self::Count(count) => i64::from(count),
            Self::Share(share) => (value as f64 * share).ceil().max(1.0) as i64,
        };
        let less = if value > 1 {
            Ok((value - step).max(1))
        } else {
            Err(format!("{value} is the least it can be"))
        };
        [less, Ok(value.saturating_add(step))]
    }
}

impl TryFrom<String> for Step {
    type Error = BadStep;

    fn try_from(text: String) -> Result<Self, BadStep> {
        text.parse()
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.to_string()
    }
}

impl FromStr for Step {
    type Err = BadStep;

    fn from_str(text: &str) -> Result<Self, BadStep> {
        let bad = || BadStep(text.to_owned());
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.trim().parse().map_err(|_| bad())?;
            let is_sensible = percent > 0.0 && percent <= 100.0;
            return is_sensible
                .then_some(Self::Share(percent / 100.0))
                .ok_or_else(bad);
        }
        match text.parse() {
            Ok(count @ 1..) => Ok(Self::Count(count)),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{}%", share * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_turned_below_one() {
        let around = |text: &str, value| text.parse::<Step>().unwrap().around(value);
        assert_eq!(around("1", 6), [Ok(5), Ok(7)]);
        assert_eq!(around("4", 3), [Ok(1), Ok(7)]);
        assert_eq!(around("10%", 32), [Ok(28), Ok(36)]);
        assert_eq!(around("10%", 2), [Ok(1), Ok(3)]);
        assert_eq!(
            around("1", 1),
            [Err("1 is the least it can be".into()), Ok(2)]
        );
        assert_eq!(around("1", 0)[1], Ok(1));
    }

    #[test]
    fn what_is_no_step_is_refused() {
        for text in ["0", "-1", "1.5", "0%", "101%", "%", "NaN%", "little"] {
            assert_eq!(text.parse::<Step>(), Err(BadStep(text.into())));
        }
    }
}
