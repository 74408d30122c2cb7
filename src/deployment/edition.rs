//! Edits of a DAG's file while its runs are running, and what they make of the DAG (docs/background/scheduler.md, 5.4).
//!
//! A task instance keeps the pool, the slots and the weight of the file in which its task stood when its row was created;
//! everything else is read from the newest file. So an edit gives new runs the DAG as the file has it, and each kind of run
//! that may be running a DAG of its own: the graph of the file, with the demands of the rows that are there.

use super::{Dag, Deployment, Mapping, OperatorAction, OperatorEvent, Task};
use crate::ids::{DagId, TaskId};
use crate::time::SimTime;
use std::mem::discriminant;
use thiserror::Error;

/// A DAG after an edit of its file: for new runs, or for some of those that are running then.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The DAG.
    pub dag: DagId,
    /// Which edit of the DAG, counted from 1.
    pub edit: u32,
    /// The DAG as its file describes it from then on; its tasks are those of this edition.
    pub file: Dag,
    /// For each task the one whose pool, slots, executor, queue and weight its instances have, because their rows were
    /// created for it: itself for tasks of new runs, and for tasks that are new in running ones.
    pub created_as: Vec<TaskId>,
    /// Whose runs become runs of this edition when they are first examined after the edit: those of other editions,
    /// by position in [`Deployment::editions`]; none is the DAG as declared.
    pub follows: Vec<Option<usize>>,
}

/// An edit that is not simulated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EditError {
    /// What an existing task is mapped over would change, or its mapped group.
    #[error("`map` of task `{0}` cannot change while runs are running")]
    Map(String),
    /// An existing task would become another kind of task.
    #[error("task `{0}` cannot become another kind of task while runs are running")]
    Kind(String),
    /// A task would come back that an earlier edit has removed.
    #[error("task `{0}` was removed by an earlier edit and cannot come back")]
    Returns(String),
    /// A sensor of the DAG awaits a task, or is awaited.
    #[error("a DAG with a task that awaits another or is awaited cannot be edited")]
    Awaits,
}

impl Deployment {
    /// Edits the file of a DAG at a moment, after all earlier edits of it. The `upstream` of the tasks counts from 0 within
    /// the DAG. Tasks that are missing are removed: in running runs, their instances that are not finished become
    /// `removed`.
    ///
    /// # Errors
    ///
    /// Refuses what is not simulated: see [`EditError`].
    pub fn edit(
        &mut self,
        at: SimTime,
        dag: DagId,
        file: &Dag,
        tasks: &[Task],
    ) -> Result<(), EditError> {
        let edit = 1 + self.edits(dag);
        self.check_edit(dag, tasks)?;
        let earlier: Vec<_> = std::iter::once(None)
            .chain((0..self.editions.len()).map(Some))
            .filter(|&earlier| earlier.is_none_or(|at| self.editions[at].dag == dag))
            .collect();
        let newest = self.editions.len();
        let first = self.tasks.len();
        let own: Vec<_> = (first..first + tasks.len()).map(TaskId::new).collect();
        self.add_edition(dag, edit, file, tasks, own.clone());
        for earlier in earlier {
            let created_as: Vec<_> = tasks
                .iter()
                .zip(&own)
                .map(|(task, &new)| self.created_in(dag, earlier, &task.task_id).unwrap_or(new))
                .collect();
            let mut since = self.editions[newest..].iter_mut();
            if let Some(same) = since.find(|edition| edition.created_as == created_as) {
                same.follows.push(earlier);
                continue;
            }
            self.add_edition(dag, edit, file, tasks, created_as);
            if let Some(added) = self.editions.last_mut() {
                added.follows.push(earlier);
            }
        }
        self.events.push(OperatorEvent {
            at,
            action: OperatorAction::EditDag {
                dag,
                edition: newest,
            },
        });
        Ok(())
    }

    /// How often the file of a DAG is edited.
    fn edits(&self, dag: DagId) -> u32 {
        let editions = self.editions.iter().filter(|edition| edition.dag == dag);
        editions.map(|edition| edition.edit).max().unwrap_or(0)
    }

    fn add_edition(
        &mut self,
        dag: DagId,
        edit: u32,
        file: &Dag,
        tasks: &[Task],
        created_as: Vec<TaskId>,
    ) {
        let first = self.tasks.len();
        for (task, created_as) in tasks.iter().zip(&created_as) {
            let mut task = Task {
                dag,
                ..task.clone()
            };
            task.move_links(first);
            if let Some(created) = self.tasks.get(created_as.index()) {
                task.pool = created.pool;
                task.pool_slots = created.pool_slots;
                task.executor = created.executor;
                task.queue = created.queue;
            }
            self.tasks.push(task);
        }
        self.editions.push(Edition {
            dag,
            edit,
            file: Dag {
                first_task: TaskId::new(first),
                task_count: tasks.len(),
                ..file.clone()
            },
            created_as,
            follows: Vec::new(),
        });
    }

    /// For which task the row of that name was created in runs of an edition.
    fn created_in(&self, dag: DagId, edition: Option<usize>, name: &str) -> Option<TaskId> {
        let file = edition.map_or(&self.dags[dag.index()], |at| &self.editions[at].file);
        let first = file.first_task.index();
        let mut tasks = self.tasks[first..first + file.task_count].iter();
        let at = tasks.position(|task| task.task_id == name)?;
        Some(edition.map_or(TaskId::new(first + at), |edition| {
            self.editions[edition].created_as[at]
        }))
    }

    fn check_edit(&self, dag: DagId, tasks: &[Task]) -> Result<(), EditError> {
        let mut awaited = self.tasks.iter().filter_map(Task::awaits);
        let is_bound = awaited.any(|task| self.tasks[task.index()].dag == dag);
        if is_bound || tasks.iter().any(|task| task.awaits().is_some()) {
            return Err(EditError::Awaits);
        }
        let latest = (0..self.editions.len()).rfind(|&at| self.editions[at].dag == dag);
        for task in tasks {
            let mut earlier = self.tasks.iter().filter(|earlier| earlier.dag == dag);
            let Some(known) = earlier.find(|earlier| earlier.task_id == task.task_id) else {
                continue;
            };
            let name = || task.task_id.clone();
            if self.created_in(dag, latest, &task.task_id).is_none() {
                return Err(EditError::Returns(name()));
            }
            if discriminant(&known.kind) != discriminant(&task.kind) {
                return Err(EditError::Kind(name()));
            }
            let same_map = match (known.mapping, task.mapping) {
                (Some(Mapping::Over(before)), Some(Mapping::Over(after))) => {
                    self.tasks[before.index()].task_id == tasks[after.index()].task_id
                }
                (before, after) => before == after,
            };
            if !same_map || known.group != task.group {
                return Err(EditError::Map(name()));
            }
        }
        Ok(())
    }
}
