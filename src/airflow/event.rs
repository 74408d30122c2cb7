//! Everything that can happen in a simulation, in one list.

use crate::airflow::scheduler::timers::Timer;
use crate::engine;
use crate::ids::{DagId, EventId, InstanceId, ResourceId, RunId};

/// An event; at the same moment they happen in the order of this list, so that a loop sees all that came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A worker ends its segment.
    End(InstanceId),
    /// The alarm of a resource: a segment may end there.
    Resource(ResourceId),
    /// The start delay of a worker's beginning is over.
    Start(usize),
    /// The delay before the next try or the next poke is over.
    Due(InstanceId),
    /// What a deferred instance waits for has come.
    TriggerFires(InstanceId),
    /// A run has had its time.
    RunTimeout(RunId),
    /// A triggered run arrives.
    Arrival(DagId),
    /// The next run of a timetable may be created.
    RunDue(DagId),
    /// An operator does something.
    Operator(EventId),
    /// What a sizing policy has decided takes effect.
    Resize(usize),
    /// A sizing policy looks at its pools.
    PolicyLook(usize),
    /// An autoscaler of workers looks.
    Autoscale(usize),
    /// A worker has started up: one that an autoscaler asked for, or one that was lost.
    WorkerUp(usize),
    /// A timer will have something to do, so the loops from here on are not to be skipped.
    Wake(Timer),
    /// A timer of a scheduler runs.
    Timer(usize, Timer),
    /// A scheduler loop.
    Loop,
}

const KIND_SHIFT: u32 = 28;
const TIMER_BITS: u32 = 4;

/// The timer that stands in the lowest bits.
fn timer(index: usize) -> Timer {
    Timer::ALL[(index & ((1 << TIMER_BITS) - 1)) % Timer::ALL.len()]
}

impl engine::Event for Event {
    #[inline]
    fn rank(self) -> u8 {
        match self {
            Self::End(_) => 0,
            Self::Resource(_) => 1,
            Self::Start(_) => 2,
            Self::Due(_) => 3,
            Self::TriggerFires(_) => 4,
            Self::RunTimeout(_) => 5,
            Self::Arrival(_) => 6,
            Self::RunDue(_) => 7,
            Self::Operator(_) => 8,
            Self::Resize(_) => 9,
            Self::PolicyLook(_) => 10,
            Self::Autoscale(_) => 11,
            Self::WorkerUp(_) => 12,
            Self::Wake(_) => 13,
            Self::Timer(..) => 14,
            Self::Loop => 15,
        }
    }

    #[inline]
    fn pack(self) -> u32 {
        let index = match self {
            Self::End(id) | Self::Due(id) | Self::TriggerFires(id) => id.index(),
            Self::RunTimeout(run) => run.index(),
            Self::Arrival(dag) | Self::RunDue(dag) => dag.index(),
            Self::Operator(id) => id.index(),
            Self::Resource(id) => id.index(),
            Self::Start(index)
            | Self::Resize(index)
            | Self::PolicyLook(index)
            | Self::Autoscale(index)
            | Self::WorkerUp(index) => index,
            Self::Wake(timer) => timer as usize,
            Self::Timer(scheduler, timer) => scheduler << TIMER_BITS | timer as usize,
            Self::Loop => 0,
        };
        // A scenario's size bounds keep living instances below 2^28.
        u32::from(self.rank()) << KIND_SHIFT | index as u32
    }

    #[inline]
    fn unpack(bits: u32) -> Self {
        let index = (bits & ((1 << KIND_SHIFT) - 1)) as usize;
        match bits >> KIND_SHIFT {
            0 => Self::End(InstanceId::new(index)),
            1 => Self::Resource(ResourceId::new(index)),
            2 => Self::Start(index),
            3 => Self::Due(InstanceId::new(index)),
            4 => Self::TriggerFires(InstanceId::new(index)),
            5 => Self::RunTimeout(RunId::new(index)),
            6 => Self::Arrival(DagId::new(index)),
            7 => Self::RunDue(DagId::new(index)),
            8 => Self::Operator(EventId::new(index)),
            9 => Self::Resize(index),
            10 => Self::PolicyLook(index),
            11 => Self::Autoscale(index),
            12 => Self::WorkerUp(index),
            13 => Self::Wake(timer(index)),
            14 => Self::Timer(index >> TIMER_BITS, timer(index)),
            _ => Self::Loop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Event as _;

    #[test]
    fn events_survive_packing() {
        let id = InstanceId::new(123_456_789);
        for event in [
            Event::End(id),
            Event::Resource(ResourceId::new(5)),
            Event::Start(123_456_789),
            Event::Due(id),
            Event::TriggerFires(id),
            Event::RunTimeout(RunId::new(6)),
            Event::Arrival(DagId::new(7)),
            Event::RunDue(DagId::new(8)),
            Event::Operator(EventId::new(10)),
            Event::Resize(8),
            Event::PolicyLook(9),
            Event::Autoscale(10),
            Event::WorkerUp(11),
            Event::Wake(Timer::Orphans),
            Event::Timer(3, Timer::StaleBundles),
            Event::Loop,
        ] {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
}
