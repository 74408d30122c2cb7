//! The runs that are alive, in places that are used again: memory follows what is alive.

use super::arrivals::Arrivals;
use super::task::Task;
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{RunWait, SchedulingWait, WaitParts};

/// Runs, each with a block of instances in the order of its DAG's tasks.
#[derive(Debug, Default)]
pub(super) struct LiveRuns {
    pub(super) runs: Vec<Run>,
    pub(super) instances: Vec<Instance>,
    created: u64,
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) dag: u32,
    pub(super) first_task: u32,
    pub(super) first_instance: u32,
    pub(super) tasks: u32,
    /// Instances that have not ended.
    pub(super) unfinished: u32,
    /// Whether it has been created and has not ended.
    pub(super) lives: bool,
    /// Whether something happened since a loop last examined it.
    pub(super) changed: bool,
    /// Tasks that have become ready since it was examined.
    pub(super) touched: Vec<u32>,
    pub(super) sequence: u64,
    pub(super) created_at: SimTime,
    pub(super) started_at: SimTime,
    pub(super) wait: RunWait,
}

/// Where an instance is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Blocked,
    Scheduled,
    Running,
    Ended,
}

/// What is known of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) run: u32,
    /// Upstream instances that have not ended.
    pub(super) missing: u32,
    pub(super) state: State,
    /// How long it will run.
    pub(super) duration: SimDuration,
    /// When the last of them ended; `MIN` without any.
    pub(super) decided_at: SimTime,
    pub(super) ready_at: SimTime,
    pub(super) scheduling: SchedulingWait,
    pub(super) scheduled_at: SimTime,
    pub(super) started_at: SimTime,
    /// What its clocks showed when it began to wait; after that the parts of its wait.
    pub(super) wait: WaitParts,
}

impl LiveRuns {
    /// Gives a new run a place.
    #[inline]
    pub(super) fn create(
        &mut self,
        dag: u32,
        arrivals: &mut Arrivals<'_>,
        tasks: &[Task<'_>],
        (key, size): (StreamKey, f64),
        now: SimTime,
    ) -> u32 {
        let id = match arrivals.free.pop() {
            Some(id) => id,
            None => self.add_place(dag, arrivals),
        };
        self.created += 1;
        let run = &mut self.runs[id as usize];
        run.unfinished = run.tasks;
        run.lives = true;
        run.sequence = self.created;
        run.created_at = now;
        run.started_at = SimTime::MIN;
        run.wait = RunWait::default();
        let rows = run.first_instance as usize..(run.first_instance + run.tasks) as usize;
        let tasks = &tasks[run.first_task as usize..(run.first_task + run.tasks) as usize];
        // All durations are drawn at once, whenever they are needed: side by side draws overlap, where each alone would
        // hold up the loop that starts its instance.
        for (instance, task) in self.instances[rows].iter_mut().zip(tasks) {
            instance.state = State::Blocked;
            instance.decided_at = SimTime::MIN;
            instance.missing = task.upstream;
            instance.duration = task.draw_duration(key, size);
        }
        id
    }

    #[inline]
    pub(super) fn run(&mut self, id: u32) -> &mut Run {
        &mut self.runs[id as usize]
    }

    #[cold]
    fn add_place(&mut self, dag: u32, arrivals: &Arrivals<'_>) -> u32 {
        let id = self.runs.len() as u32;
        let first = self.instances.len();
        self.runs.push(Run {
            dag,
            first_task: arrivals.first_task,
            first_instance: first as u32,
            tasks: arrivals.tasks,
            unfinished: 0,
            lives: false,
            changed: false,
            touched: Vec::new(),
            sequence: 0,
            created_at: SimTime::MIN,
            started_at: SimTime::MIN,
            wait: RunWait::default(),
        });
        let unborn = Instance {
            run: id,
            missing: 0,
            duration: SimDuration::ZERO,
            state: State::Ended,
            decided_at: SimTime::MIN,
            ready_at: SimTime::MIN,
            scheduling: SchedulingWait::default(),
            scheduled_at: SimTime::MIN,
            started_at: SimTime::MIN,
            wait: WaitParts::default(),
        };
        let places = first + arrivals.tasks as usize;
        self.instances.resize(places, unborn);
        id
    }
}

impl Run {
    /// The place of a task's instance.
    #[inline]
    pub(super) fn instance_of(&self, task: u32) -> u32 {
        self.first_instance + (task - self.first_task)
    }

    /// The task of an instance.
    #[inline]
    pub(super) fn task_of(&self, instance: u32) -> u32 {
        self.first_task + (instance - self.first_instance)
    }
}
