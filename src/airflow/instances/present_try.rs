//! The present tries of instances, in places that are used again: so an instance that waits for others costs its row
//! alone, and memory for what a try adds follows those that have begun one.

use crate::airflow::outcomes::Ending;
use crate::airflow::places::Places;
use crate::ids::InstanceId;
use crate::time::SimTime;

/// What an instance knows of its present try, from when it is scheduled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentTry {
    pub(crate) scheduled_at: SimTime,
    pub(crate) queued_at: SimTime,
    pub(crate) started_at: SimTime,
    /// When its latest segment ended.
    pub(crate) ended_at: SimTime,
    /// When what it waits for is due: its next try, its next poke, or its trigger; at work, when the segment ends.
    pub(crate) due_at: SimTime,
    /// The next of the same run and task that waits in the ready queue, by map index.
    pub(crate) next_waiting: Option<InstanceId>,
    /// Executions within the try.
    pub(crate) segment: u32,
    /// Which executor of which scheduler counts it.
    pub(crate) book: u32,
    /// The group of workers that runs it; 0 for those without bound, and if none does.
    pub(crate) group: u32,
    /// How the segment at work will end, known from its start.
    pub(crate) ending: Ending,
    /// Whether its trigger's time was up: resumed, it fails at once.
    pub(crate) trigger_timed_out: bool,
    /// How often it was put back from queued to scheduled since it last ran in this try.
    pub(crate) requeues: u8,
}

impl PresentTry {
    pub(crate) const NOT_BEGUN: Self = Self {
        scheduled_at: SimTime::MIN,
        queued_at: SimTime::MIN,
        started_at: SimTime::MIN,
        ended_at: SimTime::MIN,
        due_at: SimTime::MIN,
        next_waiting: None,
        segment: 0,
        book: 0,
        group: 0,
        ending: Ending::Success,
        trigger_timed_out: false,
        requeues: 0,
    };
}

/// The place of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TryId(u32);

impl TryId {
    /// The place that all instances share that have not begun a try.
    pub(crate) const NOT_BEGUN: Self = Self(0);

    /// The position that it stands for.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct PresentTries {
    /// The first is nobody's own, and never written.
    places: Places<PresentTry>,
}

impl Default for PresentTries {
    fn default() -> Self {
        let mut places = Places::default();
        places.take(PresentTry::NOT_BEGUN);
        Self { places }
    }
}

impl PresentTries {
    #[inline]
    pub(crate) fn get(&self, at: TryId) -> &PresentTry {
        &self.places[at.0]
    }

    /// For tries that have begun.
    #[inline]
    pub(crate) fn get_mut(&mut self, at: TryId) -> &mut PresentTry {
        &mut self.places[at.0]
    }

    /// A place for a try that begins.
    #[inline(never)]
    pub(crate) fn begin(&mut self) -> TryId {
        TryId(self.places.take(PresentTry::NOT_BEGUN))
    }

    /// Gives a place back.
    #[inline]
    pub(crate) fn forget(&mut self, at: TryId) {
        self.places.give_back(at.0);
    }

    /// How many places there are, in use or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::instances::instance::{Instances, TaskInstance};
    use crate::ids::{RunId, TaskId};

    #[test]
    fn places_are_used_again_and_begin_anew() {
        let mut instances = Instances::default();
        let row = |index| TaskInstance::new(RunId::new(0), TaskId::new(0), index, index as u32);
        instances.rows.extend((0..100).map(row));
        assert_eq!(instances.room_for_tries(), 0, "none has begun");
        let ids = || (0..100).map(InstanceId::new);
        for round in 1..4 {
            for id in ids() {
                assert_eq!(instances.present_try(id).segment, 0);
                instances.try_mut(id).segment = round;
            }
            assert_eq!(instances.room_for_tries(), 100);
            ids().for_each(|id| instances.forget_try(id));
        }
    }

    #[test]
    fn an_instance_that_waits_for_others_costs_28_bytes_and_its_try_64() {
        assert!(size_of::<TaskInstance>() <= 28);
        assert!(size_of::<PresentTry>() <= 64);
    }
}
