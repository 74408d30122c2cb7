//! Recorded sites as deployments: the names and defaults of the recordings.

use crate::recorded_events;
use crate::recorded_task::read_task;
use serde_json::Value;
use slotwise::airflow::{Ending, Recorded, RecordedSegment, SegmentName, StartDelays};
use slotwise::deployment::{
    AirflowSettings, Dag, Deployment, Executor, ExecutorKind, LoopPace, Pool, Rules, Schedule,
    SchedulerMode, Task, Timers, Timetable, WeightRule, WorkerGroup,
};
use slotwise::ids::{DagId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::FullTrace;
use std::collections::BTreeSet;
use std::slice;

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
    pub(crate) fn read(scenario: &Value, rules: Rules) -> Result<Self, String> {
        let mut deployment = Deployment {
            pools: scenario["pools"]
                .as_array()
                .unwrap()
                .iter()
                .map(Names::pool)
                .collect(),
            scheduler: SchedulerMode::Airflow(pace(scenario)),
            airflow: settings(&scenario["config"], rules)?,
            ..Deployment::default()
        };
        if deployment.pool_named("default_pool").is_none() {
            deployment.pools.push(Pool::default_pool());
        }
        recorded_events::read_pool_changes(scenario, &mut deployment);
        deployment.airflow.schedulers = scenario["schedulers"].as_u64().unwrap_or(1) as u32;
        let several = scenario["executors"].as_array();
        for recorded in several.map_or(slice::from_ref(&scenario["executor"]), Vec::as_slice) {
            deployment
                .executors
                .push(executor(recorded, &scenario["config"])?);
        }
        refuse_others(scenario, SCENARIO_FIELDS, "")?;
        for dag in scenario["dags"].as_array().unwrap() {
            add_dag(dag, &mut deployment)?;
        }
        recorded_events::read_actions(scenario, &mut deployment)?;
        Ok(Self {
            outcomes: Recorded::new(
                &deployment,
                segments(scenario, &deployment)?,
                start_delays(scenario, &deployment),
            ),
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
        // Runs of paused DAGs are ended by a timer, after the loop.
        let is_loop = |moment| loop_at_or_after(moment) == Some(moment);
        let noticed = trace.task_instances.iter().filter(|row| !row.refused);
        let instances = noticed.flat_map(|row| {
            // Triggers, workers and timers act between loops, too.
            [
                row.scheduled_at.and_then(loop_at_or_after),
                row.queued_at,
                row.ended_at.and_then(loop_at_or_after),
            ]
        });
        let runs = trace
            .dag_runs
            .iter()
            .flat_map(|run| [run.started_at, run.ended_at])
            .filter(|moment| moment.is_some_and(is_loop));
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
    "executors",
    "schedulers",
    "start_delays",
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

pub(crate) fn refuse_others(object: &Value, known: &[&str], inside: &str) -> Result<(), String> {
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
            per_task: SimDuration::ZERO,
            idle: seconds(idle),
            timers: Timers::Exact,
        },
    }
}

fn executor(recorded: &Value, config: &Value) -> Result<Executor, String> {
    let parallelism = recorded["parallelism"].as_u64().unwrap() as u32;
    let worker_slots = recorded["worker_slots"].as_u64();
    Ok(Executor {
        name: recorded["name"].as_str().unwrap_or("default").into(),
        parallelism,
        start_delay: Distribution::ZERO,
        kind: match (recorded["model"].as_str(), worker_slots) {
            (Some("tracked" | "celery"), None) => ExecutorKind::Tracked,
            (Some("tracked" | "celery"), Some(slots)) => ExecutorKind::Celery(vec![WorkerGroup {
                workers: 1,
                worker_concurrency: slots as u32,
                worker_prefetch_multiplier: 1,
                queues: vec![0],
                autoscale: None,
            }]),
            (Some("local"), slots) if slots.is_none_or(|slots| slots == u64::from(parallelism)) => {
                ExecutorKind::Local
            }
            (Some("kubernetes"), None) => ExecutorKind::Kubernetes {
                pods_per_loop: config["kubernetes_executor.worker_pods_creation_batch_size"]
                    .as_u64()
                    .unwrap_or(1) as u32,
            },
            (model, slots) => return Err(format!("the executor model {model:?} with {slots:?}")),
        },
    })
}

/// One start delay for each executor, or those of single instances in the order in which they were queued.
fn start_delays(scenario: &Value, deployment: &Deployment) -> StartDelays {
    let listed = scenario["start_delays"].as_array();
    let Some(listed) = listed.filter(|list| !list.is_empty()) else {
        let several = scenario["executors"].as_array();
        let executors = several.map_or(slice::from_ref(&scenario["executor"]), Vec::as_slice);
        let delays: Vec<_> = executors
            .iter()
            .map(|executor| seconds(executor["start_delay_s"].as_f64().unwrap()))
            .collect();
        let by_task = deployment.tasks.iter().map(|task| delays[task.executor]);
        return StartDelays::ByTask(by_task.collect());
    };
    let read = |row: &Value| {
        let dag = deployment
            .dag_named(row["dag_id"].as_str().unwrap())
            .unwrap();
        let task = deployment.task_named(dag, row["task_id"].as_str().unwrap());
        let task = task.unwrap();
        let name = SegmentName {
            task,
            logical_date: time(&row["logical_date"]),
            map_index: row["map_index"].as_i64().unwrap() as i32,
            try_number: row["try_number"].as_u64().unwrap() as u32,
            segment: 0,
        };
        (name, seconds(row["delay_s"].as_f64().unwrap()))
    };
    StartDelays::in_order(listed.iter().map(read).collect())
}

fn settings(config: &Value, rules: Rules) -> Result<AirflowSettings, String> {
    let mut settings = AirflowSettings {
        rules,
        ..AirflowSettings::default()
    };
    for (key, value) in config.as_object().unwrap() {
        if key == "scheduler.schedule_after_task_execution" {
            settings.schedule_after_task_execution = *value == Value::Bool(true);
            continue;
        }
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
            "scheduler.task_queued_timeout" => {
                settings.task_queued_timeout = SimDuration::from_seconds(i64::from(number));
            }
            "scheduler.task_queued_timeout_check_interval" => {
                settings.task_queued_timeout_check_interval =
                    SimDuration::from_seconds(i64::from(number));
            }
            // Read with the executor and with the pace.
            "kubernetes_executor.worker_pods_creation_batch_size"
            | "scheduler.scheduler_idle_sleep_time" => {}
            other => return Err(other.to_owned()),
        }
    }
    Ok(settings)
}

fn add_dag(recorded: &Value, deployment: &mut Deployment) -> Result<(), String> {
    let id = DagId::new(deployment.dags.len());
    let first = deployment.tasks.len();
    let (dag, tasks) = read_dag(recorded, first, id, deployment)?;
    deployment.tasks.extend(tasks);
    deployment.dags.push(dag);
    Ok(())
}

/// A DAG whose tasks stand from `first` on.
pub(crate) fn read_dag(
    recorded: &Value,
    first: usize,
    id: DagId,
    deployment: &mut Deployment,
) -> Result<(Dag, Vec<Task>), String> {
    refuse_others(recorded, DAG_FIELDS, "dag ")?;
    let tasks = recorded["tasks"].as_array().unwrap();
    let tasks: Vec<_> = tasks
        .iter()
        .map(|task| read_task(task, recorded, first, id, deployment))
        .collect::<Result<_, _>>()?;
    let number = |key: &str| recorded[key].as_u64().unwrap_or(16) as u32;
    let dag = Dag {
        first_task: TaskId::new(first),
        task_count: tasks.len(),
        schedule: schedule(&recorded["schedule"], deployment)?,
        start_date: time(&recorded["start_date"]),
        catchup: recorded["catchup"].as_bool().unwrap_or(false),
        max_active_runs: number("max_active_runs"),
        max_active_tasks: number("max_active_tasks"),
        max_consecutive_failed_dag_runs: recorded["max_consecutive_failed_dag_runs"]
            .as_u64()
            .unwrap_or(0) as u32,
        dagrun_timeout: recorded["dagrun_timeout_s"].as_f64().map(seconds),
        ..Dag::named(recorded["dag_id"].as_str().unwrap())
    };
    Ok((dag, tasks))
}

fn schedule(recorded: &Value, deployment: &mut Deployment) -> Result<Schedule, String> {
    if recorded.is_null() {
        return Ok(Schedule::Manual);
    }
    let cron = || recorded["cron"].as_str().unwrap();
    let zone = recorded["timezone"].as_str().unwrap_or("UTC");
    let delta = || seconds(recorded["seconds"].as_f64().unwrap());
    let rules = deployment.airflow.rules;
    if recorded.is_string() {
        return Ok(Schedule::Timetable(match recorded.as_str() {
            Some("@once") => Timetable::once(),
            Some("@continuous") => Timetable::continuous(),
            Some(preset) if rules.create_cron_data_intervals => {
                Timetable::cron_interval(preset, "UTC").unwrap()
            }
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
        Some("cron_trigger") => Timetable::cron_trigger(cron(), zone).unwrap(),
        Some("cron_interval") => Timetable::cron_interval(cron(), zone).unwrap(),
        Some("delta") if rules.period_is_data_interval => {
            Timetable::delta_interval(delta()).unwrap()
        }
        Some("delta_trigger" | "delta") => Timetable::delta_trigger(delta()).unwrap(),
        Some("delta_interval") => Timetable::delta_interval(delta()).unwrap(),
        _ => return Err(format!("schedule {recorded}")),
    }))
}

fn segments(
    scenario: &Value,
    deployment: &Deployment,
) -> Result<Vec<(SegmentName, RecordedSegment)>, String> {
    let read = |row: &Value| {
        let dag = deployment
            .dag_named(row["dag_id"].as_str().unwrap())
            .unwrap();
        let task = deployment.task_named(dag, row["task_id"].as_str().unwrap());
        let task = task.unwrap();
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
        let followed = row["branch_follow"].as_str();
        let followed = followed.and_then(|way| deployment.task_named(dag, way));
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

pub(crate) fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds_f64(seconds)
}
