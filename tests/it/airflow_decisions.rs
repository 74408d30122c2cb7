//! Recorded decisions of the real critical section, and recorded priority weights, replayed through the code that
//! the simulation runs.

use crate::recorded_site::Names;
use crate::recordings::{self, conclude};
use serde_json::Value;
use slotwise::airflow::{Decision, Snapshot, SnapshotInstance, SnapshotRun, decide};
use slotwise::deployment::{
    AirflowSettings, Dag, DagRunState, Deployment, Executor, ExecutorKind, Pool, Rules, Task,
    TaskInstanceState, WeightRule, effective_weights, own_weight,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::SimTime;
use slotwise::trace::RunType;

#[test]
fn airflow_decisions_match_the_recordings() {
    for recordings in recordings::all() {
        let cases = recordings.cases("decisions/decisions.jsonl");
        let difference = |case| decision_difference(case, recordings.rules);
        let differences: Vec<String> = cases.iter().filter_map(difference).collect();
        conclude(&recordings.called("decisions"), cases.len(), &differences);
    }
}

#[test]
fn airflow_weights_match_the_recordings() {
    for recordings in recordings::all() {
        let cases = recordings.cases("decisions/weights.jsonl");
        let difference = |case| weight_difference(case, &recordings.rules);
        let differences: Vec<String> = cases.iter().filter_map(difference).collect();
        conclude(&recordings.called("weights"), cases.len(), &differences);
    }
}

fn decision_difference(case: &Value, rules: Rules) -> Option<String> {
    let (snapshot, origins) = snapshot(case, rules);
    let decision = decide(&snapshot);
    let id = &case["id"];
    let limit = match &case["expected"]["query_limit"] {
        Value::String(unlimited) if unlimited == "unlimited" => Some(i64::MAX),
        limit => limit.as_i64(),
    };
    if decision.query_limit != limit {
        return Some(format!(
            "{id}: query limit: expected {limit:?}, got {:?}",
            decision.query_limit
        ));
    }
    let rows = case["task_instances"].as_array().unwrap();
    let name = |row: &Value| {
        format!(
            "{}/{}/{}/{}",
            row["dag_id"], row["run_id"], row["task_id"], row["map_index"]
        )
    };
    let queued: Vec<String> = decision
        .queued
        .iter()
        .map(|&(run, at)| name(&rows[origins[run][at]]))
        .collect();
    let expected: Vec<String> = case["expected"]["queued"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| format!("{}/{}/{}/{}", q[0], q[1], q[2], q[3]))
        .collect();
    if queued != expected {
        return Some(format!(
            "{id}: queued: expected {expected:?}, got {queued:?}"
        ));
    }
    pool_difference(case, &decision)
}

fn pool_difference(case: &Value, decision: &Decision) -> Option<String> {
    let expected = case["expected"]["pools_after"].as_object().unwrap();
    for (name, stats) in expected {
        let Some(got) = decision.pools.iter().find(|pool| pool.name == *name) else {
            return Some(format!("{}: pool {name} is missing", case["id"]));
        };
        let number = |key: &str| stats[key].as_i64();
        let pairs = [
            ("running", number("running"), Some(got.running)),
            ("queued", number("queued"), Some(got.queued)),
            ("scheduled", number("scheduled"), Some(got.scheduled)),
            ("deferred", number("deferred"), Some(got.deferred)),
            ("open", number("open"), got.open),
        ];
        if let Some((what, expected, got)) =
            pairs.into_iter().find(|(_, expected, got)| expected != got)
        {
            return Some(format!(
                "{}: pool {name}, {what}: expected {expected:?}, got {got:?}",
                case["id"]
            ));
        }
    }
    (decision.pools.len() != expected.len())
        .then(|| format!("{}: pools that should not be there", case["id"]))
}

/// The case as a snapshot, and for each of its instances the row of the case.
fn snapshot(case: &Value, rules: Rules) -> (Snapshot, Vec<Vec<usize>>) {
    let mut deployment = Deployment {
        pools: pools(case),
        ..Deployment::default()
    };
    let config = &case["config"];
    let number = |value: &Value| value.as_u64().unwrap() as u32;
    deployment.airflow = AirflowSettings {
        rules,
        parallelism: number(&config["parallelism"]),
        max_tis_per_query: number(&config["max_tis_per_query"]),
        ..AirflowSettings::default()
    };
    let executors = config["executors"].as_array().unwrap();
    deployment.executors = executors
        .iter()
        .map(|executor| Executor {
            name: executor["name"].as_str().unwrap().into(),
            parallelism: number(&executor["parallelism"]),
            start_delay: Distribution::ZERO,
            kind: ExecutorKind::Tracked,
        })
        .collect();
    add_dags(case, &mut deployment);
    let (runs, origins) = runs(case, &deployment);
    let is_true = |value: &Value| value.as_bool() == Some(true);
    let dags = case["dags"].as_array().unwrap();
    let snapshot = Snapshot {
        paused: (0..dags.len())
            .filter(|&at| is_true(&dags[at]["is_paused"]))
            .map(DagId::new)
            .collect(),
        deleted: deleted(case, &deployment),
        occupied: executors
            .iter()
            .map(|executor| number(&executor["occupied"]))
            .collect(),
        deployment,
        runs,
    };
    (snapshot, origins)
}

/// The pools of the case, `default_pool`, and those that only task instances name.
fn pools(case: &Value) -> Vec<Pool> {
    let mut pools: Vec<Pool> = case["pools"]
        .as_array()
        .unwrap()
        .iter()
        .map(Names::pool)
        .collect();
    if pools.iter().all(|pool| pool.name != "default_pool") {
        pools.push(Pool::default_pool());
    }
    for row in case["task_instances"].as_array().unwrap() {
        let name = row["pool"].as_str().unwrap();
        if pools.iter().all(|pool| pool.name != name) {
            pools.push(Pool {
                name: name.into(),
                slots: 1,
                description: None,
                include_deferred: false,
            });
        }
    }
    pools
}

fn deleted(case: &Value, deployment: &Deployment) -> Vec<PoolId> {
    let named = |list: &Value, name: &str| {
        list.as_array().is_some_and(|list| {
            list.iter()
                .any(|item| item["name"] == name || *item == name)
        })
    };
    let gone = |pool: &Pool| {
        named(&case["deleted_pools"], &pool.name)
            || !(named(&case["pools"], &pool.name) || pool.name == "default_pool")
    };
    (0..deployment.pools.len())
        .filter(|&at| gone(&deployment.pools[at]))
        .map(PoolId::new)
        .collect()
}

/// The DAGs, with a task for each different kind of row: rows of one task may differ in pool, slots and weight.
fn add_dags(case: &Value, deployment: &mut Deployment) {
    for (at, dag) in case["dags"].as_array().unwrap().iter().enumerate() {
        let dag_id = dag["dag_id"].as_str().unwrap();
        let first = deployment.tasks.len();
        for row in case["task_instances"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["dag_id"] == dag_id)
        {
            let task = task_of(case, dag, row, DagId::new(at), deployment);
            if !deployment.tasks[first..]
                .iter()
                .any(|known| same_kind(known, &task))
            {
                deployment.tasks.push(task);
            }
        }
        let mut described = Dag::named(dag_id);
        described.max_active_tasks = dag["max_active_tasks"].as_u64().unwrap() as u32;
        described.first_task = TaskId::new(first);
        described.task_count = deployment.tasks.len() - first;
        deployment.dags.push(described);
    }
}

fn task_of(
    case: &Value,
    dag: &Value,
    row: &Value,
    id: DagId,
    deployment: &Deployment,
) -> slotwise::deployment::Task {
    let mut task = Task::named(row["task_id"].as_str().unwrap(), id);
    task.pool = deployment
        .pool_named(row["pool"].as_str().unwrap())
        .unwrap();
    task.pool_slots = row["pool_slots"].as_u64().unwrap() as u32;
    task.priority_weight = row["priority_weight"].as_i64().unwrap();
    task.weight_rule = WeightRule::Absolute;
    let executors = case["config"]["executors"].as_array().unwrap();
    task.executor = row["executor"].as_str().map_or(0, |name| {
        executors
            .iter()
            .position(|e| e["name"] == name)
            .unwrap_or(usize::MAX)
    });
    let limits = &dag["task_limits"][&task.task_id];
    let limit = |key: &str| limits[key].as_u64().map(|limit| limit as u32);
    task.max_active_tis_per_dag = limit("max_active_tis_per_dag");
    task.max_active_tis_per_dagrun = limit("max_active_tis_per_dagrun");
    task
}

fn same_kind(a: &slotwise::deployment::Task, b: &slotwise::deployment::Task) -> bool {
    let kind = |task: &slotwise::deployment::Task| {
        (
            task.task_id.clone(),
            task.pool,
            task.pool_slots,
            task.priority_weight,
            task.executor,
        )
    };
    kind(a) == kind(b)
}

fn runs(case: &Value, deployment: &Deployment) -> (Vec<SnapshotRun>, Vec<Vec<usize>>) {
    let mut recorded: Vec<&Value> = case["dag_runs"].as_array().unwrap().iter().collect();
    recorded.sort_by_key(|run| run["run_id"].as_str().unwrap());
    let rows = case["task_instances"].as_array().unwrap();
    let place = |run: &Value| {
        let dag = deployment
            .dag_named(run["dag_id"].as_str().unwrap())
            .unwrap();
        let own = (0..rows.len()).filter(|&at| {
            rows[at]["run_id"] == run["run_id"] && rows[at]["dag_id"] == run["dag_id"]
        });
        let origins: Vec<usize> = own.collect();
        let instances = origins
            .iter()
            .map(|&at| instance(case, at, dag, deployment))
            .collect();
        let state = match run["state"].as_str().unwrap() {
            "queued" => DagRunState::Queued,
            "running" => DagRunState::Running,
            "success" => DagRunState::Success,
            _ => DagRunState::Failed,
        };
        let logical_date = run["logical_date"]
            .as_str()
            .map(|date| SimTime::parse(date).unwrap());
        (
            SnapshotRun {
                dag,
                state,
                run_type: match run["run_type"].as_str() {
                    None | Some("scheduled") => RunType::Scheduled,
                    Some("backfill") => RunType::Backfill,
                    Some("manual") => RunType::Manual,
                    Some("dataset_triggered") => RunType::DatasetTriggered,
                    Some(other) => panic!("unknown run type {other}"),
                },
                logical_date,
                instances,
            },
            origins,
        )
    };
    recorded.into_iter().map(place).unzip()
}

fn instance(case: &Value, at: usize, dag: DagId, deployment: &Deployment) -> SnapshotInstance {
    let row = &case["task_instances"][at];
    let recorded = &case["dags"][dag.index()];
    let wanted = task_of(case, recorded, row, dag, deployment);
    let (task, _) = deployment
        .tasks_of(dag)
        .find(|(_, task)| same_kind(task, &wanted))
        .unwrap();
    SnapshotInstance {
        task,
        map_index: row["map_index"].as_i64().unwrap() as i32,
        row: at as u32,
        state: state(&row["state"]),
    }
}

fn state(name: &Value) -> TaskInstanceState {
    use TaskInstanceState as S;
    match name.as_str() {
        None => S::None,
        Some("scheduled") => S::Scheduled,
        Some("queued") => S::Queued,
        Some("running") => S::Running,
        Some("success") => S::Success,
        Some("failed") => S::Failed,
        Some("up_for_retry") => S::UpForRetry,
        Some("up_for_reschedule") => S::UpForReschedule,
        Some("deferred") => S::Deferred,
        Some("skipped") => S::Skipped,
        Some("upstream_failed") => S::UpstreamFailed,
        Some(other) => panic!("unknown state {other}"),
    }
}

fn weight_difference(case: &Value, rules: &Rules) -> Option<String> {
    let recorded = case["tasks"].as_array().unwrap();
    let position = |name: &Value| {
        recorded
            .iter()
            .position(|task| task["task_id"] == *name)
            .unwrap()
    };
    let tasks: Vec<_> = recorded
        .iter()
        .map(|row| {
            let mut task = Task::named(row["task_id"].as_str().unwrap(), DagId::new(0));
            task.priority_weight = own_weight(row["priority_weight"].as_i64().unwrap(), rules);
            task.upstream = row["upstream"]
                .as_array()
                .unwrap()
                .iter()
                .map(|up| TaskId::new(position(up)))
                .collect();
            task.weight_rule = Names::weight_rule(&row["weight_rule"]);
            task
        })
        .collect();
    let weights = effective_weights(&tasks, 0);
    let expected = &case["expected"]["effective_weight"];
    recorded.iter().zip(weights).find_map(|(task, got)| {
        let expected = expected[task["task_id"].as_str().unwrap()]
            .as_i64()
            .unwrap();
        (got != expected).then(|| {
            format!(
                "{}: {}: expected {expected}, got {got}",
                case["id"], task["task_id"]
            )
        })
    })
}
