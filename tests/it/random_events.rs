//! Random sites into whose work operators break, whose workers die, and whose DAGs set each other off by assets.

use crate::random_sites::{EXECUTORS, POOLS, RandomSite, any_site};
use crate::sites::at;
use proptest::prelude::*;
use slotwise::deployment::{
    AssetCondition, Backfill, Dag, Deployment, OperatorAction, OperatorEvent, ReprocessBehavior,
    RequestedBy, RunRequest, Schedule, Task, TaskKind, TriggerRule, WorkerLoss,
};
use slotwise::ids::{AssetId, DagId, PoolId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::SimDuration;

const ASSETS: usize = 3;

/// An event in numbers: when, what, to which DAG or pool, and how.
type Draw = (f64, u8, usize, u32);

pub(crate) fn any_disturbed_site() -> impl Strategy<Value = RandomSite> {
    let draw = (0.0..3_500.0f64, 0u8..15, any::<usize>(), any::<u32>());
    let events = prop::collection::vec(draw, 0..12);
    (any_site(), events, any::<u32>()).prop_map(|(mut site, draws, choice)| {
        link_by_assets(&mut site, choice);
        let dags = site.dags.len();
        let event = |draw: &Draw| OperatorEvent {
            at: at(draw.0.round()),
            action: action(draw, dags),
        };
        site.events = draws.iter().map(event).collect();
        let backfills = site.airflow.rules.schedules_backfills;
        site.events
            .retain(|event| backfills || !matches!(event.action, OperatorAction::Backfill(_)));
        site.awaits = (choice & 64 == 0).then_some(choice as usize >> 7);
        site
    })
}

/// Besides, the files of DAGs are edited.
pub(crate) fn any_edited_site() -> impl Strategy<Value = RandomSite> {
    let edit = (0.0..2_500.0f64, any::<usize>(), any::<u32>());
    let edits = prop::collection::vec(edit, 1..5);
    (any_disturbed_site(), edits).prop_map(|(mut site, edits)| {
        site.awaits = None;
        site.edits = edits;
        site.edits.sort_by(|one, other| one.0.total_cmp(&other.0));
        site
    })
}

/// Gives tasks other demands, adds one, and removes one that nothing chooses or is mapped over.
pub(crate) fn edit_files(
    site: &mut Deployment,
    dags: &[(Dag, Vec<Task>)],
    edits: &[(f64, usize, u32)],
) {
    let mut files = dags.to_vec();
    for (number, &(when, which, how)) in edits.iter().enumerate() {
        let dag = which % files.len();
        let (file, tasks) = &mut files[dag];
        for (at, task) in tasks.iter_mut().enumerate() {
            match how.rotate_right(at as u32 * 3) & 7 {
                0 => task.pool = PoolId::new(1 + (task.pool.index() % POOLS)),
                1 => task.pool_slots = 1 + task.pool_slots % 3,
                2 => task.priority_weight += 3,
                3 => task.max_active_tis_per_dag = Some(1 + how % 2),
                4 => task.trigger_rule = TriggerRule::AllDone,
                _ => {}
            }
        }
        let chooses = |task: &Task| matches!(task.kind, TaskKind::Branch(_));
        if how & 1 << 29 == 0 && tasks.len() > 1 && !tasks.iter().any(chooses) {
            tasks.pop();
        }
        if how & 1 << 30 == 0 {
            tasks.push(Task {
                upstream: vec![TaskId::new(which % tasks.len())],
                duration: Distribution::constant(f64::from(how % 50)).unwrap(),
                pool: PoolId::new(1 + which % POOLS),
                ..Task::named(format!("added_{number}"), DagId::new(dag))
            });
        }
        if how & 1 << 31 == 0 {
            file.max_active_tasks = 1 + how % 5;
            file.max_active_runs = 1 + how % 3;
        }
        site.edit(at(when.round()), DagId::new(dag), file, tasks)
            .unwrap();
    }
}

/// Lets tasks write assets, and in most sites the last DAG listen to some of them.
fn link_by_assets(site: &mut RandomSite, mut choice: u32) {
    site.assets = (0..ASSETS).map(|asset| format!("asset_{asset}")).collect();
    for (dag, tasks) in &mut site.dags {
        dag.max_consecutive_failed_dag_runs = (choice & 7) % 4;
        for task in tasks {
            choice = choice.rotate_left(5);
            let written = (0..ASSETS).filter(|asset| choice >> asset & 3 == 2);
            task.outlets = written.map(AssetId::new).collect();
        }
    }
    let listened = [0, 1].map(AssetId::new).map(AssetCondition::Asset).into();
    let last = site.dags.last_mut().filter(|_| !choice.is_multiple_of(4));
    if let Some((dag, tasks)) = last {
        // Otherwise its own runs would set off further ones without end.
        for task in tasks {
            task.outlets.clear();
        }
        dag.schedule = Schedule::Assets(if choice & 8 == 0 {
            AssetCondition::Any(listened)
        } else {
            AssetCondition::All(listened)
        });
    }
}

fn action(&(_, kind, which, how): &Draw, dags: usize) -> OperatorAction {
    let (dag, pool) = (DagId::new(which % dags), PoolId::new(1 + which % POOLS));
    let slots = i64::from(how % 6) - 1;
    let date = |offset: u32| at(f64::from(offset % 60) * 60.0 - 900.0);
    match kind {
        0 | 1 => OperatorAction::PauseDag { dag },
        2..=4 => OperatorAction::UnpauseDag { dag },
        5 => OperatorAction::ParseDag { dag },
        6 => OperatorAction::ResizePool { pool, slots },
        7 => OperatorAction::DeletePool { pool },
        8 => OperatorAction::CreatePool { pool, slots },
        9 | 10 => OperatorAction::TriggerRuns(RunRequest {
            dag,
            runs: if kind == 9 { 1 } else { how % 4 },
            run_id: (kind == 9 && how & 64 == 0).then(|| format!("run_{how}")),
            logical_date: (kind == 9 && how & 128 == 0).then(|| date(how)),
            by: if how & 256 == 0 {
                RequestedBy::Cli
            } else {
                RequestedBy::Rest
            },
        }),
        12 | 13 => OperatorAction::LoseWorkers(WorkerLoss {
            executor: which % EXECUTORS,
            group: (how & 64 == 0).then_some(how as usize & 1),
            count: 1 + how % 3,
            back_after: SimDuration::from_seconds(i64::from(how % 200)),
        }),
        14 => OperatorAction::SlowDown {
            executor: which % EXECUTORS,
            factor: [0.5, 3.0, 20.0][how as usize % 3],
            lasts: SimDuration::from_seconds(i64::from(how % 900)),
        },
        _ => OperatorAction::Backfill(Backfill {
            dag,
            from: date(how % 20),
            to: date(how % 60),
            max_active_runs: 1 + how % 3,
            reverse: how & 64 == 0,
            reprocess: [
                ReprocessBehavior::None,
                ReprocessBehavior::Failed,
                ReprocessBehavior::Completed,
            ][how as usize % 3],
        }),
    }
}
