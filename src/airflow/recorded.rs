//! Outcomes that were recorded: replays a history with its own durations and endings.

use super::outcomes::{Attempt, Ending, Outcomes, Segment};
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};

/// What names one execution in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// The task.
    pub task: TaskId,
    /// The logical date of the run.
    pub logical_date: SimTime,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// Executions within the try, from 1.
    pub segment: u32,
}

/// What became of one execution in a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedSegment {
    /// How long it ran.
    pub duration: SimDuration,
    /// How it ended.
    pub ending: Ending,
    /// Of a branch: the task that it followed.
    pub followed: Option<TaskId>,
    /// Of a short circuit: whether it skipped what comes after it.
    pub stopped: bool,
    /// Of a task that others are mapped over: the length of its list.
    pub pushed_length: u32,
    /// Of one that ended in deferred: when after that its trigger fired.
    pub trigger_delay: SimDuration,
}

/// Recorded segments, and one start delay for all.
#[derive(Clone, Debug)]
pub struct Recorded {
    segments: Vec<(SegmentName, RecordedSegment)>,
    start_delay: SimDuration,
}

impl Recorded {
    /// Takes the segments in any order.
    pub fn new(
        mut segments: Vec<(SegmentName, RecordedSegment)>,
        start_delay: SimDuration,
    ) -> Self {
        segments.sort_unstable_by_key(|&(name, _)| name);
        Self {
            segments,
            start_delay,
        }
    }

    fn find(&self, attempt: &Attempt) -> Option<&RecordedSegment> {
        let name = SegmentName {
            task: attempt.task,
            logical_date: attempt.logical_date,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
            segment: attempt.segment,
        };
        let at = self
            .segments
            .binary_search_by_key(&name, |&(name, _)| name)
            .ok()?;
        Some(&self.segments[at].1)
    }
}

impl Outcomes for Recorded {
    /// A segment that was not recorded never ends: the history was cut off before its end.
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        let never = Segment {
            duration: SimDuration::from_micros(i64::MAX),
            ending: Ending::Success,
        };
        self.find(attempt).map_or(never, |found| Segment {
            duration: found.duration,
            ending: found.ending,
        })
    }

    fn start_delay(&mut self, _: &Attempt) -> SimDuration {
        self.start_delay
    }

    fn run_size(&mut self, _: DagId, _: StreamKey) -> f64 {
        1.0
    }

    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId> {
        self.find(attempt)?.followed
    }

    fn stops(&mut self, attempt: &Attempt) -> bool {
        self.find(attempt).is_some_and(|found| found.stopped)
    }

    fn pushed_length(&mut self, attempt: &Attempt) -> u32 {
        self.find(attempt).map_or(0, |found| found.pushed_length)
    }

    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration {
        self.find(attempt)
            .map_or(SimDuration::ZERO, |found| found.trigger_delay)
    }
}
