//! What operators do, and what befalls the site, while it runs.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::super::document::{Located, hinted};
use super::{LoseWorkersSyntax, SlowDownSyntax, parse_duration};
use crate::time::{SimDuration, SimTime};

/// Something that happens, and when; exactly one of the keys besides `at`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSyntax {
    /// When: a moment, or how long after the start of the simulation.
    pub(crate) at: Located<AtSyntax>,
    /// Gives a pool another size.
    pub(crate) resize: Option<ResizeSyntax>,
    /// Multiplies the slots of a pool, by way of its policy.
    pub(crate) scale: Option<ScalePoolSyntax>,
    /// Creates a pool that is not there.
    pub(crate) create: Option<CreatePoolSyntax>,
    /// Deletes this pool.
    pub(crate) delete: Option<Located<String>>,
    /// Pauses this DAG.
    pub(crate) pause: Option<Located<String>>,
    /// Lets this DAG go on.
    pub(crate) unpause: Option<Located<String>>,
    /// Reads the file of this DAG again.
    pub(crate) parse: Option<Located<String>>,
    /// Triggers runs by hand.
    pub(crate) trigger: Option<TriggerSyntax>,
    /// Makes the runs of past schedule points.
    pub(crate) backfill: Option<BackfillSyntax>,
    /// Celery workers die, with what they run.
    pub(crate) lose_workers: Option<Located<LoseWorkersSyntax>>,
    /// Workers take longer to start what they are given.
    pub(crate) slow_down: Option<Located<SlowDownSyntax>>,
}

/// When an event happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AtSyntax {
    /// At a moment.
    Moment(SimTime),
    /// So long after the start.
    After(SimDuration),
}

/// Another size for a pool.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResizeSyntax {
    /// The pool.
    pub(crate) pool: Located<String>,
    /// Its slots from now on; -1 is unlimited, 0 closes it.
    pub(crate) slots: Located<i64>,
}

/// A pool that is scaled.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScalePoolSyntax {
    /// The pool.
    pub(crate) pool: Located<String>,
    /// The factor; the result is rounded down, within the bounds of the guard, and at least 1 unless the factor is 0.
    pub(crate) factor: Located<f64>,
}

/// A pool that comes later.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePoolSyntax {
    /// Its name: that of a pool which was deleted before, or a new one.
    pub(crate) pool: Located<String>,
    /// Its slots; -1 is unlimited, 0 is closed.
    pub(crate) slots: Located<i64>,
    /// Whether deferred instances keep their slots, for a new name; the default is false.
    #[serde(default)]
    pub(crate) include_deferred: bool,
}

/// Runs triggered by hand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerSyntax {
    /// The DAG.
    pub(crate) dag: Located<String>,
    /// How many runs; the default is 1.
    pub(crate) runs: Option<Located<u32>>,
    /// The run id; without it Airflow makes one.
    pub(crate) run_id: Option<Located<String>>,
    /// The logical date; without it the run has none.
    pub(crate) logical_date: Option<Located<SimTime>>,
    /// The way of the request, which decides the data interval of a dated run; the default is `cli`.
    #[serde(default)]
    pub(crate) via: ViaSyntax,
}

/// The way of a request for a run.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViaSyntax {
    /// The command line or a trigger operator: the interval belongs to the moment of the request.
    #[default]
    Cli,
    /// The REST API or the web page: the interval belongs to the logical date.
    Rest,
}

/// The runs of past schedule points.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackfillSyntax {
    /// The DAG.
    pub(crate) dag: Located<String>,
    /// The first logical date.
    pub(crate) from: Located<SimTime>,
    /// The last logical date.
    pub(crate) to: Located<SimTime>,
    /// Running runs of the backfill at a time; the default is 10.
    pub(crate) max_active_runs: Option<Located<u32>>,
    /// Whether the latest date comes first; the default is false.
    #[serde(default)]
    pub(crate) reverse: bool,
    /// Which runs that exist already are run again; the default is `none`.
    #[serde(default)]
    pub(crate) reprocess: ReprocessSyntax,
}

/// Which runs that exist already a backfill runs again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReprocessSyntax {
    /// None.
    #[default]
    None,
    /// The failed ones.
    Failed,
    /// All that are finished.
    Completed,
}

impl<'de> Deserialize<'de> for AtSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AtVisitor)
    }
}

struct AtVisitor;

impl Visitor<'_> for AtVisitor {
    type Value = AtSyntax;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a moment such as `2026-03-02T09:00:00Z`, or a duration such as `6h` from the start on",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<AtSyntax, E> {
        if let Ok(moment) = SimTime::parse(text) {
            return Ok(AtSyntax::Moment(moment));
        }
        parse_duration(text).map(AtSyntax::After).map_err(|_| {
            E::custom(hinted(
                &format!("`{text}` is neither a moment nor a duration"),
                "write a moment in RFC 3339, `2026-03-02T09:00:00Z`, or how long after the start, `6h`",
            ))
        })
    }
}

impl JsonSchema for AtSyntax {
    fn schema_name() -> Cow<'static, str> {
        "At".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment in RFC 3339, or how long after the start of the simulation, such as `6h`.",
            "type": "string"
        })
    }
}
