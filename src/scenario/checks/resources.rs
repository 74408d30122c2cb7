//! Resources that nobody uses, and those that are asked for more than they can ever do.
//!
//! Tasks ask a resource for work: by Little's law (Little, 1961) so many would be at work in the mean if each ran as alone.
//! That is the throughput asked for in the units of [`Slowdown::throughput`], whose largest value up to the slots of the
//! pools in front is the most that the resource does.

use super::Subject;
use super::load::tries;
use crate::deployment::{Resource, TaskKind};
use crate::ids::PoolId;
use crate::scenario::diagnostic::Diagnostic;

/// Concurrency is looked at up to here where slots do not bound it.
const MOST_TASKS: i64 = 10_000;

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let rates = subject.run_rates();
    for (resource, (name, syntax)) in deployment.resources.iter().zip(&subject.syntax.resources) {
        if resource.pools.is_empty() {
            let message = format!("no pool protects resource `{}`", resource.name);
            let problem = Diagnostic::warning("resource::unused", message)
                .label(name.span, "")
                .help(format!(
                    "write `resource: {}` on the pools in front of it",
                    resource.name
                ));
            found.push(problem);
            continue;
        }
        let (mut work, mut calls) = (0.0, 0.0);
        for dag in subject.dags() {
            let rate = rates[dag.id.index()] * f64::from(dag.copies);
            for (_, task) in deployment.tasks_of(dag.id) {
                let is_user = resource.pools.contains(&task.pool)
                    && !matches!(task.kind, TaskKind::Sensor(_) | TaskKind::Empty);
                if is_user {
                    let delay = deployment.executors[task.executor].start_delay.mean();
                    let all_tries = rate * deployment.mean_instances(task) * tries(task);
                    work += rate * subject.work_of(&dag, task) - all_tries * delay;
                    calls += all_tries;
                }
            }
        }
        let most = subject.most_throughput(resource);
        if work >= most {
            let message = format!(
                "resource `{}` will never keep up: {work:.1} tasks at full speed are asked for in the mean, it does {most:.1} at the most",
                resource.name
            );
            let span = syntax.slowdown.as_ref().map_or(name.span, |law| law.span);
            let problem = Diagnostic::warning("resource::overload", message).label(span, "");
            found.push(
                problem.help("with more slots its tasks only wait at the resource in place of the pool: give it less work"),
            );
        }
        if let Some(limit) = &resource.rate_limit {
            let calls = calls * f64::from(limit.calls_per_task);
            if calls >= limit.refill {
                let message = format!(
                    "resource `{}` is called more often than it answers: {:.2} times a minute in the mean, `refill` allows {:.2}",
                    resource.name,
                    calls * 60.0,
                    limit.refill * 60.0
                );
                let problem = Diagnostic::warning("resource::overload", message);
                found.push(
                    problem.label(name.span, "").help(
                        "calls are delayed ever longer, or refused again and again: make fewer",
                    ),
                );
            }
        }
    }
}

impl Subject<'_> {
    /// The most that a resource does with as many tasks as its pools let in at the start.
    fn most_throughput(&self, resource: &Resource) -> f64 {
        let slots = |&pool: &PoolId| match self.scenario.deployment.pools[pool.index()].slots {
            slots if slots < 0 || self.is_resized(pool) => MOST_TASKS,
            slots => slots,
        };
        let sum: i64 = resource.pools.iter().map(slots).sum();
        let most = sum.clamp(1, MOST_TASKS) as u32;
        let law = &resource.slowdown;
        law.throughput(law.best_concurrency(most))
    }
}
