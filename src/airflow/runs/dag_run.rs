//! DAG runs that are alive, with the rows of their task instances.
//!
//! Rows are recycled: a run that has ended leaves its place, its block of instances and its lists to the next run of
//! the same DAG, so memory follows what is alive and the loop does not allocate.

use crate::airflow::instances::instance::{Instances, TaskInstance};
use crate::airflow::plan::Plan;
use crate::airflow::runs::task_progress::Progress;
use crate::deployment::DagRunState;
use crate::deployment::timetable::PlannedRun;
use crate::ids::{DagId, InstanceId, RunId, TaskId};
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::{RunIdForm, RunName, RunType, RunWait};

/// A row of `dag_run`.
#[derive(Clone, Debug)]
pub(crate) struct DagRun {
    pub(crate) dag: DagId,
    /// Which tasks it has, by position in [`Plan::layouts`].
    pub(crate) layout: usize,
    /// Which ones it will have when it is next examined, if the DAG's file was edited since it last was.
    pub(crate) next_layout: Option<usize>,
    pub(crate) state: DagRunState,
    pub(crate) identity: RunIdentity,
    /// The backfill that it belongs to.
    pub(crate) backfill: Option<BackfillPlace>,
    /// Whether it is dated ahead, so that it is not examined until its logical date.
    pub(crate) ahead: bool,
    pub(crate) queued_at: SimTime,
    /// Why it did not start when it was due, once it has started.
    pub(crate) wait: RunWait,
    pub(crate) started_at: SimTime,
    /// Counts runs in the order of their creation.
    pub(crate) sequence: u64,
    /// Order among runs of equal logical date.
    pub(crate) place: u64,
    /// What runs that may start, and runs that take turns, are ordered by.
    pub(crate) order_date: SimTime,
    /// All random numbers of the run hang on this key.
    pub(crate) key: StreamKey,
    /// The common factor of all durations.
    pub(crate) size: f64,
    /// Its instances are the rows from here on, in the order of the DAG file.
    pub(crate) first_instance: usize,
    pub(crate) instances: u32,
    /// How many rows it was given so far.
    pub(crate) rows_made: u32,
    /// The counters of its tasks stand from here on, with room for so many.
    pub(crate) first_progress: usize,
    pub(crate) tasks: u32,
    /// Instances that are not finished.
    pub(crate) unfinished: u32,
    /// Instances queued or running.
    pub(crate) executing: u32,
    pub(crate) leaf_failed: bool,
    /// Events to come that name one of its instances: its rows are not given to another run before them.
    pub(crate) outstanding: u32,
    /// Instances that mapped tasks were given when they were expanded.
    pub(crate) expansions: Vec<Expansion>,
    /// Whether something happened since the scheduler last examined it.
    pub(crate) changed: bool,
    /// Tasks whose upstream counters changed since then.
    pub(crate) touched: Vec<TaskId>,
    /// Instances to look at by themselves: a delay is over, or one of their own index has ended.
    pub(crate) due: Vec<InstanceId>,
    /// How many of its instances the present query has seen, and which query that was.
    pub(crate) seen: (u64, u32),
    /// The last loop in which it was its turn, where waits are told.
    pub(crate) examined_at: SimTime,
}

/// What names a run and says when it was due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunIdentity {
    pub(crate) run_type: RunType,
    /// None sorts first in the critical section.
    pub(crate) logical_date: Option<SimTime>,
    /// Start and end.
    pub(crate) data_interval: Option<(SimTime, SimTime)>,
    pub(crate) run_after: SimTime,
    pub(crate) form: RunIdForm,
}

/// The place of a run in a backfill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackfillPlace {
    /// Which backfill, counted from 0.
    pub(crate) backfill: u32,
    /// Its number, counted from 1 in the order of the backfill's dates.
    pub(crate) ordinal: u32,
}

impl RunIdentity {
    /// The run that a timetable asks for.
    pub(crate) fn dated(run_type: RunType, planned: &PlannedRun) -> Self {
        Self {
            run_type,
            logical_date: Some(planned.logical_date),
            data_interval: Some((planned.interval_start, planned.interval_end)),
            run_after: planned.run_after,
            form: RunIdForm::Dated,
        }
    }
}

/// The instances of a mapped task from index 1 on, which came when it was expanded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expansion {
    pub(crate) task: TaskId,
    /// When it came, counted with the creation of runs.
    pub(crate) sequence: u64,
    pub(crate) first_instance: usize,
    pub(crate) instances: u32,
}

/// All living runs, their instances and counters.
#[derive(Debug, Default)]
pub(crate) struct DagRuns {
    pub(crate) runs: Vec<DagRun>,
    pub(crate) instances: Instances,
    pub(crate) progress: Progress,
    /// Places left by ended runs, by DAG.
    free: Vec<Vec<RunId>>,
    /// Blocks of instances left by expansions: those of at most 2^k instances stand at k.
    free_blocks: Vec<Vec<usize>>,
    created: u64,
}

impl DagRuns {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            free: vec![Vec::new(); plan.dags.len()],
            ..Self::default()
        }
    }

    /// Creates a run in state queued with all its instances in state none.
    pub(crate) fn create(
        &mut self,
        plan: &Plan,
        dag: DagId,
        identity: RunIdentity,
        now: SimTime,
    ) -> RunId {
        let id = self.free[dag.index()]
            .pop()
            .unwrap_or_else(|| self.add_place(plan, dag));
        self.created += 1;
        let run = &mut self.runs[id.index()];
        run.identity = identity;
        run.backfill = None;
        run.ahead = false;
        run.sequence = self.created;
        run.place = self.created;
        run.order_date = identity.run_after;
        run.layout = plan.dags[dag.index()].layout;
        run.queue(now);
        self.lay_out_rows(plan, id);
        id
    }

    /// Creates a run whose rows are given one by one, as a snapshot of a real site has them.
    pub(crate) fn create_with_rows(
        &mut self,
        plan: &Plan,
        dag: DagId,
        identity: RunIdentity,
        rows: impl ExactSizeIterator<Item = (TaskId, i32, u32)>,
    ) -> RunId {
        let id = RunId::new(self.runs.len());
        let mut run = self.blank_run(plan, dag, rows.len() as u32);
        run.layout = plan.dags[dag.index()].layout;
        self.instances
            .rows
            .extend(rows.map(|(task, map_index, row)| TaskInstance::new(id, task, map_index, row)));
        self.created += 1;
        run.identity = identity;
        run.sequence = self.created;
        run.place = self.created;
        self.runs.push(run);
        id
    }

    /// Gives the place of an ended run back.
    pub(crate) fn release(&mut self, id: RunId) {
        self.forget(id);
        let run = &mut self.runs[id.index()];
        run.touched.clear();
        run.due.clear();
        for block in run.expansions.drain(..) {
            let class = size_class(block.instances);
            self.free_blocks[class].push(block.first_instance);
        }
        self.free[run.dag.index()].push(id);
    }

    /// Nobody asks any more how far the tasks of a run were, nor for the tries of its instances.
    pub(crate) fn forget(&mut self, id: RunId) {
        let run = &self.runs[id.index()];
        for at in run.first_progress..run.first_progress + run.tasks as usize {
            self.progress.forget(at);
        }
        let added = run.expansions.iter();
        let added = added.map(|added| (added.first_instance, added.instances));
        for (first, count) in added.chain([(run.first_instance, run.instances)]) {
            self.instances.forget_tries(first..first + count as usize);
        }
    }

    /// Gives an unexpanded task its instances: its one row gets index 0, and rows for the others are made.
    pub(crate) fn expand(&mut self, plan: &Plan, id: RunId, task: TaskId, length: u32) {
        let run = &self.runs[id.index()];
        let first = run.first_instance + plan.tasks[task.index()].first_row as usize;
        self.instances.rows[first].map_index = 0;
        if length < 2 {
            return;
        }
        let added = length - 1;
        let first_row = run.rows_made;
        let block = self.take_block(added);
        let like = self.instances.rows[first];
        for index in 1..length {
            let row = &mut self.instances.rows[block + index as usize - 1];
            *row = TaskInstance::new(id, task, index as i32, first_row + index - 1);
            row.max_tries = like.max_tries;
        }
        self.created += 1;
        self.runs[id.index()].rows_made += added;
        self.runs[id.index()].expansions.push(Expansion {
            task,
            sequence: self.created,
            first_instance: block,
            instances: added,
        });
        self.count_added(plan, id, task, added);
    }

    /// Counts instances that a mapped task has beyond its first.
    pub(crate) fn count_added(&mut self, plan: &Plan, id: RunId, task: TaskId, added: u32) {
        let run = &mut self.runs[id.index()];
        run.unfinished += added;
        for &below in plan.downstream(task) {
            let at = run.first_progress + below.index() - plan.layouts[run.layout].first_task;
            let below = &plan.tasks[below.index()];
            self.progress.get_mut(at, below).upstream.total += added;
        }
    }

    fn take_block(&mut self, instances: u32) -> usize {
        let class = size_class(instances);
        if self.free_blocks.len() <= class {
            self.free_blocks.resize(class + 1, Vec::new());
        }
        if let Some(block) = self.free_blocks[class].pop() {
            return block;
        }
        let block = self.instances.rows.len();
        let blank = TaskInstance::new(RunId::default(), TaskId::default(), -1, 0);
        self.instances.rows.resize(block + (1 << class), blank);
        block
    }

    fn add_place(&mut self, plan: &Plan, dag: DagId) -> RunId {
        let id = RunId::new(self.runs.len());
        let run = self.blank_run(plan, dag, plan.dags[dag.index()].rows);
        let instances = run.first_instance + run.instances as usize;
        self.runs.push(run);
        self.instances
            .rows
            .resize(instances, TaskInstance::absent(id));
        id
    }

    /// A run that takes the next places for so many instances, and those for its tasks.
    fn blank_run(&mut self, plan: &Plan, dag: DagId, instances: u32) -> DagRun {
        let tasks = plan.dags[dag.index()].most_tasks;
        let first_progress = self.progress.add_tasks(tasks);
        let first_instance = self.instances.rows.len();
        DagRun {
            first_progress,
            tasks: tasks as u32,
            ..DagRun::blank(dag, first_instance, instances)
        }
    }

    pub(crate) fn lay_out_rows(&mut self, plan: &Plan, id: RunId) {
        let run = &mut self.runs[id.index()];
        run.rows_made = 0;
        run.unfinished = 0;
        let layout = &plan.layouts[run.layout];
        if plan.dags[run.dag.index()].layout != run.dag.index() {
            // What earlier runs have left behind belongs to no task of this one.
            let rows = run.first_instance..run.first_instance + run.instances as usize;
            self.instances.rows[rows].fill(TaskInstance::absent(id));
        }
        for task in layout.tasks() {
            self.add_rows(plan, id, task);
        }
    }

    /// Gives a task its rows, with nothing done.
    pub(crate) fn add_rows(&mut self, plan: &Plan, id: RunId, task: TaskId) {
        let described = &plan.tasks[task.index()];
        let run = &mut self.runs[id.index()];
        let first = run.first_instance + described.first_row as usize;
        for index in 0..described.instances {
            let map_index = described.first_index + index as i32;
            let row = run.rows_made + index;
            let at = first + index as usize;
            self.instances.rows[at] = TaskInstance::new(id, task, map_index, row);
            self.instances.rows[at].max_tries = described.retries as u16;
        }
        run.rows_made += described.instances;
        run.unfinished += described.instances;
    }
}

/// The smallest k for which 2^k instances have room.
fn size_class(instances: u32) -> usize {
    instances.next_power_of_two().trailing_zeros() as usize
}

impl DagRun {
    fn blank(dag: DagId, first_instance: usize, instances: u32) -> Self {
        let never = SimTime::MIN;
        Self {
            dag,
            layout: dag.index(),
            next_layout: None,
            state: DagRunState::Queued,
            identity: RunIdentity {
                run_type: RunType::Scheduled,
                logical_date: None,
                data_interval: None,
                run_after: never,
                form: RunIdForm::Dated,
            },
            backfill: None,
            ahead: false,
            queued_at: never,
            wait: RunWait::default(),
            started_at: never,
            sequence: 0,
            place: 0,
            order_date: never,
            key: StreamKey::root(0, 0),
            size: 1.0,
            first_instance,
            instances,
            rows_made: instances,
            first_progress: 0,
            tasks: 0,
            unfinished: 0,
            executing: 0,
            leaf_failed: false,
            outstanding: 0,
            expansions: Vec::new(),
            changed: false,
            touched: Vec::new(),
            due: Vec::new(),
            seen: (0, 0),
            examined_at: never,
        }
    }

    /// Waits for its start with nothing done.
    pub(crate) fn queue(&mut self, now: SimTime) {
        self.state = DagRunState::Queued;
        self.queued_at = now;
        self.started_at = SimTime::MIN;
        self.examined_at = SimTime::MIN;
        self.wait = RunWait::default();
        self.next_layout = None;
        self.executing = 0;
        self.leaf_failed = false;
        self.changed = false;
    }

    pub(crate) fn name(&self) -> RunName {
        RunName {
            run_type: self.identity.run_type,
            run_after: self.identity.run_after,
            form: self.identity.form,
        }
    }

    /// Why it runs: a backfill makes the runs that it clears its own.
    pub(crate) fn run_type(&self) -> RunType {
        match self.backfill {
            Some(_) => RunType::Backfill,
            None => self.identity.run_type,
        }
    }

    /// When it was due, as in its row.
    pub(crate) fn due_at(&self) -> SimTime {
        match self.backfill {
            Some(_) => self.queued_at,
            None => self.identity.run_after,
        }
    }

    /// Its number in its backfill, 0 outside of backfills: those come first.
    pub(crate) fn ordinal(&self) -> u32 {
        self.backfill.map_or(0, |place| place.ordinal)
    }

    /// What names the run in rows: the logical date, or `run_after` for a run without one.
    pub(crate) fn name_date(&self) -> SimTime {
        self.identity
            .logical_date
            .unwrap_or(self.identity.run_after)
    }
}
