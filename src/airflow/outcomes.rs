//! What tries turn out to be: how long they run and how they end.

use crate::deployment::Deployment;
use crate::ids::{DagId, TaskId};
use crate::random::{Distribution, Purpose, Stream, StreamKey};
use crate::time::{SimDuration, SimTime};

/// Where durations and endings come from: drawn at random, or recorded.
pub trait Outcomes {
    /// How the segment that is about to start will go.
    fn segment(&mut self, attempt: &Attempt) -> Segment;
    /// How long the executor takes to start it.
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration;
    /// The common factor of all durations of a run.
    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64;
}

/// One execution of an instance: what is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The task.
    pub task: TaskId,
    /// Names the run together with its DAG.
    pub logical_date: SimTime,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// Executions within the try, from 1.
    pub segment: u32,
    /// How often it was put back from queued to scheduled since it last ran in this try.
    pub requeues: u32,
    /// The key of the run's random numbers.
    pub run_key: StreamKey,
    /// The part of a key that stands for the task's name.
    pub task_key: u64,
    /// The common factor of the run.
    pub run_size: f64,
}

impl Attempt {
    /// The random numbers of this execution for one purpose. The key is hashed here and not before, because most
    /// executions ask only once.
    #[inline]
    pub fn stream(&self, purpose: Purpose) -> Stream {
        let segment = u64::from(self.map_index as u32) << 32
            | u64::from(self.try_number) << 16
            | u64::from(self.segment);
        self.run_key
            .with(self.task_key)
            .with(segment)
            .stream(purpose)
    }
}

/// How one execution goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// How long it runs.
    pub duration: SimDuration,
    /// Whether it fails.
    pub fails: bool,
}

/// Outcomes drawn from the distributions of the deployment, keyed so that the order of events cannot change them.
#[derive(Clone, Debug)]
pub struct Drawn<'a> {
    deployment: &'a Deployment,
}

impl<'a> Drawn<'a> {
    /// Draws for the tasks of this deployment.
    pub fn new(deployment: &'a Deployment) -> Self {
        Self { deployment }
    }
}

impl Outcomes for Drawn<'_> {
    #[inline]
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        let task = &self.deployment.tasks[attempt.task.index()];
        let seconds = task.duration.sample(&mut attempt.stream(Purpose::Duration));
        let fails = task.failure_rate > 0.0
            && attempt.stream(Purpose::Failure).next_open() < task.failure_rate;
        Segment {
            duration: SimDuration::from_seconds_f64(seconds * attempt.run_size),
            fails,
        }
    }

    #[inline]
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        let task = &self.deployment.tasks[attempt.task.index()];
        match &self.deployment.executors[task.executor].start_delay {
            delay if delay.is_zero() => SimDuration::ZERO,
            delay => {
                // Each further queueing of a segment draws again: so many draws before it are left out.
                let mut stream = attempt.stream(Purpose::StartDelay);
                let mut draws = std::iter::repeat_with(|| delay.sample(&mut stream));
                let draw = draws.nth(attempt.requeues as usize).unwrap_or_default();
                SimDuration::from_seconds_f64(draw)
            }
        }
    }

    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64 {
        let size = self.deployment.dags[dag.index()].run_size.as_ref();
        size.map_or(1.0, |size: &Distribution| {
            size.sample(&mut run.stream(Purpose::RunSize))
        })
    }
}
