//! Objectives.

use super::Builder;
use crate::ids::TaskId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::near::suggestion;
use crate::scenario::objective::{Bound, Objective, ObjectiveTarget};
use crate::scenario::syntax::ObjectiveSyntax;
use crate::trace::{EntityKind, Indicator};

impl Builder<'_> {
    pub(super) fn objectives(&mut self) -> Vec<Objective> {
        let syntax = self.syntax;
        let all = syntax.objectives.iter();
        all.filter_map(|objective| self.objective(objective))
            .collect()
    }

    fn objective(&mut self, syntax: &Located<ObjectiveSyntax>) -> Option<Objective> {
        let bound = match (syntax.at_most, syntax.at_least) {
            (Some(most), None) => Bound::AtMost(most.0),
            (None, Some(least)) => Bound::AtLeast(least.0),
            _ => {
                return self.unclear(
                    syntax,
                    "an objective has one bound",
                    "give `at_most` or `at_least`",
                );
            }
        };
        let target = match (&syntax.pool, &syntax.dag, &syntax.task) {
            (None, None, None) => ObjectiveTarget::Site,
            (Some(pool), None, None) => ObjectiveTarget::Pool(self.pool(pool, "an objective")?),
            (None, Some(dag), None) => ObjectiveTarget::Dag(self.dag_named(dag, "an objective")?),
            (None, Some(dag), Some(task)) => ObjectiveTarget::Task(self.task_of(dag, task)?),
            (None, None, Some(_)) => {
                return self.unclear(
                    syntax,
                    "the objective names a task without its DAG",
                    "give `dag`, too",
                );
            }
            _ => {
                return self.unclear(
                    syntax,
                    "an objective is about one thing",
                    "give `pool`, or `dag`, or both `dag` and `task`",
                );
            }
        };
        Some(Objective {
            target,
            indicator: self.indicator(&syntax.indicator, target)?,
            bound,
        })
    }

    /// The name of the indicator, if there is one of that name and it can be asked of such a thing.
    fn indicator(&mut self, name: &Located<String>, target: ObjectiveTarget) -> Option<String> {
        let (kind, what) = match target {
            ObjectiveTarget::Pool(_) => (EntityKind::Pool, "pool"),
            ObjectiveTarget::Task(_) => (EntityKind::Task, "task"),
            // An objective of the whole site is one for each of its DAGs.
            ObjectiveTarget::Dag(_) | ObjectiveTarget::Site => (EntityKind::Dag, "DAG"),
        };
        let of_kind = Indicator::all().filter(|indicator| indicator.applies_to(kind));
        let known: Vec<String> = of_kind.map(|indicator| indicator.to_string()).collect();
        if known.contains(&name.value) {
            return Some(name.value.clone());
        }
        let message = format!("a {what} has no indicator `{}`", name.value);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.report(
            Diagnostic::error("objective::indicator", message)
                .label(name.span, "")
                .help(suggestion(name, &known)),
        );
        None
    }

    fn unclear(
        &mut self,
        syntax: &Located<ObjectiveSyntax>,
        message: &str,
        help: &str,
    ) -> Option<Objective> {
        self.report(
            Diagnostic::error("objective::unclear", message)
                .label(syntax.indicator.span, "of this indicator")
                .help(help),
        );
        None
    }

    fn task_of(&mut self, dag: &Located<String>, name: &Located<String>) -> Option<TaskId> {
        let found = self.dag_named(dag, "an objective")?;
        self.task_in(found, dag, name)
    }
}
