//! Instances on their way through an executor, and the starts that are under way.

use super::dag_run::DagRuns;
use crate::deployment::TaskInstanceState;
use crate::ids::InstanceId;
use crate::time::{SimDuration, SimTime};

/// An instance on its way through an executor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// Names the run for good; rows of instances are used again, and this may outlive them.
    pub(crate) run: u64,
    pub(crate) instance: InstanceId,
    pub(crate) try_number: u16,
    /// Which executor of which scheduler counts it: see [`super::worker_slots::WorkerSlots::book`].
    pub(crate) book: u32,
    pub(crate) sent_at: SimTime,
    pub(crate) delay: SimDuration,
    /// Whether the scheduler has taken it back: nobody counts it any more.
    pub(crate) revoked: bool,
}

impl Workload {
    /// Whether its instance is still the one that was sent, and waits in queued.
    pub(crate) fn is_waiting(&self, rows: &DagRuns) -> bool {
        let instance = &rows.instances[self.instance.index()];
        instance.state == TaskInstanceState::Queued
            && instance.try_number == self.try_number
            && rows.runs[instance.run.index()].sequence == self.run
    }

    /// Whether both are sendings of one instance.
    pub(crate) fn is_of_the_instance_of(&self, other: &Self) -> bool {
        self.instance == other.instance && self.run == other.run
    }
}

/// A worker's beginning with a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    pub(crate) workload: Workload,
    /// The group of workers that is busy with it.
    pub(crate) group: u32,
}

/// The starts under way, each in a place whose position names it; places are used again.
#[derive(Debug, Default)]
pub(crate) struct Beginnings {
    places: Vec<Option<Beginning>>,
    unused: Vec<usize>,
}

impl Beginnings {
    /// Puts one in; gives its place.
    #[inline]
    pub(crate) fn add(&mut self, beginning: Beginning) -> usize {
        if let Some(at) = self.unused.pop() {
            self.places[at] = Some(beginning);
            at
        } else {
            self.places.push(Some(beginning));
            self.places.len() - 1
        }
    }

    /// Takes one out.
    #[inline]
    pub(crate) fn remove(&mut self, at: usize) -> Option<Beginning> {
        let beginning = self.places[at].take()?;
        self.unused.push(at);
        Some(beginning)
    }

    /// All workloads that workers begin with.
    pub(crate) fn workloads(&mut self) -> impl Iterator<Item = &mut Workload> {
        let begun = self.places.iter_mut().flatten();
        begun.map(|beginning| &mut beginning.workload)
    }
}
