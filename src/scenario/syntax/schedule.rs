//! When the runs of a DAG come.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::document::{Located, hinted};
use super::{
    ArrivalsSyntax, AssetsSyntax, BurstsSyntax, PoissonSyntax, ProfileSyntax, RecordedSyntax,
};
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
    /// When assets were written.
    Assets(Located<AssetsSyntax>),
    /// By triggers from outside.
    Arrivals(Box<ArrivalsSyntax>),
}

/// The form with keys; exactly one of `every`, `cron`, `poisson`, `profile`, `bursts`, `recorded` and `assets`.
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
    poisson: Option<PoissonSyntax>,
    /// Triggered at random, at a rate that follows the hour and the day.
    profile: Option<ProfileSyntax>,
    /// Triggered many at once, at a fixed period from the start date on.
    bursts: Option<BurstsSyntax>,
    /// Triggered as in the past.
    recorded: Option<RecordedSyntax>,
    /// When tasks have written these assets since the last such run.
    assets: Option<Located<AssetsSyntax>>,
}

impl ScheduleMap {
    fn into_schedule(self) -> Option<ScheduleSyntax> {
        let data_intervals = self.data_intervals;
        let cron = self.cron.map(|expression| ScheduleSyntax::Cron {
            expression,
            data_intervals,
        });
        let arrivals = [
            self.poisson.map(ArrivalsSyntax::Poisson),
            self.profile.map(ArrivalsSyntax::Profile),
            self.bursts.map(ArrivalsSyntax::Bursts),
            self.recorded.map(ArrivalsSyntax::Recorded),
        ];
        let arrivals = arrivals.into_iter().flatten().map(Box::new);
        let arrivals = arrivals.map(ScheduleSyntax::Arrivals);
        let every = self.every.map(ScheduleSyntax::Every);
        let assets = self.assets.map(ScheduleSyntax::Assets);
        let mut kinds = cron.into_iter().chain(every).chain(assets).chain(arrivals);
        let only = kinds.next().filter(|_| kinds.next().is_none())?;
        let fits = data_intervals.is_none() || matches!(only, ScheduleSyntax::Cron { .. });
        fits.then_some(only)
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
        f.write_str("a cron expression, a preset such as `@hourly`, `null`, or a map with one kind")
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
                "give one of `every`, `cron`, `poisson`, `profile`, `bursts`, `recorded` and `assets`; `data_intervals` belongs to `cron`",
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
