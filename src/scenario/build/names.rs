//! Names that must be declared somewhere.

use super::Builder;
use crate::deployment::DEFAULT_POOL;
use crate::ids::{DagId, PoolId, TaskId};
use crate::scenario::diagnostic::{Diagnostic, line_of};
use crate::scenario::document::Located;
use crate::scenario::near::{near, quoted};

impl Builder<'_> {
    /// The pool of that name; an unknown one is reported as what `user` asks for.
    pub(super) fn pool(&mut self, name: &Located<String>, user: &str) -> Option<PoolId> {
        let found = self.deployment.pool_named(name);
        if found.is_none() {
            let message = format!(
                "{user} asks for pool `{}`, which is not declared",
                name.value
            );
            let help = self.did_you_mean(name, self.syntax.pools.keys(), &[DEFAULT_POOL]);
            self.report(
                Diagnostic::error("pool::unknown", message)
                    .label(name.span, "no such pool")
                    .help(help),
            );
        }
        found
    }

    /// The DAG of that name; an unknown one is reported as what `user` is about.
    pub(super) fn dag_named(&mut self, name: &Located<String>, user: &str) -> Option<DagId> {
        let found = self.deployment.dag_named(name);
        if found.is_none() {
            let message = format!(
                "{user} is about DAG `{}`, which is not declared",
                name.value
            );
            let copies = self
                .syntax
                .dags
                .get(name.as_str())
                .and_then(|dag| dag.count.as_ref());
            let help = match copies {
                Some(count) => format!(
                    "it has {} copies: name one of them, such as `{}_1`",
                    count.value, name.value
                ),
                None => self.did_you_mean(name, self.syntax.dags.keys(), &[]),
            };
            self.report(
                Diagnostic::error("dag::unknown", message)
                    .label(name.span, "no such DAG")
                    .help(help),
            );
        }
        found
    }

    /// The task of that name in a DAG that was found under its own name.
    pub(super) fn task_in(
        &mut self,
        found: DagId,
        dag: &Located<String>,
        name: &Located<String>,
    ) -> Option<TaskId> {
        let tasks = &self.deployment.tasks;
        let row = &self.deployment.dags[found.index()];
        let (first, count) = (row.first_task.index(), row.task_count);
        let its_own = &tasks[first..first + count];
        if let Some(at) = its_own.iter().position(|task| task.task_id == name.value) {
            return Some(TaskId::new(first + at));
        }
        let names: Vec<&str> = its_own.iter().map(|task| task.task_id.as_str()).collect();
        let help = self.did_you_mean(name, std::iter::empty(), &names);
        let message = format!("DAG `{}` has no task `{}`", dag.value, name.value);
        self.report(
            Diagnostic::error("task::unknown", message)
                .label(name.span, "no such task in this DAG")
                .help(help),
        );
        None
    }

    /// The zone if it exists, else UTC and a report.
    pub(super) fn zone<'z>(&mut self, zone: Option<&'z Located<String>>) -> &'z str {
        let Some(zone) = zone else {
            return "UTC";
        };
        if jiff::tz::TimeZone::get(zone).is_ok() {
            return zone;
        }
        let known: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect();
        let help = match near(zone, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write an IANA name such as `Europe/Berlin` or `UTC`".into(),
        };
        self.report(
            Diagnostic::error(
                "zone::unknown",
                format!("there is no time zone `{}`", zone.value),
            )
            .label(zone.span, "no such zone")
            .help(help),
        );
        "UTC"
    }

    /// The nearest declared name and its line, or all that there are; `builtin` names are declared nowhere.
    pub(super) fn did_you_mean<'n>(
        &self,
        name: &str,
        declared: impl IntoIterator<Item = &'n Located<String>>,
        builtin: &[&'n str],
    ) -> String {
        let declared: Vec<&Located<String>> = declared.into_iter().collect();
        let mut names: Vec<&str> = declared
            .iter()
            .map(|declared| declared.value.as_str())
            .collect();
        names.extend(builtin);
        let Some(near) = near(name, names.iter().copied()) else {
            names.truncate(20);
            return if names.is_empty() {
                "none is declared".into()
            } else {
                format!("declared are {}", quoted(names))
            };
        };
        match declared.iter().find(|declared| declared.value == near) {
            Some(place) => format!(
                "did you mean `{near}` (line {})?",
                line_of(self.sources, place.span)
            ),
            None => format!("did you mean `{near}`?"),
        }
    }
}
