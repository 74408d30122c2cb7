//! Why instances wait: the clocks of a site, who sets them, and what each instance read when it began to wait
//! (docs/background/waiting.md).
//!
//! The chain of a task goes from its executor over its pool and its `pool_slots` to its own limits and those of its run.
//! Only what can ever bind has a clock.

use crate::airflow::plan::{Expands, Layout, Plan};
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::waits::scheduling_waits::SchedulingWaits;
use crate::airflow::waits::wait_clocks::{ClockId, WaitClocks};
use crate::airflow::world::World;
use crate::deployment::{Rules, TaskInstanceState};
use crate::ids::{DagId, InstanceId, PoolId, RunId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, WaitCause, WaitParts};
use std::collections::BTreeMap;

/// The clocks of a site.
#[derive(Debug, Default)]
pub(crate) struct Attribution {
    pub(crate) clocks: WaitClocks,
    executors: Vec<ClockId>,
    /// By pool.
    pools: Vec<PoolClocks>,
    /// By task.
    chains: Vec<Chain>,
    /// By task family.
    families: Vec<FamilyClocks>,
    /// By DAG.
    layouts: Vec<RunLayout>,
    /// By run, the first of its own clocks, if it has been given some.
    runs: Vec<Option<ClockId>>,
    /// By the place of an instance's try: how all time until it began to wait divides; afterwards the parts of its wait.
    readings: Vec<WaitParts>,
    /// Instances that began to wait since the last look.
    unseen: Vec<InstanceId>,
    /// What was before those waits.
    pub(crate) scheduling: SchedulingWaits,
}

/// The clocks of a pool.
#[derive(Clone, Debug, Default)]
struct PoolClocks {
    /// Each with the open slots below which it stands still.
    clocks: Vec<(ClockId, i64)>,
    /// From and to how many open slots all of them are as they were last set, if they were.
    steady: Option<(i64, i64)>,
}

/// Where the chain of a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chain {
    /// At a clock for all its runs; none if nothing keeps it from being queued.
    Shared(Option<ClockId>),
    /// At one of the clocks that each run has.
    InRun(usize),
}

/// The clocks of limits on the instances of a task, each with its limit.
#[derive(Clone, Debug, Default)]
struct FamilyClocks {
    of_dag: Vec<(ClockId, u32)>,
    /// By position among the clocks of the run.
    of_run: Vec<(usize, u32)>,
}

/// The clocks that each run of a DAG has.
#[derive(Clone, Debug, Default)]
struct RunLayout {
    clocks: Vec<(Chain, WaitCause)>,
    /// From here on they stand still at `max_active_tasks`.
    first_of_run_limit: usize,
    max_active_tasks: u32,
    /// Where `max_active_tasks` bounds the DAG: the clocks that all its runs have in common, whether they stand still,
    /// and the first clock of each run, of which those of the limit stand still with them.
    of_dag: Vec<ClockId>,
    full: bool,
    runs: Vec<ClockId>,
}

impl Attribution {
    /// The clocks of a site; in `ideal` mode there is nothing to wait for but pools.
    pub(crate) fn new(plan: &Plan, pools: usize, order: QueueOrder, rules: &Rules) -> Self {
        let mut new = Self {
            pools: vec![PoolClocks::default(); pools],
            families: vec![FamilyClocks::default(); plan.tasks.len()],
            layouts: vec![RunLayout::default(); plan.dags.len()],
            scheduling: SchedulingWaits::new(plan.dags.len()),
            ..Self::default()
        };
        let real = order == QueueOrder::LogicalDate;
        if real {
            let executors = plan.tasks.iter().map(|task| task.executor + 1);
            let count = executors.max().unwrap_or(0);
            new.executors = (0..count)
                .map(|_| new.clocks.add(None, WaitCause::Parallelism, false, START))
                .collect();
        }
        let mut known = BTreeMap::new();
        for task in &plan.tasks {
            let executor = new.executors.get(task.executor).copied();
            let chain = new.pool_chain(executor, task.pool, task.pool_slots, &mut known);
            new.chains.push(Chain::Shared(Some(chain)));
        }
        if real {
            for dag in 0..plan.dags.len() {
                new.add_limits(plan, DagId::new(dag), rules);
            }
        }
        new
    }

    /// The clock of so many slots in a pool, inside that of an executor.
    fn pool_chain(
        &mut self,
        executor: Option<ClockId>,
        pool: PoolId,
        slots: u32,
        known: &mut BTreeMap<(Option<ClockId>, PoolId, u32), ClockId>,
    ) -> ClockId {
        if let Some(&clock) = known.get(&(executor, pool, slots)) {
            return clock;
        }
        // A single slot fits wherever one is open.
        let (outer, cause) = match slots {
            0 | 1 => (executor, WaitCause::Pool),
            _ => (
                Some(self.pool_chain(executor, pool, 1, known)),
                WaitCause::PoolSlots,
            ),
        };
        let clock = self.clocks.add(outer, cause, false, START);
        let needed = i64::from(slots.max(1));
        self.pools[pool.index()].clocks.push((clock, needed));
        known.insert((executor, pool, slots), clock);
        clock
    }

    /// Adds the limits of a DAG's tasks and runs to the chains of its tasks.
    fn add_limits(&mut self, plan: &Plan, dag: DagId, rules: &Rules) {
        let described = &plan.dags[dag.index()];
        let layouts = plan.layouts.iter().filter(|layout| layout.dag == dag);
        let tasks: Vec<_> = layouts.flat_map(Layout::tasks).map(TaskId::index).collect();
        let mut layout = RunLayout {
            max_active_tasks: described.max_active_tasks,
            full: described.max_active_tasks == 0,
            ..RunLayout::default()
        };
        let limit = WaitCause::MaxActiveTis;
        for &at in &tasks {
            let task = &plan.tasks[at];
            let family = &mut self.families[task.family.index()];
            if let Chain::Shared(outer) = self.chains[at]
                && task.max_active_tis_per_dag < u32::MAX
            {
                let held = task.max_active_tis_per_dag == 0;
                let clock = self.clocks.add(outer, limit, held, START);
                family.of_dag.push((clock, task.max_active_tis_per_dag));
                self.chains[at] = Chain::Shared(Some(clock));
            }
            if task.max_active_tis_per_dagrun < u32::MAX {
                let position = layout.clocks.len();
                layout.clocks.push((self.chains[at], limit));
                family
                    .of_run
                    .push((position, task.max_active_tis_per_dagrun));
                self.chains[at] = Chain::InRun(position);
            }
        }
        layout.first_of_run_limit = layout.clocks.len();
        let grows = |&at: &usize| matches!(plan.tasks[at].expands, Some(Expands::Over(_)));
        let of_dag = !rules.limits_tasks_per_run;
        if of_dag || described.rows > described.least_max_active_tasks || tasks.iter().any(grows) {
            let mut ends = BTreeMap::new();
            for at in tasks {
                let chain = self.chains[at];
                self.chains[at] = *ends.entry(chain).or_insert_with(|| match chain {
                    Chain::Shared(outer) if of_dag => self.add_dag_limit(outer, &mut layout),
                    _ => {
                        layout.clocks.push((chain, WaitCause::MaxActiveTasks));
                        Chain::InRun(layout.clocks.len() - 1)
                    }
                });
            }
        }
        self.layouts[dag.index()] = layout;
    }

    /// Adds the clock of a `max_active_tasks` that bounds the DAG to a chain that all runs have in common.
    fn add_dag_limit(&mut self, outer: Option<ClockId>, layout: &mut RunLayout) -> Chain {
        let limit = WaitCause::MaxActiveTasks;
        let clock = self.clocks.add(outer, limit, layout.full, START);
        layout.of_dag.push(clock);
        Chain::Shared(Some(clock))
    }

    /// Gives a run its clocks, unless those of the run that had its place before are there.
    pub(crate) fn add_run(&mut self, run: RunId, dag: DagId, now: SimTime) {
        let layout = &mut self.layouts[dag.index()];
        if layout.clocks.is_empty() {
            return;
        }
        if self.runs.len() <= run.index() {
            self.runs.resize(run.index() + 1, None);
        }
        if self.runs[run.index()].is_some() {
            return;
        }
        let mut first = None;
        for (position, &(outer, cause)) in layout.clocks.iter().enumerate() {
            let outer = match (outer, first) {
                (Chain::Shared(outer), _) => outer,
                (Chain::InRun(at), first) => first.map(|first| WaitClocks::nth_after(first, at)),
            };
            let held = position >= layout.first_of_run_limit && layout.full;
            let clock = self.clocks.add(outer, cause, held, now);
            first = first.or(Some(clock));
        }
        layout.runs.extend(first);
        self.runs[run.index()] = first;
    }

    /// How many executors have a clock.
    pub(crate) fn executors(&self) -> usize {
        self.executors.len()
    }

    /// An executor has a free slot, or none.
    #[inline]
    pub(crate) fn set_executor(&mut self, executor: usize, exhausted: bool, now: SimTime) {
        self.clocks.set(self.executors[executor], exhausted, now);
    }

    /// A pool has so many open slots.
    #[inline]
    pub(crate) fn set_pool(&mut self, pool: PoolId, open: i64, now: SimTime) {
        let pool = &mut self.pools[pool.index()];
        // Most changes of a pool change none of its clocks.
        if pool
            .steady
            .is_some_and(|(least, most)| least <= open && open <= most)
        {
            return;
        }
        let (mut least, mut most) = (i64::MIN, i64::MAX);
        for &(clock, needed) in &pool.clocks {
            self.clocks.set(clock, open < needed, now);
            if open < needed {
                most = most.min(needed - 1);
            } else {
                least = least.max(needed);
            }
        }
        pool.steady = Some((least, most));
    }

    /// So many instances of a run are queued or running.
    #[inline]
    pub(crate) fn set_run(&mut self, run: RunId, dag: DagId, executing: u32, now: SimTime) {
        let layout = &self.layouts[dag.index()];
        let positions = layout.first_of_run_limit..layout.clocks.len();
        if positions.is_empty() {
            return;
        }
        if let Some(&Some(first)) = self.runs.get(run.index()) {
            let held = executing >= layout.max_active_tasks;
            for position in positions {
                let clock = WaitClocks::nth_after(first, position);
                self.clocks.set(clock, held, now);
            }
        }
    }

    /// The file of a DAG gives it another `max_active_tasks`.
    pub(crate) fn set_max_active_tasks(&mut self, dag: DagId, limit: u32) {
        self.layouts[dag.index()].max_active_tasks = limit;
    }

    /// So many instances of a DAG are queued or running, where that is what `max_active_tasks` bounds.
    #[inline]
    pub(crate) fn set_dag(&mut self, dag: DagId, executing: u32, now: SimTime) {
        let layout = &mut self.layouts[dag.index()];
        let full = executing >= layout.max_active_tasks;
        if std::mem::replace(&mut layout.full, full) == full {
            return;
        }
        for &clock in &layout.of_dag {
            self.clocks.set(clock, full, now);
        }
        for &first in &layout.runs {
            for position in layout.first_of_run_limit..layout.clocks.len() {
                let clock = WaitClocks::nth_after(first, position);
                self.clocks.set(clock, full, now);
            }
        }
    }

    /// So many instances of a task are active in all runs, and in this one.
    #[inline]
    pub(crate) fn set_family(
        &mut self,
        family: TaskId,
        active: u32,
        run: RunId,
        in_run: u32,
        now: SimTime,
    ) {
        let family = &self.families[family.index()];
        for &(clock, limit) in &family.of_dag {
            self.clocks.set(clock, active >= limit, now);
        }
        if let Some(&Some(first)) = self.runs.get(run.index()) {
            for &(position, limit) in &family.of_run {
                let clock = WaitClocks::nth_after(first, position);
                self.clocks.set(clock, in_run >= limit, now);
            }
        }
    }

    /// Whether there is something to see for the next loop that the last one has not seen.
    pub(crate) fn is_unseen(&self) -> bool {
        self.clocks.is_unseen()
    }

    /// The innermost clock of a task, if all its runs have it in common.
    pub(crate) fn shared_clock(&self, task: TaskId) -> Option<ClockId> {
        match self.chains[task.index()] {
            Chain::Shared(clock) => clock,
            Chain::InRun(_) => None,
        }
    }

    fn innermost(&self, task: TaskId, run: RunId) -> Option<ClockId> {
        match self.chains[task.index()] {
            Chain::Shared(clock) => clock,
            Chain::InRun(position) => {
                let first = *self.runs.get(run.index())?;
                first.map(|first| WaitClocks::nth_after(first, position))
            }
        }
    }
}

/// Clocks begin at this moment; only differences of what they show matter.
const START: SimTime = SimTime::from_micros(0);

/// What an instance has instead of a reading of [`WaitCause::PassedOver`] until a loop looks; that of
/// [`WaitCause::Loop`] stands for both until then.
const NOT_YET: SimDuration = SimDuration::from_micros(i64::MAX);

impl<R: Recorder> World<R> {
    /// Gives a run that was created the clocks it needs.
    pub(crate) fn give_clocks(&mut self, run: RunId, now: SimTime) {
        if R::WAIT_PARTS {
            let dag = self.run(run).dag;
            self.attribution.add_run(run, dag, now);
        }
    }

    /// An instance begins to wait.
    #[inline]
    pub(crate) fn begin_wait(&mut self, id: InstanceId, now: SimTime) {
        if !R::WAIT_PARTS {
            return;
        }
        let instance = self.instance(id);
        let (run, task) = (instance.run, instance.task);
        let at = self.rows.instances.try_id(id).index();
        let attribution = &mut self.attribution;
        if attribution.readings.len() <= at {
            attribution.readings.resize(at + 1, WaitParts::default());
        }
        let innermost = attribution.innermost(task, run);
        let mut began = attribution.clocks.read(innermost, now);
        let free = began.of(WaitCause::PassedOver) + began.of(WaitCause::Loop);
        began.set(WaitCause::Loop, free);
        began.set(WaitCause::PassedOver, NOT_YET);
        attribution.readings[at] = began;
        attribution.unseen.push(id);
    }

    /// Whether the next loop, and no later one, ends a wait for the loop.
    #[inline]
    pub(crate) fn has_waits_to_look_at(&mut self, now: SimTime) -> bool {
        self.sample_pools(now);
        R::WAIT_PARTS && self.ready.len() > 0 && self.attribution.is_unseen()
    }

    /// A loop looks at what waits.
    #[inline]
    pub(crate) fn look_at_waits(&mut self, now: SimTime) {
        self.sample_pools(now);
        if !R::WAIT_PARTS {
            return;
        }
        let attribution = &mut self.attribution;
        attribution.clocks.look(now);
        while let Some(id) = attribution.unseen.pop() {
            let instance = &self.rows.instances.rows[id.index()];
            let at = self.rows.instances.try_id(id).index();
            let mut began = attribution.readings[at];
            let is_unseen = began.of(WaitCause::PassedOver) == NOT_YET;
            if instance.state == TaskInstanceState::Scheduled && is_unseen {
                let innermost = attribution.innermost(instance.task, instance.run);
                let passed_over = attribution.clocks.passed_over(innermost, now);
                began.set(WaitCause::PassedOver, passed_over);
                began.set(WaitCause::Loop, began.of(WaitCause::Loop) - passed_over);
                attribution.readings[at] = began;
            }
        }
    }

    /// An instance does not wait any longer: from now on its parts are known.
    #[inline]
    pub(crate) fn end_wait(&mut self, id: InstanceId, now: SimTime) {
        if !R::WAIT_PARTS {
            return;
        }
        let instance = self.instance(id);
        let (run, task) = (instance.run, instance.task);
        let at = self.rows.instances.try_id(id).index();
        let attribution = &mut self.attribution;
        let innermost = attribution.innermost(task, run);
        let mut ended = attribution.clocks.read(innermost, now);
        let began = &mut attribution.readings[at];
        if began.of(WaitCause::PassedOver) == NOT_YET {
            let free = ended.of(WaitCause::PassedOver) + ended.of(WaitCause::Loop);
            ended.set(WaitCause::Loop, free);
            ended.set(WaitCause::PassedOver, NOT_YET);
        }
        *began = ended.since(began);
    }

    /// An instance that waits is one of another task from now on, under other limits: what its wait has come to so far
    /// stays as it is.
    pub(crate) fn wait_as(&mut self, id: InstanceId, task: TaskId, now: SimTime) {
        let before = std::mem::replace(&mut self.instance_mut(id).task, task);
        if !R::WAIT_PARTS {
            return;
        }
        let run = self.instance(id).run;
        let at = self.rows.instances.try_id(id).index();
        let attribution = &mut self.attribution;
        let began = attribution.readings[at];
        let is_unseen = began.of(WaitCause::PassedOver) == NOT_YET;
        let read = |task: TaskId| {
            let innermost = attribution.innermost(task, run);
            let mut parts = attribution.clocks.read(innermost, now);
            if is_unseen {
                let free = parts.of(WaitCause::PassedOver) + parts.of(WaitCause::Loop);
                parts.set(WaitCause::Loop, free);
                parts.set(WaitCause::PassedOver, NOT_YET);
            }
            parts
        };
        let waited = read(before).since(&began);
        attribution.readings[at] = read(task).since(&waited);
    }

    /// The parts of the latest wait of an instance, which is over.
    #[inline]
    pub(crate) fn wait_parts(&self, id: InstanceId) -> WaitParts {
        let at = self.rows.instances.try_id(id).index();
        let parts = self.attribution.readings.get(at);
        parts.copied().unwrap_or_default()
    }
}
