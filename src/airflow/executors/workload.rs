//! Instances on their way through an executor, and the starts that are under way.

use crate::airflow::places::Places;
use crate::airflow::runs::dag_run::DagRuns;
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
    /// Which executor of which scheduler counts it: see [`crate::airflow::executors::worker_slots::WorkerSlots::book`].
    pub(crate) book: u32,
    pub(crate) sent_at: SimTime,
    pub(crate) delay: SimDuration,
    /// Whether the scheduler has taken it back: nobody counts it any more.
    pub(crate) revoked: bool,
}

impl Workload {
    /// Whether its instance is still the one that was sent, and waits in queued.
    pub(crate) fn is_waiting(&self, rows: &DagRuns) -> bool {
        let instance = &rows.instances.rows[self.instance.index()];
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
    /// Whether the worker is gone: the place is kept until the moment of the start, which names it.
    is_void: bool,
}

/// The starts under way, each in a place whose position names it; none in one that was given back.
#[derive(Debug, Default)]
pub(crate) struct Beginnings {
    places: Places<Option<Beginning>>,
}

impl Beginnings {
    /// Puts one in; gives its place.
    #[inline]
    pub(crate) fn add(&mut self, workload: Workload, group: u32) -> usize {
        let beginning = Beginning {
            workload,
            group,
            is_void: false,
        };
        self.places.take(Some(beginning)) as usize
    }

    /// Takes one out; there is none if its worker is gone.
    #[inline]
    pub(crate) fn remove(&mut self, at: usize) -> Option<Beginning> {
        let at = at as u32;
        let beginning = self.places[at].take()?;
        self.places.give_back(at);
        Some(beginning).filter(|beginning| !beginning.is_void)
    }

    /// All workloads that workers begin with.
    pub(crate) fn workloads(&mut self) -> impl Iterator<Item = &mut Workload> {
        let begun = self.begun();
        begun.map(|beginning| &mut beginning.workload)
    }

    /// Takes away what a group of workers has begun with.
    pub(crate) fn take_from(&mut self, group: u32) -> Vec<Workload> {
        let its_own = self.begun().filter(|beginning| beginning.group == group);
        let take = |beginning: &mut Beginning| {
            beginning.is_void = true;
            beginning.workload
        };
        its_own.map(take).collect()
    }

    fn begun(&mut self) -> impl Iterator<Item = &mut Beginning> {
        let begun = self.places.iter_mut().flatten();
        begun.filter(|beginning| !beginning.is_void)
    }
}
