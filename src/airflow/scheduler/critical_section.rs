//! The critical section: which scheduled instances get queued in this loop.
//!
//! The page is fetched from the ready queues in the order of the real query, then each of its instances goes through
//! the eight tests. Only when a whole full page chose nothing and some starved set grew, another page is fetched.

use crate::airflow::executors::executor::ExecutorSlots;
use crate::airflow::scheduler::ready::Cursor;
use crate::airflow::scheduler::starving::StarvingByPool;
use crate::airflow::world::World;
use crate::deployment::{AirflowSettings, DagRunState};
use crate::ids::{DagId, InstanceId, PoolId, RunId, TaskId};
use crate::time::SimTime;
use crate::trace::{Recorder, RunType};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// The working memory of the critical section, kept from loop to loop so that no loop allocates.
#[derive(Debug, Default)]
pub(crate) struct CriticalSection {
    page: Vec<InstanceId>,
    /// The next instance of each task that has been opened, and the heads behind those.
    frontier: BinaryHeap<Reverse<Cursor>>,
    starved: Starved,
    chosen: Vec<InstanceId>,
    /// Counts queries, so that what runs remember of an earlier one is out of date by itself.
    query: u64,
    outlook: Outlook,
    /// How many instances the pages of this loop had.
    considered: usize,
    starving: StarvingByPool,
}

/// What the next critical section could do if nothing happened until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outlook {
    /// Choose nothing: everything that waits was looked at, and failed for want of slots or by its limits.
    #[default]
    Nothing,
    /// Choose something, if an executor learns of ended tasks: that was what was wanting.
    NeedsExecutorSlots,
    /// Choose something: not everything that waits was looked at.
    LookAgain,
}

/// What the following pages of this loop leave out.
#[derive(Debug, Default)]
struct Starved {
    /// The pools that are not starved and for which something waits.
    sources: Vec<PoolId>,
    dags: Vec<DagId>,
    families: Vec<TaskId>,
    families_per_run: Vec<(RunId, TaskId)>,
}

/// The set that grows when an instance fails its test.
enum Failed {
    Pool,
    Family,
    Dag,
    FamilyInRun,
    /// As `Family`, for want of an executor slot.
    Executor,
}

impl CriticalSection {
    /// Tasks that one query may return, before it is cut to the open slots; none if there is no query.
    #[inline]
    pub(crate) fn query_limit(
        settings: &AirflowSettings,
        executors: &[ExecutorSlots],
    ) -> Option<i64> {
        let (mut occupied, mut free) = (0, 0_i64);
        for executor in executors {
            occupied += executor.occupied();
            free = free.saturating_add(executor.free());
        }
        Self::limit_within(Self::bounds(settings), occupied, free)
    }

    /// The same, if so many slots of executors are occupied and free.
    #[inline]
    pub(crate) fn limit_within(
        (running, page): (i64, i64),
        occupied: i64,
        free: i64,
    ) -> Option<i64> {
        let limit = running.saturating_sub(occupied).min(page);
        (free > 0 && limit > 0).then_some(limit)
    }

    /// How many tasks may run at one time, and how many a query may return; `i64::MAX` where there is no bound.
    pub(crate) fn bounds(settings: &AirflowSettings) -> (i64, i64) {
        let running = match settings.parallelism {
            0 if settings.rules.zero_parallelism_is_unbounded => i64::MAX,
            parallelism => i64::from(parallelism),
        };
        let page = match settings.max_tis_per_query {
            0 => i64::MAX,
            page => i64::from(page),
        };
        (running, page)
    }

    /// Queues what this loop may queue, and returns it in the order chosen.
    pub(crate) fn run<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        executors: &mut [ExecutorSlots],
        settings: &AirflowSettings,
        now: SimTime,
    ) -> &[InstanceId] {
        self.chosen.clear();
        self.considered = 0;
        self.outlook = Outlook::Nothing;
        if world.ready.len() == 0 {
            return &self.chosen;
        }
        let Some(limit) = Self::query_limit(settings, executors) else {
            self.outlook = Outlook::NeedsExecutorSlots;
            return &self.chosen;
        };
        let limit = cut_to_open_slots(world, limit);
        if limit == 0 {
            return &self.chosen;
        }
        self.starved.begin(world);
        let first_query = self.query + 1;
        loop {
            self.fetch_page(world, limit);
            self.considered += self.page.len();
            let grew = self.go_down_the_page(world, executors, now);
            if !self.chosen.is_empty() || self.page.len() < limit || !grew {
                break;
            }
        }
        let is_new = self.starving.tell(&mut world.recorder, now);
        // After a second query some of what the first has starved may not have been looked at.
        if self.page.len() >= limit || self.query > first_query || is_new {
            self.outlook = Outlook::LookAgain;
        }
        &self.chosen
    }

    /// What the next critical section could do if nothing happened until then.
    pub(crate) fn outlook(&self) -> Outlook {
        self.outlook
    }

    /// How many instances the pages of this loop had.
    pub(crate) fn considered(&self) -> usize {
        self.considered
    }

    /// Fills the page with the first `limit` candidates, by merging the queues of the pools that are not starved.
    fn fetch_page<R: Recorder>(&mut self, world: &mut World<R>, limit: usize) {
        self.page.clear();
        self.frontier.clear();
        self.query += 1;
        for &pool in &self.starved.sources {
            let first = world.ready.first(pool);
            self.frontier.extend(first.map(Reverse));
        }
        while self.page.len() < limit {
            let Some(&Reverse(cursor)) = self.frontier.peek() else {
                break;
            };
            let following = if self.starved.leaves_out(world, cursor.task) {
                None
            } else if self.admit(world, &cursor) {
                self.page.push(cursor.instance);
                world.ready.after(&world.rows.instances, &cursor)
            } else {
                world.ready.after_group(&cursor)
            };
            self.follow(following);
            for head in world.ready.heads_behind(&cursor) {
                self.frontier.push(Reverse(head));
            }
        }
    }

    /// Replaces the top of the frontier by the instance that follows it in its task: one way down the heap, not a way
    /// down and another one up.
    fn follow(&mut self, following: Option<Cursor>) {
        if let Some(mut top) = self.frontier.peek_mut() {
            match following {
                Some(cursor) => *top = Reverse(cursor),
                None => drop(PeekMut::pop(top)),
            }
        }
    }

    /// Whether the query returns this instance: its run takes part, and where full runs are spared it is among the first
    /// `max_active_tasks` of the run that the query has seen.
    fn admit<R: Recorder>(&mut self, world: &mut World<R>, cursor: &Cursor) -> bool {
        let limit = world.plan.dags[world.run(cursor.run).dag.index()].max_active_tasks;
        let family = world.plan.tasks[cursor.task.index()].family;
        let rules = world.rules;
        let run = world.run_mut(cursor.run);
        if run.state != DagRunState::Running
            || self
                .starved
                .families_per_run
                .contains(&(cursor.run, family))
        {
            return false;
        }
        if !rules.page_spares_full_runs {
            return rules.schedules_backfills || run.identity.run_type != RunType::Backfill;
        }
        if run.executing >= limit {
            return false;
        }
        if run.seen.0 != self.query {
            run.seen = (self.query, 0);
        }
        run.seen.1 += 1;
        let admitted = run.seen.1 <= limit;
        if !admitted {
            // Those of the run that are queued now make room for it in the next page.
            self.outlook = Outlook::LookAgain;
        }
        admitted
    }

    /// Tests each instance of the page and queues those that pass; says whether a starved set grew.
    fn go_down_the_page<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        executors: &mut [ExecutorSlots],
        now: SimTime,
    ) -> bool {
        let mut grew = false;
        for &id in &self.page {
            let tested = test(world, executors, id);
            if R::STARVING
                && let Some((pool, starves)) = starving_in(world, id, &tested)
            {
                self.starving.count(pool, starves);
            }
            match tested {
                Ok(()) => {
                    executors[world.plan.tasks[world.instance(id).task.index()].executor].take();
                    world.queue(id, now);
                    self.chosen.push(id);
                }
                Err(failed) => {
                    if matches!(failed, Failed::Executor) {
                        self.outlook = self.outlook.max(Outlook::NeedsExecutorSlots);
                    }
                    grew |= self.starved.add(world, id, &failed);
                }
            }
        }
        grew
    }
}

/// The pool of an instance, and whether the test has found fewer slots open than it takes; of a pool that does not exist
/// there is no gauge.
fn starving_in<R: Recorder>(
    world: &World<R>,
    id: InstanceId,
    tested: &Result<(), Failed>,
) -> Option<(PoolId, bool)> {
    let task = &world.plan.tasks[world.instance(id).task.index()];
    let starves = match tested {
        Err(Failed::Pool) => true,
        Err(Failed::Family) => i64::from(task.pool_slots) > world.pools.open(task.pool),
        _ => false,
    };
    let exists = world.pools.exists(task.pool);
    exists.then_some((task.pool, starves))
}

/// The limit of a query, cut to the open slots of all pools: tasks are compared with slots here, as the real scheduler
/// does.
fn cut_to_open_slots<R>(world: &World<R>, limit: i64) -> usize {
    let mut open = 0_i64;
    for pool in world.pools.ids() {
        open = open.saturating_add(world.pools.open(pool).max(0));
        if open >= limit {
            return limit as usize;
        }
    }
    open as usize
}

/// The eight tests of docs/background/scheduler.md, 2.4, in their order.
fn test<R: Recorder>(
    world: &World<R>,
    executors: &[ExecutorSlots],
    id: InstanceId,
) -> Result<(), Failed> {
    let instance = world.instance(id);
    let task = &world.plan.tasks[instance.task.index()];
    let run = world.run(instance.run);
    let slots = i64::from(task.pool_slots);
    let open = world.pools.open(task.pool);
    let fails = |failed, when: bool| if when { Err(failed) } else { Ok(()) };
    fails(Failed::Pool, !world.pools.exists(task.pool) || open <= 0)?;
    fails(
        Failed::Family,
        slots > world.pools.total(task.pool) || slots > open,
    )?;
    let executing = if world.rules.limits_tasks_per_run {
        run.executing
    } else {
        world.executing[run.dag.index()]
    };
    fails(
        Failed::Dag,
        executing >= world.plan.dags[run.dag.index()].max_active_tasks,
    )?;
    if task.has_limit() {
        let in_run = world.active_in_run(instance.run, task.counted_at);
        fails(
            Failed::Family,
            world.active[task.family.index()] >= task.max_active_tis_per_dag,
        )?;
        fails(
            Failed::FamilyInRun,
            in_run >= task.max_active_tis_per_dagrun,
        )?;
    }
    fails(
        Failed::Executor,
        executors
            .get(task.executor)
            .is_none_or(|executor| executor.free() <= 0),
    )
}

impl Starved {
    /// Before the first query the pools without an open slot are starved.
    fn begin<R: Recorder>(&mut self, world: &World<R>) {
        self.sources.clear();
        self.dags.clear();
        self.families.clear();
        self.families_per_run.clear();
        let is_source = |&pool: &PoolId| !world.pools.exists(pool) || world.pools.open(pool) > 0;
        self.sources.extend(world.ready.pools().filter(is_source));
    }

    fn leaves_out<R>(&self, world: &World<R>, task: TaskId) -> bool {
        let plan = &world.plan.tasks[task.index()];
        world.paused[plan.dag.index()]
            || self.dags.contains(&plan.dag)
            || self.families.contains(&plan.family)
    }

    /// Adds what the failed test starves; says whether it is new.
    fn add<R: Recorder>(&mut self, world: &World<R>, id: InstanceId, failed: &Failed) -> bool {
        let instance = world.instance(id);
        let task = &world.plan.tasks[instance.task.index()];
        match failed {
            Failed::Pool => {
                let sources = self.sources.len();
                self.sources.retain(|&pool| pool != task.pool);
                self.sources.len() < sources
            }
            Failed::Family | Failed::Executor => insert(&mut self.families, task.family),
            Failed::Dag => insert(&mut self.dags, task.dag),
            Failed::FamilyInRun => insert(&mut self.families_per_run, (instance.run, task.family)),
        }
    }
}

/// The sets are no longer than a page, or the number of pools, so a list is the quickest set.
fn insert<T: PartialEq>(set: &mut Vec<T>, item: T) -> bool {
    let new = !set.contains(&item);
    if new {
        set.push(item);
    }
    new
}
