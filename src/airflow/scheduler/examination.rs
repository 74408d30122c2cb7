//! The examination of a running run: what has become ready, what cannot run any more, and whether the run has ended
//! (docs/background/scheduler.md, 1.3 and 4).

use crate::airflow::event::Event;
use crate::airflow::executors::workers;
use crate::airflow::instances::deferral;
use crate::airflow::instances::lost_tasks;
use crate::airflow::instances::upstream::Verdict;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::plan::{Expands, Readiness};
use crate::airflow::world::World;
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{InstanceId, RunId, TaskId};
use crate::time::SimTime;
use crate::trace::Recorder;

/// The working memory of examinations, kept from loop to loop.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    touched: Vec<TaskId>,
    due: Vec<InstanceId>,
    verdicts: Vec<(Subject, Verdict)>,
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug)]
enum Subject {
    /// All instances of a task that have not run: they see the same upstream.
    Task(TaskId),
    Instance(InstanceId),
}

/// Which of the instances that are ready an examination promotes; the others are kept in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promotes {
    All,
    None,
    /// Those of the tasks directly after this one, unless the scheduler does them itself.
    After(TaskId),
}

/// How a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunEnd {
    /// No instance is left.
    Done,
    /// It had had its time.
    OutOfTime,
}

impl Examination {
    /// Examines one run; says how it has ended, if it has. Verdicts are reached for all tasks before the first is carried
    /// out, because a state set in an examination is only seen by the next one: failure and skipping spread one level
    /// a loop.
    pub(crate) fn examine<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        id: RunId,
    ) -> Option<RunEnd> {
        let now = engine.now();
        if world.is_out_of_time(id, now) {
            give_up(world, engine, id);
            return Some(RunEnd::OutOfTime);
        }
        self.look_at(world, outcomes, engine, id, Promotes::All)
    }

    /// Examines a run of a paused DAG: it may end, and what cannot run any more is set, but nothing is promoted. What
    /// is ready is kept in mind.
    pub(crate) fn examine_paused<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        id: RunId,
    ) -> Option<RunEnd> {
        self.look_at(world, outcomes, engine, id, Promotes::None)
    }

    /// The worker that has ended a segment examines the run itself (Airflow 2's mini-scheduler): what cannot run any more
    /// is set in the whole run, and mapped tasks are expanded, but only the tasks directly after its own are promoted.
    /// The scheduler does not learn of it.
    pub(crate) fn examine_after<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        ended: InstanceId,
    ) {
        let (run, task) = (world.instance(ended).run, world.instance(ended).task);
        self.act(world, outcomes, engine, run, Promotes::After(task));
    }

    fn look_at<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        id: RunId,
        promotes: Promotes,
    ) -> Option<RunEnd> {
        let now = engine.now();
        if promotes == Promotes::All
            && let Some(layout) = world.run_mut(id).next_layout.take()
        {
            world.follow_edit(engine, id, layout);
        }
        let run = world.run_mut(id);
        run.changed = false;
        if run.unfinished == 0 {
            let state = if run.leaf_failed {
                DagRunState::Failed
            } else {
                DagRunState::Success
            };
            world.end_run(id, state, now);
            return Some(RunEnd::Done);
        }
        self.act(world, outcomes, engine, id, promotes);
        None
    }

    /// Decides about the instances of a run and carries it out.
    fn act<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
        id: RunId,
        promotes: Promotes,
    ) {
        self.reach_verdicts(world, outcomes, id, engine.now());
        for at in 0..self.verdicts.len() {
            let (subject, verdict) = self.verdicts[at];
            if verdict == Verdict::Ready && !promotes.includes(world, subject) {
                match subject {
                    Subject::Instance(instance) => world.run_mut(id).due.push(instance),
                    Subject::Task(task) => world.touch(id, task),
                }
                continue;
            }
            match subject {
                Subject::Instance(instance) => {
                    carry_out(world, outcomes, engine, instance, verdict);
                }
                Subject::Task(task) => {
                    for instance in world.instances_of(id, task) {
                        carry_out(world, outcomes, engine, instance, verdict);
                    }
                }
            }
        }
    }

    fn reach_verdicts<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        id: RunId,
        now: SimTime,
    ) {
        std::mem::swap(&mut self.touched, &mut world.run_mut(id).touched);
        std::mem::swap(&mut self.due, &mut world.run_mut(id).due);
        self.touched.sort_unstable();
        self.touched.dedup();
        self.verdicts.clear();
        for at in 0..self.touched.len() {
            let task = self.touched[at];
            let progress = world.progress_at(id, task);
            world.rows.progress.untouch(progress);
            if world.plan.scope(task).is_none() {
                let rule = world.plan.tasks[task.index()].trigger_rule;
                let verdict = world.upstream(id, task).verdict(rule);
                self.note(Subject::Task(task), verdict);
                continue;
            }
            for instance in world.instances_of(id, task) {
                self.judge(world, outcomes, instance, now);
            }
        }
        self.touched.clear();
        // Expanding a task adds its instances to the list, so that they are judged in the same pass.
        let mut at = 0;
        while at < self.due.len() {
            self.judge(world, outcomes, self.due[at], now);
            at += 1;
        }
        self.due.clear();
    }

    /// Judges one instance by itself.
    fn judge<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        id: InstanceId,
        now: SimTime,
    ) {
        let instance = *world.instance(id);
        match instance.state {
            TaskInstanceState::None => {
                let verdict = match world.verdict_of(id) {
                    Verdict::Ready if !world.past_allows(id) => Verdict::Wait,
                    verdict => verdict,
                };
                let expands = world.plan.tasks[instance.task.index()].expands;
                match expands.filter(|_| instance.map_index < 0 && verdict == Verdict::Ready) {
                    Some(expands) => self.expand(world, outcomes, id, expands),
                    None => self.note(Subject::Instance(id), verdict),
                }
            }
            TaskInstanceState::UpForRetry | TaskInstanceState::UpForReschedule
                if world.present_try(id).due_at <= now =>
            {
                self.note(Subject::Instance(id), Verdict::Ready);
            }
            _ => {}
        }
    }

    /// Gives a mapped task its instances, which are judged after all others.
    fn expand<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        id: InstanceId,
        expands: Expands,
    ) {
        let (run, task) = (world.instance(id).run, world.instance(id).task);
        let length = match expands {
            Expands::ToNothing => 0,
            Expands::Over(source) => world.instance_at(run, source, -1).map_or(0, |source| {
                outcomes.pushed_length(&workers::attempt(world, source))
            }),
        };
        if length == 0 {
            return self.note(Subject::Instance(id), Verdict::Nothing);
        }
        world.rows.expand(&world.plan, run, task, length);
        self.due.extend(world.instances_of(run, task));
    }

    fn note(&mut self, subject: Subject, verdict: Verdict) {
        if verdict != Verdict::Wait {
            self.verdicts.push((subject, verdict));
        }
    }
}

impl Promotes {
    #[inline]
    fn includes<R: Recorder>(self, world: &World<R>, subject: Subject) -> bool {
        let below = match (self, subject) {
            (Self::All, _) => return true,
            (Self::None, _) => return false,
            (_, Subject::Task(task)) => task,
            (_, Subject::Instance(instance)) => world.instance(instance).task,
        };
        let is_for_worker = world.plan.tasks[below.index()].readiness != Readiness::Done;
        matches!(self, Self::After(task) if is_for_worker && world.plan.is_directly_after(below, task))
    }
}

fn carry_out<R: Recorder>(
    world: &mut World<R>,
    outcomes: &mut impl Outcomes,
    engine: &mut Engine<Event>,
    id: InstanceId,
    verdict: Verdict,
) {
    use TaskInstanceState as S;
    let now = engine.now();
    let instance = world.instance(id);
    let has_run = matches!(instance.state, S::UpForRetry | S::UpForReschedule);
    if instance.state != S::None && !(has_run && world.present_try(id).due_at <= now) {
        return;
    }
    let readiness = world.plan.tasks[instance.task.index()].readiness;
    match (verdict, readiness) {
        (Verdict::Set(state), _) if !has_run => world.set_state(id, state, now),
        (Verdict::Wait | Verdict::Set(_), _) => {}
        (Verdict::Nothing, _) => world.write_off(id, now),
        (Verdict::Ready, Readiness::Done) => {
            world.instance_mut(id).try_number += 1;
            world.set_state(id, S::Success, now);
        }
        (Verdict::Ready, Readiness::Deferred) if instance.state == S::None => {
            world.instance_mut(id).try_number += 1;
            let present = world.try_mut(id);
            present.segment = 0;
            // No worker has had this try yet.
            present.started_at = SimTime::MIN;
            deferral::defer(world, outcomes, engine, id);
        }
        (Verdict::Ready, _) => world.promote(id, now),
    }
}

/// Fails a run that is out of time: whatever is not finished is skipped, also what is queued or running, and what comes
/// later for it is refused.
fn give_up<R: Recorder>(world: &mut World<R>, engine: &mut Engine<Event>, id: RunId) {
    use TaskInstanceState as S;
    let now = engine.now();
    // What ends from here on gives no reason to examine the run again.
    world.run_mut(id).state = DagRunState::Failed;
    for task in world.tasks_of(id) {
        for instance in world.instances_of(id, task) {
            let state = world.instance(instance).state;
            if state.is_finished() {
                continue;
            }
            if state == S::None && world.rules.timeout_leaves_none {
                let row = world.instance_record(instance, state, None);
                world.recorder.task_instance(&row);
                continue;
            }
            take_away(world, engine, instance);
            world.write_off(instance, now);
        }
    }
    world.end_run(id, DagRunState::Failed, now);
}

/// What comes later for an instance is refused.
pub(crate) fn take_away<R: Recorder>(
    world: &mut World<R>,
    engine: &mut Engine<Event>,
    id: InstanceId,
) {
    use TaskInstanceState as S;
    // For each of these an event is still to come, unless it waits for a triggerer or its worker is lost.
    let is_awaited = match world.instance(id).state {
        S::Running => !lost_tasks::forget(world, id),
        S::Deferred => !deferral::forget(world, engine, id),
        S::UpForRetry | S::UpForReschedule => true,
        _ => false,
    };
    world.instance_mut(id).taken_away = is_awaited;
    let run = world.instance(id).run;
    world.run_mut(run).outstanding += u32::from(is_awaited);
}
