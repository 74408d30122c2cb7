//! What a task is mapped over: a number of literals, or the list of another task.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};

use super::super::document::Located;

/// What a task, or a mapped task group, is mapped over.
#[derive(Clone, Debug)]
pub(crate) enum MapSyntax {
    /// So many literals: the instances are there when the run is created.
    Length(u32),
    /// The list that this task pushes: the instances come when it is there.
    Over(Located<String>),
}

/// The long form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OverMap {
    /// The task that pushes the list; how long it is stands there, under `pushes`.
    over: Located<String>,
}

impl<'de> Deserialize<'de> for MapSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MapVisitor)
    }
}

struct MapVisitor;

impl<'de> Visitor<'de> for MapVisitor {
    type Value = MapSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of instances, or `{over: TASK}`")
    }

    fn visit_i64<E: Error>(self, length: i64) -> Result<MapSyntax, E> {
        u32::try_from(length)
            .map(MapSyntax::Length)
            .map_err(|_| E::custom(format!("a task cannot be mapped over {length} items")))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<MapSyntax, A::Error> {
        let long = OverMap::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(MapSyntax::Over(long.over))
    }
}

impl JsonSchema for MapSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Map".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<OverMap>();
        json_schema!({
            "description": "The number of instances, or the task over whose list it is mapped.",
            "anyOf": [{"type": "integer", "minimum": 0}, long]
        })
    }
}
