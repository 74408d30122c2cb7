//! Tasks that can never run, which Airflow itself does not tell: they stay scheduled for ever.

use super::Subject;
use crate::deployment::TaskKind;
use crate::ids::PoolId;
use crate::scenario::diagnostic::Diagnostic;

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    for dag in subject.dags() {
        for ((_, task), (name, syntax)) in deployment.tasks_of(dag.id).zip(&dag.syntax.tasks) {
            let pool = &deployment.pools[task.pool.index()];
            let unlimited = pool.slots == -1;
            let fits = i64::from(task.pool_slots) <= pool.slots;
            if task.kind == TaskKind::Empty || unlimited || fits || subject.is_resized(task.pool) {
                continue;
            }
            let (code, message) = if pool.slots <= 0 {
                let message = format!(
                    "task `{}` can never run: its pool `{}` has no slots",
                    name.value, pool.name
                );
                ("task::closed_pool", message)
            } else {
                let message = format!(
                    "task `{}` can never run: it takes {} slots of pool `{}`, which has {}",
                    name.value, task.pool_slots, pool.name, pool.slots
                );
                ("task::too_wide", message)
            };
            let wide = syntax.pool_slots.as_ref().map(|slots| slots.span);
            let asked = syntax.pool.as_ref().map(|pool| pool.span);
            let mut problem =
                Diagnostic::error(code, message).label(wide.or(asked).unwrap_or(name.span), "");
            if let Some((_, declared)) = subject.syntax.pools.get_key_value(pool.name.as_str()) {
                problem = problem.label(declared.span, "the pool");
            }
            found.push(problem);
        }
    }
}

impl Subject<'_> {
    /// Whether some policy or event may give the pool other slots than it has at the start.
    pub(super) fn is_resized(&self, pool: PoolId) -> bool {
        let mut plans = self.scenario.policies.values();
        plans.any(|plan| plan.size.is_some() && plan.pools.contains(&pool))
            || self.is_changed_by_events(pool)
    }

    /// Whether an operator resizes, creates or deletes the pool.
    pub(super) fn is_changed_by_events(&self, pool: PoolId) -> bool {
        let mut events = self.scenario.deployment.events.iter();
        events.any(|event| event.action.pool() == Some(pool))
    }
}
