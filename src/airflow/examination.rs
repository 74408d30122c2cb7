//! The examination of a running run: what has become ready, what cannot run any more, and whether the run has ended
//! (docs/background/scheduler.md, 1.3 and 4).

use super::world::World;
use crate::deployment::{DagRunState, TaskInstanceState, TaskKind};
use crate::ids::{RunId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;

/// The working memory of examinations, kept from loop to loop.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    touched: Vec<TaskId>,
    verdicts: Vec<(TaskId, Verdict)>,
}

#[derive(Clone, Copy, Debug)]
enum Verdict {
    Ready,
    UpstreamFailed,
}

impl Examination {
    /// Examines one run; says whether it has ended. Verdicts are reached for all tasks before the first is carried
    /// out, because a state set in an examination is only seen by the next one: failure spreads one level a loop.
    pub(crate) fn examine<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        id: RunId,
        now: SimTime,
    ) -> bool {
        let run = world.run_mut(id);
        run.changed = false;
        if run.unfinished == 0 {
            let state = if run.leaf_failed {
                DagRunState::Failed
            } else {
                DagRunState::Success
            };
            world.end_run(id, state, now);
            return true;
        }
        self.reach_verdicts(world, id);
        for at in 0..self.verdicts.len() {
            let (task, verdict) = self.verdicts[at];
            carry_out(world, id, task, verdict, now);
        }
        promote_retries(world, id, now);
        false
    }

    fn reach_verdicts<R: Recorder>(&mut self, world: &mut World<R>, id: RunId) {
        std::mem::swap(&mut self.touched, &mut world.run_mut(id).touched);
        self.touched.sort_unstable();
        self.verdicts.clear();
        for task in self.touched.drain(..) {
            let at = world.progress_at(id, task);
            let progress = &mut world.rows.progress[at];
            progress.touched = false;
            if progress.upstream_failed > 0 {
                self.verdicts.push((task, Verdict::UpstreamFailed));
            } else if progress.upstream_left == 0 {
                self.verdicts.push((task, Verdict::Ready));
            }
        }
    }
}

fn carry_out<R: Recorder>(
    world: &mut World<R>,
    run: RunId,
    task: TaskId,
    verdict: Verdict,
    now: SimTime,
) {
    for instance in world.instances_of(run, task) {
        if world.instance(instance).state != TaskInstanceState::None {
            continue;
        }
        match (verdict, world.plan.tasks[task.index()].kind) {
            (Verdict::UpstreamFailed, _) => {
                world.set_state(instance, TaskInstanceState::UpstreamFailed, now);
            }
            (Verdict::Ready, TaskKind::Work) => world.schedule(instance, now),
            (Verdict::Ready, TaskKind::Empty) => {
                world.instance_mut(instance).try_number += 1;
                world.set_state(instance, TaskInstanceState::Success, now);
            }
        }
    }
}

fn promote_retries<R: Recorder>(world: &mut World<R>, run: RunId, now: SimTime) {
    while let Some(instance) = world.run_mut(run).retry_due.pop() {
        if world.instance(instance).state == TaskInstanceState::UpForRetry {
            world.schedule(instance, now);
        }
    }
}
