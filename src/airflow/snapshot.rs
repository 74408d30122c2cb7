//! One decision of the scheduler, from a site as it stands: what would the next critical section queue?
//!
//! It is the code that the simulation runs, so recorded decisions of the real scheduler judge both.

use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::pools::{PoolStatus, Pools};
use crate::airflow::runs::dag_run::RunIdentity;
use crate::airflow::scheduler::critical_section::CriticalSection;
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::scheduler::ready::Place;
use crate::airflow::world::World;
use crate::deployment::{DagRunState, Deployment, TaskInstanceState};
use crate::ids::{DagId, InstanceId, PoolId, TaskId};
use crate::time::SimTime;
use crate::trace::{NoRecorder, RunIdForm, RunType};

/// A site at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Pools, DAGs, tasks, executors and settings. A task may stand there several times under one name, for rows that
    /// differ in pool, slots or weight; limits count by name.
    pub deployment: Deployment,
    /// DAGs that are paused.
    pub paused: Vec<DagId>,
    /// Pools that were deleted.
    pub deleted: Vec<PoolId>,
    /// Slots in use, by executor.
    pub occupied: Vec<u32>,
    /// The runs, in the order of their run ids as text: equal sort keys come out in it, where names break ties.
    pub runs: Vec<SnapshotRun>,
}

/// A run of a snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotRun {
    /// Its DAG.
    pub dag: DagId,
    /// Its state; only instances of running runs are queued.
    pub state: DagRunState,
    /// Why it exists: where the scheduler does not take care of backfills, it queues nothing of theirs.
    pub run_type: RunType,
    /// Its logical date, if it has one.
    pub logical_date: Option<SimTime>,
    /// Its instances.
    pub instances: Vec<SnapshotInstance>,
}

/// An instance of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotInstance {
    /// Its task.
    pub task: TaskId,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Its place among all rows of the snapshot, in the order in which they were created.
    pub row: u32,
    /// Its state.
    pub state: TaskInstanceState,
}

/// What the critical section does with a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Tasks that one query may return, before it is cut to the open slots; none if there is no query.
    pub query_limit: Option<i64>,
    /// The instances queued, in the order chosen: the run and the instance by position in the snapshot.
    pub queued: Vec<(usize, usize)>,
    /// The pools afterwards.
    pub pools: Vec<PoolStatus>,
}

/// Runs one critical section on a snapshot.
pub fn decide(snapshot: &Snapshot) -> Decision {
    let deployment = &snapshot.deployment;
    let mut world = World::new(deployment, QueueOrder::LogicalDate, NoRecorder);
    for &dag in &snapshot.paused {
        world.paused[dag.index()] = true;
    }
    for &pool in &snapshot.deleted {
        // A name that is not there any more is as deleted as can be.
        let _ = world
            .pools
            .delete_pool(&deployment.pools[pool.index()].name);
    }
    let positions = place_runs(&mut world, &snapshot.runs);
    let mut executors: Vec<_> = deployment
        .executors
        .iter()
        .zip(&snapshot.occupied)
        .map(|(executor, &occupied)| {
            ExecutorSlots::new(executor, occupied, &deployment.airflow.rules)
        })
        .collect();
    let query_limit = CriticalSection::query_limit(&deployment.airflow, &executors);
    let mut section = CriticalSection::default();
    let queued = section.run(
        &mut world,
        &mut executors,
        &deployment.airflow,
        SimTime::default(),
    );
    let queued = queued.iter().map(|id| positions[id.index()]).collect();
    Decision {
        query_limit,
        queued,
        pools: world.pools.list_pools(),
    }
}

/// Places all rows; gives for each instance its position in the snapshot.
fn place_runs(world: &mut World<NoRecorder>, runs: &[SnapshotRun]) -> Vec<(usize, usize)> {
    let mut positions = Vec::new();
    for (run_position, run) in runs.iter().enumerate() {
        let date = run.logical_date.unwrap_or_default();
        let identity = RunIdentity {
            run_type: run.run_type,
            logical_date: run.logical_date,
            data_interval: None,
            run_after: date,
            form: RunIdForm::Dated,
        };
        let id = world.rows.create_with_rows(
            &world.plan,
            run.dag,
            identity,
            run.instances
                .iter()
                .map(|instance| (instance.task, instance.map_index, instance.row)),
        );
        world.run_mut(id).state = run.state;
        for (position, instance) in run.instances.iter().enumerate() {
            positions.push((run_position, position));
            place_instance(world, InstanceId::new(positions.len() - 1), instance.state);
        }
    }
    positions
}

/// Puts an instance into a state without regard to how it got there.
fn place_instance(world: &mut World<NoRecorder>, id: InstanceId, state: TaskInstanceState) {
    let instance = *world.instance(id);
    let run = world.run(instance.run);
    let place = Place {
        date: run
            .identity
            .logical_date
            .map_or(Place::NO_DATE, SimTime::as_micros),
        map_index: instance.map_index,
        run: if world.rules.breaks_ties_by_name {
            run.sequence
        } else {
            0
        },
    };
    world.count(id, TaskInstanceState::None, state, SimTime::default());
    world.instance_mut(id).state = state;
    if state == TaskInstanceState::Scheduled {
        world.ready.insert(&mut world.rows.instances, id, place);
    }
}
