//! The critical section of a plain site: goes down the pages and starts what passes. Where only pools and executors bind,
//! three of the eight tests are left (docs/background/scheduler.md, 2.4).

use super::lanes::{Front, Ready};
use super::live::State;
use super::{Event, PlainSite};
use crate::airflow::outcomes::Attempt;
use crate::airflow::outcomes::drawn::draw_duration;
use crate::airflow::scheduler::critical_section::{CriticalSection, Outlook};
use crate::deployment::TaskInstanceState;
use crate::engine::Engine;
use crate::ids::TaskId;
use crate::time::SimDuration;
use crate::trace::Recorder;

impl<R: Recorder> PlainSite<'_, R> {
    /// Step 4, the critical section: starts what the page holds and slots allow; says how many.
    pub(super) fn start_instances(&mut self, engine: &mut Engine<Event>) -> usize {
        self.page.outlook = Outlook::Nothing;
        if self.waiting == 0 {
            return 0;
        }
        let settings = &self.deployment.airflow;
        let Some(limit) = CriticalSection::query_limit(settings, &self.executors) else {
            self.page.outlook = Outlook::NeedsExecutorSlots;
            return 0;
        };
        let pools = self.pools.ids();
        let open = pools.map(|pool| self.pools.open(pool).max(0));
        let limit = open.fold(0, i64::saturating_add).min(limit) as usize;
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

    /// Starts what passes of one page; says how many, whether the page was full, and whether a starved set grew.
    fn go_down_a_page(&mut self, limit: usize, engine: &mut Engine<Event>) -> (usize, bool, bool) {
        self.page.query += 1;
        self.page.fronts.clear();
        for pool in self.pools.ids() {
            let lanes = &self.lanes[pool.index()];
            if lanes.waiting > 0 && self.pools.open(pool) > 0 {
                self.page.open(pool.index() as u32, lanes);
            }
        }
        let (mut fetched, mut started, mut grew) = (0, 0, false);
        let mut passing = self.page.fronts.len();
        while fetched < limit
            && let Some(first) = self.page.first(&self.lanes)
        {
            let front = self.page.fronts[first];
            let lane = &self.lanes[front.pool as usize].lanes[front.lane as usize];
            let ready = lane.ready[front.at];
            fetched += 1;
            let task = &self.tasks[ready.task as usize];
            let slots = i64::from(task.slots);
            let open = self.pools.open(task.pool);
            self.page.look::<R>(task, open);
            let executor = self.executors.get(task.executor);
            let mut at = front.at + 1;
            let mut fails = true;
            if open <= 0 {
                grew |= self.page.starve_pool(front.pool);
            } else if slots > open {
                grew |= self.page.starve_task(ready.task);
            } else if executor.is_none_or(|executor| executor.free() <= 0) {
                self.page.outlook = self.page.outlook.max(Outlook::NeedsExecutorSlots);
                grew |= self.page.starve_task(ready.task);
            } else {
                self.lanes[front.pool as usize].leave(&front);
                self.start(ready, engine);
                started += 1;
                at = front.at;
                fails = false;
            }
            passing -= usize::from(fails && !front.fails);
            let lane = &self.lanes[front.pool as usize].lanes[front.lane as usize];
            let at = self.page.next_from(at, lane);
            if at < lane.ready.len() {
                let fails = front.fails || fails;
                self.page.fronts[first] = Front { at, fails, ..front };
            } else {
                passing -= usize::from(!fails && !front.fails);
                self.page.fronts.swap_remove(first);
            }
            if passing == 0 && self.page.query == self.page.first_query && !R::STARVING {
                // All the rest fails: it only matters how much of it the page would hold, and if something was started
                // no other page comes.
                let rest = self.page.fronts.iter().map(|front| {
                    let lane = &self.lanes[front.pool as usize].lanes[front.lane as usize];
                    lane.ready.len() - front.at
                });
                let is_full = fetched + rest.sum::<usize>() >= limit;
                if started > 0 || !is_full {
                    return (started, is_full, grew);
                }
            }
        }
        (started, fetched >= limit, grew)
    }

    /// An instance is queued, and a worker begins with it at once.
    #[inline]
    fn start(&mut self, ready: Ready, engine: &mut Engine<Event>) {
        use TaskInstanceState as S;
        let now = engine.now();
        self.end_wait(ready.instance, now);
        self.waiting -= 1;
        let instance = &mut self.live.instances[ready.instance as usize];
        instance.state = State::Running;
        instance.started_at = now;
        let run = &self.live.runs[instance.run as usize];
        let task = &self.tasks[ready.task as usize];
        self.executors[task.executor].take();
        self.pools
            .shift(task.pool, S::Scheduled, S::Running, task.slots);
        let first_try = Attempt {
            task: TaskId::new(ready.task as usize),
            logical_date: run.created_at,
            map_index: -1,
            try_number: 1,
            segment: 1,
            since: now,
            waited: SimDuration::ZERO,
            trigger_timed_out: false,
            requeues: 0,
            run_key: run.key,
            task_key: task.name_key,
            run_size: run.size,
        };
        let duration = draw_duration(task.duration, &first_try).max(SimDuration::ZERO);
        engine.schedule(now + duration, Event::End(ready.instance));
        let pool = task.pool.index();
        self.pool_changed(pool);
    }
}
