//! Outcomes that were recorded: replays a history with its own durations and endings.

use crate::airflow::outcomes::{Attempt, Ending, Outcomes, Segment};
use crate::deployment::Deployment;
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

/// Recorded segments and start delays.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// By task, the one whose name stands in the history.
    named: Vec<TaskId>,
    segments: Vec<(SegmentName, RecordedSegment)>,
    start_delays: StartDelays,
}

/// How long executors took to start what they were given.
#[derive(Clone, Debug)]
pub enum StartDelays {
    /// The same for all instances of a task.
    ByTask(Vec<SimDuration>),
    /// One for each queueing of an instance.
    InOrder {
        /// By instance and try (as segment 0), and within each in the order of time.
        delays: Vec<(SegmentName, SimDuration)>,
        /// Which of them have been used.
        used: Vec<bool>,
    },
}

impl StartDelays {
    /// Start delays by instance and try (as segment 0); those of one stand in the order of time.
    pub fn in_order(mut delays: Vec<(SegmentName, SimDuration)>) -> Self {
        delays.sort_by_key(|&(name, _)| name);
        let used = vec![false; delays.len()];
        Self::InOrder { delays, used }
    }
}

impl Recorded {
    /// Takes the segments in any order. They name tasks as [`Deployment::task_named`] finds them, whatever edits have made
    /// of the task since.
    pub fn new(
        deployment: &Deployment,
        mut segments: Vec<(SegmentName, RecordedSegment)>,
        start_delays: StartDelays,
    ) -> Self {
        segments.sort_unstable_by_key(|&(name, _)| name);
        let named = deployment.tasks.iter().enumerate().map(|(at, task)| {
            let named = deployment.task_named(task.dag, &task.task_id);
            named.unwrap_or(TaskId::new(at))
        });
        Self {
            named: named.collect(),
            segments,
            start_delays,
        }
    }

    fn name(&self, attempt: &Attempt, segment: u32) -> SegmentName {
        SegmentName {
            task: self.named[attempt.task.index()],
            logical_date: attempt.logical_date,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
            segment,
        }
    }

    fn find(&self, attempt: &Attempt) -> Option<&RecordedSegment> {
        let name = self.name(attempt, attempt.segment);
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

    /// Sensors that keep their workers were recorded as one segment.
    fn poke(&mut self, _: &Attempt) -> SimDuration {
        SimDuration::ZERO
    }

    /// A queueing that was not recorded was cut off before its start.
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        let name = self.name(attempt, 0);
        match &mut self.start_delays {
            StartDelays::ByTask(delays) => delays[attempt.task.index()],
            StartDelays::InOrder { delays, used } => {
                let first = delays.partition_point(|&(other, _)| other < name);
                let next = (first..delays.len())
                    .take_while(|&at| delays[at].0 == name)
                    .find(|&at| !used[at]);
                let Some(at) = next else {
                    return SimDuration::from_micros(i64::MAX);
                };
                used[at] = true;
                delays[at].1
            }
        }
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
