//! How much there is to simulate.

use super::Subject;
use crate::scenario::diagnostic::Diagnostic;

/// More task instances than this in one replication take minutes.
const MANY_INSTANCES: f64 = 1e8;

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let seconds = subject.scenario.horizon.as_seconds();
    let rates = subject.run_rates();
    let instances: f64 = subject
        .dags()
        .map(|dag| {
            let tasks = deployment.tasks_of(dag.id);
            let per_run: f64 = tasks.map(|(_, task)| deployment.mean_instances(task)).sum();
            let runs = rates[dag.id.index()] * seconds;
            per_run * runs * f64::from(dag.copies)
        })
        .sum();
    if instances > MANY_INSTANCES {
        let message = format!(
            "one replication has about {instances:.1e} task instances, which takes minutes"
        );
        found.push(
            Diagnostic::warning("size::many_instances", message)
                .label(subject.syntax.horizon.span, "")
                .help("a shorter horizon with more replications often tells as much"),
        );
    }
}
