//! The second look at the start (docs/background/airflow2.md): a worker of Airflow 2 that begins with an instance tests its
//! pool once more, and sends the instance back if slots have gone since it was queued.
//!
//! It tests `max_active_tasks` and the limits of the task, too, but those never fail here: the critical section has
//! counted the instance against them already, and they do not change.

use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::ids::InstanceId;
use crate::time::SimTime;
use crate::trace::{Recorder, TaskInstanceRecord};

/// Whether the pool of a queued instance exists and is not overfull, its own slots counted as taken.
pub(crate) fn passes<R: Recorder>(world: &World<R>, id: InstanceId) -> bool {
    let pool = world.plan.tasks[world.instance(id).task.index()].pool;
    world.pools.exists(pool) && world.pools.open(pool) >= 0
}

/// The instance has no state again, so the next examination promotes it anew: its try is used up, and it has not one more
/// for that.
#[cold]
pub(crate) fn send_back<R: Recorder>(world: &mut World<R>, id: InstanceId, now: SimTime) {
    let row = TaskInstanceRecord {
        state: TaskInstanceState::None,
        started_at: Some(now),
        ..world.instance_record(id, TaskInstanceState::Queued, Some(now))
    };
    world.recorder.task_instance(&row);
    world.set_state(id, TaskInstanceState::None, now);
    let run = world.instance(id).run;
    world.run_mut(run).due.push(id);
    world.mark_changed(run);
}
