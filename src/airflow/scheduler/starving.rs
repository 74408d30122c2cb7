//! How many instances of a critical section found too few slots open, pool by pool: Airflow's gauge `pool.starving_tasks`.

use crate::ids::PoolId;
use crate::time::SimTime;
use crate::trace::Recorder;

/// The pools that the pages of a section have instances of, with those that starve; only for a recorder that asks.
#[derive(Debug, Default)]
pub(crate) struct StarvingByPool {
    section: Vec<(PoolId, u32)>,
    /// What the section before told.
    before: Vec<(PoolId, u32)>,
}

impl StarvingByPool {
    /// A page has an instance of this pool; only to be called where a recorder asks, because it takes its time.
    pub(crate) fn count(&mut self, pool: PoolId, starves: bool) {
        let known = self.section.iter_mut().find(|(known, _)| *known == pool);
        match known {
            Some((_, count)) => *count += u32::from(starves),
            None => self.section.push((pool, u32::from(starves))),
        }
    }

    /// The section is over; says whether the next one could tell something else though nothing happens until then: its pages
    /// are shorter, and have nothing of pools that are full by now.
    pub(crate) fn tell<R: Recorder>(&mut self, recorder: &mut R, now: SimTime) -> bool {
        if !R::STARVING {
            return false;
        }
        for &(pool, tasks) in &self.section {
            recorder.starving(now, pool, tasks);
        }
        std::mem::swap(&mut self.section, &mut self.before);
        let is_new = self.section != self.before;
        self.section.clear();
        is_new
    }
}
