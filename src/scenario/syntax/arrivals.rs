//! How triggered runs arrive.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::document::Located;
use super::DistributionSyntax;
use super::rate::Rate;
use crate::time::SimDuration;

/// How triggered runs arrive.
#[derive(Clone, Debug)]
pub(crate) enum ArrivalsSyntax {
    /// At random, independently of each other.
    Poisson(PoissonSyntax),
    /// At random, at a rate that follows the hour and the day.
    Profile(ProfileSyntax),
    /// Many at once, at a fixed period.
    Bursts(BurstsSyntax),
    /// As they did in the past.
    Recorded(RecordedSyntax),
}

/// Triggered at random, independently of each other.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoissonSyntax {
    /// Arrivals in a time: `12 per hour`.
    pub(crate) rate: Rate,
    /// The runs that an arrival brings; the default is 1.
    pub(crate) batch: Option<Located<BatchSyntax>>,
}

/// Triggered at random, at a rate that follows the hour and the day: the rate times the factors of both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileSyntax {
    /// Arrivals in a time where all factors are 1: `12 per hour`.
    pub(crate) rate: Located<Rate>,
    /// Factors by the hour: `"07-19": 1.5` is from 07:00 to 19:00, `"22-06"` goes over midnight, `"12"` is one hour.
    /// They cover the day without overlap; without them every hour has the factor 1.
    pub(crate) hours: Option<Located<Factors>>,
    /// Factors by the day: `mon`, `mon-fri`, `sat`. A day without one has the factor 1.
    pub(crate) days: Option<Located<Factors>>,
    /// The runs that an arrival brings; the default is 1.
    pub(crate) batch: Option<Located<BatchSyntax>>,
}

/// Factors by stretches of time.
pub(crate) type Factors = IndexMap<Located<String>, Located<f64>>;

/// Triggered many at once, at a fixed period from the start date on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BurstsSyntax {
    /// The period.
    pub(crate) every: Located<SimDuration>,
    /// The runs of a burst.
    pub(crate) size: Located<BatchSyntax>,
    /// How late a burst is, a distribution; the default is not at all.
    pub(crate) jitter: Option<Located<DistributionSyntax>>,
}

/// Triggered as in the past: moments in RFC 3339 in a column of a CSV file; equal ones are a batch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedSyntax {
    /// The file, relative to the scenario.
    pub(crate) csv: Located<String>,
    /// The name of the column.
    pub(crate) column: Located<String>,
    /// The period with which the recording repeats, such as `1w`; the default is not at all.
    pub(crate) repeat: Option<Located<SimDuration>>,
}

/// How many runs arrive at once.
#[derive(Clone, Debug)]
pub(crate) enum BatchSyntax {
    /// Always so many.
    Fixed(u32),
    /// A draw of plain numbers, made whole.
    Drawn(DistributionSyntax),
}

impl<'de> Deserialize<'de> for BatchSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BatchVisitor)
    }
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = BatchSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a whole number of runs, or a distribution such as `{uniform: {low: 1, high: 9}}`",
        )
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<BatchSyntax, E> {
        let number = u32::try_from(number);
        number.map(BatchSyntax::Fixed).map_err(|_| {
            E::custom("the number of runs must be a whole number from 1 to 4294967295")
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<BatchSyntax, A::Error> {
        let entries = MapAccessDeserializer::new(entries);
        DistributionSyntax::deserialize(entries).map(BatchSyntax::Drawn)
    }
}

impl JsonSchema for BatchSyntax {
    fn schema_name() -> Cow<'static, str> {
        "Batch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let distribution = generator.subschema_for::<DistributionSyntax>();
        json_schema!({
            "description": "How many runs arrive at once: a number, or a distribution of plain numbers.",
            "anyOf": [{"type": "integer", "minimum": 1}, distribution]
        })
    }
}
