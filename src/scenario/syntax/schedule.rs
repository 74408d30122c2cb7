//! When the runs of a DAG come.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::document::hinted;
use super::rate::Rate;
use crate::time::SimDuration;

/// When the runs of a DAG come: text is a cron expression or a preset, nothing is never, a map names a kind.
#[derive(Clone, Debug)]
pub(crate) enum ScheduleSyntax {
    /// Never by itself.
    Manual,
    /// A cron expression or a preset; with data intervals or without, or as `airflow.cfg` says.
    Cron {
        /// The expression.
        expression: String,
        /// Whether a run stands for the interval before it.
        data_intervals: Option<bool>,
    },
    /// At a fixed period, from the start date on.
    Every(SimDuration),
    /// Triggered at random, independently of each other, so many a second.
    Poisson(f64),
}

/// The form with keys; exactly one of `every`, `cron` and `poisson`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScheduleMap {
    /// At a fixed period, from the start date on.
    every: Option<SimDuration>,
    /// A cron expression or a preset such as `@hourly`.
    cron: Option<String>,
    /// With `cron`: whether a run stands for the interval before it; the default is
    /// `airflow.create_cron_data_intervals`.
    data_intervals: Option<bool>,
    /// Triggered at random, independently of each other.
    poisson: Option<PoissonMap>,
}

/// Triggered at random, independently of each other.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PoissonMap {
    /// Runs in a time: `12 per hour`.
    rate: Rate,
}

impl ScheduleMap {
    fn into_schedule(self) -> Option<ScheduleSyntax> {
        let data_intervals = self.data_intervals;
        match (self.every, self.cron, self.poisson) {
            (None, Some(expression), None) => Some(ScheduleSyntax::Cron {
                expression,
                data_intervals,
            }),
            (Some(period), None, None) if data_intervals.is_none() => {
                Some(ScheduleSyntax::Every(period))
            }
            (None, None, Some(poisson)) if data_intervals.is_none() => {
                Some(ScheduleSyntax::Poisson(poisson.rate.0))
            }
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for ScheduleSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScheduleVisitor)
    }
}

struct ScheduleVisitor;

impl<'de> Visitor<'de> for ScheduleVisitor {
    type Value = ScheduleSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cron expression, a preset such as `@hourly`, `null`, or one of `every`, `cron`, `poisson`")
    }

    fn visit_unit<E>(self) -> Result<ScheduleSyntax, E> {
        Ok(ScheduleSyntax::Manual)
    }

    fn visit_str<E: Error>(self, expression: &str) -> Result<ScheduleSyntax, E> {
        Ok(ScheduleSyntax::Cron {
            expression: expression.to_owned(),
            data_intervals: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<ScheduleSyntax, A::Error> {
        let map = ScheduleMap::deserialize(MapAccessDeserializer::new(entries))?;
        map.into_schedule().ok_or_else(|| {
            A::Error::custom(hinted(
                "a schedule is of exactly one kind",
                "give one of `every`, `cron` and `poisson`; `data_intervals` belongs to `cron`",
            ))
        })
    }
}

impl JsonSchema for ScheduleSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let map = generator.subschema_for::<ScheduleMap>();
        json_schema!({
            "description": "A cron expression, a preset such as `@hourly`, `null` for never, or a kind with its value.",
            "anyOf": [{"type": ["string", "null"]}, map]
        })
    }
}
