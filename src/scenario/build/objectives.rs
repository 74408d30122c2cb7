//! Objectives, and the precision that replications go on for.

use super::Builder;
use crate::ids::TaskId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::near::suggestion;
use crate::scenario::objective::{Bound, Objective, ObjectiveTarget, Precision};
use crate::scenario::syntax::{ObjectiveSyntax, PrecisionSyntax};
use crate::trace::{EntityKind, Indicator};

/// More replications than this are never asked for.
const MAX_REPLICATIONS: u32 = 100_000;

/// Where replications end if the precision does not say.
const DEFAULT_MAX_REPLICATIONS: u32 = 1_000;

/// An indicator of something, as an objective or a precision asks for it.
struct Asked<'a> {
    what: &'static str,
    pool: Option<&'a Located<String>>,
    resource: Option<&'a Located<String>>,
    dag: Option<&'a Located<String>>,
    task: Option<&'a Located<String>>,
    indicator: &'a Located<String>,
}

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
                    &syntax.indicator,
                    "an objective has one bound",
                    "give `at_most` or `at_least`",
                );
            }
        };
        let asked = Asked {
            what: "objective",
            pool: syntax.pool.as_ref(),
            resource: syntax.resource.as_ref(),
            dag: syntax.dag.as_ref(),
            task: syntax.task.as_ref(),
            indicator: &syntax.indicator,
        };
        let target = self.target(&asked)?;
        Some(Objective {
            target,
            indicator: self.indicator(&syntax.indicator, target)?.to_string(),
            bound,
        })
    }

    pub(super) fn precision(&mut self, syntax: &PrecisionSyntax) -> Option<Precision> {
        let asked = Asked {
            what: "precision",
            pool: syntax.pool.as_ref(),
            resource: None,
            dag: syntax.dag.as_ref(),
            task: syntax.task.as_ref(),
            indicator: &syntax.indicator,
        };
        let at_most = syntax.max_replications.as_ref();
        if let Some(at_most) = at_most
            && !(2..=MAX_REPLICATIONS).contains(&at_most.value)
        {
            let message = format!(
                "the most replications are 2 to {MAX_REPLICATIONS}, not {}",
                at_most.value
            );
            self.report(
                Diagnostic::error("precision::max_replications", message).label(at_most.span, ""),
            );
        }
        let target = self.target(&asked)?;
        Some(Precision {
            target,
            indicator: self.indicator(&syntax.indicator, target)?,
            relative: syntax.relative.value.0,
            at_most: at_most.map_or(DEFAULT_MAX_REPLICATIONS, |most| most.value),
        })
    }

    fn target(&mut self, asked: &Asked<'_>) -> Option<ObjectiveTarget> {
        let what = asked.what;
        let whose = format!("{} {what}", if what == "objective" { "an" } else { "a" });
        Some(match (asked.pool, asked.resource, asked.dag, asked.task) {
            (None, None, None, None) => ObjectiveTarget::Site,
            (Some(pool), None, None, None) => ObjectiveTarget::Pool(self.pool(pool, &whose)?),
            (None, Some(resource), None, None) => {
                let user = format!("{whose} is about");
                ObjectiveTarget::Resource(self.resource_named(resource, &user)?)
            }
            (None, None, Some(dag), None) => ObjectiveTarget::Dag(self.dag_named(dag, &whose)?),
            (None, None, Some(dag), Some(task)) => {
                ObjectiveTarget::Task(self.task_of(dag, task, &whose)?)
            }
            (None, None, None, Some(_)) => {
                let message = format!("the {what} names a task without its DAG");
                return self.unclear(asked.indicator, &message, "give `dag`, too");
            }
            _ => {
                let message = format!("{whose} is about one thing");
                let help = "give `pool`, or `resource`, or `dag`, or both `dag` and `task`";
                return self.unclear(asked.indicator, &message, help);
            }
        })
    }

    /// The name of the indicator, if there is one of that name and it can be asked of such a thing.
    fn indicator(&mut self, name: &Located<String>, target: ObjectiveTarget) -> Option<Indicator> {
        let (kind, what) = match target {
            ObjectiveTarget::Pool(_) => (EntityKind::Pool, "pool"),
            ObjectiveTarget::Resource(_) => (EntityKind::Resource, "resource"),
            ObjectiveTarget::Task(_) => (EntityKind::Task, "task"),
            // An objective of the whole site is one for each of its DAGs, unless it can be asked of the whole alone.
            ObjectiveTarget::Dag(_) | ObjectiveTarget::Site => (EntityKind::Dag, "DAG"),
        };
        if let Ok(indicator) = name.value.parse::<Indicator>()
            && may_be_asked(indicator, target, kind)
        {
            self.see_that_it_is_measured(indicator, name);
            return Some(indicator);
        }
        let of_kind = Indicator::all().filter(|&one| may_be_asked(one, target, kind));
        let known: Vec<String> = of_kind.map(|indicator| indicator.to_string()).collect();
        let message = format!("a {what} has no indicator `{}`", name.value);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.report(
            Diagnostic::error("objective::indicator", message)
                .label(name.span, "")
                .help(suggestion(name, &known)),
        );
        None
    }

    /// What has no price has no cost.
    fn see_that_it_is_measured(&mut self, indicator: Indicator, name: &Located<String>) {
        let missing = match indicator {
            Indicator::Cost if self.syntax.costs.is_none() => "costs",
            Indicator::TimeOverBudget if self.syntax.budget.is_none() => "budget",
            _ => return,
        };
        let message = format!("`{indicator}` is not measured without `{missing}`");
        self.report(
            Diagnostic::error("objective::unmeasured", message)
                .label(name.span, "")
                .help(format!("add a section `{missing}`")),
        );
    }

    fn unclear<T>(&mut self, indicator: &Located<String>, message: &str, help: &str) -> Option<T> {
        self.report(
            Diagnostic::error("objective::unclear", message)
                .label(indicator.span, "of this indicator")
                .help(help),
        );
        None
    }

    fn task_of(
        &mut self,
        dag: &Located<String>,
        name: &Located<String>,
        whose: &str,
    ) -> Option<TaskId> {
        let found = self.dag_named(dag, whose)?;
        self.task_in(found, dag, name)
    }
}

/// Whether it can be asked of a thing of this kind, or of the whole site if that is meant.
fn may_be_asked(indicator: Indicator, target: ObjectiveTarget, kind: EntityKind) -> bool {
    let of_site = target == ObjectiveTarget::Site && indicator.applies_to(EntityKind::Site);
    of_site || indicator.applies_to(kind)
}
