//! A pool: bare slots, or slots with the rest.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};

use super::super::document::Located;

/// A pool.
#[derive(Debug)]
pub(crate) struct PoolSyntax {
    /// Slots and where they are given; none: at the place of the pool itself.
    pub(crate) slots: i64,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Whether deferred instances keep their slots.
    pub(crate) include_deferred: bool,
    /// What it protects.
    pub(crate) resource: Option<Located<String>>,
}

/// The long form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PoolMap {
    /// Slots; -1 is unlimited, 0 is closed.
    slots: Located<i64>,
    /// What it is for.
    description: Option<String>,
    /// Whether deferred instances keep their slots; the default is false.
    #[serde(default)]
    include_deferred: bool,
    /// What it protects, which is one of `resources`; the default is nothing.
    resource: Option<Located<String>>,
}

impl<'de> Deserialize<'de> for PoolSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PoolVisitor)
    }
}

struct PoolVisitor;

impl<'de> Visitor<'de> for PoolVisitor {
    type Value = PoolSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of slots, or a map with `slots`")
    }

    fn visit_i64<E: Error>(self, slots: i64) -> Result<PoolSyntax, E> {
        Ok(PoolSyntax {
            slots,
            description: None,
            include_deferred: false,
            resource: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<PoolSyntax, A::Error> {
        let long = PoolMap::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(PoolSyntax {
            slots: long.slots.value,
            description: long.description,
            include_deferred: long.include_deferred,
            resource: long.resource,
        })
    }
}

impl JsonSchema for PoolSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Pool".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<PoolMap>();
        json_schema!({
            "description": "The number of slots, or a map with `slots`.",
            "anyOf": [{"type": "integer"}, long]
        })
    }
}
