//! DAGs, and the copies of a DAG with a `count`.

use super::Builder;
use super::distribution::Unit;
use crate::deployment::{Dag, Schedule, Timetable};
use crate::ids::TaskId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::DagSyntax;

/// The most tasks of all DAGs together, and so the most DAGs: a size that still fits into memory.
const MAX_TASKS: u64 = 2_000_000;

impl Builder<'_> {
    /// Builds all DAGs; none if there would be too many tasks to hold.
    pub(super) fn dags(&mut self) -> Option<()> {
        let syntax = self.syntax;
        self.refuse_impossible_defaults();
        self.bounded()?;
        for (name, dag) in &syntax.dags {
            self.name(name, "DAG");
            self.dag(name, dag);
        }
        Some(())
    }

    fn refuse_impossible_defaults(&mut self) {
        let defaults = &self.syntax.defaults;
        let impossible = [
            defaults
                .task
                .upstream
                .as_ref()
                .map(|names| ("upstream", names.span)),
            defaults
                .task
                .downstream
                .as_ref()
                .map(|names| ("downstream", names.span)),
            defaults
                .dag
                .count
                .as_ref()
                .map(|count| ("count", count.span)),
            defaults
                .dag
                .tasks
                .keys()
                .next()
                .map(|task| ("tasks", task.span)),
        ];
        for (key, span) in impossible.into_iter().flatten() {
            self.report(
                Diagnostic::error(
                    "defaults::impossible",
                    format!("`{key}` cannot have a default"),
                )
                .label(span, "belongs to a single task or DAG"),
            );
        }
    }

    fn bounded(&mut self) -> Option<()> {
        let copies = |dag: &DagSyntax| dag.count.as_ref().map_or(1, |count| u64::from(count.value));
        let size = |dag: &DagSyntax| copies(dag) * dag.tasks.len().max(1) as u64;
        let total: u64 = self.syntax.dags.values().map(size).sum();
        if total <= MAX_TASKS {
            return Some(());
        }
        let largest = self.syntax.dags.iter().max_by_key(|(_, dag)| size(dag));
        let problem = Diagnostic::error(
            "size::too_many_tasks",
            format!("the DAGs have {total} tasks together, the limit is {MAX_TASKS}"),
        );
        self.report(match largest {
            Some((name, dag)) => {
                problem.label(name.span, format!("{} of them are here", size(dag)))
            }
            None => problem,
        });
        None
    }

    fn dag(&mut self, name: &Located<String>, syntax: &DagSyntax) {
        let defaults = &self.syntax.defaults.dag;
        let airflow = &self.syntax.airflow;
        let zone = self.zone(syntax.timezone.as_ref().or(defaults.timezone.as_ref()));
        let schedule = self.schedule(
            syntax.schedule.as_ref().or(defaults.schedule.as_ref()),
            zone,
        );
        let run_size = syntax.run_size.as_ref().or(defaults.run_size.as_ref());
        let run_size = run_size.map(|size| self.distribution(size, Unit::Plain));
        let limit = |own: &Option<Located<u32>>,
                     shared: &Option<Located<u32>>,
                     airflow: &Option<Located<u32>>| {
            let given = own.as_ref().or(shared.as_ref()).or(airflow.as_ref());
            given.map_or(16, |limit| limit.value)
        };
        let moment = |own: &Option<Located<_>>, shared: &Option<Located<_>>| {
            own.as_ref().or(shared.as_ref()).map(|moment| moment.value)
        };
        let catchup = syntax
            .catchup
            .or(defaults.catchup)
            .or(airflow.catchup_by_default);
        let dag = Dag {
            dag_id: name.value.clone(),
            first_task: TaskId::new(self.deployment.tasks.len()),
            task_count: syntax.tasks.len(),
            schedule,
            start_date: moment(&syntax.start_date, &defaults.start_date).unwrap_or(self.start()),
            end_date: moment(&syntax.end_date, &defaults.end_date),
            catchup: catchup.unwrap_or(self.deployment.airflow.rules.catchup_by_default),
            max_active_runs: limit(
                &syntax.max_active_runs,
                &defaults.max_active_runs,
                &airflow.max_active_runs_per_dag,
            ),
            max_active_tasks: limit(
                &syntax.max_active_tasks,
                &defaults.max_active_tasks,
                &airflow.max_active_tasks_per_dag,
            ),
            max_consecutive_failed_dag_runs: syntax
                .max_consecutive_failed_dag_runs
                .or(defaults.max_consecutive_failed_dag_runs)
                .or(airflow.max_consecutive_failed_dag_runs_per_dag)
                .unwrap_or(0),
            dagrun_timeout: syntax.dagrun_timeout.or(defaults.dagrun_timeout),
            deadline: syntax.deadline.or(defaults.deadline),
            run_size,
        };
        self.refuse_many_continuous(&dag, name);
        self.copies(dag, name, syntax);
    }

    fn refuse_many_continuous(&mut self, dag: &Dag, name: &Located<String>) {
        if matches!(dag.schedule, Schedule::Timetable(Timetable::Continuous))
            && dag.max_active_runs > 1
        {
            let message = format!(
                "DAG `{}` runs continuously, so one run at a time",
                name.value
            );
            self.report(
                Diagnostic::error("schedule::continuous", message)
                    .label(name.span, "")
                    .help("write `max_active_runs: 1`, which Airflow asks for, too"),
            );
        }
    }

    /// Puts up the DAG, or as many numbered copies of it as `count` says.
    fn copies(&mut self, dag: Dag, name: &Located<String>, syntax: &DagSyntax) {
        let first = dag.first_task;
        self.tasks(name, syntax);
        let Some(count) = &syntax.count else {
            self.deployment.dags.push(dag);
            return;
        };
        for copy in 1..=count.value as usize {
            if copy > 1 {
                self.copy_tasks(first, dag.task_count);
            }
            let dag_id = format!("{}_{copy}", dag.dag_id);
            if self.syntax.dags.contains_key(dag_id.as_str()) {
                self.report(
                    Diagnostic::error("dag::duplicate", format!("there are two DAGs `{dag_id}`"))
                        .label(
                            name.span,
                            format!("its copy {copy} has the name of another DAG"),
                        ),
                );
            }
            self.deployment.dags.push(Dag {
                dag_id,
                first_task: TaskId::new(first.index() + (copy - 1) * dag.task_count),
                ..dag.clone()
            });
        }
    }
}
