//! Recorded sites as deployments: the names and defaults of the recordings.

use serde_json::Value;
use slotwise::deployment::{Dag, Pool, RetryPolicy, Schedule, Task, TaskKind, WeightRule};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::SimTime;

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

/// A DAG with Airflow's defaults and no tasks.
pub(crate) fn blank_dag(dag_id: &str) -> Dag {
    Dag {
        dag_id: dag_id.into(),
        first_task: TaskId::default(),
        task_count: 0,
        schedule: Schedule::Manual,
        start_date: SimTime::default(),
        end_date: None,
        catchup: false,
        max_active_runs: 16,
        max_active_tasks: 16,
        deadline: None,
        run_size: None,
    }
}

/// A task with Airflow's defaults.
pub(crate) fn blank_task(task_id: &str, dag: DagId) -> Task {
    Task {
        task_id: task_id.into(),
        dag,
        kind: TaskKind::Work,
        upstream: Vec::new(),
        pool: PoolId::default(),
        pool_slots: 1,
        priority_weight: 1,
        weight_rule: WeightRule::Downstream,
        executor: 0,
        map_length: None,
        max_active_tis_per_dag: None,
        max_active_tis_per_dagrun: None,
        retry: RetryPolicy::default(),
        duration: Distribution::constant(0.0).unwrap(),
        failure_rate: 0.0,
    }
}
