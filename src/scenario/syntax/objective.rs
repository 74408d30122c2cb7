//! What the site must achieve.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::super::document::Located;
use super::duration;

/// An objective: an indicator of a pool, a resource, a DAG, a task or the whole site, and its bound.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectiveSyntax {
    /// The pool it is about.
    pub(crate) pool: Option<Located<String>>,
    /// The resource it is about.
    pub(crate) resource: Option<Located<String>>,
    /// The DAG it is about.
    pub(crate) dag: Option<Located<String>>,
    /// The task of `dag` that it is about.
    pub(crate) task: Option<Located<String>>,
    /// The name of the indicator, such as `pool_wait_p95`.
    pub(crate) indicator: Located<String>,
    /// The indicator must not be above this.
    pub(crate) at_most: Option<Amount>,
    /// The indicator must not be below this.
    pub(crate) at_least: Option<Amount>,
}

/// A bound: a number, or a duration, which counts in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Amount(pub(crate) f64);

impl Amount {
    /// Reads a number or a duration; the error is a message, and advice on a second line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.trim().parse() {
            Ok(number) => Ok(Self(number)),
            Err(_) => duration::parse(text).map(|duration| Self(duration.as_seconds())),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a duration such as `90s`")
    }

    fn visit_i64<E>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Amount, E> {
        Ok(Amount(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
        let duration = duration::parse(text).map_err(E::custom)?;
        Ok(Amount(duration.as_seconds()))
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or a duration such as `90s`.",
            "type": ["number", "string"]
        })
    }
}
