//! What a deployment and a history both call by the same names.

use std::collections::BTreeMap;

use crate::deployment::Deployment;
use crate::ids::{DagId, TaskId};
use crate::time::SimTime;
use crate::trace::{RecordedRun, RecordedTry, TaskInstanceRecord};

/// The DAGs and tasks of a deployment by name.
#[derive(Clone, Debug)]
pub(super) struct Names<'a> {
    dags: BTreeMap<&'a str, DagId>,
    tasks: BTreeMap<(&'a str, &'a str), TaskId>,
}

/// What names a try in a simulation as in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TryName {
    pub(super) task: TaskId,
    /// The logical date of its run, or `run_after` for runs without one.
    pub(super) date: SimTime,
    /// -1 if the task is not mapped.
    pub(super) map_index: i32,
    /// Counts from 1.
    pub(super) try_number: u32,
}

impl<'a> Names<'a> {
    pub(super) fn new(deployment: &'a Deployment) -> Self {
        let dags = deployment.dags.iter().enumerate();
        // Edits may add tasks of the same name at the end: the first one is the one that was declared.
        let tasks = deployment.tasks.iter().enumerate().rev();
        Self {
            dags: dags
                .map(|(at, dag)| (dag.dag_id.as_str(), DagId::new(at)))
                .collect(),
            tasks: tasks
                .map(|(at, task)| {
                    let dag = &deployment.dags[task.dag.index()];
                    let name = (dag.dag_id.as_str(), task.task_id.as_str());
                    (name, TaskId::new(at))
                })
                .collect(),
        }
    }

    pub(super) fn dag(&self, dag_id: &str) -> Option<DagId> {
        self.dags.get(dag_id).copied()
    }

    pub(super) fn task(&self, dag_id: &str, task_id: &str) -> Option<TaskId> {
        self.tasks.get(&(dag_id, task_id)).copied()
    }

    /// What names a recorded try; none if the deployment does not have its task.
    pub(super) fn of_try(&self, run: &RecordedRun, attempt: &RecordedTry) -> Option<TryName> {
        Some(TryName {
            task: self.task(&run.dag_id, &attempt.task_id)?,
            date: name_date(run),
            map_index: attempt.map_index,
            try_number: attempt.try_number,
        })
    }

    /// What names the try of a simulated row.
    pub(super) fn of_row(&self, deployment: &Deployment, row: &TaskInstanceRecord) -> TryName {
        let dag_id = &deployment.dags[row.dag.index()].dag_id;
        let task_id = &deployment.tasks[row.task.index()].task_id;
        TryName {
            task: self.task(dag_id, task_id).unwrap_or(row.task),
            date: row.logical_date,
            map_index: row.map_index,
            try_number: row.try_number,
        }
    }
}

/// The date by which a run is called within its DAG.
pub(super) fn name_date(run: &RecordedRun) -> SimTime {
    run.logical_date.unwrap_or(run.run_after)
}
