//! A plain site: Airflow's scheduler where only loops, pages, turns, pools and executors make instances wait.
//!
//! Most of what a [`crate::airflow::Simulation`] keeps ready for every site (retries, sensors, mapped tasks, limits on
//! tasks, policies, operators) is idle on many of them, and asking for each of it costs more than what happens. This is
//! the same history without it, and the same rows in the same order: a loop costs what has changed since the last one.
//! `tests/it/plain_site.rs` compares the two. See docs/decisions/0019-plain-site.md.

mod arrivals;
mod covers;
mod critical_section;
mod lanes;
mod live;
mod rows;
mod task;
mod turns;

use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::plan::Plan;
use crate::airflow::pools::pool_manager::PoolManager;
use crate::airflow::scheduler::alarms::Alarms;
use crate::airflow::scheduler::critical_section::{CriticalSection, Outlook};
use crate::airflow::scheduler::pace::Pace;
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::waits::attribution::Attribution;
use crate::airflow::waits::scheduling_waits::PassingLoops;
use crate::deployment::{DagRunState, Deployment, LoopPace, TaskInstanceState};
use crate::engine::{self, Engine, Model};
use crate::ids::DagId;
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::{LoopRecord, Recorder};
use arrivals::Arrivals;
use lanes::{Lanes, Page, Ready};
use live::{LiveRuns, State};
use std::collections::VecDeque;
use task::Task;
use turns::{Found, Turns};

/// Simulates `deployment` from `start` to `end` with the random numbers of `key` and hands its facts to `recorder`.
///
/// # Errors
/// The recorder, untouched, if the site has something that only a [`crate::airflow::Simulation`] knows, or if nobody
/// wants to know why instances waited.
pub fn as_plain_site<R: Recorder>(
    deployment: &Deployment,
    key: StreamKey,
    start: SimTime,
    end: SimTime,
    recorder: R,
) -> Result<R, R> {
    let plan = Plan::new(deployment);
    let Some(pace) = covers::pace_of(deployment, &plan).filter(|_| R::WAIT_PARTS) else {
        return Err(recorder);
    };
    let mut engine = Engine::new(start);
    let mut site = PlainSite::new(deployment, &plan, pace, key, start, recorder);
    for dag in 0..deployment.dags.len() {
        site.plan_arrival(dag as u32, &mut engine);
    }
    engine.schedule(start, Event::Loop);
    for pool in 0..deployment.pools.len() {
        site.pool_changed(pool);
    }
    site.sample_pools(start);
    engine.run_until(&mut site, end);
    site.recorder.over(end);
    site.write_unfinished(end);
    Ok(site.recorder)
}

/// A site without limits on tasks, failures or changes, and what has become of it so far.
struct PlainSite<'a, R> {
    deployment: &'a Deployment,
    recorder: R,
    dags: Vec<Arrivals<'a>>,
    /// DAGs with queued runs.
    starting: Vec<u32>,
    tasks: Vec<Task<'a>>,
    live: LiveRuns,
    /// Running runs in which something happened since a loop last examined them.
    changed: VecDeque<u32>,
    turns: Turns,
    found: Vec<Found>,
    loops: PassingLoops,
    pools: PoolManager,
    lanes: Vec<Lanes>,
    waiting: usize,
    changed_pools: Vec<usize>,
    is_changed: Vec<bool>,
    attribution: Attribution,
    executors: Vec<ExecutorSlots>,
    /// Instances that ended and that no loop has learnt of, by executor.
    ended: Vec<i64>,
    page: Page,
    pace: Pace,
    next_loop: SimTime,
    /// Whether a loop stands in the future event list.
    awake: bool,
}

/// What happens; at one moment instances end before runs arrive, and a loop sees all that came with it.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An instance ends, by its place among the live ones.
    End(u32),
    /// A run of a DAG arrives.
    Arrival(u32),
    Loop,
}

const KIND_SHIFT: u32 = 30;

impl engine::Event for Event {
    #[inline]
    fn rank(self) -> u8 {
        match self {
            Self::End(_) => 0,
            Self::Arrival(_) => 1,
            Self::Loop => 2,
        }
    }

    #[inline]
    fn pack(self) -> u32 {
        match self {
            Self::End(at) => at,
            Self::Arrival(dag) => 1 << KIND_SHIFT | dag,
            Self::Loop => 2 << KIND_SHIFT,
        }
    }

    #[inline]
    fn unpack(bits: u32) -> Self {
        match bits >> KIND_SHIFT {
            0 => Self::End(bits),
            1 => Self::Arrival(bits & !(1 << KIND_SHIFT)),
            _ => Self::Loop,
        }
    }
}

impl<'a, R: Recorder> PlainSite<'a, R> {
    fn new(
        deployment: &'a Deployment,
        plan: &Plan,
        pace: LoopPace,
        key: StreamKey,
        start: SimTime,
        recorder: R,
    ) -> Self {
        let (settings, rules) = (&deployment.airflow, deployment.rules());
        let pools = deployment.pools.len();
        let attribution = Attribution::new(plan, pools, QueueOrder::LogicalDate, &rules);
        let mut tasks = task::lay_out(deployment, plan, &attribution);
        let alarms = Alarms::new(deployment);
        let dags = deployment.dags.iter().enumerate().map(|(at, dag)| {
            let rank = plan.dags[at].name_rank;
            Arrivals::new(DagId::new(at), dag, &plan.layouts[at], rank, key, start)
        });
        let executors = deployment.executors.iter();
        Self {
            deployment,
            recorder,
            dags: dags.collect(),
            starting: Vec::new(),
            live: LiveRuns::default(),
            changed: VecDeque::new(),
            turns: Turns::new(settings.max_dagruns_per_loop_to_schedule as usize),
            found: Vec::new(),
            loops: PassingLoops::default(),
            pools: PoolManager::new(deployment.pools.iter().cloned()),
            lanes: Lanes::lay_out(pools, &mut tasks),
            waiting: 0,
            changed_pools: Vec::new(),
            is_changed: vec![false; pools],
            attribution,
            executors: executors
                .map(|executor| ExecutorSlots::new(executor, 0, &rules))
                .collect(),
            ended: vec![0; deployment.executors.len()],
            page: Page::new(pools, tasks.len()),
            pace: Pace::new(pace, alarms.kept(), alarms.acting(), settings, start),
            next_loop: start,
            awake: true,
            tasks,
        }
    }

    fn plan_arrival(&mut self, dag: u32, engine: &mut Engine<Event>) {
        if let Some(next) = self.dags[dag as usize].next() {
            engine.schedule(next, Event::Arrival(dag));
        }
    }

    /// A run arrives, and waits for a loop to start it.
    #[inline]
    fn arrive(&mut self, dag: u32, engine: &mut Engine<Event>) {
        let now = engine.now();
        let arrivals = &mut self.dags[dag as usize];
        let luck = arrivals.luck(self.deployment);
        let id = self.live.create(dag, arrivals, &self.tasks, luck, now);
        if arrivals.queued.is_empty() {
            self.starting.push(dag);
        }
        arrivals.queue(id, self.live.run(id).sequence, now);
        self.plan_arrival(dag, engine);
    }

    /// An instance ends: its slots are free, and what only waited for it is ready for an examination.
    #[inline]
    fn end(&mut self, at: u32, now: SimTime) {
        use TaskInstanceState as S;
        let instance = &mut self.live.instances[at as usize];
        instance.state = State::Ended;
        let id = instance.run;
        self.write_instance(at, Some(now));
        let run = &mut self.live.runs[id as usize];
        run.unfinished -= 1;
        let task = &self.tasks[run.task_of(at) as usize];
        self.pools
            .shift(task.pool, S::Running, S::Success, task.slots);
        for &below in &task.downstream {
            let instance = &mut self.live.instances[run.instance_of(below) as usize];
            instance.missing -= 1;
            if instance.missing == 0 {
                instance.decided_at = now;
                run.touched.push(below);
            }
        }
        if !std::mem::replace(&mut run.changed, true) {
            self.changed.push_back(id);
        }
        self.ended[task.executor] += 1;
        let pool = task.pool.index();
        self.pool_changed(pool);
    }

    /// Something has happened that a loop may act upon: the next loop that is due runs.
    #[inline]
    fn wake(&mut self, engine: &mut Engine<Event>) {
        if !std::mem::replace(&mut self.awake, true) {
            let skipped;
            (self.next_loop, skipped) = self.pace.skip(self.next_loop, engine.now(), |_| {});
            self.turns.pass_idly(skipped, &mut self.live);
            engine.schedule(self.next_loop, Event::Loop);
        }
    }

    /// One loop, in the order of its steps. If the next one could change something it follows; if not the scheduler
    /// sleeps until [`Self::wake`], because all loops before would change nothing.
    fn run_loop(&mut self, engine: &mut Engine<Event>) {
        let now = engine.now();
        if !self.starting.is_empty() {
            self.start_runs(now);
        }
        self.examine_runs(now);
        self.sample_pools(now);
        self.attribution.clocks.look(now);
        let queued = self.start_instances(engine);
        let mut freed = false;
        for (executor, ended) in self.executors.iter_mut().zip(&mut self.ended) {
            freed |= executor.synchronise(std::mem::take(ended));
        }
        self.recorder.scheduler_loop(LoopRecord { at: now, queued });
        self.tell_executors(now);
        (self.next_loop, _) = self.pace.after(now, 0, queued > 0);
        self.awake = self.has_more(queued > 0, freed, now);
        if self.awake {
            engine.schedule(self.next_loop, Event::Loop);
        }
    }

    /// Whether the next loop may do something although nothing happens until then.
    fn has_more(&mut self, queued: bool, freed: bool, now: SimTime) -> bool {
        self.sample_pools(now);
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

    /// Tells which executors have no free slot.
    fn tell_executors(&mut self, now: SimTime) {
        let has_query =
            CriticalSection::query_limit(&self.deployment.airflow, &self.executors).is_some();
        for at in 0..self.attribution.executors() {
            let is_free = self.executors.get(at).is_some_and(|slots| slots.free() > 0);
            self.attribution
                .set_executor(at, !(is_free && has_query), now);
        }
    }

    /// Step 2: starts queued runs, those of the DAGs with the fewest running ones first.
    fn start_runs(&mut self, now: SimTime) {
        let limit = self.deployment.airflow.max_dagruns_per_loop_to_schedule as usize;
        let mut candidates = Vec::new();
        for &dag in &self.starting {
            let arrivals = &self.dags[dag as usize];
            if !arrivals.is_full() {
                let first = arrivals.queued.iter().take(limit);
                let running = arrivals.running;
                candidates.extend(first.map(|&(date, sequence, _)| (running, date, sequence, dag)));
            }
        }
        candidates.sort_unstable();
        for &(.., dag) in candidates.iter().take(limit) {
            let arrivals = &mut self.dags[dag as usize];
            if arrivals.is_full() {
                continue;
            }
            if let Some((id, wait)) = arrivals.start_first(now) {
                let run = self.live.run(id);
                run.started_at = now;
                run.wait = wait;
                run.changed = true;
                run.touched.extend(&arrivals.roots);
                self.changed.push_back(id);
                self.turns.add(id, &mut self.live);
            }
        }
        let dags = &self.dags;
        self.starting
            .retain(|&dag| !dags[dag as usize].queued.is_empty());
    }

    /// Step 3: examines those of the changed runs whose turn it is.
    fn examine_runs(&mut self, now: SimTime) {
        let takes_turns = self.turns.are_taken();
        let mut found = std::mem::take(&mut self.found);
        self.turns
            .take(&self.changed, &mut self.live, &mut found, now);
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
        let mut touched = std::mem::take(&mut run.touched);
        if touched.len() > 1 {
            touched.sort_unstable();
        }
        for task in touched.drain(..) {
            self.schedule(&examined, task, now);
        }
        self.live.run(examined.run).touched = touched;
    }

    /// Makes an instance wait for its pool.
    #[inline]
    fn schedule(&mut self, examined: &Found, index: u32, now: SimTime) {
        use TaskInstanceState as S;
        let run = &self.live.runs[examined.run as usize];
        let at = run.instance_of(index);
        let task = &self.tasks[index as usize];
        let ready = Ready {
            date: run.created_at,
            name_rank: self.dags[run.dag as usize].name_rank,
            sequence: run.sequence,
            task: index,
            instance: at,
        };
        let instance = &mut self.live.instances[at as usize];
        instance.state = State::Scheduled;
        instance.ready_at = instance.decided_at.max(run.started_at);
        instance.scheduling = self
            .loops
            .wait(instance.ready_at, examined.examined_at, now);
        instance.scheduled_at = now;
        // The loop that schedules it looks at this moment, too, so what it waits for is seen from the beginning.
        instance.wait = self.attribution.clocks.read(task.clock, now);
        self.lanes[task.pool.index()].join(task.lane, ready);
        self.waiting += 1;
        self.pools
            .shift(task.pool, S::None, S::Scheduled, task.slots);
        let pool = task.pool.index();
        self.pool_changed(pool);
    }

    /// An instance does not wait any longer: from now on its parts are known.
    #[inline]
    fn end_wait(&mut self, at: u32, now: SimTime) {
        let instance = &mut self.live.instances[at as usize];
        let index = self.live.runs[instance.run as usize].task_of(at);
        let clock = self.tasks[index as usize].clock;
        let ended = self.attribution.clocks.read(clock, now);
        instance.wait = ended.since(&instance.wait);
    }
}

impl<R: Recorder> Model for PlainSite<'_, R> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, engine: &mut Engine<Event>) {
        match event {
            Event::End(at) => {
                self.end(at, engine.now());
                self.wake(engine);
            }
            Event::Arrival(dag) => {
                self.arrive(dag, engine);
                self.wake(engine);
            }
            Event::Loop => self.run_loop(engine),
        }
        self.sample_pools(engine.now());
    }
}
