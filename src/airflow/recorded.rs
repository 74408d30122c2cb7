//! Outcomes that were recorded: replays a history with its own durations and endings.

use super::outcomes::{Attempt, Outcomes, Segment};
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

/// Recorded segments, and one start delay for all.
#[derive(Clone, Debug)]
pub struct Recorded {
    segments: Vec<(SegmentName, Segment)>,
    start_delay: SimDuration,
}

impl Recorded {
    /// Takes the segments in any order.
    pub fn new(mut segments: Vec<(SegmentName, Segment)>, start_delay: SimDuration) -> Self {
        segments.sort_unstable_by_key(|&(name, _)| name);
        Self {
            segments,
            start_delay,
        }
    }
}

impl Outcomes for Recorded {
    /// A segment that was not recorded never ends: the history was cut off before its end.
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        let name = SegmentName {
            task: attempt.task,
            logical_date: attempt.logical_date,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
            segment: attempt.segment,
        };
        let found = self.segments.binary_search_by_key(&name, |&(name, _)| name);
        let never = Segment {
            duration: SimDuration::from_micros(i64::MAX),
            fails: false,
        };
        found.map_or(never, |at| self.segments[at].1)
    }

    fn start_delay(&mut self, _: &Attempt) -> SimDuration {
        self.start_delay
    }

    fn run_size(&mut self, _: DagId, _: StreamKey) -> f64 {
        1.0
    }
}
