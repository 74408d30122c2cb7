//! The critical section of a plain site: goes down the pages and starts what passes. Where only pools and executors bind,
//! three of the eight tests are left (docs/background/scheduler.md, 2.4).

use super::live::State;
use super::{Event, PlainSite};
use crate::airflow::scheduler::critical_section::Outlook;
use crate::engine::Engine;
use crate::ids::PoolId;
use crate::trace::Recorder;

impl<R: Recorder> PlainSite<'_, R> {
    /// Step 4, the critical section: starts what the page holds and slots allow; says how many.
    pub(super) fn start_instances(&mut self, engine: &mut Engine<Event>) -> usize {
        self.page.outlook = Outlook::Nothing;
        if self.waiting == 0 {
            return 0;
        }
        let Some(limit) = self.query_limit else {
            self.page.outlook = Outlook::NeedsExecutorSlots;
            return 0;
        };
        let limit = self.cut_to_open_slots(limit);
        if limit == 0 {
            return 0;
        }
        self.page.first_query = self.page.query + 1;
        loop {
            let (started, is_full, grew) = self.go_down_a_page(limit, engine);
            if started > 0 || !is_full || !grew {
                let is_new = self.page.starving.tell(&mut self.recorder, engine.now());
                // After a second query some of what the first has starved may not have been looked at.
                if is_full || self.page.query > self.page.first_query || is_new {
                    self.page.outlook = Outlook::LookAgain;
                }
                return started;
            }
        }
    }

    /// A page is no larger than there are open slots in all pools together.
    fn cut_to_open_slots(&self, limit: i64) -> usize {
        let mut open = 0;
        for pool in &self.pools {
            open += pool.open.clamp(0, limit);
            if open >= limit {
                return limit as usize;
            }
        }
        open as usize
    }

    /// Starts what passes of one page; says how many, whether the page was full, and whether a starved set grew.
    fn go_down_a_page(&mut self, limit: usize, engine: &mut Engine<Event>) -> (usize, bool, bool) {
        self.page.begin(&self.startable, &self.pools, &self.live);
        let (mut fetched, mut started, mut grew) = (0, 0, false);
        while fetched < limit
            && let Some(first) = self.page.first(&self.pools)
        {
            let front = &self.page.fronts[first];
            let (id, instance) = (front.pool, front.ready(&self.pools).instance);
            fetched += 1;
            let taken = self.take_slots(first, instance);
            grew |= taken == Err(true);
            let passes = taken.is_ok();
            let pool = &self.pools[id.index()];
            self.page.go_on(first, passes, pool, &self.live);
            let passing = self.page.passing(id, pool.open);
            if passes {
                started += 1;
                self.start(id, instance, engine);
            }
            if passing == 0 && self.page.query == self.page.first_query && !R::STARVING {
                // All the rest fails: it only matters how much of it the page would hold, and if something was started
                // no other page comes.
                let is_full = fetched + self.page.rest(&self.pools) >= limit;
                if started > 0 || !is_full {
                    return (started, is_full, grew);
                }
            }
        }
        (started, fetched >= limit, grew)
    }

    /// Takes the slots for what comes first, or starves what they do not suffice for, and says whether that is new.
    #[inline]
    fn take_slots(&mut self, front: usize, instance: u32) -> Result<(), bool> {
        let front = &self.page.fronts[front];
        let (id, lane, at) = (front.pool, front.lane, front.at);
        let pool = &mut self.pools[id.index()];
        let fits = pool.open > 0 && i64::from(front.slots) <= pool.open;
        if R::STARVING {
            self.page.starving.count(id, !fits);
        }
        if fits {
            let executor = pool.lanes[lane as usize].executor;
            if let Some(executor) = self.executors.get_mut(executor)
                && executor.free() > 0
            {
                executor.take();
                pool.start(lane, at);
                return Ok(());
            }
            self.page.outlook = self.page.outlook.max(Outlook::NeedsExecutorSlots);
        } else if pool.open <= 0 {
            return Err(self.page.starve_pool(id));
        }
        let task = self.live.task_of(instance);
        Err(self.page.starve_task(task))
    }

    /// An instance is queued, and a worker begins with it at once.
    #[inline]
    fn start(&mut self, pool: PoolId, at: u32, engine: &mut Engine<Event>) {
        let now = engine.now();
        self.end_wait(at, now);
        self.waiting -= 1;
        let instance = &mut self.live.instances[at as usize];
        instance.state = State::Running;
        instance.started_at = now;
        engine.schedule(now + instance.duration, Event::End(at));
        self.pool_changed(pool);
    }
}
