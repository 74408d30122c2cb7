//! A distribution: the name of its family, and whatever that family's parameters are.
//!
//! The reader knows no family: names and parameters come from [`Distribution::FAMILIES`], so a new family needs
//! nothing here.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use super::super::document::{Located, hinted};
use super::super::near;
use crate::random::{Distribution, FamilyDescription};

/// A distribution such as `{lognormal: {mean: 3m, sd: 90s}}`.
#[derive(Clone, Debug)]
pub(crate) struct DistributionSyntax {
    /// The name of the family, which is known to exist.
    pub(crate) family: Located<String>,
    /// The parameters as given.
    pub(crate) parameters: IndexMap<Located<String>, Located<Parameter>>,
}

/// The value of a parameter; what is meant is known only where it is used.
#[derive(Clone, Debug)]
pub(crate) enum Parameter {
    /// A number without a unit.
    Number(f64),
    /// A duration, a rate, or a name.
    Text(String),
    /// Several values.
    List(Vec<Located<Parameter>>),
    /// A part of a mixture.
    Component(Box<ComponentSyntax>),
}

/// A distribution and how often it is drawn from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComponentSyntax {
    /// How often it is drawn from beside the others; the weights need not sum to 1.
    pub(crate) weight: Located<f64>,
    /// What is drawn then.
    pub(crate) distribution: Located<DistributionSyntax>,
}

/// What every distribution understands besides the parameters of its family.
pub(crate) const MODIFIERS: [&str; 3] = ["shift", "min", "max"];

/// The family that takes values in place of parameters.
pub(crate) const EMPIRICAL: &str = "empirical";

/// The family that takes other distributions in place of parameters.
pub(crate) const MIXTURE: &str = "mixture";

/// What an empirical distribution understands.
pub(crate) const EMPIRICAL_KEYS: [&str; 4] = ["values", "csv", "column", "mode"];

impl<'de> Deserialize<'de> for DistributionSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistributionVisitor)
    }
}

struct DistributionVisitor;

impl<'de> Visitor<'de> for DistributionVisitor {
    type Value = DistributionSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a distribution such as `{constant: 2m}` or `{lognormal: {mean: 3m, sd: 90s}}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<DistributionSyntax, A::Error> {
        let one = || {
            A::Error::custom(hinted(
                "a distribution has exactly one family",
                "write `{lognormal: {mean: 3m, sd: 90s}}`; `shift`, `min` and `max` stand beside the parameters",
            ))
        };
        let family: Located<FamilyName> = entries.next_key()?.ok_or_else(one)?;
        let family = family.with(family.value.0.clone());
        let parameters: Located<Parameters> = entries.next_value()?;
        if entries.next_key::<Located<String>>()?.is_some() {
            return Err(one());
        }
        let parameters = match parameters.value {
            Parameters::Map(map) => map,
            Parameters::Bare(ref value) => IndexMap::from([(
                parameters.with("value".to_owned()),
                parameters.with(value.clone()),
            )]),
        };
        Ok(DistributionSyntax { family, parameters })
    }
}

/// The name of a family that exists.
struct FamilyName(String);

impl<'de> Deserialize<'de> for FamilyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Located::<String>::deserialize(deserializer)?;
        let families: Vec<&str> = Distribution::FAMILIES
            .iter()
            .map(|family| family.name)
            .collect();
        if families.contains(&name.as_str()) {
            return Ok(Self(name.value));
        }
        let message = format!("there is no distribution `{}`", name.value);
        Err(D::Error::custom(hinted(
            &message,
            &near::suggestion(&name, &families),
        )))
    }
}

/// Parameters by name, or one value alone.
enum Parameters {
    Map(IndexMap<Located<String>, Located<Parameter>>),
    Bare(Parameter),
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParametersVisitor)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters such as `{mean: 3m, sd: 90s}`")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Parameters, E> {
        ParameterVisitor.visit_i64(number).map(Parameters::Bare)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Parameters, E> {
        ParameterVisitor.visit_f64(number).map(Parameters::Bare)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Parameters, E> {
        ParameterVisitor.visit_str(text).map(Parameters::Bare)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Parameters, A::Error> {
        IndexMap::deserialize(MapAccessDeserializer::new(entries)).map(Parameters::Map)
    }
}

impl<'de> Deserialize<'de> for Parameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParameterVisitor)
    }
}

struct ParameterVisitor;

impl<'de> Visitor<'de> for ParameterVisitor {
    type Value = Parameter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as `90s`, or a number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Parameter, E> {
        Ok(Parameter::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Parameter, E> {
        Ok(Parameter::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Parameter, E> {
        Ok(Parameter::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parameter, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Parameter::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Parameter, A::Error> {
        let component = ComponentSyntax::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(Parameter::Component(Box::new(component)))
    }
}

impl JsonSchema for DistributionSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let component = generator.subschema_for::<ComponentSyntax>();
        let families = Distribution::FAMILIES.iter();
        let families: Vec<Schema> = families
            .map(|family| family_schema(family, &component))
            .collect();
        json_schema!({
            "description": "A distribution: the name of its family and its parameters.",
            "oneOf": families
        })
    }
}

fn family_schema(family: &FamilyDescription, component: &Schema) -> Schema {
    let scalar = json!({"type": ["number", "string"]});
    let (keys, value) = match family.name {
        EMPIRICAL => (EMPIRICAL_KEYS.to_vec(), json!(true)),
        MIXTURE => (
            family.parameters(),
            json!({"type": "array", "items": component}),
        ),
        _ => (family.parameters(), scalar.clone()),
    };
    let properties: serde_json::Map<String, serde_json::Value> = keys
        .into_iter()
        .filter(|key| *key != "pNN")
        .map(|key| (key, &value))
        .chain(MODIFIERS.map(|key| (key, &scalar)))
        .map(|(key, schema)| (key.to_owned(), schema.clone()))
        .collect();
    json_schema!({
        "description": family.summary,
        "type": "object",
        "required": [family.name],
        "additionalProperties": false,
        "properties": {
            (family.name): {
                "type": ["object", "number", "string"],
                "properties": properties,
                "patternProperties": {"^p[0-9]{1,2}([.][0-9]+)?$": scalar},
                "additionalProperties": false
            }
        }
    })
}
