//! Recorded sites as deployments: the names and defaults of the recordings.

use crate::recorded_events;
use serde_json::Value;
use slotwise::airflow::{Ending, Recorded, RecordedSegment, SegmentName};
use slotwise::deployment::{
    AirflowSettings, Branch, Dag, Deferral, Deployment, Executor, LoopPace, Mapping, Pool,
    RetryPolicy, Schedule, SchedulerMode, ScopeRole, Sensor, SensorMode, ShortCircuit, Task,
    TaskKind, Timers, Timetable, TriggerRule, WeightRule, own_weight,
};
use slotwise::ids::{DagId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::FullTrace;
use std::collections::BTreeSet;

/// Readers of single recorded things.
pub(crate) struct Names;

impl Names {
    pub(crate) fn pool(recorded: &Value) -> Pool {
        Pool {
            name: recorded["name"].as_str().unwrap().into(),
            slots: recorded["slots"].as_i64().unwrap(),
            description: None,
            include_deferred: recorded["include_deferred"].as_bool().unwrap_or(false),
        }
    }

    pub(crate) fn weight_rule(recorded: &Value) -> WeightRule {
        match recorded.as_str() {
            None | Some("downstream") => WeightRule::Downstream,
            Some("upstream") => WeightRule::Upstream,
            Some("absolute") => WeightRule::Absolute,
            Some(other) => panic!("unknown weight rule {other}"),
        }
    }
}

/// A recorded end-to-end scenario: a deployment, and what its tries turned out to be.
pub(crate) struct Site {
    pub(crate) deployment: Deployment,
    pub(crate) start: SimTime,
    pub(crate) end: SimTime,
    pub(crate) outcomes: Recorded,
}

impl Site {
    /// Reads a recorded scenario, or says which feature it needs that is not simulated yet.
    pub(crate) fn read(scenario: &Value) -> Result<Self, String> {
        let mut deployment = Deployment {
            pools: scenario["pools"]
                .as_array()
                .unwrap()
                .iter()
                .map(Names::pool)
                .collect(),
            scheduler: SchedulerMode::Airflow(pace(scenario)),
            airflow: settings(&scenario["config"])?,
            ..Deployment::default()
        };
        if deployment.pool_named("default_pool").is_none() {
            deployment.pools.push(Pool::default_pool());
        }
        recorded_events::read_pool_changes(scenario, &mut deployment);
        let executor = &scenario["executor"];
        if executor["model"] != "tracked" || !executor["worker_slots"].is_null() {
            return Err(format!("the executor model {}", executor["model"]));
        }
        deployment.executors.push(Executor {
            name: "default".into(),
            parallelism: executor["parallelism"].as_u64().unwrap() as u32,
            start_delay: Distribution::ZERO,
        });
        refuse_others(scenario, SCENARIO_FIELDS, "")?;
        for dag in scenario["dags"].as_array().unwrap() {
            add_dag(dag, &mut deployment)?;
        }
        recorded_events::read_actions(scenario, &mut deployment)?;
        let delay = executor["start_delay_s"]
            .as_f64()
            .ok_or("start delays of their own")?;
        Ok(Self {
            outcomes: Recorded::new(segments(scenario, &deployment)?, seconds(delay)),
            start: time(&scenario["start"]),
            end: time(&scenario["end"]),
            deployment,
        })
    }

    /// The moments of loops in which something changed, and of pool changes: instances scheduled, queued or set, runs started or ended,
    /// workers found to have ended.
    pub(crate) fn loop_changes(&self, trace: &FullTrace) -> BTreeSet<SimTime> {
        let loop_at_or_after = |moment: SimTime| {
            let next = trace.loops.partition_point(|row| row.at < moment);
            trace.loops.get(next).map(|row| row.at)
        };
        let noticed = trace.task_instances.iter().filter(|row| !row.refused);
        let instances = noticed.flat_map(|row| {
            [
                row.scheduled_at.and_then(loop_at_or_after),
                row.queued_at,
                row.ended_at.and_then(loop_at_or_after),
            ]
        });
        let runs = trace
            .dag_runs
            .iter()
            .flat_map(|run| [run.started_at, run.ended_at]);
        instances
            .flatten()
            .chain(runs.flatten())
            .chain([self.start])
            .chain(recorded_events::pool_changes(&self.deployment))
            .collect()
    }
}

/// What this version of the harness understands; anything else is named as missing, never ignored.
const SCENARIO_FIELDS: &[&str] = &[
    "name",
    "about",
    "start",
    "end",
    "loop_period_s",
    "pacing",
    "config",
    "executor",
    "pools",
    "pool_changes",
    "actions",
    "dags",
    "outcomes",
];
const DAG_FIELDS: &[&str] = &[
    "dag_id",
    "schedule",
    "start_date",
    "catchup",
    "max_active_runs",
    "max_active_tasks",
    "max_consecutive_failed_dag_runs",
    "dagrun_timeout_s",
    "mapped_groups",
    "tasks",
];
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
];

fn refuse_others(object: &Value, known: &[&str], inside: &str) -> Result<(), String> {
    let unknown = object
        .as_object()
        .unwrap()
        .iter()
        .find(|(key, value)| !known.contains(&key.as_str()) && is_set(value));
    unknown.map_or(Ok(()), |(key, _)| Err(format!("{inside}{key}")))
}

fn is_set(value: &Value) -> bool {
    !(value.is_null()
        || value.as_array().is_some_and(Vec::is_empty)
        || *value == Value::Bool(false))
}

/// Fixed loops, or paced ones with the timers of the real scheduler.
fn pace(scenario: &Value) -> LoopPace {
    let idle = scenario["config"]["scheduler.scheduler_idle_sleep_time"]
        .as_f64()
        .unwrap_or(1.0);
    match scenario["loop_period_s"].as_f64() {
        Some(period) => LoopPace::Every(seconds(period)),
        None => LoopPace::Paced {
            busy: seconds(scenario["pacing"]["busy_s"].as_f64().unwrap()),
            idle: seconds(idle),
            timers: Timers::Exact,
        },
    }
}

fn settings(config: &Value) -> Result<AirflowSettings, String> {
    let mut settings = AirflowSettings::default();
    for (key, value) in config.as_object().unwrap() {
        let number = value.as_f64().ok_or_else(|| key.clone())? as u32;
        match key.as_str() {
            "core.parallelism" => settings.parallelism = number,
            "scheduler.max_tis_per_query" => settings.max_tis_per_query = number,
            "scheduler.max_dagruns_per_loop_to_schedule" => {
                settings.max_dagruns_per_loop_to_schedule = number;
            }
            "scheduler.max_dagruns_to_create_per_loop" => {
                settings.max_dagruns_to_create_per_loop = number;
            }
            // Read with the pace.
            "scheduler.scheduler_idle_sleep_time" => {}
            other => return Err(other.to_owned()),
        }
    }
    Ok(settings)
}

fn add_dag(recorded: &Value, deployment: &mut Deployment) -> Result<(), String> {
    refuse_others(recorded, DAG_FIELDS, "dag ")?;
    let id = DagId::new(deployment.dags.len());
    let first = deployment.tasks.len();
    let tasks = recorded["tasks"].as_array().unwrap();
    for task in tasks {
        let task = read_task(task, recorded, first, id, deployment)?;
        deployment.tasks.push(task);
    }
    let number = |key: &str| recorded[key].as_u64().unwrap_or(16) as u32;
    let schedule = schedule(&recorded["schedule"], deployment)?;
    deployment.dags.push(Dag {
        first_task: TaskId::new(first),
        task_count: tasks.len(),
        schedule,
        start_date: time(&recorded["start_date"]),
        catchup: recorded["catchup"].as_bool().unwrap_or(false),
        max_active_runs: number("max_active_runs"),
        max_active_tasks: number("max_active_tasks"),
        max_consecutive_failed_dag_runs: recorded["max_consecutive_failed_dag_runs"]
            .as_u64()
            .unwrap_or(0) as u32,
        dagrun_timeout: recorded["dagrun_timeout_s"].as_f64().map(seconds),
        ..Dag::named(recorded["dag_id"].as_str().unwrap())
    });
    Ok(())
}

fn schedule(recorded: &Value, deployment: &mut Deployment) -> Result<Schedule, String> {
    if recorded.is_null() {
        return Ok(Schedule::Manual);
    }
    let cron = || recorded["cron"].as_str().unwrap();
    let delta = || seconds(recorded["seconds"].as_f64().unwrap());
    if recorded.is_string() {
        return Ok(Schedule::Timetable(match recorded.as_str() {
            Some("@once") => Timetable::once(),
            Some(preset) => Timetable::cron_trigger(preset, "UTC").unwrap(),
            None => unreachable!("it is a string"),
        }));
    }
    if recorded["kind"] == "assets" {
        return Ok(Schedule::Assets(recorded_events::condition(
            recorded, deployment,
        )));
    }
    Ok(Schedule::Timetable(match recorded["kind"].as_str() {
        Some("cron_trigger") => Timetable::cron_trigger(cron(), "UTC").unwrap(),
        Some("cron_interval") => Timetable::cron_interval(cron(), "UTC").unwrap(),
        Some("delta_trigger" | "delta") => Timetable::delta_trigger(delta()).unwrap(),
        Some("delta_interval") => Timetable::delta_interval(delta()).unwrap(),
        _ => return Err(format!("schedule {recorded}")),
    }))
}

fn read_task(
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
    let defaults = RetryPolicy::default();
    let number = |key: &str| recorded[key].as_u64().map(|number| number as u32);
    Ok(Task {
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
        priority_weight: own_weight(recorded["priority_weight"].as_i64().unwrap_or(1)),
        weight_rule: Names::weight_rule(&recorded["weight_rule"]),
        mapping: match recorded["group"].as_str() {
            Some(group) => mapping(&in_dag["mapped_groups"][group], position),
            None => mapping(recorded, position),
        },
        max_active_tis_per_dag: number("max_active_tis_per_dag"),
        max_active_tis_per_dagrun: number("max_active_tis_per_dagrun"),
        outlets: recorded["outlets"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|name| recorded_events::asset(name, deployment))
            .collect(),
        retry: RetryPolicy {
            retries: number("retries").unwrap_or(0),
            retry_delay: recorded["retry_delay_s"]
                .as_f64()
                .map_or(defaults.retry_delay, seconds),
            retry_exponential_backoff: match &recorded["retry_exponential_backoff"] {
                Value::Bool(true) => 2.0,
                multiplier => multiplier.as_f64().unwrap_or(0.0),
            },
            max_retry_delay: recorded["max_retry_delay_s"].as_f64().map(seconds),
        },
        ..Task::named(recorded["task_id"].as_str().unwrap(), dag)
    })
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
            wait: Distribution::ZERO,
        }),
        Some("deferrable") => TaskKind::Deferrable(Deferral {
            wait: Distribution::ZERO,
            timeout: duration("trigger_timeout_s"),
            start_from_trigger: false,
        }),
        Some(other) => return Err(format!("task kind {other}")),
    })
}

fn segments(
    scenario: &Value,
    deployment: &Deployment,
) -> Result<Vec<(SegmentName, RecordedSegment)>, String> {
    let read = |row: &Value| {
        let dag = deployment
            .dag_named(row["dag_id"].as_str().unwrap())
            .unwrap();
        let (task, _) = deployment
            .tasks_of(dag)
            .find(|(_, task)| row["task_id"] == *task.task_id)
            .unwrap();
        let number = |key: &str| row[key].as_u64().unwrap() as u32;
        let name = SegmentName {
            task,
            logical_date: time(&row["logical_date"]),
            map_index: row["map_index"].as_i64().unwrap() as i32,
            try_number: number("try_number"),
            segment: number("segment"),
        };
        let ending = match row["outcome"].as_str() {
            Some("success") => Ending::Success,
            Some("failed") => Ending::Failed,
            Some("skipped") => Ending::Skipped,
            Some("reschedule") => Ending::InVain,
            Some("deferred") => Ending::Deferred,
            other => return Err(format!("outcome {other:?}")),
        };
        let seconds_of = |key: &str| row[key].as_f64().map_or(SimDuration::ZERO, seconds);
        let followed = deployment
            .tasks_of(dag)
            .find(|(_, task)| row["branch_follow"] == *task.task_id)
            .map(|(task, _)| task);
        let segment = RecordedSegment {
            duration: seconds_of("duration_s"),
            ending,
            followed,
            stopped: row["short_circuit"] == true,
            pushed_length: row["mapped_length"].as_u64().unwrap_or(0) as u32,
            trigger_delay: seconds_of("trigger_fires_after_s"),
        };
        Ok((name, segment))
    };
    scenario["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect()
}

pub(crate) fn time(recorded: &Value) -> SimTime {
    SimTime::parse(recorded.as_str().unwrap()).unwrap()
}

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds_f64(seconds)
}
