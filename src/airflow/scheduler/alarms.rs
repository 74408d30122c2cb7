//! Which timers may find something to do, and when; nothing else makes the scheduler run a loop for a timer's sake.
//!
//! A timer that acts has an arm in each of [`may_act`], [`work_from`] and [`crate::airflow::scheduler::Scheduler::run_timer`].

use crate::airflow::event::Event;
use crate::airflow::scheduler::pace::{LoopEnd, Pace};
use crate::airflow::scheduler::timers::{Timer, TimerSet};
use crate::airflow::world::World;
use crate::deployment::{Deployment, ExecutorKind, OperatorAction, Task};
use crate::engine::Engine;
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

/// Whether a timer may ever find something to do in a deployment.
fn may_act(timer: Timer, deployment: &Deployment) -> bool {
    let any_executor = |is: fn(&ExecutorKind) -> bool| {
        let mut kinds = deployment.executors.iter().map(|executor| &executor.kind);
        kinds.any(is)
    };
    let any_task = |is: fn(&Task) -> bool| deployment.tasks.iter().any(is);
    match timer {
        Timer::TriggerTimeouts => any_task(|task| task.trigger_timeout().is_some()),
        Timer::TasksWithoutHeartbeat => {
            let mut executors = 0..deployment.executors.len();
            any_task(|task| task.lost_rate > 0.0)
                || executors.any(|executor| deployment.loses_workers(executor))
        }
        Timer::StuckInQueued => any_executor(|kind| *kind != ExecutorKind::Local),
        Timer::RunsOfPausedDags => {
            let by_hand =
                |action: &OperatorAction| matches!(action, OperatorAction::PauseDag { .. });
            deployment.events.iter().any(|event| by_hand(&event.action))
                || deployment
                    .dags
                    .iter()
                    .any(|dag| dag.max_consecutive_failed_dag_runs > 0)
        }
        // It matters only to the DAG's next backfill.
        Timer::FinishedBackfills => {
            let is_backfill =
                |action: &OperatorAction| matches!(action, OperatorAction::Backfill(_));
            let backfills = deployment.events.iter().map(|event| &event.action);
            backfills.filter(|action| is_backfill(action)).count() > 1
        }
        _ => false,
    }
}

/// From which moment on a timer may find something to do, as far as is known: no later than it really will, and none
/// if never. What happens later may bring it forward.
fn work_from<R: Recorder>(
    timer: Timer,
    task_queued_timeout: SimDuration,
    world: &World<R>,
) -> Option<SimTime> {
    let just_after = |moment: SimTime| moment + SimDuration::from_micros(1);
    match timer {
        Timer::TriggerTimeouts => world.triggers.next_timeout().map(just_after),
        Timer::TasksWithoutHeartbeat => world.lost.next_missed().map(just_after),
        // What has waited strictly longer is stuck.
        Timer::StuckInQueued => {
            let since = world.workers.waiting_since()?;
            Some(just_after(since + task_queued_timeout))
        }
        Timer::RunsOfPausedDags => world.has_changed_paused().then_some(SimTime::MIN),
        Timer::FinishedBackfills => world.backfills.has_finished().then_some(SimTime::MIN),
        _ => None,
    }
}

/// Whether something may come up for a timer while a loop takes its time.
fn may_come_up<R>(timer: Timer, world: &World<R>) -> bool {
    timer == Timer::RunsOfPausedDags && world.paused.contains(&true)
}

/// The events that let timers act.
#[derive(Debug)]
pub(crate) struct Alarms {
    /// Timers that the schedulers of this deployment have.
    kept: TimerSet,
    /// Those that may find something to do.
    acting: TimerSet,
    task_queued_timeout: SimDuration,
    /// For each timer the moment of the event that will end a sleep on its behalf.
    set_to: [SimTime; Timer::ALL.len()],
}

impl Alarms {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let local = deployment
            .executors
            .iter()
            .any(|executor| executor.kind == ExecutorKind::Local);
        let kept = |timer: &Timer| local || *timer != Timer::StaleBundles;
        let acting = |timer: &Timer| may_act(*timer, deployment);
        Self {
            kept: TimerSet::of(Timer::ALL.into_iter().filter(kept)),
            acting: TimerSet::of(Timer::ALL.into_iter().filter(acting)),
            task_queued_timeout: deployment.airflow.task_queued_timeout,
            set_to: [SimTime::MAX; Timer::ALL.len()],
        }
    }

    /// Timers that the schedulers of this deployment have.
    pub(crate) fn kept(&self) -> TimerSet {
        self.kept
    }

    /// Those of them that may find something to do.
    pub(crate) fn acting(&self) -> TimerSet {
        self.acting
    }

    /// A loop ends: those of its timers that may find something act then.
    #[inline]
    pub(crate) fn ring<R: Recorder>(
        &self,
        end: LoopEnd,
        world: &World<R>,
        engine: &mut Engine<Event>,
    ) {
        for timer in end.ran.among(self.acting).iter() {
            let from = work_from(timer, self.task_queued_timeout, world);
            if may_come_up(timer, world) || from.is_some_and(|from| from <= end.at) {
                engine.schedule(end.at, Event::Timer(end.scheduler, timer));
            }
        }
    }

    /// The scheduler goes to sleep: it is to be woken for the loop in which a timer will find something.
    #[inline]
    pub(crate) fn set<R: Recorder>(
        &mut self,
        pace: &Pace,
        world: &World<R>,
        engine: &mut Engine<Event>,
    ) {
        for timer in self.acting.iter() {
            let Some(from) = work_from(timer, self.task_queued_timeout, world) else {
                continue;
            };
            let at = pace.loop_of(timer, from).max(engine.now());
            if at < self.set_to[timer as usize] {
                self.set_to[timer as usize] = at;
                engine.schedule(at, Event::Wake(timer));
            }
        }
    }

    /// Whether the alarm of a timer is set to this moment; it is not, if it was set to an earlier one afterwards.
    pub(crate) fn goes_off(&mut self, timer: Timer, now: SimTime) -> bool {
        let set_to = &mut self.set_to[timer as usize];
        let goes_off = *set_to == now;
        if goes_off {
            *set_to = SimTime::MAX;
        }
        goes_off
    }
}
