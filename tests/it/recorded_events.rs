//! What happens to recorded sites from outside: pool changes, what operators do, and assets.

use crate::recorded_site::{read_dag, time};
use serde_json::Value;
use slotwise::deployment::{
    AssetCondition, Backfill, Deployment, OperatorAction, OperatorEvent, Pool, ReprocessBehavior,
    RequestedBy, RunRequest, Schedule,
};
use slotwise::ids::{AssetId, PoolId};
use slotwise::time::SimTime;

pub(crate) fn read_actions(scenario: &Value, deployment: &mut Deployment) -> Result<(), String> {
    for recorded in scenario["actions"].as_array().into_iter().flatten() {
        let dag = deployment
            .dag_named(recorded["dag_id"].as_str().unwrap())
            .unwrap();
        if recorded["do"] == "parse" && !recorded["dag"].is_null() {
            let (file, tasks) = read_dag(&recorded["dag"], 0, dag, deployment)?;
            if changes_assets(&file.schedule, &deployment.dags[dag.index()].schedule) {
                return Err("an edit of the assets that a DAG waits for".into());
            }
            deployment
                .edit(time(&recorded["at"]), dag, &file, &tasks)
                .map_err(|error| error.to_string())?;
            continue;
        }
        let action = match recorded["do"].as_str().unwrap() {
            "pause" => OperatorAction::PauseDag { dag },
            "unpause" => OperatorAction::UnpauseDag { dag },
            "parse" => OperatorAction::ParseDag { dag },
            "trigger" => OperatorAction::TriggerRuns(RunRequest {
                dag,
                runs: 1,
                run_id: recorded["run_id"].as_str().map(str::to_owned),
                logical_date: optional_time(&recorded["logical_date"]),
                by: match recorded["via"].as_str() {
                    None => RequestedBy::Cli,
                    Some("rest") => RequestedBy::Rest,
                    Some(other) => return Err(format!("a request by {other}")),
                },
            }),
            "backfill" => OperatorAction::Backfill(Backfill {
                dag,
                from: time(&recorded["from"]),
                to: time(&recorded["to"]),
                max_active_runs: recorded["max_active_runs"].as_u64().unwrap_or(10) as u32,
                reverse: recorded["reverse"].as_bool().unwrap_or(false),
                reprocess: match recorded["reprocess"].as_str() {
                    None | Some("none") => ReprocessBehavior::None,
                    Some("failed") => ReprocessBehavior::Failed,
                    Some("completed") => ReprocessBehavior::Completed,
                    Some(other) => return Err(format!("reprocess {other}")),
                },
            }),
            other => return Err(format!("action {other}")),
        };
        deployment.events.push(OperatorEvent {
            at: time(&recorded["at"]),
            action,
        });
    }
    Ok(())
}

fn changes_assets(one: &Schedule, other: &Schedule) -> bool {
    match (one, other) {
        (Schedule::Assets(one), Schedule::Assets(other)) => one != other,
        (one, other) => [one, other]
            .iter()
            .any(|schedule| matches!(schedule, Schedule::Assets(_))),
    }
}

/// A change sets the slots of a pool, and creates it if need be; or it deletes the pool.
pub(crate) fn read_pool_changes(scenario: &Value, deployment: &mut Deployment) {
    let changes = scenario["pool_changes"].as_array().into_iter().flatten();
    let mut deleted = Vec::new();
    for change in changes {
        let name = change["pool"].as_str().unwrap();
        let declared = deployment.pool_named(name);
        let pool = declared.unwrap_or_else(|| {
            deployment.pools.push(Pool {
                name: name.into(),
                ..Pool::default_pool()
            });
            PoolId::new(deployment.pools.len() - 1)
        });
        let exists = declared.is_some() && !deleted.contains(&pool);
        deleted.retain(|&other| other != pool);
        let action = match change["slots"].as_i64() {
            Some(slots) if exists => OperatorAction::ResizePool { pool, slots },
            Some(slots) => OperatorAction::CreatePool { pool, slots },
            None => {
                deleted.push(pool);
                OperatorAction::DeletePool { pool }
            }
        };
        deployment.events.push(OperatorEvent {
            at: time(&change["at"]),
            action,
        });
    }
}

/// When pools change.
pub(crate) fn pool_changes(deployment: &Deployment) -> impl Iterator<Item = SimTime> {
    let events = deployment.events.iter();
    events
        .filter(|event| event.action.pool().is_some())
        .map(|event| event.at)
}

/// The name of an asset, or `any` or `all` of a list of conditions.
pub(crate) fn condition(recorded: &Value, deployment: &mut Deployment) -> AssetCondition {
    let mut list = |key: &str| -> Option<Vec<AssetCondition>> {
        let conditions = recorded[key].as_array()?;
        Some(
            conditions
                .iter()
                .map(|one| condition(one, deployment))
                .collect(),
        )
    };
    if let Some(any) = list("any") {
        AssetCondition::Any(any)
    } else if let Some(all) = list("all") {
        AssetCondition::All(all)
    } else {
        AssetCondition::Asset(asset(recorded, deployment))
    }
}

/// A list of assets by name, or nothing.
pub(crate) fn assets(recorded: &Value, deployment: &mut Deployment) -> Vec<AssetId> {
    let names = recorded.as_array().into_iter().flatten();
    names.map(|name| asset(name, deployment)).collect()
}

fn asset(name: &Value, deployment: &mut Deployment) -> AssetId {
    let name = name.as_str().unwrap();
    let known = deployment.assets.iter().position(|asset| asset == name);
    AssetId::new(known.unwrap_or_else(|| {
        deployment.assets.push(name.into());
        deployment.assets.len() - 1
    }))
}

fn optional_time(recorded: &Value) -> Option<SimTime> {
    recorded.is_string().then(|| time(recorded))
}
