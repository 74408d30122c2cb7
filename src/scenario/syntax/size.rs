//! The rule by which a policy sizes: its name, and whatever that rule's parameters are.
//!
//! The reader knows no rule but the schedule, which has windows, and scripts: names and parameters come from
//! [`PolicySpec::DESCRIPTIONS`], so a new policy needs nothing here.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::super::document::{Located, hinted};
use super::super::near;
use crate::policy::{Parameter, ParameterDefault, ParameterKind, PolicyDescription, PolicySpec};

/// The rule of the windows.
const SCHEDULE: &str = "schedule";

/// The rule that is the user's own.
const SCRIPT: &str = "script";

/// Several rules, of which the one counts that asks for most.
const LARGEST: &str = "largest";

/// The rules that have no description, because they have something else than parameters.
const SPECIAL: [&str; 3] = [SCHEDULE, SCRIPT, LARGEST];

/// A rule such as `{target_utilisation: {target: 0.8}}`.
#[derive(Debug)]
pub(crate) struct SizeSyntax {
    /// The name of the rule, which is known to exist.
    pub(crate) name: Located<String>,
    /// What it is given.
    pub(crate) rule: RuleSyntax,
}

/// What a rule is given.
#[derive(Debug)]
pub(crate) enum RuleSyntax {
    /// From each point on, that many slots.
    Windows(Vec<Located<WindowSyntax>>),
    /// The user's own rule.
    Script(ScriptSyntax),
    /// Several rules.
    Largest(Vec<Located<SizeSyntax>>),
    /// Parameters by name.
    Parameters(IndexMap<Located<String>, Located<SizeParameter>>),
}

/// From each point of the cron expression on, that many slots.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowSyntax {
    /// When the window begins.
    pub(crate) cron: Located<String>,
    /// Slots from then on.
    pub(crate) slots: Located<u32>,
}

/// A rule of the user's own, as a script in the language rhai; exactly one of the keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptSyntax {
    /// A file beside the scenario.
    pub(crate) file: Option<Located<String>>,
    /// The script itself.
    pub(crate) text: Option<Located<String>>,
}

/// The value of a parameter; what is meant is known only where it is used.
#[derive(Debug)]
pub(crate) enum SizeParameter {
    /// A number without a unit.
    Number(f64),
    /// A duration, a name, or a share in percent.
    Text(String),
    /// Steps.
    Steps(Vec<Located<StepSyntax>>),
}

/// A step: one of `above` and `below`, and what it changes, such as `10%` or `-2`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSyntax {
    pub(crate) above: Option<Located<f64>>,
    pub(crate) below: Option<Located<f64>>,
    pub(crate) change: Located<SizeParameter>,
}

impl<'de> Deserialize<'de> for SizeSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SizeVisitor)
    }
}

struct SizeVisitor;

impl<'de> Visitor<'de> for SizeVisitor {
    type Value = SizeSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule such as `{target_utilisation: {target: 0.8}}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<SizeSyntax, A::Error> {
        let one = || {
            A::Error::custom(hinted(
                "a policy has exactly one rule",
                "write `{target_utilisation: {target: 0.8}}`",
            ))
        };
        let name: Located<RuleName> = entries.next_key()?.ok_or_else(one)?;
        let name = name.with(name.value.0.clone());
        let rule = match name.as_str() {
            SCHEDULE => RuleSyntax::Windows(entries.next_value()?),
            SCRIPT => RuleSyntax::Script(entries.next_value()?),
            LARGEST => RuleSyntax::Largest(entries.next_value()?),
            _ => RuleSyntax::Parameters(entries.next_value()?),
        };
        if entries.next_key::<Located<String>>()?.is_some() {
            return Err(one());
        }
        Ok(SizeSyntax { name, rule })
    }
}

/// The name of a rule that exists.
struct RuleName(String);

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Located::<String>::deserialize(deserializer)?;
        let described = PolicySpec::DESCRIPTIONS.iter().map(|known| known.name);
        let rules: Vec<&str> = SPECIAL.into_iter().chain(described).collect();
        if rules.contains(&name.as_str()) {
            return Ok(Self(name.value));
        }
        let message = format!("there is no rule `{}`", name.value);
        Err(D::Error::custom(hinted(
            &message,
            &near::suggestion(&name, &rules),
        )))
    }
}

impl<'de> Deserialize<'de> for SizeParameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParameterVisitor)
    }
}

struct ParameterVisitor;

impl<'de> Visitor<'de> for ParameterVisitor {
    type Value = SizeParameter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a duration such as `90s`, or a name")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<SizeParameter, E> {
        Ok(SizeParameter::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<SizeParameter, E> {
        Ok(SizeParameter::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SizeParameter, E> {
        Ok(SizeParameter::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SizeParameter, A::Error> {
        let mut steps = Vec::new();
        while let Some(step) = items.next_element()? {
            steps.push(step);
        }
        Ok(SizeParameter::Steps(steps))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<SizeParameter, A::Error> {
        let step = Located::<StepSyntax>::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(SizeParameter::Steps(vec![step]))
    }
}

impl JsonSchema for SizeSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let windows = generator.subschema_for::<Vec<WindowSyntax>>();
        let schedule = json_schema!({
            "description": "By the time of day: from each point on, that many slots.",
            "type": "object",
            "required": [SCHEDULE],
            "additionalProperties": false,
            "properties": { SCHEDULE: windows }
        });
        let described = PolicySpec::DESCRIPTIONS.iter().map(rule_schema);
        let script = generator.subschema_for::<ScriptSyntax>();
        let script = json_schema!({
            "description": "By a script of the user's own.",
            "type": "object",
            "required": [SCRIPT],
            "additionalProperties": false,
            "properties": { SCRIPT: script }
        });
        let several = generator.subschema_for::<Vec<SizeSyntax>>();
        let largest = json_schema!({
            "description": "The most that any of several rules asks for.",
            "type": "object",
            "required": [LARGEST],
            "additionalProperties": false,
            "properties": { LARGEST: several }
        });
        let special = [schedule, script, largest];
        let rules: Vec<Schema> = special.into_iter().chain(described).collect();
        json_schema!({
            "description": "The rule by which a policy sizes: its name and its parameters.",
            "oneOf": rules
        })
    }
}

fn rule_schema(rule: &PolicyDescription) -> Schema {
    let properties: serde_json::Map<String, Value> = rule
        .parameters
        .iter()
        .map(|parameter| (parameter.name.to_owned(), parameter_schema(parameter)))
        .collect();
    let required: Vec<&str> = rule
        .parameters
        .iter()
        .filter(|parameter| matches!(parameter.default, ParameterDefault::Required))
        .map(|parameter| parameter.name)
        .collect();
    json_schema!({
        "description": rule.summary,
        "type": "object",
        "required": [rule.name],
        "additionalProperties": false,
        "properties": {
            (rule.name): {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false
            }
        }
    })
}

fn parameter_schema(parameter: &Parameter) -> Value {
    let mut schema = match parameter.kind {
        ParameterKind::Number(least, most) => {
            json!({"type": "number", "minimum": least, "maximum": most})
        }
        ParameterKind::Above(least, most) => {
            json!({"type": "number", "exclusiveMinimum": least, "maximum": most})
        }
        ParameterKind::Whole(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        ParameterKind::Duration => json!({"type": "string"}),
        ParameterKind::Choice(names) => json!({"enum": names}),
        ParameterKind::Steps => json!({
            "type": "array",
            "items": {
                "type": "object",
                "required": ["change"],
                "additionalProperties": false,
                "properties": {
                    "above": {"type": "number"},
                    "below": {"type": "number"},
                    "change": {"type": ["integer", "string"]}
                }
            }
        }),
    };
    schema["description"] = parameter.meaning.into();
    schema
}
