//! The critical section of a plain site: goes down the pages and starts what passes. Where only pools and executors bind,
//! three of the eight tests are left (docs/background/scheduler.md, 2.4).

use super::live::State;
use super::page::Front;
use super::pool::Ready;
use super::{Event, PlainSite};
use crate::airflow::scheduler::critical_section::Outlook;
use crate::engine::Engine;
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
        self.page.query += 1;
        self.page.fronts.clear();
        for (at, pool) in self.pools.iter().enumerate() {
            if pool.waiting > 0 && pool.open > 0 {
                self.page.open(at as u32, pool);
            }
        }
        let (mut fetched, mut started, mut grew) = (0, 0, false);
        let mut passing = self.page.fronts.len();
        while fetched < limit
            && let Some(first) = self.page.first()
        {
            let front = self.page.fronts[first];
            fetched += 1;
            let passes = match self.take_slots(&front) {
                Ok(()) => true,
                Err(is_new) => {
                    grew |= is_new;
                    passing -= usize::from(!front.fails);
                    false
                }
            };
            let pool = &self.pools[front.pool as usize];
            let lane = &pool.lanes[front.lane as usize];
            let at = front.at + usize::from(!passes);
            let at = self.page.next_from(at, lane);
            if let Some(&ready) = lane.ready.get(at) {
                let front = &mut self.page.fronts[first];
                (front.ready, front.at) = (ready, at);
                front.fails |= !passes;
            } else {
                passing -= usize::from(passes && !front.fails);
                self.page.fronts.swap_remove(first);
            }
            if passes {
                started += 1;
                passing -= self.page.fail_beyond(pool.open, front.pool);
                self.start(front.ready, engine);
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
    fn take_slots(&mut self, front: &Front) -> Result<(), bool> {
        let pool = &mut self.pools[front.pool as usize];
        let task = front.ready.task;
        if R::STARVING {
            let starves = pool.open <= 0 || i64::from(front.slots) > pool.open;
            let pool = self.tasks[task as usize].pool;
            self.page.starving.count(pool, starves);
        }
        if pool.open <= 0 {
            return Err(self.page.starve_pool(front.pool));
        }
        if i64::from(front.slots) > pool.open {
            return Err(self.page.starve_task(task));
        }
        let executor = self.tasks[task as usize].executor;
        match self.executors.get_mut(executor) {
            Some(executor) if executor.free() > 0 => {
                executor.take();
                pool.start(front.lane, front.at);
                Ok(())
            }
            _ => {
                self.page.outlook = self.page.outlook.max(Outlook::NeedsExecutorSlots);
                Err(self.page.starve_task(task))
            }
        }
    }

    /// An instance is queued, and a worker begins with it at once.
    #[inline]
    fn start(&mut self, ready: Ready, engine: &mut Engine<Event>) {
        let now = engine.now();
        self.end_wait(ready.instance, now);
        self.waiting -= 1;
        let instance = &mut self.live.instances[ready.instance as usize];
        instance.state = State::Running;
        instance.started_at = now;
        let end = now + instance.duration;
        engine.schedule(end, Event::End(ready.instance));
        self.pool_changed(self.tasks[ready.task as usize].pool);
    }
}
