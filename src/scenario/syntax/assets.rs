//! Which assets must be written for a run: one, any of several, or all of them, nested.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::document::{Located, hinted};

/// A condition on assets.
#[derive(Clone, Debug)]
pub(crate) enum AssetsSyntax {
    /// This asset.
    Asset(String),
    /// At least one of these.
    Any(Vec<Located<AssetsSyntax>>),
    /// All of these.
    All(Vec<Located<AssetsSyntax>>),
}

/// The form with keys; exactly one of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AssetsMap {
    /// At least one of these.
    any: Option<Vec<Located<AssetsSyntax>>>,
    /// All of these.
    all: Option<Vec<Located<AssetsSyntax>>>,
}

impl<'de> Deserialize<'de> for AssetsSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AssetsVisitor)
    }
}

struct AssetsVisitor;

impl<'de> Visitor<'de> for AssetsVisitor {
    type Value = AssetsSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an asset, or a map with `any` or `all`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<AssetsSyntax, E> {
        Ok(AssetsSyntax::Asset(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<AssetsSyntax, A::Error> {
        let map = AssetsMap::deserialize(MapAccessDeserializer::new(entries))?;
        match (map.any, map.all) {
            (Some(any), None) if !any.is_empty() => Ok(AssetsSyntax::Any(any)),
            (None, Some(all)) if !all.is_empty() => Ok(AssetsSyntax::All(all)),
            _ => Err(A::Error::custom(hinted(
                "a condition on assets is one list that is not empty",
                "write `any: [orders, rates]` or `all: [orders, rates]`",
            ))),
        }
    }
}

impl JsonSchema for AssetsSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Assets".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<AssetsMap>();
        json_schema!({
            "description": "The name of an asset, or a map with `any` or `all`.",
            "anyOf": [{"type": "string"}, map]
        })
    }
}
