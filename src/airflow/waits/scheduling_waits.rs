//! Since when an instance was ready when a loop scheduled it, and whether it waited for that loop or for the turn of its
//! run (docs/background/waiting.md).
//!
//! Nothing is kept for those that wait: the moment follows from the state when an instance is scheduled.

use crate::airflow::instances::present_try::TryId;
use crate::airflow::instances::upstream::{UpstreamCounts, Verdict};
use crate::airflow::plan::Expands;
use crate::airflow::world::World;
use crate::deployment::{TaskInstanceState, TriggerRule};
use crate::ids::{DagId, InstanceId, RunId, TaskId};
use crate::time::SimTime;
use crate::trace::{Recorder, SchedulingWait};
use std::collections::VecDeque;

/// The most loops that are remembered. A run that is passed by for longer than that, as one of a backfill may be for
/// ever, has the second or two before the first of them charged to its turn as well.
const MAX_LOOPS: usize = 65_536;

/// What it takes to tell such waits; empty if the recorder does not want to know.
#[derive(Debug, Default)]
pub(crate) struct SchedulingWaits {
    /// By the place of an instance's try, since when it was ready when it was last scheduled, and why it was not scheduled then.
    latest: Vec<(SimTime, SchedulingWait)>,
    /// By DAG, when it was last unpaused.
    unpaused_at: Vec<SimTime>,
    loops: PassingLoops,
}

/// The loops of late that have left runs to later ones.
#[derive(Debug)]
pub(crate) struct PassingLoops {
    times: VecDeque<SimTime>,
    /// The last of those that were too many to be remembered.
    forgotten: SimTime,
}

impl Default for PassingLoops {
    fn default() -> Self {
        Self {
            times: VecDeque::new(),
            forgotten: SimTime::MIN,
        }
    }
}

impl PassingLoops {
    /// The last of them.
    #[inline]
    pub(crate) fn latest(&self) -> Option<SimTime> {
        self.times.back().copied()
    }

    /// A loop has come and gone.
    pub(crate) fn pass(&mut self, now: SimTime, leaves_runs: bool) {
        if !leaves_runs {
            // Who becomes ready from here on does not ask for what was before.
            self.times.clear();
            self.forgotten = SimTime::MIN;
            return;
        }
        if self.times.len() == MAX_LOOPS
            && let Some(oldest) = self.times.pop_front()
        {
            self.forgotten = oldest;
        }
        self.times.push_back(now);
    }

    /// The first at or after `ready_at` that came after the run was last examined: what became ready in that
    /// examination is not seen by it, and neither is what became ready at the moment of a loop and after it, for which
    /// that moment stands in place of the examination. If it is forgotten, `ready_at` stands for it.
    fn first(&self, ready_at: SimTime, examined_at: SimTime) -> Option<SimTime> {
        if ready_at <= self.forgotten && examined_at < self.forgotten {
            return Some(ready_at);
        }
        let before = |&at: &SimTime| at < ready_at || at <= examined_at;
        self.times.get(self.times.partition_point(before)).copied()
    }
}

impl PassingLoops {
    /// Why an instance was not scheduled from `ready_at` to `now`, if its run was last examined at `examined_at`.
    #[inline]
    pub(crate) fn wait(
        &self,
        ready_at: SimTime,
        examined_at: SimTime,
        now: SimTime,
    ) -> SchedulingWait {
        let first_loop = self.first_for(ready_at, examined_at, now);
        SchedulingWait::between(ready_at, first_loop, now)
    }

    /// The first loop that could have scheduled it.
    #[inline]
    pub(crate) fn first_for(
        &self,
        ready_at: SimTime,
        examined_at: SimTime,
        now: SimTime,
    ) -> SimTime {
        if ready_at < now {
            self.first(ready_at, examined_at).unwrap_or(now)
        } else {
            now
        }
    }
}

impl SchedulingWaits {
    pub(crate) fn new(dags: usize) -> Self {
        Self {
            unpaused_at: vec![SimTime::MIN; dags],
            ..Self::default()
        }
    }

    /// Since when an instance was ready when it was last scheduled, and what it waited for then; none if nobody wants
    /// to know.
    pub(crate) fn latest(&self, present: TryId) -> Option<(SimTime, SchedulingWait)> {
        self.latest.get(present.index()).copied()
    }
}

impl<R: Recorder> World<R> {
    /// Makes an instance that an examination has found ready wait for its pool.
    #[inline]
    pub(crate) fn promote(&mut self, id: InstanceId, now: SimTime) {
        let ready_at = if R::WAIT_PARTS {
            self.ready_at(id)
        } else {
            now
        };
        self.schedule(id, now);
        self.note_ready(id, ready_at, now);
    }

    /// Notes since when an instance that is scheduled now was ready.
    #[inline]
    pub(crate) fn note_ready(&mut self, id: InstanceId, ready_at: SimTime, now: SimTime) {
        if !R::WAIT_PARTS {
            return;
        }
        debug_assert!(ready_at <= now);
        let instance = self.instance(id);
        let progress = self.progress(instance.run, instance.task);
        let is_after_loop = progress
            .is_some_and(|progress| progress.decided_after_loop && progress.decided_at == ready_at);
        let mut examined_at = self.run(instance.run).examined_at;
        if is_after_loop {
            examined_at = examined_at.max(ready_at);
        }
        let loops = &self.attribution.scheduling.loops;
        let wait = loops.wait(ready_at, examined_at, now);
        let at = self.rows.instances.try_id(id).index();
        let latest = &mut self.attribution.scheduling.latest;
        if latest.len() <= at {
            latest.resize(at + 1, (now, SchedulingWait::default()));
        }
        latest[at] = (ready_at, wait);
    }

    /// It was a run's turn in the loop at this moment, and it has been examined if there was a reason.
    #[inline]
    pub(crate) fn note_turn(&mut self, run: RunId, now: SimTime) {
        if R::WAIT_PARTS {
            self.run_mut(run).examined_at = now;
        }
    }

    /// Whether it matters which runs the latest loop has examined: it, and perhaps some before it, has left out others.
    #[inline]
    pub(crate) fn remembers_loops(&self) -> bool {
        R::WAIT_PARTS && !self.attribution.scheduling.loops.times.is_empty()
    }

    /// It was the turn of a run in the latest loop, and something has happened in it, if only then or later. Of others
    /// nobody will ask.
    #[inline]
    pub(crate) fn note_latest_turn(&mut self, run: RunId) {
        if R::WAIT_PARTS
            && let Some(&latest) = self.attribution.scheduling.loops.times.back()
        {
            self.run_mut(run).examined_at = latest;
        }
    }

    /// A loop has examined all runs, or those whose turn it was.
    #[inline]
    pub(crate) fn note_loop(&mut self, now: SimTime, takes_turns: bool) {
        if R::WAIT_PARTS {
            let leaves_runs = takes_turns && !self.changed.is_empty();
            self.attribution.scheduling.loops.pass(now, leaves_runs);
        }
    }

    /// Whether a loop of this moment has come and gone; only those count that have left runs to later ones.
    #[inline]
    pub(crate) fn is_after_loop(&self, now: SimTime) -> bool {
        self.attribution.scheduling.loops.latest() == Some(now)
    }

    /// What a DAG has ready can be scheduled from now on.
    pub(crate) fn note_unpaused(&mut self, dag: DagId, now: SimTime) {
        if R::WAIT_PARTS {
            self.attribution.scheduling.unpaused_at[dag.index()] = now;
        }
    }

    /// The first moment at which a loop could have scheduled an instance that it schedules now.
    fn ready_at(&self, id: InstanceId) -> SimTime {
        let instance = self.instance(id);
        let run = self.run(instance.run);
        // A run dated ahead is not examined before its date.
        let date = run.identity.logical_date.unwrap_or(SimTime::MIN);
        let unpaused_at = self.attribution.scheduling.unpaused_at[run.dag.index()];
        let own = match instance.state {
            TaskInstanceState::None => self.dependencies_met_at(id),
            _ => self.present_try(id).due_at,
        };
        own.max(run.started_at).max(date).max(unpaused_at)
    }

    /// When the last of what an instance depends on came about.
    fn dependencies_met_at(&self, id: InstanceId) -> SimTime {
        let (run, task) = (self.instance(id).run, self.instance(id).task);
        let Some(scope) = self.plan.scope(task) else {
            return self.upstream_met_at(id, &[]);
        };
        let in_run = scope.setups.iter().chain(&scope.between).copied();
        let list = match self.plan.tasks[task.index()].expands {
            Some(Expands::Over(source)) => Some(source),
            _ => None,
        };
        let in_run = in_run.chain(list).map(|above| (run, above));
        let past = self.looked_back_upon(id).into_iter();
        let past = past.flat_map(|run| {
            let tasks = scope.past_downstream.iter().chain([&task]);
            tasks.map(move |&above| (run, above))
        });
        let ends = in_run
            .chain(past)
            .map(|(run, above)| self.last_end(run, above));
        let upstream = self.upstream_met_at(id, &scope.inner_upstream);
        ends.fold(upstream, SimTime::max)
    }

    /// When the trigger rule was met; `inner` are the upstream tasks of the same mapped group.
    fn upstream_met_at(&self, id: InstanceId, inner: &[TaskId]) -> SimTime {
        let instance = self.instance(id);
        let rule = self.plan.tasks[instance.task.index()].trigger_rule;
        let progress = self.progress(instance.run, instance.task);
        let decided_at = progress.map_or(SimTime::MIN, |progress| progress.decided_at);
        let seen = inner
            .iter()
            .filter_map(|&above| self.instance_at(instance.run, above, instance.map_index))
            .map(|above| (self.instance(above).state, self.present_try(above).ended_at));
        match rule {
            TriggerRule::Always => SimTime::MIN,
            TriggerRule::OneSuccess | TriggerRule::OneFailed | TriggerRule::OneDone => {
                let outer = self.upstream(instance.run, instance.task);
                let is_met = outer.total > 0 && outer.verdict(rule) == Verdict::Ready;
                let first = is_met.then_some(decided_at);
                let enough = seen.filter(|above| is_enough(rule, above.0));
                let enough = enough.map(|above| above.1);
                enough.chain(first).min().unwrap_or(SimTime::MIN)
            }
            _ => {
                let ended = seen.filter(|above| above.0.is_finished());
                ended.map(|above| above.1).fold(decided_at, SimTime::max)
            }
        }
    }

    fn last_end(&self, run: RunId, task: TaskId) -> SimTime {
        let ends = self.instances_of(run, task);
        let ends = ends.map(|id| self.present_try(id).ended_at);
        ends.max().unwrap_or(SimTime::MIN)
    }
}

/// Whether an upstream instance that has ended in this state meets a rule whatever becomes of the others.
fn is_enough(rule: TriggerRule, state: TaskInstanceState) -> bool {
    let mut one_of_two = UpstreamCounts {
        total: 2,
        ..UpstreamCounts::default()
    };
    one_of_two.finished(state);
    one_of_two.verdict(rule) == Verdict::Ready
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_first_loop_is_the_one_that_could_have_seen_it() {
        let mut loops = PassingLoops::default();
        for second in [10, 20, 30] {
            loops.pass(at(second), true);
        }
        assert_eq!(loops.first(at(5), SimTime::MIN), Some(at(10)));
        assert_eq!(loops.first(at(20), at(10)), Some(at(20)));
        assert_eq!(loops.first(at(20), at(20)), Some(at(30)), "ready in it");
        assert_eq!(loops.first(at(31), at(20)), None);
        loops.pass(at(40), false);
        assert_eq!(loops.first(at(5), SimTime::MIN), None);
    }

    #[test]
    fn so_many_loops_are_remembered() {
        let mut loops = PassingLoops::default();
        for second in 0..MAX_LOOPS as i64 + 5 {
            loops.pass(at(second * 2), true);
        }
        assert_eq!(loops.times.len(), MAX_LOOPS);
        assert_eq!(loops.first(at(7), SimTime::MIN), Some(at(7)));
        assert_eq!(loops.first(at(9), SimTime::MIN), Some(at(10)));
    }
}
