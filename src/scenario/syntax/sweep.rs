//! What a sweep varies: a map of paths to values is a full grid, a list of maps names every point.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::document::Located;

/// A value of any kind: what it may be depends on the place that the path names, and is told there.
pub(crate) type AnyValue = Located<IgnoredAny>;

/// The factors of a sweep with their values.
#[derive(Debug)]
pub(crate) enum SweepSyntax {
    /// Every combination of the values of all paths.
    Grid(IndexMap<Located<String>, Located<Vec<AnyValue>>>),
    /// One point after the other, each with its values by path.
    Points(Vec<Located<IndexMap<Located<String>, AnyValue>>>),
}

impl<'de> Deserialize<'de> for SweepSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SweepVisitor)
    }
}

struct SweepVisitor;

impl<'de> Visitor<'de> for SweepVisitor {
    type Value = SweepSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of paths to lists of values, or a list of points")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<SweepSyntax, A::Error> {
        IndexMap::deserialize(MapAccessDeserializer::new(entries)).map(SweepSyntax::Grid)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<SweepSyntax, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(SweepSyntax::Points)
    }
}

impl JsonSchema for SweepSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Sweep".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Paths into the scenario with lists of values, of which every combination is a point; or a list of points, each a map of paths to values.",
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "array"}},
                {"type": "array", "items": {"type": "object"}}
            ],
            "examples": [{"pools.database_pool.slots": [4, 6, 8]}]
        })
    }
}
