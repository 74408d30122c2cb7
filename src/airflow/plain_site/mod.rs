//! A plain site: Airflow's scheduler where only loops, pages, turns, pools and executors make instances wait.
//!
//! Most of what a [`crate::airflow::Simulation`] keeps ready for every site (retries, sensors, mapped tasks, limits on
//! tasks, policies, operators) is idle on many of them, and asking for each of it costs more than what happens. This is
//! the same history without it, and the same rows in the same order: a loop costs what has changed since the last one.
//! `tests/it/plain_site.rs` compares the two. See docs/decisions/0019-plain-site.md.

mod arrivals;
mod covers;
mod critical_section;
mod live;
mod page;
mod pool;
mod pool_set;
mod rhythm;
mod rows;
mod scheduler_loop;
mod task;
mod turns;

use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::plan::Plan;
use crate::airflow::scheduler::critical_section::CriticalSection;
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::waits::attribution::Attribution;
use crate::airflow::waits::scheduling_waits::PassingLoops;
use crate::deployment::{Deployment, LoopPace};
use crate::engine::{self, Engine};
use crate::ids::{DagId, PoolId};
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::Recorder;
use arrivals::Arrivals;
use live::{LiveRuns, NONE, State};
use page::Page;
use pool::Pool;
use pool_set::PoolSet;
use rhythm::Rhythm;
use scheduler_loop::Candidate;
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
    for pool in 0..deployment.pools.len() {
        site.pool_changed(PoolId::new(pool));
    }
    site.sample_pools(start);
    site.run_until(end, &mut engine);
    site.recorder.over(end);
    site.write_unfinished(end);
    Ok(site.recorder)
}

/// A site without limits on tasks, failures or changes, and what has become of it so far.
struct PlainSite<'a, R> {
    deployment: &'a Deployment,
    recorder: R,
    dags: Vec<Arrivals<'a>>,
    /// DAGs with queued runs; and, in the loop that starts some, which of them it may start.
    starting: Vec<u32>,
    candidates: Vec<Candidate>,
    tasks: Vec<Task<'a>>,
    live: LiveRuns,
    /// Running runs in which something is ready, or all has ended, since a loop last examined them.
    changed: Vec<u32>,
    turns: Turns,
    found: Vec<Found>,
    loops: PassingLoops,
    pools: Vec<Pool>,
    waiting: usize,
    /// What the present loop has scheduled.
    fresh: Vec<u32>,
    /// Those for which something waits and that have some slot open.
    startable: PoolSet,
    /// Those whose row of this moment is still to be written.
    changed_pools: PoolSet,
    attribution: Attribution,
    executors: Vec<ExecutorSlots>,
    /// How many instances may run at one time, and how many a page may have.
    bounds: (i64, i64),
    /// How much the next loop may start as far as these and executors are concerned; none if no slot is free.
    query_limit: Option<i64>,
    /// Whether some executor has no slot free for what waits.
    is_exhausted: bool,
    /// Instances that ended and that no loop has learnt of, by executor.
    ended: Vec<i64>,
    page: Page,
    rhythm: Rhythm,
    next_loop: SimTime,
    /// Whether the next loop will run; if not, it and those after it would change nothing.
    awake: bool,
}

/// What happens between loops; at one moment instances end before runs arrive.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An instance ends, by its place among the live ones.
    End(u32),
    /// A run of a DAG arrives.
    Arrival(u32),
}

const ARRIVAL: u32 = 1 << 31;

impl engine::Event for Event {
    #[inline]
    fn rank(self) -> u8 {
        match self {
            Self::End(_) => 0,
            Self::Arrival(_) => 1,
        }
    }

    #[inline]
    fn pack(self) -> u32 {
        match self {
            Self::End(at) => at,
            Self::Arrival(dag) => ARRIVAL | dag,
        }
    }

    #[inline]
    fn unpack(bits: u32) -> Self {
        if bits < ARRIVAL {
            Self::End(bits)
        } else {
            Self::Arrival(bits & !ARRIVAL)
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
        let dags = deployment
            .dags
            .iter()
            .enumerate()
            .map(|(at, dag)| Arrivals::new(DagId::new(at), dag, &plan.layouts[at], key, start));
        let executors = deployment.executors.iter();
        let executors: Vec<_> = executors
            .map(|executor| ExecutorSlots::new(executor, 0, &rules))
            .collect();
        Self {
            deployment,
            recorder,
            dags: dags.collect(),
            starting: Vec::new(),
            candidates: Vec::new(),
            live: LiveRuns::default(),
            changed: Vec::new(),
            turns: Turns::new(settings.max_dagruns_per_loop_to_schedule as usize),
            found: Vec::new(),
            loops: PassingLoops::default(),
            pools: Pool::lay_out(&deployment.pools, &mut tasks),
            waiting: 0,
            fresh: Vec::new(),
            startable: PoolSet::of_none(pools),
            changed_pools: PoolSet::of_none(pools),
            attribution,
            bounds: CriticalSection::bounds(settings),
            query_limit: CriticalSection::query_limit(settings, &executors),
            is_exhausted: true,
            executors,
            ended: vec![0; deployment.executors.len()],
            page: Page::new(pools, tasks.len()),
            rhythm: Rhythm::new(pace, deployment, start),
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

    /// Lets everything happen up to and including `end`. The next loop is kept outside the event list: there is one at
    /// most, and it sees all that comes at its moment.
    fn run_until(&mut self, end: SimTime, engine: &mut Engine<Event>) {
        loop {
            let is_due = self.awake && self.next_loop <= end;
            let until = if is_due { self.next_loop } else { end };
            match engine.next_until(until) {
                Some(Event::End(at)) => {
                    self.catch_up(engine.now());
                    self.awake |= self.end(at, engine.now());
                }
                Some(Event::Arrival(dag)) => {
                    self.catch_up(engine.now());
                    self.arrive(dag, engine);
                    self.awake = true;
                }
                None if is_due => {
                    engine.advance(until);
                    self.run_loop(engine);
                }
                None => break,
            }
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

    /// An instance ends: its slots are free, and what only waited for it is ready for an examination. Says whether a loop
    /// may act upon that.
    #[inline]
    fn end(&mut self, at: u32, now: SimTime) -> bool {
        let instance = &mut self.live.instances[at as usize];
        instance.state = State::Ended;
        let (id, wait) = (instance.run, instance.wait);
        self.write_success(at, now);
        if wait != NONE {
            self.live.waits.give_back(wait);
        }
        let run = &mut self.live.runs[id as usize];
        run.unfinished -= 1;
        let task = &self.tasks[run.task_of(at) as usize];
        let pool = &mut self.pools[task.pool.index()];
        pool.end(task.slots);
        let is_waited_for = pool.waiting > 0;
        self.startable.put(task.pool, pool.may_start());
        // Who asks how many starve is told so by every loop.
        let mut has_news = R::STARVING || run.unfinished == 0;
        // A loop of this very moment has come too early.
        let after_loop = self.loops.latest().filter(|&latest| latest == now);
        let after_loop = after_loop.unwrap_or(SimTime::MIN);
        for &below in task.downstream.iter().rev() {
            let at = run.instance_of(below);
            let instance = &mut self.live.instances[at as usize];
            match &mut instance.state {
                State::Blocked(missing) if *missing > 1 => *missing -= 1,
                _ => {
                    instance.ready_at = now;
                    run.add_ready(at, instance, after_loop);
                    has_news = true;
                }
            }
        }
        if has_news && !std::mem::replace(&mut run.changed, true) {
            self.changed.push(id);
        }
        self.ended[task.executor] += 1;
        self.sample_pool(task.pool, now);
        has_news || is_waited_for || self.looks_again()
    }

    /// Lets those loops go by that were due while the scheduler slept: all they do is to learn of ended instances.
    #[inline]
    fn catch_up(&mut self, now: SimTime) {
        if self.awake {
            return;
        }
        let skipped;
        (self.next_loop, skipped) = self.rhythm.skip(self.next_loop, now);
        if skipped > 0 {
            self.turns.pass_idly(skipped);
            self.synchronise(now);
        }
    }
}
