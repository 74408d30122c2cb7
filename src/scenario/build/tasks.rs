//! The tasks of a DAG: defaults, pools, executors and what comes before what.

use super::Builder;
use super::distribution::Unit;
use crate::deployment::{
    RetryPolicy, ScopeRole, Task, TaskKind, TriggerRule, WeightRule, own_weight,
};
use crate::ids::{AssetId, DagId, PoolId, TaskId};
use crate::random::Distribution;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{DagSyntax, TaskSyntax, TriggerRuleSyntax, WeightRuleSyntax};

impl Builder<'_> {
    /// Puts up the tasks of the DAG that comes next.
    pub(super) fn tasks(&mut self, dag: &Located<String>, syntax: &DagSyntax) {
        let first = self.deployment.tasks.len();
        for (name, task) in &syntax.tasks {
            self.name(name, "task");
            let mut built = self.task(dag, name, task);
            self.endings(&mut built, task);
            self.deployment.tasks.push(built);
        }
        self.link(first, dag, syntax);
    }

    /// Puts up a copy of `count` tasks for the DAG that comes next.
    pub(super) fn copy_tasks(&mut self, first: TaskId, count: usize) {
        let moved = self.deployment.tasks.len() - first.index();
        for at in first.index()..first.index() + count {
            let mut task = self.deployment.tasks[at].clone();
            task.dag = DagId::new(self.deployment.dags.len());
            task.move_links(moved);
            self.deployment.tasks.push(task);
        }
    }

    fn task(&mut self, dag: &Located<String>, name: &Located<String>, syntax: &TaskSyntax) -> Task {
        let defaults = &self.syntax.defaults.task;
        let kind = self.kind_of(syntax);
        let airflow_rule = self.syntax.airflow.default_task_weight_rule;
        let number = |own: &Option<Located<u32>>, shared: &Option<Located<u32>>| {
            own.as_ref().or(shared.as_ref()).map(|number| number.value)
        };
        let scope = self.scope_of(syntax);
        let pushes = syntax
            .pushes
            .as_ref()
            .map(|lengths| self.distribution(lengths, Unit::Plain));
        let dag_id = DagId::new(self.deployment.dags.len());
        let executor = self.executor_of(name, syntax);
        Task {
            pool: self.pool_of(name, syntax),
            pool_slots: number(&syntax.pool_slots, &defaults.pool_slots).unwrap_or(1),
            priority_weight: own_weight(
                syntax
                    .priority_weight
                    .or(defaults.priority_weight)
                    .unwrap_or(1),
                &self.deployment.airflow.rules,
            ),
            weight_rule: weight_rule(syntax.weight_rule.or(defaults.weight_rule).or(airflow_rule)),
            executor,
            queue: self.queue_of(name, syntax, executor),
            max_active_tis_per_dag: number(
                &syntax.max_active_tis_per_dag,
                &defaults.max_active_tis_per_dag,
            ),
            max_active_tis_per_dagrun: number(
                &syntax.max_active_tis_per_dagrun,
                &defaults.max_active_tis_per_dagrun,
            ),
            outlets: self.outlets_of(syntax),
            retry: self.retry_of(syntax),
            duration: self.duration_of(dag, name, syntax, &kind),
            trigger_rule: trigger_rule(syntax.trigger_rule.or(defaults.trigger_rule), scope),
            scope,
            pushes,
            kind,
            ..Task::named(name.value.clone(), dag_id)
        }
    }

    fn scope_of(&mut self, syntax: &TaskSyntax) -> ScopeRole {
        let is_teardown = syntax.is_teardown.as_ref().filter(|given| given.value);
        match (syntax.is_setup == Some(true), is_teardown) {
            (true, Some(teardown)) => {
                let message = "a task is a setup or a teardown, not both".to_owned();
                self.report(Diagnostic::error("task::scope", message).label(teardown.span, ""));
                ScopeRole::Work
            }
            (true, None) => ScopeRole::Setup,
            (false, Some(_)) => ScopeRole::Teardown {
                on_failure_fail_dagrun: syntax.on_failure_fail_dagrun == Some(true),
            },
            (false, None) => ScopeRole::Work,
        }
    }

    fn outlets_of(&mut self, syntax: &TaskSyntax) -> Vec<AssetId> {
        let defaults = &self.syntax.defaults.task;
        let names = syntax.outlets.as_ref().or(defaults.outlets.as_ref());
        let names = names.into_iter().flat_map(|names| &names.0);
        names.map(|name| self.asset(name)).collect()
    }

    fn pool_of(&mut self, name: &Located<String>, syntax: &TaskSyntax) -> PoolId {
        let given = syntax
            .pool
            .as_ref()
            .or(self.syntax.defaults.task.pool.as_ref());
        let found = given.and_then(|pool| self.pool(pool, &format!("task `{}`", name.value)));
        let default = || self.deployment.pool_named(crate::deployment::DEFAULT_POOL);
        found.or_else(default).unwrap_or_default()
    }

    fn retry_of(&mut self, syntax: &TaskSyntax) -> RetryPolicy {
        let defaults = &self.syntax.defaults.task;
        let airflow = &self.syntax.airflow;
        let default = RetryPolicy::default();
        let delay = syntax
            .retry_delay
            .or(defaults.retry_delay)
            .or(airflow.default_task_retry_delay);
        let retries = syntax
            .retries
            .or(defaults.retries)
            .or(airflow.default_task_retries);
        RetryPolicy {
            retries: retries.unwrap_or(default.retries),
            retry_delay: delay.unwrap_or(default.retry_delay),
            retry_exponential_backoff: self.backoff_of(syntax),
            max_retry_delay: syntax.max_retry_delay.or(defaults.max_retry_delay),
        }
    }

    fn backoff_of(&mut self, syntax: &TaskSyntax) -> f64 {
        let shared = &self.syntax.defaults.task.retry_exponential_backoff;
        let Some(backoff) = syntax
            .retry_exponential_backoff
            .as_ref()
            .or(shared.as_ref())
        else {
            return 0.0;
        };
        let is_factor = self.deployment.airflow.rules.backoff_has_factor;
        let allowed = if is_factor {
            backoff.value.is_finite() && backoff.value >= 0.0
        } else {
            [0.0, 2.0].contains(&backoff.value)
        };
        if allowed {
            return backoff.value;
        }
        let what = if is_factor {
            "it is a factor from 0 on"
        } else {
            "in Airflow 2 it doubles (2) or is off (0)"
        };
        let message = format!("`retry_exponential_backoff` is {}, {what}", backoff.value);
        self.report(Diagnostic::error("task::backoff", message).label(backoff.span, ""));
        0.0
    }

    fn duration_of(
        &mut self,
        dag: &Located<String>,
        name: &Located<String>,
        syntax: &TaskSyntax,
        kind: &TaskKind,
    ) -> Distribution {
        let given = syntax
            .duration
            .as_ref()
            .or(self.syntax.defaults.task.duration.as_ref());
        if let Some(duration) = given {
            let factor = self
                .syntax
                .scale
                .durations
                .as_ref()
                .map_or(1.0, |factor| factor.value);
            return self.distribution(duration, Unit::ScaledSeconds(factor));
        }
        if *kind == TaskKind::Work {
            let message = format!(
                "task `{}` of DAG `{}` has no duration",
                name.value, dag.value
            );
            self.report(
                Diagnostic::error("task::no_duration", message)
                    .label(name.span, "")
                    .help("write `duration: {constant: 2m}`, or `kind: empty` for a task that does nothing"),
            );
        }
        Distribution::ZERO
    }
}

/// A teardown has a rule of its own.
fn trigger_rule(given: Option<TriggerRuleSyntax>, scope: ScopeRole) -> TriggerRule {
    match scope {
        ScopeRole::Teardown { .. } => TriggerRule::AllDoneSetupSuccess,
        _ => given.map(Into::into).unwrap_or_default(),
    }
}

fn weight_rule(syntax: Option<WeightRuleSyntax>) -> WeightRule {
    match syntax {
        None | Some(WeightRuleSyntax::Downstream) => WeightRule::Downstream,
        Some(WeightRuleSyntax::Upstream) => WeightRule::Upstream,
        Some(WeightRuleSyntax::Absolute) => WeightRule::Absolute,
    }
}

#[cfg(test)]
mod tests {
    use crate::deployment::{Deployment, WeightRule};
    use crate::scenario::{NoFiles, read};
    use crate::time::SimDuration;

    fn deployment(text: &str) -> Deployment {
        read(text, &NoFiles)
            .unwrap_or_else(|problems| panic!("{problems}"))
            .value
            .deployment
    }

    #[test]
    fn a_task_takes_what_it_says_else_the_defaults_else_airflow() {
        let site = deployment(
            "
horizon: 1d
airflow: {default_task_retries: 7, default_task_retry_delay: 9m, default_task_weight_rule: absolute}
pools: {p: 4, q: 4}
defaults: {task: {pool: p, retries: 2, duration: {constant: 1m}}}
dags: {d: {tasks: {a: {}, b: {pool: q, retries: 0, weight_rule: upstream}}}}
",
        );
        let [a, b] = &site.tasks[..] else {
            panic!("two tasks")
        };
        assert_eq!(site.pools[a.pool.index()].name, "p");
        assert_eq!(site.pools[b.pool.index()].name, "q");
        assert_eq!((a.retry.retries, b.retry.retries), (2, 0));
        assert_eq!(a.retry.retry_delay, SimDuration::from_seconds(540));
        assert_eq!(
            (a.weight_rule, b.weight_rule),
            (WeightRule::Absolute, WeightRule::Upstream)
        );
    }

    #[test]
    fn upstream_and_downstream_say_the_same_and_each_edge_counts_once() {
        let site = deployment(
            "
horizon: 1d
defaults: {task: {kind: empty}}
dags: {other: {tasks: {x: {}}}, d: {tasks: {a: {downstream: [b, c]}, b: {upstream: a}, c: {upstream: [b, a]}}}}
",
        );
        let above: Vec<Vec<usize>> = site
            .tasks
            .iter()
            .map(|task| task.upstream.iter().map(|id| id.index()).collect())
            .collect();
        assert_eq!(above, [vec![], vec![], vec![1], vec![1, 2]]);
    }

    #[test]
    fn copies_of_a_dag_stand_on_their_own_tasks() {
        let site = deployment(
            "
horizon: 1d
defaults: {task: {kind: empty}}
dags: {d: {count: 3, tasks: {a: {}, b: {upstream: a}}}, e: {tasks: {x: {}}}}
",
        );
        let names: Vec<&str> = site.dags.iter().map(|dag| dag.dag_id.as_str()).collect();
        assert_eq!(names, ["d_1", "d_2", "d_3", "e"]);
        for (at, dag) in site.dags.iter().enumerate() {
            for (id, task) in site.tasks_of(crate::ids::DagId::new(at)) {
                assert_eq!(task.dag.index(), at);
                assert!(
                    task.upstream
                        .iter()
                        .all(|above| *above < id && *above >= dag.first_task)
                );
            }
        }
    }

    #[test]
    fn scaling_multiplies_durations() {
        let text = "horizon: 1d\nscale: {durations: 2}\ndags: {d: {tasks: {a: {duration: {lognormal: {mean: 3m, sd: 1m}}}}}}";
        let mean = deployment(text).tasks[0].duration.mean();
        assert!((mean - 360.0).abs() < 1e-9, "{mean}");
    }
}
