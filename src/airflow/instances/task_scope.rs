//! What a task depends on besides the counts of its upstream instances: its mapped group, its setups, the run before.
//!
//! Most tasks have none of this, and cost nothing for it.

use crate::airflow::plan::in_one_group;
use crate::deployment::{Mapping, ScopeRole, Task};
use crate::ids::TaskId;

/// The dependencies of one task beyond its upstream counts, in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskScope {
    /// Upstream tasks of the same mapped group: an instance sees of them its own index only.
    pub(crate) inner_upstream: Vec<TaskId>,
    /// Downstream tasks of the same mapped group.
    pub(crate) inner_downstream: Vec<TaskId>,
    /// Setups, direct or not, that have to succeed first: those whose teardown comes after the task, or that have none.
    pub(crate) setups: Vec<TaskId>,
    /// Of a teardown: the setups directly before it.
    pub(crate) own_setups: Vec<TaskId>,
    /// Of a teardown: the tasks between its setups and itself.
    pub(crate) between: Vec<TaskId>,
    /// Tasks that must be looked at when this one ends, besides those directly after it.
    pub(crate) watchers: Vec<TaskId>,
    pub(crate) is_teardown: bool,
    /// Whether it waits until it has ended well in the run before.
    pub(crate) depends_on_past: bool,
    /// And until these have: the tasks directly after it, if it waits for them.
    pub(crate) past_downstream: Vec<TaskId>,
    /// Tasks of the next run that must be looked at when this one ends.
    pub(crate) past_watchers: Vec<TaskId>,
}

impl TaskScope {
    /// Whether other tasks, or the next run, ask how an instance has ended, and when.
    pub(crate) fn is_asked_about(&self) -> bool {
        let asking = [&self.inner_downstream, &self.watchers, &self.past_watchers];
        asking.iter().any(|tasks| !tasks.is_empty())
    }
}

/// The scopes of the tasks of one DAG; `below` gives the positions directly after each.
pub(crate) fn of_dag(tasks: &[Task], first: usize, below: &[Vec<usize>]) -> Vec<Option<TaskScope>> {
    let id = |at: usize| TaskId::new(first + at);
    let mut scopes = vec![TaskScope::default(); tasks.len()];
    let has_setups = tasks.iter().any(|task| task.scope != ScopeRole::Work);
    for (at, task) in tasks.iter().enumerate() {
        for above in &task.upstream {
            if in_one_group(&tasks[above.index() - first], task) {
                scopes[at].inner_upstream.push(*above);
                scopes[above.index() - first].inner_downstream.push(id(at));
            }
        }
        if let Some(Mapping::Over(source)) = task.mapping {
            scopes[source.index() - first].watchers.push(id(at));
        }
        if task.looks_back() {
            scopes[at].depends_on_past = true;
            scopes[at].past_watchers.push(id(at));
        }
        for &below in below[at].iter().filter(|_| task.wait_for_downstream) {
            scopes[at].past_downstream.push(id(below));
            scopes[below].past_watchers.push(id(at));
        }
        if has_setups {
            let reaches = Reaches {
                tasks,
                first,
                below,
            };
            reaches.fill_in(at, &mut scopes);
        }
    }
    scopes
        .into_iter()
        .zip(tasks)
        .map(|(scope, task)| {
            let matters = scope != TaskScope::default() || task.mapping.is_some();
            matters.then_some(scope)
        })
        .collect()
}

/// The graph of a DAG for questions about what can be reached.
struct Reaches<'a> {
    tasks: &'a [Task],
    first: usize,
    below: &'a [Vec<usize>],
}

impl Reaches<'_> {
    /// Finds the setups of the task at `at`, and if it is a teardown what it has to wait for.
    fn fill_in(&self, at: usize, scopes: &mut [TaskScope]) {
        let id = |at: usize| TaskId::new(self.first + at);
        let upstream = reached(at, |at| self.above(at));
        let downstream = reached(at, |at| self.below[at].clone());
        if self.tasks[at].is_teardown() {
            let own: Vec<usize> = self
                .above(at)
                .into_iter()
                .filter(|&above| self.tasks[above].scope == ScopeRole::Setup)
                .collect();
            let mut between: Vec<usize> = own
                .iter()
                .flat_map(|&setup| reached(setup, |at| self.below[at].clone()))
                .filter(|task| upstream.contains(task))
                .collect();
            between.sort_unstable();
            between.dedup();
            for &task in &between {
                scopes[task].watchers.push(id(at));
            }
            scopes[at].is_teardown = true;
            scopes[at].between = between.into_iter().map(id).collect();
            scopes[at].own_setups = own.into_iter().map(id).collect();
            return;
        }
        for &setup in &upstream {
            if self.tasks[setup].scope == ScopeRole::Setup && self.covers(setup, &downstream) {
                scopes[at].setups.push(id(setup));
                scopes[setup].watchers.push(id(at));
            }
        }
    }

    /// Whether a setup prepares for a task that has these tasks downstream: one of its teardowns is among them, or it
    /// has none.
    fn covers(&self, setup: usize, downstream: &[usize]) -> bool {
        let mut teardowns = self.below[setup]
            .iter()
            .filter(|&&task| self.tasks[task].is_teardown())
            .peekable();
        teardowns.peek().is_none() || teardowns.any(|task| downstream.contains(task))
    }

    fn above(&self, at: usize) -> Vec<usize> {
        let position = |id: &TaskId| id.index() - self.first;
        self.tasks[at].upstream.iter().map(position).collect()
    }
}

/// All tasks that can be reached from `at`, itself left out, in no particular order but always the same.
fn reached(at: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut found = next(at);
    let mut seen = 0;
    while seen < found.len() {
        for task in next(found[seen]) {
            if !found.contains(&task) {
                found.push(task);
            }
        }
        seen += 1;
    }
    found
}
