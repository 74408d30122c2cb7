//! Assets that nobody writes, and DAGs that set themselves off.

use super::{Subject, WrittenDag};
use crate::deployment::{AssetCondition, Schedule};
use crate::ids::DagId;
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::Located;
use crate::scenario::near::near;
use crate::scenario::syntax::{AssetsSyntax, ScheduleSyntax};

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    if deployment.assets.is_empty() {
        return;
    }
    let mut written = vec![false; deployment.assets.len()];
    for task in &deployment.tasks {
        for outlet in &task.outlets {
            written[outlet.index()] = true;
        }
    }
    let names = deployment.assets.iter().zip(&written);
    let names: Vec<&str> = names
        .filter(|(_, written)| **written)
        .map(|(name, _)| name.as_str())
        .collect();
    for dag in subject.dags() {
        for (name, span) in subject.named_assets(&dag) {
            if !names.contains(&name) {
                found.push(unwritten(name, span, &dag, &names));
            }
        }
    }
    circles(subject, found);
}

fn unwritten(name: &str, span: Span, dag: &WrittenDag<'_>, names: &[&str]) -> Diagnostic {
    let message = format!(
        "DAG `{}` waits for asset `{name}`, which no task writes",
        dag.name.value
    );
    let help = match near(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write `outlets: [{name}]` on the task that writes it"),
    };
    Diagnostic::warning("asset::unwritten", message)
        .label(span, "")
        .help(help)
}

/// Warns of each DAG whose runs lead to further runs of itself.
fn circles(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    for dag in subject.dags() {
        let mut reached = vec![false; subject.scenario.deployment.dags.len()];
        let mut next = vec![dag.id];
        while let Some(from) = next.pop() {
            for to in subject.set_off_by(from) {
                if !std::mem::replace(&mut reached[to.index()], true) {
                    next.push(to);
                }
            }
        }
        if reached[dag.id.index()] {
            let message = format!(
                "runs of DAG `{}` set off further runs of it, without end",
                dag.name.value
            );
            found.push(
                Diagnostic::warning("asset::circle", message)
                    .label(dag.name.span, "")
                    .help("what it writes leads back to what it waits for"),
            );
        }
    }
}

impl<'a> Subject<'a> {
    /// The assets that a DAG waits for, with their places.
    fn named_assets(&self, dag: &WrittenDag<'a>) -> Vec<(&'a str, Span)> {
        let defaults = &self.syntax.defaults.dag;
        let schedule = dag.syntax.schedule.as_ref().or(defaults.schedule.as_ref());
        let mut names = Vec::new();
        if let Some(ScheduleSyntax::Assets(condition)) = schedule.map(|schedule| &schedule.value) {
            collect(condition, &mut names);
        }
        names
    }

    /// The DAGs that listen to what a DAG writes.
    fn set_off_by(&self, dag: DagId) -> Vec<DagId> {
        let deployment = &self.scenario.deployment;
        let outlets: Vec<_> = deployment
            .tasks_of(dag)
            .flat_map(|(_, task)| task.outlets.iter().copied())
            .collect();
        let listens = |condition: &AssetCondition| {
            condition
                .assets()
                .iter()
                .any(|asset| outlets.contains(asset))
        };
        let dags = deployment.dags.iter().enumerate();
        dags.filter(
            |(_, dag)| matches!(&dag.schedule, Schedule::Assets(condition) if listens(condition)),
        )
        .map(|(index, _)| DagId::new(index))
        .collect()
    }
}

fn collect<'a>(condition: &'a Located<AssetsSyntax>, names: &mut Vec<(&'a str, Span)>) {
    match &condition.value {
        AssetsSyntax::Asset(name) => names.push((name, condition.span)),
        AssetsSyntax::Any(parts) | AssetsSyntax::All(parts) => {
            for part in parts {
                collect(part, names);
            }
        }
    }
}
