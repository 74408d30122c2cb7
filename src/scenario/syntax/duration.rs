//! Durations as text with units: `90s`, `15m`, `1h30m`, `250ms`, `2d`, or ISO 8601 (`PT15M`).
//!
//! A bare number is refused: Airflow's own options count in seconds, minutes or days depending on where one looks.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::super::document::hinted;
use crate::time::SimDuration;

/// A hundred years: nothing in a scenario is longer.
pub(crate) const LONGEST: SimDuration = SimDuration::from_seconds(100 * 366 * 86_400);

/// Units with their length in seconds.
const UNITS: [(&str, f64); 7] = [
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
];

/// Reads a duration; the error is a message, and advice on a second line.
pub(crate) fn parse(text: &str) -> Result<SimDuration, String> {
    let trimmed = text.trim();
    let seconds = match trimmed.strip_prefix('P') {
        Some(rest) => {
            // ISO 8601 writes days before the `T`, and an `M` before it means months, which have no fixed length.
            let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
            if days.contains(['M', 'Y']) {
                None
            } else {
                sum_of_parts(&format!("{days}{time}").to_lowercase())
            }
        }
        None => sum_of_parts(trimmed),
    };
    match seconds {
        Some(seconds) if seconds <= LONGEST.as_seconds() => {
            Ok(SimDuration::from_seconds_f64(seconds))
        }
        Some(_) => Err(hinted(
            &format!("the duration `{text}` is too long"),
            "the limit is 100 years",
        )),
        None if trimmed.parse::<f64>().is_ok() => Err(without_unit(trimmed)),
        None => Err(hinted(
            &format!("`{text}` is not a duration"),
            "write a number with a unit: `250ms`, `90s`, `15m`, `1h30m`, `2d`, or `PT15M`",
        )),
    }
}

/// The message for a bare number.
pub(crate) fn without_unit(number: &str) -> String {
    hinted(
        &format!("the duration `{number}` has no unit"),
        &format!("write `{number}s` for seconds, or use `ms`, `m`, `h`, `d`"),
    )
}

/// The seconds of a sequence of numbers with units, such as `1h30m`; none if it is anything else.
fn sum_of_parts(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = UNITS.iter().find(|(unit, _)| *unit == &rest[..letters])?;
        seconds += number * unit.1;
        rest = rest[letters..].trim_start();
    }
    (!text.is_empty()).then_some(seconds)
}

impl<'de> Deserialize<'de> for SimDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = SimDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `90s`, `15m` or `1h30m`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<SimDuration, E> {
        Err(E::custom(without_unit(&number.to_string())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<SimDuration, E> {
        Err(E::custom(without_unit(&number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<SimDuration, E> {
        Err(E::custom(without_unit(&number.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SimDuration, E> {
        parse(text).map_err(E::custom)
    }
}

impl JsonSchema for SimDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration with units: `250ms`, `90s`, `15m`, `1h30m`, `2d`, or ISO 8601 such as `PT15M`.",
            "type": "string",
            "examples": ["90s", "15m", "1h30m", "2d"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_units_and_both_forms_are_read() {
        let micros = |text| parse(text).unwrap().as_micros();
        assert_eq!(micros("90s"), 90_000_000);
        assert_eq!(micros("1h30m"), 5_400_000_000);
        assert_eq!(micros("1h 30m"), 5_400_000_000);
        assert_eq!(micros("250ms"), 250_000);
        assert_eq!(micros("1.5h"), 5_400_000_000);
        assert_eq!(micros("PT15M"), 900_000_000);
        assert_eq!(micros("P1DT12H"), 129_600_000_000);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "90",
            "s",
            "-5s",
            "1y",
            "P1M",
            "1h30",
            "1e9d",
            "99999999999w",
            "1.2.3s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("90").unwrap_err().contains("write `90s`"));
    }
}
