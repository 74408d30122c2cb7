//! Where an instance stands among those of its priority that wait, too.

use crate::airflow::instances::instance::TaskInstance;
use crate::airflow::scheduler::ready::Place;
use crate::airflow::world::World;
use crate::ids::InstanceId;
use crate::time::SimTime;
use crate::trace::Recorder;

/// How the ready queues are ordered within a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueOrder {
    /// As the critical section: by logical date, then map index.
    LogicalDate,
    /// As queueing theory: first come, first served.
    FirstCome,
}

impl<R: Recorder> World<R> {
    /// Its place in the ready queue: the same whenever it is asked for while the instance waits.
    #[inline]
    pub(crate) fn place(&self, id: InstanceId) -> Place {
        let instance = self.instance(id);
        let run = self.run(instance.run);
        match self.queue_order {
            QueueOrder::LogicalDate => {
                let date = run
                    .identity
                    .logical_date
                    .map_or(Place::NO_DATE, SimTime::as_micros);
                Place {
                    date,
                    map_index: instance.map_index,
                    run: self.creation_of(instance),
                }
            }
            QueueOrder::FirstCome => Place {
                date: self.present_try(id).scheduled_at.as_micros(),
                map_index: 0,
                // Each instance stands alone: those ready at one moment, by the run's creation and then by row.
                run: run.sequence << u32::BITS | u64::from(instance.row),
            },
        }
    }

    /// Where an instance stands among those of equal date and map index: by its run, and where names do not break ties by
    /// the creation of its row, which for what a mapped task was given later is another moment.
    fn creation_of(&self, instance: &TaskInstance) -> u64 {
        let run = self.run(instance.run);
        if self.rules.breaks_ties_by_name || instance.row < run.instances {
            return run.place;
        }
        let mut added = run.expansions.iter();
        let added = added.find(|added| added.task == instance.task);
        added.map_or(run.place, |added| added.sequence)
    }
}
