//! Recorded tasks as tasks of a deployment.

use crate::recorded_events;
use crate::recorded_site::{Names, refuse_others, seconds};
use serde_json::Value;
use slotwise::deployment::{
    Branch, Deferral, Deployment, Mapping, RetryPolicy, ScopeRole, Sensor, SensorMode, SensorWait,
    ShortCircuit, Task, TaskKind, TriggerRule, own_weight,
};
use slotwise::ids::{DagId, TaskId};
use slotwise::random::Distribution;

/// What this version of the harness understands; anything else is named as missing, never ignored.
const TASK_FIELDS: &[&str] = &[
    "task_id",
    "upstream",
    "pool",
    "pool_slots",
    "priority_weight",
    "weight_rule",
    "kind",
    "length",
    "retries",
    "retry_delay_s",
    "retry_exponential_backoff",
    "max_retry_delay_s",
    "max_active_tis_per_dag",
    "max_active_tis_per_dagrun",
    "outlets",
    "depends_on_past",
    "wait_for_downstream",
    "trigger_rule",
    "is_setup",
    "is_teardown",
    "over",
    "group",
    "poke_interval_s",
    "timeout_s",
    "soft_fail",
    "exponential_backoff",
    "max_wait_s",
    "trigger_timeout_s",
    "executor",
];

pub(crate) fn read_task(
    recorded: &Value,
    in_dag: &Value,
    first: usize,
    dag: DagId,
    deployment: &mut Deployment,
) -> Result<Task, String> {
    refuse_others(recorded, TASK_FIELDS, "task ")?;
    let tasks = in_dag["tasks"].as_array().unwrap();
    let position = |name: &Value| {
        TaskId::new(
            first
                + tasks
                    .iter()
                    .position(|task| task["task_id"] == *name)
                    .unwrap(),
        )
    };
    let upstream = recorded["upstream"]
        .as_array()
        .map(|list| list.iter().map(position).collect());
    let number = |key: &str| recorded[key].as_u64().map(|number| number as u32);
    let executor = |name: &str| deployment.executors.iter().position(|e| e.name == name);
    Ok(Task {
        executor: recorded["executor"]
            .as_str()
            .map_or(Some(0), executor)
            .ok_or("unknown executors")?,
        kind: kind(recorded)?,
        trigger_rule: match recorded["trigger_rule"].as_str() {
            None => TriggerRule::default(),
            Some(rule) => TriggerRule::named(rule).ok_or_else(|| format!("trigger rule {rule}"))?,
        },
        scope: scope(recorded),
        group: recorded["group"].as_str().map(|group| {
            let mut names = in_dag["mapped_groups"].as_object().unwrap().keys();
            names.position(|name| name == group).unwrap() as u32
        }),
        upstream: upstream.unwrap_or_default(),
        pool: deployment
            .pool_named(recorded["pool"].as_str().unwrap_or("default_pool"))
            .ok_or("unknown pools")?,
        pool_slots: recorded["pool_slots"].as_u64().unwrap_or(1) as u32,
        priority_weight: own_weight(
            recorded["priority_weight"].as_i64().unwrap_or(1),
            &deployment.airflow.rules,
        ),
        weight_rule: Names::weight_rule(&recorded["weight_rule"]),
        mapping: match recorded["group"].as_str() {
            Some(group) => mapping(&in_dag["mapped_groups"][group], position),
            None => mapping(recorded, position),
        },
        max_active_tis_per_dag: number("max_active_tis_per_dag"),
        max_active_tis_per_dagrun: number("max_active_tis_per_dagrun"),
        depends_on_past: recorded["depends_on_past"] == true,
        wait_for_downstream: recorded["wait_for_downstream"] == true,
        outlets: recorded_events::assets(&recorded["outlets"], deployment),
        retry: retry(recorded),
        ..Task::named(recorded["task_id"].as_str().unwrap(), dag)
    })
}

fn retry(recorded: &Value) -> RetryPolicy {
    let defaults = RetryPolicy::default();
    let number = |key: &str| recorded[key].as_u64().map(|number| number as u32);
    RetryPolicy {
        retries: number("retries").unwrap_or(0),
        retry_delay: recorded["retry_delay_s"]
            .as_f64()
            .map_or(defaults.retry_delay, seconds),
        retry_exponential_backoff: match &recorded["retry_exponential_backoff"] {
            Value::Bool(true) => 2.0,
            multiplier => multiplier.as_f64().unwrap_or(0.0),
        },
        max_retry_delay: recorded["max_retry_delay_s"].as_f64().map(seconds),
    }
}

fn mapping(recorded: &Value, position: impl Fn(&Value) -> TaskId) -> Option<Mapping> {
    match (&recorded["length"], &recorded["over"]) {
        (Value::Null, Value::Null) => None,
        (Value::Null, over) => Some(Mapping::Over(position(over))),
        (length, _) => Some(Mapping::Fixed(length.as_u64().unwrap() as u32)),
    }
}

fn scope(recorded: &Value) -> ScopeRole {
    if recorded["is_setup"] == true {
        ScopeRole::Setup
    } else if recorded["is_teardown"] == true {
        ScopeRole::Teardown {
            on_failure_fail_dagrun: false,
        }
    } else {
        ScopeRole::Work
    }
}

/// What a task does; how long it waits and which way it goes is recorded segment by segment.
fn kind(recorded: &Value) -> Result<TaskKind, String> {
    let duration = |key: &str| recorded[key].as_f64().map(seconds);
    Ok(match recorded["kind"].as_str() {
        None | Some("work" | "mapped_literal" | "mapped_over") => TaskKind::Work,
        Some("empty") => TaskKind::Empty,
        Some("branch") => TaskKind::Branch(Branch::default()),
        Some("short_circuit") => TaskKind::ShortCircuit(ShortCircuit {
            stop_rate: 0.0,
            ignore_downstream_trigger_rules: true,
        }),
        Some("sensor_reschedule") => TaskKind::Sensor(Sensor {
            mode: SensorMode::Reschedule,
            poke_interval: duration("poke_interval_s").unwrap(),
            timeout: duration("timeout_s").unwrap_or(Sensor::DEFAULT_TIMEOUT),
            soft_fail: recorded["soft_fail"] == true,
            exponential_backoff: recorded["exponential_backoff"] == true,
            max_wait: duration("max_wait_s"),
            wait: SensorWait::Time(Distribution::ZERO),
        }),
        Some("deferrable") => TaskKind::Deferrable(Deferral {
            wait: Distribution::ZERO,
            timeout: duration("trigger_timeout_s"),
            start_from_trigger: false,
        }),
        Some(other) => return Err(format!("task kind {other}")),
    })
}
