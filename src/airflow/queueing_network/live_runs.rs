//! The runs that are alive, in places that are used again: memory follows what is alive.

use super::source::Source;
use super::task::Task;
use crate::time::{SimDuration, SimTime};

/// Runs, each with a block of instances in the order of its DAG's tasks.
#[derive(Debug)]
pub(super) struct LiveRuns {
    runs: Vec<Run>,
    instances: Vec<Instance>,
    created: u64,
    /// How many bits of a [`Place`] tell the row.
    row_bits: u32,
}

/// What is known of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) dag: u32,
    pub(super) first_task: u32,
    first_instance: u32,
    /// Instances that have not ended; 0 if nothing lives here.
    pub(super) unfinished: u32,
    pub(super) sequence: u64,
    pub(super) created_at: SimTime,
}

/// What is known of an instance that has not ended: little, for most of the memory is made of these.
#[derive(Clone, Copy, Debug)]
struct Instance {
    /// How long it will run.
    duration: SimDuration,
    /// Upstream instances that have not ended.
    missing: u32,
}

/// Where an instance lives: the place of its run, then its row there. The run of a large site has to be fetched
/// from memory that is far away, so the way to it leads through nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) u64);

impl LiveRuns {
    /// For DAGs of at most so many tasks.
    pub(super) fn new(most_tasks: usize) -> Self {
        Self {
            runs: Vec::new(),
            instances: Vec::new(),
            created: 0,
            row_bits: usize::BITS - most_tasks.leading_zeros(),
        }
    }

    /// Gives the run that arrives a place.
    #[inline]
    pub(super) fn create(
        &mut self,
        dag: u32,
        source: &mut Source<'_>,
        tasks: &[Task<'_>],
        now: SimTime,
    ) -> (u32, Run) {
        let id = match source.free.pop() {
            Some(id) => id,
            None => self.add_place(dag, source),
        };
        let run = &mut self.runs[id as usize];
        run.unfinished = source.tasks;
        run.sequence = self.created;
        run.created_at = now;
        self.created += 1;
        let (first_task, first) = (source.first_task as usize, run.first_instance as usize);
        let count = source.tasks as usize;
        let tasks = &tasks[first_task..first_task + count];
        let instances = self.instances[first..first + count].iter_mut();
        for ((instance, task), &duration) in instances.zip(tasks).zip(source.take()) {
            instance.missing = task.upstream;
            instance.duration = duration;
        }
        (id, *run)
    }

    /// An instance of the run at a place.
    #[inline]
    pub(super) fn place(&self, run: u32, row: u32) -> Place {
        Place(u64::from(run) << self.row_bits | u64::from(row))
    }

    /// The instance at a place ends: the place of its run, the run without it, and its row.
    #[inline]
    pub(super) fn end(&mut self, place: Place) -> (u32, Run, u32) {
        let id = self.run_of(place);
        let run = &mut self.runs[id];
        // The copy is made before anything of the run is written, or it would have to wait for that.
        let unfinished = run.unfinished - 1;
        let copy = Run { unfinished, ..*run };
        run.unfinished = unfinished;
        let row = place.0 as u32 & ((1 << self.row_bits) - 1);
        (id as u32, copy, row)
    }

    /// How long an instance will run.
    #[inline]
    pub(super) fn duration(&self, run: &Run, row: u32) -> SimDuration {
        self.instances[(run.first_instance + row) as usize].duration
    }

    /// An upstream instance of this one has ended; tells how long it will run if that was the last one.
    #[inline]
    pub(super) fn lacks_one_less(&mut self, run: &Run, row: u32) -> Option<SimDuration> {
        let instance = &mut self.instances[(run.first_instance + row) as usize];
        instance.missing -= 1;
        (instance.missing == 0).then_some(instance.duration)
    }

    /// The runs that have not ended.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.unfinished > 0)
    }

    #[inline]
    fn run_of(&self, place: Place) -> usize {
        (place.0 >> self.row_bits) as usize
    }

    #[cold]
    fn add_place(&mut self, dag: u32, source: &Source<'_>) -> u32 {
        let id = self.runs.len() as u32;
        let first = self.instances.len();
        self.runs.push(Run {
            dag,
            first_task: source.first_task,
            first_instance: first as u32,
            unfinished: 0,
            sequence: 0,
            created_at: SimTime::MIN,
        });
        let unborn = Instance {
            duration: SimDuration::ZERO,
            missing: 0,
        };
        self.instances.resize(first + source.tasks as usize, unborn);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airflow::queueing_network::station::Waiting;

    /// With the 16 bytes of its end among the events, one that runs takes 32; one that waits takes 64.
    #[test]
    fn what_lives_takes_little_memory() {
        assert_eq!(size_of::<Instance>(), 16);
        assert_eq!(size_of::<Run>(), 32);
        assert_eq!(size_of::<Waiting>(), 48);
    }
}
