//! A loop of the scheduler, step by step (docs/background/scheduler.md, 1.1).

use super::live::{NONE, State};
use super::turns::Found;
use super::{Event, PlainSite};
use crate::airflow::scheduler::critical_section::{CriticalSection, Outlook};
use crate::airflow::waits::wait_clocks::Sign;
use crate::deployment::DagRunState;
use crate::engine::Engine;
use crate::time::SimTime;
use crate::trace::{LoopRecord, Recorder, WaitParts};

/// A queued run: how many of its DAG run, when it arrived, its number, and its DAG.
pub(super) type Candidate = (u32, SimTime, u64, u32);

impl<R: Recorder> PlainSite<'_, R> {
    /// One loop, in the order of its steps. If the next one could change something it follows; if not the scheduler
    /// sleeps until something happens that one may act upon, because all loops before would change nothing.
    pub(super) fn run_loop(&mut self, engine: &mut Engine<Event>) {
        let now = engine.now();
        if !self.starting.is_empty() {
            self.start_runs(now);
        }
        self.examine_runs(now);
        self.attribution.clocks.look(now);
        let queued = self.start_instances(engine);
        self.begin_waits(now);
        self.recorder.scheduler_loop(LoopRecord { at: now, queued });
        let freed = self.synchronise(now);
        self.next_loop = self.rhythm.after(now, queued > 0);
        self.sample_pools(now);
        self.awake = self.has_more(queued > 0, freed);
    }

    /// Whether the next loop may do something although nothing happens until then.
    #[inline]
    fn has_more(&self, queued: bool, freed: bool) -> bool {
        let may_start = |&dag: &u32| !self.dags[dag as usize].is_full();
        !self.changed.is_empty()
            || self.waiting > 0 && self.attribution.is_unseen()
            || self.starting.iter().any(may_start)
            || match self.page.outlook {
                Outlook::Nothing => false,
                Outlook::NeedsExecutorSlots => freed,
                Outlook::LookAgain => queued || freed,
            }
    }

    /// Whether a loop may find something because an instance ended, although no run waits for its end and nothing for its
    /// slots: not if all that waits was looked at in vain and only wants slots of other pools.
    #[inline]
    pub(super) fn looks_again(&self) -> bool {
        self.is_exhausted || self.page.outlook != Outlook::Nothing
    }

    /// Executors learn of the instances that have ended; says whether slots are free for it. Tells which of them have no
    /// free slot, and what that means for the next loop.
    #[inline]
    pub(super) fn synchronise(&mut self, now: SimTime) -> bool {
        let (mut freed, mut is_exhausted) = (false, false);
        let (mut occupied, mut free) = (0, 0_i64);
        for (executor, ended) in self.executors.iter_mut().zip(&mut self.ended) {
            freed |= executor.synchronise(std::mem::take(ended));
            occupied += executor.occupied();
            free = free.saturating_add(executor.free());
            is_exhausted |= executor.free() <= 0;
        }
        self.query_limit = CriticalSection::limit_within(self.bounds, occupied, free);
        is_exhausted |= self.query_limit.is_none();
        if is_exhausted || self.is_exhausted {
            self.tell_executors(now);
        }
        self.is_exhausted = is_exhausted;
        freed
    }

    /// Tells of each executor whether it has a free slot.
    #[cold]
    fn tell_executors(&mut self, now: SimTime) {
        let has_query = self.query_limit.is_some();
        for at in 0..self.attribution.executors() {
            let is_free = self.executors.get(at).is_some_and(|slots| slots.free() > 0);
            self.attribution
                .set_executor(at, !(is_free && has_query), now);
        }
    }

    /// Step 2: starts queued runs, those of the DAGs with the fewest running ones first.
    fn start_runs(&mut self, now: SimTime) {
        let limit = self.deployment.airflow.max_dagruns_per_loop_to_schedule as usize;
        let mut candidates = std::mem::take(&mut self.candidates);
        for &dag in &self.starting {
            let arrivals = &self.dags[dag as usize];
            if !arrivals.is_full() {
                let first = arrivals.queued.iter().take(limit);
                let running = arrivals.running;
                candidates.extend(first.map(|&(date, sequence, _)| (running, date, sequence, dag)));
            }
        }
        candidates.sort_unstable();
        for (.., dag) in candidates.drain(..).take(limit) {
            let arrivals = &mut self.dags[dag as usize];
            if arrivals.is_full() {
                continue;
            }
            if let Some((id, wait)) = arrivals.start_first(now) {
                let run = &mut self.live.runs[id as usize];
                run.started_at = now;
                run.wait = wait;
                run.changed = true;
                // The last one first, so that they are found in their order.
                for &root in arrivals.roots.iter().rev() {
                    let at = run.instance_of(root);
                    let instance = &mut self.live.instances[at as usize];
                    run.add_ready(at, instance, SimTime::MIN);
                }
                let sequence = run.sequence;
                self.changed.push(id);
                self.turns.add(id, sequence);
            }
        }
        self.candidates = candidates;
        let dags = &self.dags;
        self.starting
            .retain(|&dag| !dags[dag as usize].queued.is_empty());
    }

    /// Step 3: examines those of the changed runs whose turn it is.
    fn examine_runs(&mut self, now: SimTime) {
        let takes_turns = self.turns.are_taken();
        let mut found = std::mem::take(&mut self.found);
        self.turns.take(&self.changed, &self.live, &mut found, now);
        for &examined in &found {
            self.live.run(examined.run).changed = false;
            self.examine(examined, now);
        }
        if found.len() == self.changed.len() {
            self.changed.clear();
        } else if !found.is_empty() {
            let runs = &self.live.runs;
            self.changed.retain(|&run| runs[run as usize].changed);
        }
        self.found = found;
        self.loops
            .pass(now, takes_turns && !self.changed.is_empty());
    }

    /// Lets what is ready in a run wait for its pool, or ends the run.
    #[inline]
    fn examine(&mut self, examined: Found, now: SimTime) {
        let run = self.live.run(examined.run);
        if run.unfinished == 0 {
            let (dag, sequence) = (run.dag, run.sequence);
            run.lives = false;
            self.write_run(examined.run, DagRunState::Success, Some(now));
            self.turns.remove(sequence);
            let arrivals = &mut self.dags[dag as usize];
            arrivals.free.push(examined.run);
            arrivals.run_ended(now);
            return;
        }
        let mut next = self.live.run(examined.run).take_ready();
        while next != NONE
            && let State::Ready(other) = self.live.instances[next as usize].state
        {
            self.schedule(&examined, next, now);
            next = other;
        }
    }

    /// Makes an instance wait for its pool.
    #[inline]
    fn schedule(&mut self, examined: &Found, at: u32, now: SimTime) {
        let run = &self.live.runs[examined.run as usize];
        let index = run.task_of(at);
        let task = &self.tasks[index as usize];
        let instance = &mut self.live.instances[at as usize];
        instance.state = State::Scheduled;
        instance.ready_at = instance.ready_at.max(run.started_at);
        let after_loop = examined.examined_at.max(instance.first_loop);
        instance.first_loop = self.loops.first_for(instance.ready_at, after_loop, now);
        instance.scheduled_at = now;
        self.fresh.push(at);
        let waited_for = &mut self.pools[task.pool.index()];
        if waited_for.waiting == 0 {
            self.attribution.set_pool(task.pool, waited_for.open, now);
        }
        waited_for.join(task.lane, run, task.name_rank, at);
        self.waiting += 1;
        let pool = task.pool;
        self.pool_changed(pool);
    }

    /// Notes what the clocks show for what has been scheduled and was not started at once. The loop looked at this moment,
    /// so what they wait for is seen from the beginning.
    #[inline]
    fn begin_waits(&mut self, now: SimTime) {
        if self.waiting == 0 {
            self.fresh.clear();
            return;
        }
        for at in self.fresh.drain(..) {
            if self.live.instances[at as usize].state == State::Scheduled {
                let index = self.live.task_of(at);
                let clock = self.tasks[index as usize].clock;
                let place = self.live.waits.take(WaitParts::default());
                let wait = &mut self.live.waits[place];
                self.attribution
                    .clocks
                    .charge(clock, now, Sign::Minus, wait);
                self.live.instances[at as usize].wait = place;
            }
        }
    }

    /// An instance does not wait any longer: from now on its parts are known.
    #[inline]
    pub(super) fn end_wait(&mut self, at: u32, now: SimTime) {
        let instance = &self.live.instances[at as usize];
        if instance.wait == NONE {
            return;
        }
        let index = self.live.task_of(at);
        let clock = self.tasks[index as usize].clock;
        let wait = &mut self.live.waits[instance.wait];
        self.attribution.clocks.charge(clock, now, Sign::Plus, wait);
    }
}
