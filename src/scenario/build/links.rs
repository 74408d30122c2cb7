//! What ties the tasks of a DAG together: what comes before what, the ways of branches, lists and groups.

use super::Builder;
use crate::deployment::{Branch, Mapping, TaskKind};
use crate::ids::TaskId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{DagSyntax, MapSyntax, TaskKindSyntax, TaskSyntax};

/// By how much probabilities may exceed 1 and still be meant to sum to it.
const ROUNDING: f64 = 1e-9;

impl Builder<'_> {
    /// Ties the tasks of the DAG together that stand from `first` on.
    pub(super) fn link(&mut self, first: usize, dag: &Located<String>, syntax: &DagSyntax) {
        for (at, task) in syntax.tasks.values().enumerate() {
            self.map(first, at, dag, syntax, task);
            self.past(first + at, task);
        }
        self.connect(first, dag, syntax);
        for (at, task) in syntax.tasks.values().enumerate() {
            if let Some(TaskKindSyntax::Branch(ways)) = &task.kind {
                let mut branch = Branch::default();
                for (name, probability) in ways {
                    if let Some(way) = self.way(first, at, name, dag, syntax) {
                        let probability = self.share("branch", Some(probability));
                        branch.ways.push((way, probability));
                    }
                }
                self.refuse_more_than_all(&branch, ways.keys().next());
                self.deployment.tasks[first + at].kind = TaskKind::Branch(branch);
            }
        }
    }

    /// Fills in what the task at `at` asks of the run before.
    fn past(&mut self, at: usize, task: &TaskSyntax) {
        let shared = &self.syntax.defaults.task;
        let depends = task.depends_on_past.or(shared.depends_on_past);
        let waits = task.wait_for_downstream.or(shared.wait_for_downstream);
        let built = &mut self.deployment.tasks[at];
        built.depends_on_past = depends == Some(true);
        built.wait_for_downstream = waits == Some(true);
    }

    /// Fills in what comes before what, from both directions, in the order of the file and each once. A task mapped
    /// over a list comes after the task that pushes it, as it does in a DAG file.
    fn connect(&mut self, first: usize, dag: &Located<String>, syntax: &DagSyntax) {
        let mut edges = Vec::new();
        for (at, task) in syntax.tasks.values().enumerate() {
            for name in task.upstream.iter().flat_map(|names| &names.0) {
                edges.extend(self.task_named(name, dag, syntax).map(|above| (above, at)));
            }
            for name in task.downstream.iter().flat_map(|names| &names.0) {
                edges.extend(self.task_named(name, dag, syntax).map(|below| (at, below)));
            }
        }
        for at in 0..syntax.tasks.len() {
            let task = &self.deployment.tasks[first + at];
            let follows_its_group = |&(above, below): &(usize, usize)| {
                let above = &self.deployment.tasks[first + above];
                below == at && task.group.is_some() && above.group == task.group
            };
            if let Some(Mapping::Over(source)) = task.mapping
                && !edges.iter().any(follows_its_group)
            {
                edges.push((source.index() - first, at));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        for (above, below) in edges {
            self.deployment.tasks[first + below]
                .upstream
                .push(TaskId::new(first + above));
        }
    }

    /// Fills in what the task at `at` is mapped over, by itself or with its group.
    fn map(
        &mut self,
        first: usize,
        at: usize,
        dag: &Located<String>,
        syntax: &DagSyntax,
        task: &TaskSyntax,
    ) {
        let shared = &self.syntax.defaults.task;
        let mut over = task.map.as_ref().or(shared.map.as_ref());
        if let Some(group) = task.group.as_ref().or(shared.group.as_ref()) {
            let Some((position, _, mapped)) = syntax.mapped_groups.get_full(group.as_str()) else {
                let message = format!("DAG `{}` has no mapped group `{}`", dag.value, group.value);
                let help = self.did_you_mean(group, syntax.mapped_groups.keys(), &[]);
                return self.report(
                    Diagnostic::error("task::unknown_group", message)
                        .label(group.span, "not among `mapped_groups`")
                        .help(help),
                );
            };
            if let Some(own) = &task.map {
                let message = "a task of a mapped group is mapped with its group".to_owned();
                self.report(Diagnostic::error("task::mapped_twice", message).label(own.span, ""));
            }
            self.deployment.tasks[first + at].group = Some(position as u32);
            over = Some(mapped);
        }
        let mapping = match over.map(|over| &over.value) {
            None => None,
            Some(MapSyntax::Length(length)) => Some(Mapping::Fixed(*length)),
            Some(MapSyntax::Over(name)) => self
                .source(name, dag, syntax)
                .map(|source| Mapping::Over(TaskId::new(first + source))),
        };
        self.deployment.tasks[first + at].mapping = mapping;
    }

    /// The position of a task that others are mapped over.
    fn source(
        &mut self,
        name: &Located<String>,
        dag: &Located<String>,
        syntax: &DagSyntax,
    ) -> Option<usize> {
        let source = self.task_named(name, dag, syntax)?;
        let task = &syntax.tasks[source];
        let is_mapped = task.map.is_some() || task.group.is_some();
        if task.pushes.is_some() && !is_mapped {
            return Some(source);
        }
        let (message, help) = if is_mapped {
            (
                format!(
                    "task `{}` is mapped itself, so it pushes no single list",
                    name.value
                ),
                "a task can be mapped over the list of a task that is not",
            )
        } else {
            (
                format!(
                    "task `{}` does not say how long the list is that it pushes",
                    name.value
                ),
                "give that task `pushes: {constant: 12}`, or any distribution of lengths",
            )
        };
        self.report(
            Diagnostic::error("task::no_list", message)
                .label(name.span, "mapped over this task")
                .help(help),
        );
        None
    }

    /// A way that the branch at `at` can go: a task directly after it.
    fn way(
        &mut self,
        first: usize,
        at: usize,
        name: &Located<String>,
        dag: &Located<String>,
        syntax: &DagSyntax,
    ) -> Option<TaskId> {
        let way = first + self.task_named(name, dag, syntax)?;
        if self.deployment.tasks[way]
            .upstream
            .contains(&TaskId::new(first + at))
        {
            return Some(TaskId::new(way));
        }
        let message = format!(
            "a branch goes to the tasks directly after it, and `{}` is not one of them",
            name.value
        );
        self.report(
            Diagnostic::error("branch::not_downstream", message)
                .label(name.span, "")
                .help("add the branch to the `upstream` of that task"),
        );
        None
    }

    fn refuse_more_than_all(&mut self, branch: &Branch, first: Option<&Located<String>>) {
        let sum: f64 = branch.ways.iter().map(|(_, probability)| probability).sum();
        if let Some(first) = first
            && sum > 1.0 + ROUNDING
        {
            let message =
                format!("the probabilities of the branch sum to {sum}, which is more than 1");
            self.report(
                Diagnostic::error("branch::more_than_all", message)
                    .label(first.span, "from here on"),
            );
        }
    }

    fn task_named(
        &mut self,
        name: &Located<String>,
        dag: &Located<String>,
        syntax: &DagSyntax,
    ) -> Option<usize> {
        let found = syntax.tasks.get_index_of(name.as_str());
        if found.is_none() {
            let message = format!("DAG `{}` has no task `{}`", dag.value, name.value);
            let help = self.did_you_mean(name, syntax.tasks.keys(), &[]);
            self.report(
                Diagnostic::error("task::unknown", message)
                    .label(name.span, "no such task in this DAG")
                    .help(help),
            );
        }
        found
    }
}
