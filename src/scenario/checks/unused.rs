//! Pools that no task uses, and DAGs without tasks.

use super::Subject;
use crate::deployment::DEFAULT_POOL;
use crate::scenario::diagnostic::Diagnostic;

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let mut used = vec![false; deployment.pools.len()];
    for task in &deployment.tasks {
        used[task.pool.index()] = true;
    }
    for (pool, used) in deployment.pools.iter().zip(used) {
        let declared = subject.syntax.pools.get_key_value(pool.name.as_str());
        let Some((name, _)) = declared.filter(|_| !used && pool.name != DEFAULT_POOL) else {
            continue;
        };
        found.push(
            Diagnostic::warning("pool::unused", format!("no task uses pool `{}`", pool.name))
                .label(name.span, "")
                .help("write `pool:` on the tasks that should; its free slots still count for the scheduler's page"),
        );
    }
    for dag in subject.dags().filter(|dag| dag.syntax.tasks.is_empty()) {
        found.push(
            Diagnostic::warning(
                "dag::empty",
                format!("DAG `{}` has no tasks", dag.name.value),
            )
            .label(dag.name.span, ""),
        );
    }
}
