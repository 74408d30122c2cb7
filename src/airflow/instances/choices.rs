//! Branches and short circuits: what they skip when they end (docs/background/scheduler.md, 4.2).

use crate::airflow::executors::workers;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::world::World;
use crate::deployment::{Deployment, TaskKind};
use crate::ids::{InstanceId, RunId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;

/// Skips what the instance does not go on with; its own success is reported after that.
pub(crate) fn carry_out<R: Recorder>(
    world: &mut World<R>,
    deployment: &Deployment,
    outcomes: &mut impl Outcomes,
    id: InstanceId,
    now: SimTime,
) {
    let (run, task) = (world.instance(id).run, world.instance(id).task);
    let attempt = workers::attempt(world, id);
    let after = directly_after(world, deployment, run, task);
    match &deployment.tasks[task.index()].kind {
        TaskKind::Branch(_) => {
            let followed = outcomes.branch(&attempt);
            let kept: Vec<TaskId> = followed
                .and_then(|way| world.counterpart(run, way))
                .into_iter()
                .flat_map(|way| all_from(world, deployment, run, vec![way]))
                .collect();
            let others = after.into_iter().filter(|task| !kept.contains(task));
            skip(world, run, others, now);
        }
        TaskKind::ShortCircuit(circuit) if outcomes.stops(&attempt) => {
            let skipped = if circuit.ignore_downstream_trigger_rules {
                all_from(world, deployment, run, after)
            } else {
                after
            };
            skip(world, run, skipped.into_iter(), now);
        }
        _ => {}
    }
}

/// Skips the instances that have not begun.
fn skip<R: Recorder>(
    world: &mut World<R>,
    run: RunId,
    tasks: impl Iterator<Item = TaskId>,
    now: SimTime,
) {
    for task in tasks {
        for instance in world.instances_of(run, task) {
            world.skip(instance, now);
        }
    }
}

fn directly_after<R: Recorder>(
    world: &World<R>,
    deployment: &Deployment,
    run: RunId,
    task: TaskId,
) -> Vec<TaskId> {
    let tasks = world.tasks_of(run);
    tasks
        .filter(|below| deployment.tasks[below.index()].upstream.contains(&task))
        .collect()
}

/// These tasks and everything downstream of them, each once.
fn all_from<R: Recorder>(
    world: &World<R>,
    deployment: &Deployment,
    run: RunId,
    mut found: Vec<TaskId>,
) -> Vec<TaskId> {
    let mut at = 0;
    while at < found.len() {
        for below in directly_after(world, deployment, run, found[at]) {
            if !found.contains(&below) {
                found.push(below);
            }
        }
        at += 1;
    }
    found
}
