//! What tries turn out to be: how long they run and how they end.

pub(super) mod drawn;
pub(super) mod recorded;

use crate::ids::{DagId, TaskId};
use crate::random::{Purpose, Stream, StreamKey};
use crate::time::{SimDuration, SimTime};

/// Where durations and endings come from: drawn at random, or recorded.
pub trait Outcomes {
    /// How the segment that is about to start will go.
    fn segment(&mut self, attempt: &Attempt) -> Segment;
    /// How long each poke takes of a sensor that keeps its worker between them.
    fn poke(&mut self, attempt: &Attempt) -> SimDuration;
    /// How long the executor takes to start it.
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration;
    /// The common factor of all durations of a run.
    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64;
    /// The task that a branch follows, of those directly after it; none is to skip them all.
    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId>;
    /// Whether a short circuit skips what comes after it.
    fn stops(&mut self, attempt: &Attempt) -> bool;
    /// The length of the list that a task has pushed.
    fn pushed_length(&mut self, attempt: &Attempt) -> u32;
    /// How long after the deferral the trigger fires.
    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration;
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
    /// When it was queued, or when it began if it has begun.
    pub since: SimTime,
    /// How long ago the first poke of the try began; zero for anything but a later poke.
    pub waited: SimDuration,
    /// Whether it is resumed because its trigger's time was up.
    pub trigger_timed_out: bool,
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
        let key = self.key(u64::from(self.segment) & 0xffff);
        // Only a sensor that pokes for days comes so far.
        match u64::from(self.segment) >> 16 {
            0 => key.stream(purpose),
            further => key.with(further).stream(purpose),
        }
    }

    /// The random numbers of the whole try for one purpose: the same for all of its segments.
    pub fn stream_of_try(&self, purpose: Purpose) -> Stream {
        self.key(0).stream(purpose)
    }

    #[inline]
    fn key(&self, segment: u64) -> StreamKey {
        let segment =
            u64::from(self.map_index as u32) << 32 | u64::from(self.try_number) << 16 | segment;
        self.run_key.with(self.task_key).with(segment)
    }
}

/// How one execution goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// How long it runs.
    pub duration: SimDuration,
    /// How it ends.
    pub ending: Ending,
}

/// How an execution ends, in the eyes of its worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// Well.
    #[default]
    Success,
    /// Badly; it is tried again if a try is left.
    Failed,
    /// Badly, and no other try would help.
    FailedForGood,
    /// It has found that there is nothing to do.
    Skipped,
    /// A sensor has found that what it waits for is not there.
    InVain,
    /// It waits for a trigger.
    Deferred,
    /// The worker is gone, and nobody is told.
    Lost,
}
