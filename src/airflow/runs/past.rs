//! What tasks ask of the run before: `depends_on_past` and `wait_for_downstream` (docs/background/scheduler.md, 4.6).

use crate::airflow::world::World;
use crate::deployment::TaskInstanceState;
use crate::ids::{InstanceId, RunId, TaskId};
use crate::trace::{Recorder, RunType};
use std::ops::Bound;

impl<R: Recorder> World<R> {
    /// Whether the run before lets an instance run: there is none, or the task, and what it waits for there, has ended
    /// well in it. The first run of a backfill does not look back.
    pub(crate) fn past_allows(&self, id: InstanceId) -> bool {
        let task = self.instance(id).task;
        let previous = self.looked_back_upon(id);
        let (Some(scope), Some(previous)) = (self.plan.scope(task), previous) else {
            return true;
        };
        let ended_well = |&task: &TaskId| {
            let mut instances = self
                .counterpart(previous, task)
                .into_iter()
                .flat_map(|task| self.instances_of(previous, task));
            instances.all(|id| {
                matches!(
                    self.instance(id).state,
                    TaskInstanceState::Success | TaskInstanceState::Skipped
                )
            })
        };
        ended_well(&task) && scope.past_downstream.iter().all(ended_well)
    }

    /// The run that must let an instance run; none if it does not look back, or there is none before its own.
    pub(crate) fn looked_back_upon(&self, id: InstanceId) -> Option<RunId> {
        let instance = self.instance(id);
        let scope = self.plan.scope(instance.task)?;
        let is_first = self.run(instance.run).ordinal() == 1;
        let looks_back = scope.depends_on_past && !is_first;
        looks_back.then(|| self.previous_run(instance.run))?
    }

    /// The run before one by logical date; with catch-up manual runs do not count.
    fn previous_run(&self, id: RunId) -> Option<RunId> {
        let run = self.run(id);
        let (date, calendar) = (run.identity.logical_date?, self.calendar(run.dag)?);
        let mut earlier = calendar.runs().range(..date).rev().map(|(_, &run)| run);
        earlier.find(|&run| self.counts_as_past(run))
    }

    /// The runs for which this one is the run before.
    pub(crate) fn next_runs(&self, id: RunId) -> Vec<RunId> {
        let run = self.run(id);
        let calendar = self.calendar(run.dag);
        let (Some(date), Some(calendar)) = (run.identity.logical_date, calendar) else {
            return Vec::new();
        };
        let mut next = Vec::new();
        if !self.counts_as_past(id) {
            return next;
        }
        let later = (Bound::Excluded(date), Bound::Unbounded);
        for (_, &run) in calendar.runs().range(later) {
            next.push(run);
            if self.counts_as_past(run) {
                break;
            }
        }
        next
    }

    fn counts_as_past(&self, id: RunId) -> bool {
        let run = self.run(id);
        let catchup = self.plan.dags[run.dag.index()].catchup;
        !catchup || run.identity.run_type != RunType::Manual
    }

    /// A run of a DAG that looks back has ended: gives up the ended runs that no run can look back upon any more, which
    /// are those before the last that comes before every unfinished one.
    pub(crate) fn forget_past(&mut self, id: RunId) {
        let dag = self.run(id).dag;
        let Some(calendar) = self.calendar(dag).filter(|calendar| calendar.looks_back()) else {
            return;
        };
        let is_open = |run: &RunId| !self.run(*run).state.is_finished();
        let first_open = calendar.runs().iter().find(|(_, run)| is_open(run));
        let until = first_open.map_or(Bound::Unbounded, |(&date, _)| Bound::Excluded(date));
        let mut before = calendar.runs().range((Bound::Unbounded, until)).rev();
        let kept_from = before.find(|(_, run)| self.counts_as_past(**run));
        if let Some((&date, _)) = kept_from {
            self.keep_past_from(dag, date);
        }
    }
}
