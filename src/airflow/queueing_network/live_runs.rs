//! The runs that are alive, in places that are used again: memory follows what is alive.

use crate::airflow::plan::{Layout, TaskPlan};
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};

/// Runs, each with a block of instances in the order of its DAG's tasks.
#[derive(Debug)]
pub(super) struct LiveRuns {
    runs: Vec<Run>,
    instances: Vec<Instance>,
    /// By DAG, the places of runs that have ended.
    free: Vec<Vec<u32>>,
    created: u64,
}

#[derive(Clone, Debug)]
struct Run {
    dag: u32,
    first_task: u32,
    first_instance: u32,
    tasks: u32,
    /// Instances that have not ended; 0 if nothing lives here.
    unfinished: u32,
    sequence: u64,
    created_at: SimTime,
    key: StreamKey,
    size: f64,
}

/// What is known of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    /// `MIN` before it is ready, and again when it has ended.
    pub(super) scheduled_at: SimTime,
    /// `MAX` before it runs.
    pub(super) started_at: SimTime,
    /// While it waits, for how long its pool had been full when it began to; then, for how long of its wait it was.
    pub(super) full_time: SimDuration,
    run: u32,
    /// Upstream instances that have not ended.
    missing: u32,
}

impl LiveRuns {
    pub(super) fn new(dags: usize) -> Self {
        Self {
            runs: Vec::new(),
            instances: Vec::new(),
            free: vec![Vec::new(); dags],
            created: 0,
        }
    }

    /// Gives a new run a place.
    #[inline]
    pub(super) fn create(
        &mut self,
        tasks: &[TaskPlan],
        layout: &Layout,
        key: StreamKey,
        size: f64,
        now: SimTime,
    ) -> u32 {
        let id = match self.free[layout.dag.index()].pop() {
            Some(id) => id,
            None => self.add_place(layout),
        };
        let run = &mut self.runs[id as usize];
        run.unfinished = run.tasks;
        run.sequence = self.created;
        run.created_at = now;
        run.key = key;
        run.size = size;
        self.created += 1;
        let first = run.first_instance as usize;
        let instances = &mut self.instances[first..first + layout.task_count];
        let tasks = &tasks[layout.first_task..layout.first_task + layout.task_count];
        for (instance, task) in instances.iter_mut().zip(tasks) {
            instance.scheduled_at = SimTime::MIN;
            instance.missing = task.upstream_instances;
        }
        id
    }

    /// The run of an instance, and its task.
    #[inline]
    pub(super) fn place_of(&self, at: u32) -> (u32, TaskId) {
        let id = self.instances[at as usize].run;
        let run = &self.runs[id as usize];
        let task = run.first_task + (at - run.first_instance);
        (id, TaskId::new(task as usize))
    }

    /// The instance of a task in a run, and its place among those that are ready at one moment.
    #[inline]
    pub(super) fn find(&self, run: u32, task: TaskId) -> (u32, u64) {
        let run = &self.runs[run as usize];
        let row = task.index() as u32 - run.first_task;
        let place = run.sequence << u32::BITS | u64::from(row);
        (run.first_instance + row, place)
    }

    #[inline]
    pub(super) fn instance_mut(&mut self, at: u32) -> &mut Instance {
        &mut self.instances[at as usize]
    }

    /// The key of a run's random numbers, and the common factor of its durations.
    #[inline]
    pub(super) fn luck_of(&self, run: u32) -> (StreamKey, f64) {
        let run = &self.runs[run as usize];
        (run.key, run.size)
    }

    /// The DAG of a run, and when the run was created.
    #[inline]
    pub(super) fn birth_of(&self, run: u32) -> (DagId, SimTime) {
        let run = &self.runs[run as usize];
        (DagId::new(run.dag as usize), run.created_at)
    }

    /// One more upstream instance of a task has ended; says whether it was the last.
    #[inline]
    pub(super) fn upstream_ended(&mut self, run: u32, task: TaskId) -> bool {
        let (at, _) = self.find(run, task);
        let missing = &mut self.instances[at as usize].missing;
        *missing -= 1;
        *missing == 0
    }

    /// One more instance of a run has ended; says whether it was the last.
    #[inline]
    pub(super) fn task_ended(&mut self, run: u32) -> bool {
        let unfinished = &mut self.runs[run as usize].unfinished;
        *unfinished -= 1;
        *unfinished == 0
    }

    /// Gives the place of a run that has ended to the next run of its DAG.
    #[inline]
    pub(super) fn release(&mut self, id: u32) {
        let dag = self.runs[id as usize].dag;
        self.free[dag as usize].push(id);
    }

    /// The runs that have not ended.
    pub(super) fn runs(&self) -> Vec<u32> {
        let live = |&id: &u32| self.runs[id as usize].unfinished > 0;
        (0..self.runs.len() as u32).filter(live).collect()
    }

    /// The instances of a run with their tasks.
    pub(super) fn instances_of(&self, run: u32) -> impl Iterator<Item = (u32, TaskId)> + use<> {
        let run = &self.runs[run as usize];
        let (instance, task) = (run.first_instance, run.first_task);
        (0..run.tasks).map(move |row| (instance + row, TaskId::new((task + row) as usize)))
    }

    #[cold]
    fn add_place(&mut self, layout: &Layout) -> u32 {
        let id = self.runs.len() as u32;
        let first = self.instances.len();
        self.runs.push(Run {
            dag: layout.dag.index() as u32,
            first_task: layout.first_task as u32,
            first_instance: first as u32,
            tasks: layout.task_count as u32,
            unfinished: 0,
            sequence: 0,
            created_at: SimTime::MIN,
            key: StreamKey::root(0, 0),
            size: 1.0,
        });
        let unborn = Instance {
            scheduled_at: SimTime::MIN,
            started_at: SimTime::MAX,
            full_time: SimDuration::ZERO,
            run: id,
            missing: 0,
        };
        self.instances.resize(first + layout.task_count, unborn);
        id
    }
}
