//! How much of the beginning is left out: a duration now, and later also `auto`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::super::document::hinted;
use super::duration;
use crate::time::SimDuration;

/// How much of the beginning is left out of the results.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WarmUp(pub(crate) SimDuration);

impl<'de> Deserialize<'de> for WarmUp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WarmUpVisitor)
    }
}

struct WarmUpVisitor;

impl Visitor<'_> for WarmUpVisitor {
    type Value = WarmUp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `1d`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<WarmUp, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<WarmUp, E> {
        Err(E::custom(duration::without_unit(&number.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<WarmUp, E> {
        if text == "auto" {
            return Err(E::custom(hinted(
                "a warm-up cannot be found automatically yet",
                "write a duration such as `1d`",
            )));
        }
        duration::parse(text).map(WarmUp).map_err(E::custom)
    }
}

impl JsonSchema for WarmUp {
    fn inline_schema() -> bool {
        SimDuration::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        SimDuration::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        SimDuration::json_schema(generator)
    }
}
