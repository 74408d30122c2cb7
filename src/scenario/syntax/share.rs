//! Shares: `5%`, or the number 0.05.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::super::document::hinted;

/// A share of a whole, between 0 and 1 and neither.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share(pub(crate) f64);

fn share(value: f64, found: &str) -> Result<Share, String> {
    if value > 0.0 && value < 1.0 {
        return Ok(Share(value));
    }
    Err(hinted(
        &format!("`{found}` is not between 0 % and 100 %"),
        "write a percentage such as `5%`, or a number such as 0.05",
    ))
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShareVisitor)
    }
}

struct ShareVisitor;

impl Visitor<'_> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a percentage such as `5%`, or a number such as 0.05")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Share, E> {
        share(number as f64, &number.to_string()).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Share, E> {
        share(number, &number.to_string()).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Share, E> {
        let percent = text.strip_suffix('%').map(str::trim);
        let percent: Option<f64> = percent.and_then(|number| number.parse().ok());
        share(percent.unwrap_or(f64::NAN) / 100.0, text).map_err(E::custom)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A percentage such as `5%`, or a number between 0 and 1.",
            "type": ["number", "string"]
        })
    }
}
