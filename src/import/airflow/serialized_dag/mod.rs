//! A DAG as Airflow serializes it: JSON with types in some places, perhaps compressed.
//!
//! The forms of 3.x (`__version` 3) and 2.x (`__version` 1) differ in names and in how much is wrapped in
//! `{"__type": .., "__var": ..}`; both are read by the same code.

mod mapping;
#[cfg(test)]
mod tests;

use std::io::Read;

use flate2::read::ZlibDecoder;
use serde_json::{Map, Value};

use super::site::{SiteAssets, SiteDag, SiteSchedule, SiteSensor, SiteTask, SiteValue};
use super::source::Field;
use crate::time::{SimDuration, SimTime};
use mapping::{map, read_groups};

/// The longest text that a compressed DAG may have; more is no DAG.
const LONGEST: u64 = 256 << 20;

/// The text of a serialized DAG, which stands in one of two columns.
pub(super) fn text(data: Field<'_>, compressed: Field<'_>) -> Result<String, String> {
    if let Some(text) = data.text() {
        return Ok(text.to_owned());
    }
    // PostgreSQL hands over bytes as `\x` and hexadecimal digits.
    let bytes = match compressed {
        Field::Bytes(bytes) => bytes.to_vec(),
        Field::Text(text) => hexadecimal(text.trim_start_matches("\\x")).ok_or("no bytes")?,
        _ => return Err("it is empty".into()),
    };
    let mut text = String::new();
    let inflated = ZlibDecoder::new(bytes.as_slice())
        .take(LONGEST)
        .read_to_string(&mut text);
    inflated.map_err(|error| format!("it cannot be decompressed: {error}"))?;
    Ok(text)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let pair = |at| {
        text.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..text.len()).step_by(2).map(pair).collect()
}

/// Fills in what the serialized form says of a DAG.
pub(super) fn read(text: &str, dag: &mut SiteDag) -> Result<(), String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let body = whole["dag"].as_object().ok_or("it has no `dag`")?;
    let tasks = body.get("tasks").map(plain).and_then(Value::as_array);
    let tasks = tasks.ok_or("it has no `tasks`")?;
    let get = |name: &str| body.get(name).map(plain).filter(|value| !value.is_null());
    dag.timezone = get("timezone").and_then(Value::as_str).map(str::to_owned);
    dag.start_date = get("start_date").and_then(Value::as_f64).map(epoch);
    dag.end_date = get("end_date").and_then(Value::as_f64).map(epoch);
    dag.catchup = get("catchup")
        .or_else(|| get("_catchup"))
        .and_then(Value::as_bool);
    dag.dagrun_timeout = get("dagrun_timeout").and_then(span);
    let timetable = body.get("timetable").filter(|value| !value.is_null());
    dag.schedule = match timetable {
        Some(timetable) => schedule(timetable, &mut dag.timezone),
        None => interval(body.get("schedule_interval")),
    };
    let defaults = whole["client_defaults"]["tasks"].as_object();
    dag.tasks.clear();
    for task in tasks {
        let fields = plain(task).as_object().ok_or("a task is no object")?;
        let fields = Fields { fields, defaults };
        let name = fields
            .get("task_id")
            .and_then(Value::as_str)
            .ok_or("a task has no name")?;
        dag.tasks.insert(name.to_owned(), fields.task());
    }
    dag.groups.clear();
    if let Some(root) = body.get("task_group").or_else(|| body.get("_task_group")) {
        read_groups(root, None, dag);
    }
    Ok(())
}

/// What is within `{"__type": .., "__var": ..}`, or the value itself.
fn plain(value: &Value) -> &Value {
    match value.as_object() {
        Some(object) if object.contains_key("__type") => object.get("__var").unwrap_or(value),
        _ => value,
    }
}

fn epoch(seconds: f64) -> SimTime {
    SimTime::default() + SimDuration::from_seconds_f64(seconds)
}

fn span(value: &Value) -> Option<SimDuration> {
    plain(value).as_f64().map(SimDuration::from_seconds_f64)
}

/// A timetable by the last part of its class.
fn schedule(timetable: &Value, timezone: &mut Option<String>) -> SiteSchedule {
    let class = timetable["__type"].as_str().unwrap_or_default();
    let fields = &timetable["__var"];
    if let Some(zone) = plain(&fields["timezone"]).as_str() {
        *timezone = Some(zone.to_owned());
    }
    let cron = |intervals| {
        let expression = fields["expression"].as_str().unwrap_or_default();
        SiteSchedule::Cron(expression.to_owned(), intervals)
    };
    let every = |intervals| match span(&fields["delta"]) {
        Some(period) => SiteSchedule::Every(period, intervals),
        None => SiteSchedule::Other(class.to_owned()),
    };
    let preset = |name: &str| SiteSchedule::Cron(name.to_owned(), false);
    match class.rsplit('.').next().unwrap_or_default() {
        "NullTimetable" => SiteSchedule::Never,
        "OnceTimetable" => preset("@once"),
        "ContinuousTimetable" => preset("@continuous"),
        "CronTriggerTimetable" => cron(false),
        "CronDataIntervalTimetable" => cron(true),
        "DeltaTriggerTimetable" => every(false),
        "DeltaDataIntervalTimetable" => every(true),
        "AssetTriggeredTimetable" | "DatasetTriggeredTimetable" => {
            let condition = ["asset_condition", "dataset_condition"];
            let condition = condition.iter().find_map(|name| fields.get(*name));
            match condition.and_then(assets) {
                Some(assets) => SiteSchedule::Assets(assets),
                None => SiteSchedule::Other(class.to_owned()),
            }
        }
        _ => SiteSchedule::Other(class.to_owned()),
    }
}

/// The other form of 2.x, which always means data intervals.
fn interval(value: Option<&Value>) -> SiteSchedule {
    match value.map(plain) {
        Some(Value::String(expression)) if expression == "@once" || expression == "@continuous" => {
            SiteSchedule::Cron(expression.clone(), false)
        }
        Some(Value::String(expression)) => SiteSchedule::Cron(expression.clone(), true),
        Some(Value::Number(_)) => match value.and_then(span) {
            Some(period) => SiteSchedule::Every(period, true),
            None => SiteSchedule::Never,
        },
        Some(Value::Object(_)) => SiteSchedule::Other("relativedelta".into()),
        _ => SiteSchedule::Never,
    }
}

fn assets(condition: &Value) -> Option<SiteAssets> {
    let kind = condition["__type"].as_str().unwrap_or_default();
    let several = || {
        let objects = condition["objects"].as_array()?;
        objects.iter().map(assets).collect::<Option<Vec<_>>>()
    };
    match kind {
        "asset_any" | "dataset_any" => several().map(SiteAssets::Any),
        "asset_all" | "dataset_all" => several().map(SiteAssets::All),
        _ => asset_name(condition).map(SiteAssets::One),
    }
}

/// An asset is its name, in 2.x its address.
fn asset_name(asset: &Value) -> Option<String> {
    let name = |of: &Value| {
        of["name"]
            .as_str()
            .or_else(|| of["uri"].as_str())
            .map(str::to_owned)
    };
    name(asset).or_else(|| name(&asset["__var"]))
}

/// The fields of a task; what it does not say, the site's defaults may.
struct Fields<'v> {
    fields: &'v Map<String, Value>,
    defaults: Option<&'v Map<String, Value>>,
}

impl<'v> Fields<'v> {
    fn get(&self, name: &str) -> Option<&'v Value> {
        // A mapped task keeps what it is scheduled by apart.
        let partial = self.fields.get("partial_kwargs").map(plain);
        let explicit = self.fields.get(name);
        let value = explicit.or_else(|| partial.and_then(|partial| partial.get(name)));
        let value = value.or_else(|| self.defaults.and_then(|defaults| defaults.get(name)));
        value.map(plain).filter(|value| !value.is_null())
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn text(&self, name: &str) -> Option<&'v str> {
        self.get(name).and_then(Value::as_str)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let values = self.get(name).and_then(Value::as_array);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    fn task(&self) -> SiteTask {
        let operator = self.text("task_type").or_else(|| self.text("_task_type"));
        let operator = operator.unwrap_or("BaseOperator").to_owned();
        let outlets = self.get("outlets").and_then(Value::as_array);
        SiteTask {
            is_empty: self.is_true("_is_empty") || operator == "EmptyOperator",
            sensor: self.is_sensor(&operator).then(|| self.sensor()),
            downstream: self.texts("downstream_task_ids"),
            fields: self.scenario_fields(),
            map: self
                .is_true("_is_mapped")
                .then(|| map(self.get(self.text("_expand_input_attr").unwrap_or("expand_input")))),
            group: None,
            outlets: outlets
                .into_iter()
                .flatten()
                .filter_map(asset_name)
                .collect(),
            operator,
        }
    }

    fn is_sensor(&self, operator: &str) -> bool {
        self.is_true("_is_sensor")
            || self.fields.contains_key("reschedule")
            || operator.ends_with("Sensor")
    }

    fn sensor(&self) -> SiteSensor {
        SiteSensor {
            is_rescheduled: self.is_true("reschedule") || self.text("mode") == Some("reschedule"),
            poke_interval: self.get("poke_interval").and_then(span),
            timeout: self.get("timeout").and_then(span),
            soft_fail: self.is_true("soft_fail"),
            exponential_backoff: self.is_true("exponential_backoff"),
        }
    }

    /// Fields by their names in a scenario, without those that say the default.
    fn scenario_fields(&self) -> Vec<(&'static str, SiteValue)> {
        let mut fields = Vec::new();
        for (name, default) in [
            ("pool", "default_pool"),
            ("trigger_rule", "all_success"),
            ("weight_rule", "downstream"),
        ] {
            let text = self.text(name).map(known).filter(|text| *text != default);
            fields.extend(text.map(|text| (name, SiteValue::Name(text.to_owned()))));
        }
        for (name, default) in [
            ("pool_slots", 1),
            ("priority_weight", 1),
            ("retries", 0),
            ("max_active_tis_per_dag", -1),
            ("max_active_tis_per_dagrun", -1),
        ] {
            let number = self.get(name).and_then(Value::as_i64);
            let number = number.filter(|number| *number != default);
            fields.extend(number.map(|number| (name, SiteValue::Number(number))));
        }
        for name in ["retry_delay", "max_retry_delay", "execution_timeout"] {
            let default = SimDuration::from_seconds(300);
            let span = self.get(name).and_then(span);
            let span = span.filter(|span| name != "retry_delay" || *span != default);
            fields.extend(span.map(|span| (name, SiteValue::Span(span))));
        }
        let backoff = match self.get("retry_exponential_backoff") {
            // Airflow 2 only says whether.
            Some(Value::Bool(true)) => Some(2.0),
            other => other
                .and_then(Value::as_f64)
                .filter(|factor| *factor != 0.0),
        };
        fields.extend(backoff.map(|factor| ("retry_exponential_backoff", SiteValue::Real(factor))));
        for name in [
            "depends_on_past",
            "wait_for_downstream",
            "is_setup",
            "is_teardown",
            "on_failure_fail_dagrun",
        ] {
            fields.extend(self.is_true(name).then_some((name, SiteValue::True)));
        }
        fields
    }
}

/// Names as Airflow 3 and a scenario have them: old ones are replaced, and weights of an own class are taken as the
/// default, which the stored effective weights may contradict.
fn known(name: &str) -> &str {
    match name {
        "none_failed_or_skipped" => "none_failed_min_one_success",
        "dummy" => "always",
        class if class.contains('.') && class.ends_with("Strategy") => "downstream",
        name => name,
    }
}
