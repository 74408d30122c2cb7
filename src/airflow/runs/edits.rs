//! Edits of DAG files while their runs are running: what becomes of the runs (docs/background/scheduler.md, 5.4).

use crate::airflow::event::Event;
use crate::airflow::instances::upstream::UpstreamCounts;
use crate::airflow::runs::task_progress::TaskProgress;
use crate::airflow::scheduler::examination;
use crate::airflow::world::World;
use crate::deployment::{Dag, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{DagId, InstanceId, RunId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::Recorder;

impl<R: Recorder> World<R> {
    /// A DAG's file is read again, edited: limits hold at once, new runs have this layout, and the others that are
    /// not finished follow when they are next examined.
    pub(crate) fn edit_dag(
        &mut self,
        dag: DagId,
        file: &Dag,
        edition: usize,
        engine: &mut Engine<Event>,
    ) {
        let now = engine.now();
        let layout = self.plan.dags.len() + edition;
        let plan = &mut self.plan.dags[dag.index()];
        plan.layout = layout;
        plan.max_active_tasks = file.max_active_tasks;
        plan.dagrun_timeout = file.dagrun_timeout;
        plan.catchup = file.catchup;
        if R::WAIT_PARTS {
            self.attribution
                .set_max_active_tasks(dag, file.max_active_tasks);
        }
        for id in (0..self.rows.runs.len()).map(RunId::new) {
            let run = &mut self.rows.runs[id.index()];
            if run.dag != dag || run.state.is_finished() {
                continue;
            }
            run.next_layout = self.plan.next_layout(run.layout);
            let (executing, began) = (run.executing, run.started_at);
            if let Some(timeout) = file.dagrun_timeout.filter(|_| began != SimTime::MIN) {
                let due = began + timeout + SimDuration::from_micros(1);
                engine.schedule(due.max(now), Event::RunTimeout(id));
            }
            if R::WAIT_PARTS && self.rules.limits_tasks_per_run {
                self.attribution.set_run(id, dag, executing, now);
            }
            self.mark_changed(id);
        }
        if R::WAIT_PARTS && !self.rules.limits_tasks_per_run {
            let executing = self.executing[dag.index()];
            self.attribution.set_dag(dag, executing, now);
        }
    }

    /// The task of the same name in a run, if the run has one.
    #[inline]
    pub(crate) fn counterpart(&self, run: RunId, task: TaskId) -> Option<TaskId> {
        let layout = self.run(run).layout;
        if self.plan.layouts[layout].has(task) {
            return Some(task);
        }
        self.plan.counterpart(task, layout)
    }

    /// A run of an edited DAG is examined: its rows get the graph of the new file, tasks that are new are added, and
    /// the rows of those that are gone become `removed`.
    #[cold]
    pub(crate) fn follow_edit(&mut self, engine: &mut Engine<Event>, id: RunId, layout: usize) {
        // It is being examined: what happens here is no reason to examine it again.
        self.run_mut(id).changed = true;
        for task in self.tasks_of(id) {
            match self.plan.counterpart(task, layout) {
                Some(same) => self.rename(id, task, same, engine.now()),
                None => {
                    for instance in self.instances_of(id, task) {
                        self.remove(engine, instance);
                    }
                }
            }
        }
        let before = std::mem::replace(&mut self.run_mut(id).layout, layout);
        for task in self.tasks_of(id) {
            if self.plan.counterpart(task, before).is_none() {
                for instance in self.instances_of(id, task) {
                    self.rows.instances.forget_try(instance);
                }
                self.rows.add_rows(&self.plan, id, task);
            }
        }
        self.count_anew(id, engine.now());
    }

    /// Lets the rows of a task belong to the task of the same name in another layout.
    fn rename(&mut self, run: RunId, before: TaskId, task: TaskId, now: SimTime) {
        for id in self.instances_of(run, before) {
            if self.instance(id).state != TaskInstanceState::Scheduled {
                self.instance_mut(id).task = task;
                continue;
            }
            let place = self.place(id);
            self.ready.remove(&mut self.rows.instances, id, place);
            self.wait_as(id, task, now);
            self.ready.insert(&mut self.rows.instances, id, place);
        }
        for added in &mut self.run_mut(run).expansions {
            if added.task == before {
                added.task = task;
            }
        }
    }

    /// The task of an instance is gone; what has ended stays in its row.
    fn remove(&mut self, engine: &mut Engine<Event>, id: InstanceId) {
        let now = engine.now();
        let before = self.instance(id).state;
        if before.is_finished() {
            return;
        }
        examination::take_away(self, engine, id);
        self.write_off_as(id, TaskInstanceState::Removed, now);
    }

    /// Counts what has become of the tasks of a run after its graph has changed, and lets all of them be looked at.
    fn count_anew(&mut self, id: RunId, now: SimTime) {
        self.run_mut(id).touched.clear();
        for task in self.tasks_of(id) {
            *self.progress_mut(id, task) = TaskProgress {
                upstream: UpstreamCounts::default(),
                active: 0,
                touched: false,
                decided_after_loop: false,
                decided_at: now,
            };
        }
        let (mut unfinished, mut leaf_failed) = (0, false);
        for task in self.tasks_of(id) {
            for instance in self.instances_of(id, task) {
                let state = self.instance(instance).state;
                unfinished += u32::from(!state.is_finished());
                leaf_failed |= state.is_bad() && self.plan.is_leaf(task);
                let is_active = self.rules.counts_as_active(state);
                self.progress_mut(id, task).active += u32::from(is_active);
                for below in 0..self.plan.downstream(task).len() {
                    let below = self.plan.downstream(task)[below];
                    self.progress_mut(id, below).upstream.count(state);
                }
            }
            self.touch(id, task);
        }
        let run = self.run_mut(id);
        (run.unfinished, run.leaf_failed) = (unfinished, leaf_failed);
    }
}
