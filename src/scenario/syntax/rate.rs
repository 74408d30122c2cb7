//! Rates as text: `12 per hour`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::super::document::hinted;

const UNITS: [(&str, f64); 5] = [
    ("second", 1.0),
    ("minute", 60.0),
    ("hour", 3_600.0),
    ("day", 86_400.0),
    ("week", 604_800.0),
];

/// So many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

/// Reads a rate as a number a second; the error is a message, and advice on a second line.
pub(crate) fn parse(text: &str) -> Result<f64, String> {
    let read = || {
        let (number, unit) = text.split_once(" per ")?;
        let number: f64 = number.trim().parse().ok()?;
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
        (number.is_finite() && number > 0.0).then_some(number / seconds)
    };
    read().ok_or_else(|| not_a_rate(text))
}

fn not_a_rate(found: &str) -> String {
    hinted(
        &format!("`{found}` is not a rate"),
        "write a positive number and a unit: `12 per hour`, `0.5 per second`, `40 per day`",
    )
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RateVisitor)
    }
}

struct RateVisitor;

impl Visitor<'_> for RateVisitor {
    type Value = Rate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate such as `12 per hour`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Rate, E> {
        Err(E::custom(not_a_rate(&number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Rate, E> {
        Err(E::custom(not_a_rate(&number.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Rate, E> {
        parse(text).map(Rate).map_err(E::custom)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A rate such as `12 per hour`, `0.5 per second` or `40 per day`.",
            "type": "string",
            "pattern": "^[0-9.eE+-]+ per (second|minute|hour|day|week)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_per_second() {
        assert_eq!(parse("0.5 per second"), Ok(0.5));
        assert_eq!(parse("36 per hour"), Ok(0.01));
        assert_eq!(parse("86400 per day"), Ok(1.0));
        for text in [
            "12",
            "12 per fortnight",
            "-1 per hour",
            "0 per hour",
            "x per hour",
            "inf per day",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
