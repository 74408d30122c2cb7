//! Moments as RFC 3339 text: `2026-03-02T00:00:00Z`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::super::document::hinted;
use crate::time::SimTime;

impl<'de> Deserialize<'de> for SimTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = SimTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a moment such as `2026-03-02T00:00:00Z`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SimTime, E> {
        SimTime::parse(text).map_err(|_| {
            E::custom(hinted(
                &format!("`{text}` is not a moment in RFC 3339"),
                "write date, time and offset: `2026-03-02T00:00:00Z` or `2026-03-02T01:00:00+01:00`",
            ))
        })
    }
}

impl JsonSchema for SimTime {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment in RFC 3339, such as `2026-03-02T00:00:00Z`.",
            "type": "string",
            "format": "date-time"
        })
    }
}
