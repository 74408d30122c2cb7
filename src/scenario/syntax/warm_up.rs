//! How much of the beginning is left out: a duration, or `auto`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::duration;
use crate::time::SimDuration;

/// How much of the beginning is left out of the results.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WarmUp {
    /// So much.
    Given(SimDuration),
    /// As much as pilot replications take to settle.
    Auto,
}

impl<'de> Deserialize<'de> for WarmUp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WarmUpVisitor)
    }
}

struct WarmUpVisitor;

impl Visitor<'_> for WarmUpVisitor {
    type Value = WarmUp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `1d`, or `auto`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<WarmUp, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<WarmUp, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<WarmUp, E> {
        if text == "auto" {
            return Ok(WarmUp::Auto);
        }
        duration::parse(text).map(WarmUp::Given).map_err(E::custom)
    }
}

impl JsonSchema for WarmUp {
    fn schema_name() -> Cow<'static, str> {
        "WarmUp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration such as `1d`, or `auto`: found by MSER-5 over pilot replications.",
            "type": "string",
            "examples": ["1d", "auto"]
        })
    }
}
