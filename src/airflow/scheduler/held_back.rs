//! What executors hold back (docs/background/airflow2.md).
//!
//! An executor of Airflow 2 knows an instance by its try, and does not send what it still counts: a sensor or a resumed
//! task that is queued again before its executor has learnt that its last segment ended is sent one loop later. It holds
//! its slots meanwhile.

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::executors::workload::Workload;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::world::World;
use crate::engine::Engine;
use crate::ids::{InstanceId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;
use std::collections::VecDeque;

/// What was chosen in the last loop of each scheduler and not sent, heaviest first.
#[derive(Debug)]
pub(crate) struct HeldBack {
    by_scheduler: Vec<VecDeque<(Workload, TaskId)>>,
}

impl HeldBack {
    pub(crate) fn new(schedulers: usize) -> Self {
        Self {
            by_scheduler: vec![VecDeque::new(); schedulers],
        }
    }

    /// Whether a scheduler has something to send that it has chosen before.
    pub(crate) fn is_any(&self, scheduler: usize) -> bool {
        !self.by_scheduler[scheduler].is_empty()
    }

    /// Sends what a scheduler has chosen in this loop together with what it held back in its last one, the heaviest
    /// first; holds back what is not to be sent yet, where executors do so.
    #[inline]
    pub(crate) fn send<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        chosen: &[InstanceId],
        scheduler: usize,
    ) {
        if !world.rules.holds_back_unlearnt {
            for &id in chosen {
                workers::send(world, outcomes, engine, id, scheduler);
            }
            return;
        }
        let held = &mut self.by_scheduler[scheduler];
        let mut due = held.len();
        for &id in chosen {
            let task = world.instance(id).task;
            while due > 0
                && held
                    .front()
                    .is_some_and(|&(_, held)| weighs(world, held, task))
            {
                due -= 1;
                release(held, world, outcomes, engine);
            }
            let counted = is_counted(world, id, scheduler);
            let workload = workers::workload(world, outcomes, engine.now(), id, scheduler);
            if counted {
                held.push_back((workload, task));
            } else {
                workers::hand_over(world, outcomes, engine, workload, task);
            }
        }
        for _ in 0..due {
            release(held, world, outcomes, engine);
        }
    }
}

/// Whether a task that was chosen earlier goes before another one: it weighs as much or more.
fn weighs<R>(world: &World<R>, earlier: TaskId, other: TaskId) -> bool {
    let weight = |task: TaskId| world.plan.tasks[task.index()].weight;
    weight(earlier) >= weight(other)
}

fn release<R: Recorder>(
    held: &mut VecDeque<(Workload, TaskId)>,
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
) {
    if let Some((workload, task)) = held.pop_front() {
        workers::hand_over(world, outcomes, engine, workload, task);
    }
}

/// Whether the executor that is to run an instance still counts an earlier segment of the same try. What was deferred by
/// the scheduler itself has not been at an executor yet.
fn is_counted<R: Recorder>(world: &World<R>, id: InstanceId, scheduler: usize) -> bool {
    let (instance, present) = (world.instance(id), world.present_try(id));
    let task = &world.plan.tasks[instance.task.index()];
    let book = world.workers.book(scheduler, task.executor);
    present.segment > 0
        && present.started_at != SimTime::MIN
        && present.book as usize == book
        && present.ended_at > world.workers.learnt_at(book)
}
