//! The runs that are alive, in places that are used again: memory follows what is alive.

use super::source::Source;
use super::task::Task;
use crate::time::{SimDuration, SimTime};
use std::ops::Range;

/// Runs, each with a block of instances in the order of its DAG's tasks.
#[derive(Debug, Default)]
pub(super) struct LiveRuns {
    runs: Vec<Run>,
    instances: Vec<Instance>,
    created: u64,
}

/// What is known of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) dag: u32,
    pub(super) first_task: u32,
    pub(super) first_instance: u32,
    pub(super) tasks: u32,
    /// Instances that have not ended; 0 if nothing lives here.
    pub(super) unfinished: u32,
    pub(super) sequence: u64,
    pub(super) created_at: SimTime,
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
    /// How long it runs.
    pub(super) duration: SimDuration,
    pub(super) run: u32,
    /// Upstream instances that have not ended.
    pub(super) missing: u32,
}

impl LiveRuns {
    /// Gives the run that arrives a place.
    #[inline]
    pub(super) fn create(
        &mut self,
        dag: u32,
        source: &mut Source<'_>,
        tasks: &[Task<'_>],
        now: SimTime,
    ) -> u32 {
        let id = match source.free.pop() {
            Some(id) => id,
            None => self.add_place(dag, source),
        };
        let run = &mut self.runs[id as usize];
        run.unfinished = run.tasks;
        run.sequence = self.created;
        run.created_at = now;
        self.created += 1;
        let first = run.first_task as usize;
        let tasks = &tasks[first..first + run.tasks as usize];
        let instances = self.instances[run.rows()].iter_mut();
        for ((instance, task), &duration) in instances.zip(tasks).zip(source.take()) {
            instance.scheduled_at = SimTime::MIN;
            instance.missing = task.upstream;
            instance.duration = duration;
        }
        id
    }

    /// The run of an instance.
    #[inline]
    pub(super) fn run_of(&self, instance: u32) -> u32 {
        self.instances[instance as usize].run
    }

    /// A run, and its instances in the order of its DAG's tasks.
    #[inline]
    pub(super) fn run_mut(&mut self, id: u32) -> (&mut Run, &mut [Instance]) {
        let run = &mut self.runs[id as usize];
        let rows = run.rows();
        (run, &mut self.instances[rows])
    }

    #[inline]
    pub(super) fn instance_mut(&mut self, at: u32) -> &mut Instance {
        &mut self.instances[at as usize]
    }

    /// The runs that have not ended.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.unfinished > 0)
    }

    /// The instances of a run, in the order of its DAG's tasks.
    pub(super) fn instances_of(&self, run: &Run) -> &[Instance] {
        &self.instances[run.rows()]
    }

    #[cold]
    fn add_place(&mut self, dag: u32, source: &Source<'_>) -> u32 {
        let id = self.runs.len() as u32;
        let first = self.instances.len();
        self.runs.push(Run {
            dag,
            first_task: source.first_task,
            first_instance: first as u32,
            tasks: source.tasks,
            unfinished: 0,
            sequence: 0,
            created_at: SimTime::MIN,
        });
        let unborn = Instance {
            scheduled_at: SimTime::MIN,
            started_at: SimTime::MAX,
            full_time: SimDuration::ZERO,
            duration: SimDuration::ZERO,
            run: id,
            missing: 0,
        };
        let places = first + source.tasks as usize;
        self.instances.resize(places, unborn);
        id
    }
}

impl Run {
    /// The places of its instances.
    #[inline]
    fn rows(&self) -> Range<usize> {
        let first = self.first_instance as usize;
        first..first + self.tasks as usize
    }
}
