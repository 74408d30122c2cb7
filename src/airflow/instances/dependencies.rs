//! The dependencies of single instances that upstream counts do not tell: mapped groups, setups and teardowns
//! (docs/background/scheduler.md, 4.3 and 4.4).

use crate::airflow::instances::task_scope::TaskScope;
use crate::airflow::instances::upstream::{UpstreamCounts, Verdict};
use crate::airflow::plan::Expands;
use crate::airflow::world::World;
use crate::deployment::{TaskInstanceState, TriggerRule};
use crate::ids::{InstanceId, RunId, TaskId};
use crate::trace::Recorder;

impl<R: Recorder> World<R> {
    /// What the dependencies of an instance that has not run make of it.
    pub(crate) fn verdict_of(&self, id: InstanceId) -> Verdict {
        let instance = self.instance(id);
        let plan = &self.plan.tasks[instance.task.index()];
        let upstream = self.upstream_of(id);
        let Some(scope) = self.plan.scope(instance.task) else {
            return upstream.verdict(plan.trigger_rule);
        };
        if scope.is_teardown {
            return self.teardown_verdict(instance.run, scope, &upstream);
        }
        let setups = self
            .counts(instance.run, &scope.setups)
            .verdict(TriggerRule::AllSuccess);
        if let Verdict::Set(_) = setups {
            return setups;
        }
        match upstream.verdict(plan.trigger_rule) {
            Verdict::Ready if setups == Verdict::Wait => Verdict::Wait,
            Verdict::Ready => self.list_verdict(id),
            verdict => verdict,
        }
    }

    /// Looks at what else depends on a task of which an instance has ended.
    #[cold]
    pub(crate) fn tell_scope(&mut self, run: RunId, task: TaskId, ended: InstanceId) {
        let Some(scope) = self.plan.scope(task).cloned() else {
            return;
        };
        for watcher in scope.watchers {
            self.touch(run, watcher);
        }
        if !scope.past_watchers.is_empty() {
            for next in self.next_runs(run) {
                for &watcher in &scope.past_watchers {
                    if let Some(watcher) = self.counterpart(next, watcher) {
                        self.touch(next, watcher);
                    }
                }
                self.mark_changed(next);
            }
        }
        let map_index = self.instance(ended).map_index;
        for below in scope.inner_downstream {
            if let Some(instance) = self.instance_at(run, below, map_index) {
                self.run_mut(run).due.push(instance);
            }
        }
    }

    /// The instance of a task with this map index.
    pub(crate) fn instance_at(
        &self,
        run: RunId,
        task: TaskId,
        map_index: i32,
    ) -> Option<InstanceId> {
        // Instances stand in the order of their map indices, from 0; an unexpanded task has one without.
        let at = self
            .instances_of(run, task)
            .nth(map_index.max(0) as usize)?;
        (self.instance(at).map_index == map_index).then_some(at)
    }

    /// What an instance sees of the tasks before it: of those in its own mapped group only its own index, and before it
    /// is expanded only what is not expanded either.
    fn upstream_of(&self, id: InstanceId) -> UpstreamCounts {
        let instance = self.instance(id);
        let mut counts = self.upstream(instance.run, instance.task);
        let inner = self
            .plan
            .scope(instance.task)
            .map(|scope| &scope.inner_upstream);
        for &above in inner.into_iter().flatten() {
            match self.instance_at(instance.run, above, instance.map_index) {
                Some(above) => counts.count(self.instance(above).state),
                None => counts.total += u32::from(instance.map_index >= 0),
            }
        }
        counts
    }

    /// A teardown waits for everything in its scope, and runs if some setup of its own succeeded.
    fn teardown_verdict(
        &self,
        run: RunId,
        scope: &TaskScope,
        upstream: &UpstreamCounts,
    ) -> Verdict {
        let between = self.counts(run, &scope.between);
        if upstream.verdict(TriggerRule::AllDone) != Verdict::Ready
            || between.verdict(TriggerRule::AllDone) != Verdict::Ready
        {
            return Verdict::Wait;
        }
        match self.counts(run, &scope.own_setups) {
            setups if setups.total == 0 || setups.success > 0 => Verdict::Ready,
            setups if setups.skipped == setups.total => Verdict::Set(TaskInstanceState::Skipped),
            _ => Verdict::Set(TaskInstanceState::UpstreamFailed),
        }
    }

    /// An unexpanded task needs the list that it is mapped over.
    fn list_verdict(&self, id: InstanceId) -> Verdict {
        use TaskInstanceState as S;
        let instance = self.instance(id);
        match self.plan.tasks[instance.task.index()].expands {
            Some(Expands::Over(source)) if instance.map_index < 0 => {
                let source = self.instance_at(instance.run, source, -1);
                match source.map(|source| self.instance(source).state) {
                    Some(S::Success) => Verdict::Ready,
                    Some(S::Skipped) => Verdict::Set(S::Skipped),
                    Some(S::Failed | S::UpstreamFailed) => Verdict::Set(S::UpstreamFailed),
                    _ => Verdict::Wait,
                }
            }
            _ => Verdict::Ready,
        }
    }

    fn counts(&self, run: RunId, tasks: &[TaskId]) -> UpstreamCounts {
        let mut counts = UpstreamCounts::default();
        for &task in tasks {
            for instance in self.instances_of(run, task) {
                counts.count(self.instance(instance).state);
            }
        }
        counts
    }
}
