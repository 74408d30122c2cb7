//! The outcomes of a history, lived through again: every try takes as long and ends as it was recorded.
//!
//! A metadata database keeps of a sensor's pokes in vain only their ends. When each was queued and how long it ran is not
//! known, so it ends when it was recorded to end, whenever it is queued; what it held in between is what the simulation
//! says.

use std::collections::BTreeMap;
use std::ops::Range;

use super::names::{Names, TryName};
use crate::airflow::{Attempt, Ending, Outcomes, Segment};
use crate::deployment::{Deployment, Mapping, TaskInstanceState, TaskKind};
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{History, RecordedPoke, RecordedRun, RecordedTry};

/// A recorded try, as far as its own luck goes: nothing of its waiting.
#[derive(Clone, Debug)]
struct Lived {
    /// Its pokes in vain, by position.
    pokes: Range<usize>,
    /// From queued to running; none if it was cut off before.
    start_delay: Option<SimDuration>,
    /// How long it ran; none if it was cut off before its end.
    duration: Option<SimDuration>,
    /// When it ended, if it did.
    ended_at: Option<SimTime>,
    ending: Ending,
    /// Of a branch: the task that it followed.
    followed: Option<TaskId>,
    /// Of a short circuit: whether it skipped what comes after it.
    stopped: bool,
    /// Of a task that others are mapped over.
    pushed_length: u32,
    /// Of a deferrable task: when its trigger had put it to scheduled again.
    resumed_at: Option<SimTime>,
}

/// The outcomes of a history.
#[derive(Clone, Debug)]
pub(super) struct Remembered<'a> {
    deployment: &'a Deployment,
    /// By task, the one whose name stands in the history, whatever edits have made of it since.
    declared: Vec<TaskId>,
    tries: Vec<(TryName, Lived)>,
    /// By try, and within one in the order of time.
    pokes: Vec<RecordedPoke>,
}

/// Longer than anything is simulated.
const NEVER: SimDuration = SimDuration::from_micros(i64::MAX);

impl<'a> Remembered<'a> {
    /// What the history knows of the tasks of this deployment.
    pub(super) fn new(deployment: &'a Deployment, names: &Names<'a>, history: &History) -> Self {
        let declared = deployment.tasks.iter().map(|task| {
            let dag = &deployment.dags[task.dag.index()];
            let first = names.task(&dag.dag_id, &task.task_id);
            first.unwrap_or_default()
        });
        let mut pokes = history.pokes.clone();
        pokes.sort_by_key(|poke| (poke.of, poke.ended_at));
        let mut tries = Vec::new();
        let mut first = 0;
        for of_run in history.tries.chunk_by(|a, b| a.run == b.run) {
            let run = RecordedRunOf {
                deployment,
                names,
                run: &history.runs[of_run[0].run],
                tries: of_run,
            };
            for (at, attempt) in (first..).zip(of_run) {
                let begin = pokes.partition_point(|poke| poke.of < at);
                let end = pokes.partition_point(|poke| poke.of <= at);
                if let Some(name) = names.of_try(run.run, attempt) {
                    tries.push((name, run.lived(name.task, attempt, begin..end)));
                }
            }
            first += of_run.len();
        }
        tries.sort_by_key(|&(name, _)| name);
        Self {
            deployment,
            declared: declared.collect(),
            tries,
            pokes,
        }
    }

    fn find(&self, attempt: &Attempt) -> Option<&Lived> {
        let name = TryName {
            task: self.declared[attempt.task.index()],
            date: attempt.logical_date,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
        };
        let at = self.tries.binary_search_by_key(&name, |&(name, _)| name);
        Some(&self.tries[at.ok()?].1)
    }

    /// Whether the try had ended at this moment.
    pub(super) fn was_over(&self, attempt: &Attempt, at: SimTime) -> bool {
        let ended_at = self.find(attempt).and_then(|lived| lived.ended_at);
        ended_at.is_some_and(|ended| ended < at)
    }

    /// The ways that branches had gone until this moment, and the tries of short circuits: none where these stopped.
    pub(super) fn ways(&self, until: SimTime) -> BTreeMap<TaskId, Vec<Option<TaskId>>> {
        let mut ways: BTreeMap<TaskId, Vec<Option<TaskId>>> = BTreeMap::new();
        for (name, lived) in &self.tries {
            let is_over = lived.ended_at.is_some_and(|ended| ended < until);
            if !is_over || lived.ending != Ending::Success {
                continue;
            }
            match self.deployment.tasks[name.task.index()].kind {
                TaskKind::Branch(_) => ways.entry(name.task).or_default().push(lived.followed),
                TaskKind::ShortCircuit(_) => {
                    let went_on = (!lived.stopped).then_some(name.task);
                    ways.entry(name.task).or_default().push(went_on);
                }
                _ => {}
            }
        }
        ways
    }

    /// The poke in vain that this execution is, if it is one.
    fn poke_in_vain(&self, lived: &Lived, segment: u32) -> Option<RecordedPoke> {
        let at = (lived.pokes.start + segment as usize).checked_sub(1)?;
        lived.pokes.contains(&at).then(|| self.pokes[at])
    }

    /// Whether the execution is the one that waits for a trigger afterwards.
    fn is_deferred(&self, attempt: &Attempt) -> bool {
        match &self.deployment.tasks[attempt.task.index()].kind {
            TaskKind::Deferrable(deferral) => attempt.segment == 1 && !deferral.start_from_trigger,
            _ => false,
        }
    }
}

impl Outcomes for Remembered<'_> {
    /// What was not recorded never ends: the history was cut off before.
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        let lasting = |duration, ending| Segment { duration, ending };
        let Some(lived) = self.find(attempt) else {
            return lasting(NEVER, Ending::Success);
        };
        if let Some(poke) = self.poke_in_vain(lived, attempt.segment) {
            let left = poke.ended_at - attempt.since;
            return lasting(left.max(SimDuration::ZERO), Ending::InVain);
        }
        if self.is_deferred(attempt) {
            return lasting(SimDuration::ZERO, Ending::Deferred);
        }
        lasting(lived.duration.unwrap_or(NEVER), lived.ending)
    }

    /// Sensors that keep their workers were recorded as one segment.
    fn poke(&mut self, _: &Attempt) -> SimDuration {
        SimDuration::ZERO
    }

    /// A queueing that was not recorded was cut off before its start. Of a poke in vain only the end is known: it is taken
    /// to have run as long as the last one, if there was so much time.
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        let Some(lived) = self.find(attempt) else {
            return NEVER;
        };
        let Some(poke) = self.poke_in_vain(lived, attempt.segment) else {
            return lived.start_delay.unwrap_or(NEVER);
        };
        let ran = lived.duration.unwrap_or_default();
        let delay = match poke.started_at {
            Some(started_at) => started_at - attempt.since,
            None => poke.ended_at - attempt.since - ran,
        };
        delay.max(SimDuration::ZERO)
    }

    /// Recorded durations hold it already.
    fn run_size(&mut self, _: DagId, _: StreamKey) -> f64 {
        1.0
    }

    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId> {
        self.find(attempt)?.followed
    }

    fn stops(&mut self, attempt: &Attempt) -> bool {
        self.find(attempt).is_some_and(|lived| lived.stopped)
    }

    fn pushed_length(&mut self, attempt: &Attempt) -> u32 {
        self.find(attempt).map_or(0, |lived| lived.pushed_length)
    }

    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration {
        let resumed_at = self.find(attempt).and_then(|lived| lived.resumed_at);
        resumed_at.map_or(NEVER, |at| (at - attempt.since).max(SimDuration::ZERO))
    }
}

/// A recorded run with all that is known of its instances.
struct RecordedRunOf<'a, 'h> {
    deployment: &'a Deployment,
    names: &'h Names<'a>,
    run: &'h RecordedRun,
    tries: &'h [RecordedTry],
}

impl RecordedRunOf<'_, '_> {
    fn lived(&self, task: TaskId, attempt: &RecordedTry, pokes: Range<usize>) -> Lived {
        let declared = &self.deployment.tasks[task.index()];
        let started = attempt.started_at.filter(|_| was_executed(attempt));
        let since = |later: Option<SimTime>, earlier: Option<SimTime>| {
            Some((later? - earlier?).max(SimDuration::ZERO))
        };
        let is_deferred = attempt.state == TaskInstanceState::Deferred;
        let is_over = ending(attempt).is_some() && !self.was_taken(task, attempt);
        let ended = attempt.ended_at.filter(|_| is_over);
        Lived {
            pokes,
            start_delay: since(started, attempt.queued_at),
            duration: since(ended, started),
            ended_at: ended,
            ending: ending(attempt).unwrap_or_default(),
            followed: match &declared.kind {
                TaskKind::Branch(branch) => {
                    let mut ways = branch.ways.iter().map(|&(way, _)| way);
                    ways.find(|&way| !self.was_skipped(way))
                }
                _ => None,
            },
            stopped: matches!(declared.kind, TaskKind::ShortCircuit(_))
                && self.downstream(task).all(|after| self.was_skipped(after)),
            pushed_length: if declared.pushes.is_some() {
                self.length_over(task)
            } else {
                0
            },
            resumed_at: attempt.scheduled_at.filter(|_| !is_deferred),
        }
    }

    /// Whether its run was out of time, and it was skipped while it ran.
    fn was_taken(&self, task: TaskId, attempt: &RecordedTry) -> bool {
        let dag = &self.deployment.dags[self.deployment.tasks[task.index()].dag.index()];
        dag.dagrun_timeout.is_some()
            && attempt.state == TaskInstanceState::Skipped
            && attempt.ended_at == self.run.ended_at
    }

    fn instances(&self, task: TaskId) -> impl Iterator<Item = &RecordedTry> {
        let tries = self.tries.iter();
        tries.filter(move |of| {
            let name = self.names.of_try(self.run, of);
            name.is_some_and(|name| name.task == task)
        })
    }

    fn was_skipped(&self, task: TaskId) -> bool {
        self.instances(task)
            .all(|of| of.state == TaskInstanceState::Skipped)
    }

    fn downstream(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let dag = self.deployment.tasks[task.index()].dag;
        let others = self.deployment.tasks_of(dag);
        others.filter_map(move |(id, other)| other.upstream.contains(&task).then_some(id))
    }

    /// How many instances the tasks have that are mapped over this one.
    fn length_over(&self, task: TaskId) -> u32 {
        let dag = self.deployment.tasks[task.index()].dag;
        let tasks = self.deployment.tasks_of(dag);
        let mapped = tasks.filter(|(_, other)| other.mapping == Some(Mapping::Over(task)));
        let length = |(id, _)| {
            let indices = self.instances(id).map(|of| of.map_index + 1);
            indices.max().unwrap_or(0).max(0) as u32
        };
        mapped.map(length).max().unwrap_or(0)
    }
}

/// Whether an executor got it for what stands in its row: a row that was put to scheduled again keeps the `queued_at` of
/// the time before.
pub(super) fn was_executed(attempt: &RecordedTry) -> bool {
    match (attempt.queued_at, attempt.scheduled_at) {
        (Some(queued), Some(scheduled)) => queued >= scheduled,
        (queued, _) => queued.is_some(),
    }
}

/// How its worker ended it; none if no worker did, or not yet.
fn ending(attempt: &RecordedTry) -> Option<Ending> {
    match attempt.state {
        TaskInstanceState::Success => Some(Ending::Success),
        TaskInstanceState::Skipped => Some(Ending::Skipped),
        TaskInstanceState::UpForRetry => Some(Ending::Failed),
        // Whether a try is left is known by whether there was another one.
        TaskInstanceState::Failed if attempt.is_earlier => Some(Ending::Failed),
        TaskInstanceState::Failed => Some(Ending::FailedForGood),
        _ => None,
    }
}
