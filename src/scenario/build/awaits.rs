//! Which tasks sensors await, once all DAGs stand.

use super::Builder;
use crate::deployment::{SensorWait, TaskKind};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::syntax::{AwaitsSyntax, DagSyntax, TaskKindSyntax, TaskSyntax};

impl Builder<'_> {
    /// Fills in the tasks that sensors await, in each copy of their DAGs.
    pub(super) fn awaits(&mut self) {
        let syntax = self.syntax;
        let mut next_dag = 0;
        for dag in syntax.dags.values() {
            let copies = dag.count.as_ref().map_or(1, |count| count.value) as usize;
            let first = next_dag;
            next_dag += copies;
            for (at, task) in dag.tasks.values().enumerate().filter(|_| copies > 0) {
                if let Some(awaits) = self.awaited_by(task) {
                    let copies = &self.deployment.dags[first..next_dag];
                    let sensors = copies.iter().map(|copy| copy.first_task.index() + at);
                    let sensors: Vec<usize> = sensors.collect();
                    self.let_await(awaits, dag, &sensors);
                }
            }
        }
    }

    /// What a task awaits, by itself or by default.
    fn awaited_by<'s>(&self, task: &'s TaskSyntax) -> Option<&'s AwaitsSyntax>
    where
        Self: 's,
    {
        let shared = &self.syntax.defaults.task.kind;
        match task.kind.as_ref().or(shared.as_ref()) {
            Some(TaskKindSyntax::Sensor(sensor)) if sensor.wait.is_none() => sensor.awaits.as_ref(),
            _ => None,
        }
    }

    /// Lets the copies of a sensor await a task: within their own DAG each its own copy.
    fn let_await(&mut self, awaits: &AwaitsSyntax, own: &DagSyntax, sensors: &[usize]) {
        let written = self.syntax.dags.get(awaits.dag.as_str());
        let is_own = written.is_some_and(|dag| std::ptr::eq(dag, own));
        let mut awaited = None;
        for &sensor in sensors {
            let dag = if is_own {
                Some(self.deployment.tasks[sensor].dag)
            } else {
                awaited.or_else(|| self.dag_named(&awaits.dag, "a sensor"))
            };
            awaited = dag;
            let task = dag.and_then(|dag| self.task_in(dag, &awaits.dag, &awaits.task));
            // What is wrong with one copy is wrong with all.
            let Some(task) = task else { return };
            if task.index() == sensor {
                let message = "a sensor that awaits itself never ends well".to_owned();
                let problem = Diagnostic::error("sensor::awaits", message);
                return self.report(problem.label(awaits.task.span, ""));
            }
            if let TaskKind::Sensor(built) = &mut self.deployment.tasks[sensor].kind {
                built.wait = SensorWait::Task(task);
            }
        }
    }
}
