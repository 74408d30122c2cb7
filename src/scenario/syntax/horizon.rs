//! How long is simulated: a duration, or `until_done`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::duration;
use crate::time::SimDuration;

/// What is not done after a year of simulated time is given up.
const LONGEST_UNTIL_DONE: SimDuration = SimDuration::from_seconds(366 * 86_400);

/// How long is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Horizon {
    /// So long.
    Given(SimDuration),
    /// Until all runs are done and no more come.
    UntilDone,
}

impl Horizon {
    /// How long at most.
    pub(crate) const fn longest(self) -> SimDuration {
        match self {
            Self::Given(span) => span,
            Self::UntilDone => LONGEST_UNTIL_DONE,
        }
    }
}

impl<'de> Deserialize<'de> for Horizon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HorizonVisitor)
    }
}

struct HorizonVisitor;

impl Visitor<'_> for HorizonVisitor {
    type Value = Horizon;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `7d`, or `until_done`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Horizon, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Horizon, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Horizon, E> {
        if text == "until_done" {
            return Ok(Horizon::UntilDone);
        }
        duration::parse(text).map(Horizon::Given).map_err(E::custom)
    }
}

impl JsonSchema for Horizon {
    fn schema_name() -> Cow<'static, str> {
        "Horizon".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration such as `7d`, or `until_done`: until all runs are done and no more come.",
            "type": "string",
            "examples": ["7d", "until_done"]
        })
    }
}
