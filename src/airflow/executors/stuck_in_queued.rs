//! Instances stuck in queued: what waits in an executor for too long is taken back (docs/background/scheduler.md, 7.3).

use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::executors::workload::Workload;
use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

/// How often one try is put back to scheduled since it last ran, before it fails: Airflow's
/// `[scheduler] num_stuck_in_queued_retries`.
const REQUEUES: u8 = 2;

/// What a scheduler has sent, and what has waited for more than `timeout`, goes back to scheduled with the same try; or
/// fails for good, whatever its retries, if it has gone back often enough.
pub(crate) fn requeue<R: Recorder>(
    world: &mut World<R>,
    executors: &mut [ExecutorSlots],
    revoked: &mut Vec<Workload>,
    scheduler: usize,
    timeout: SimDuration,
    now: SimTime,
) {
    let limit = now - timeout;
    world.workers.revoke(&world.rows, scheduler, limit, revoked);
    for Workload { instance, book, .. } in revoked.drain(..) {
        executors[book as usize].revoke();
        if world.present_try(instance).requeues < REQUEUES {
            world.try_mut(instance).requeues += 1;
            world.write_requeue(instance, now);
            world.schedule(instance, now);
        } else {
            // What it did before in this try, as a sensor does, belongs to rows that are written.
            let present = world.try_mut(instance);
            (present.segment, present.started_at) = (0, SimTime::MIN);
            world.set_state(instance, TaskInstanceState::Failed, now);
        }
    }
}
