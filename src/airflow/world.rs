//! The state of the simulated site, and the one door through which a task instance changes its own.

use crate::airflow::event::Event;
use crate::airflow::executors::worker_slots::WorkerSlots;
use crate::airflow::instances::awaits::Awaits;
use crate::airflow::instances::first_pokes::FirstPokes;
use crate::airflow::instances::instance::TaskInstance;
use crate::airflow::instances::lost_tasks::LostTasks;
use crate::airflow::instances::triggers::Triggers;
use crate::airflow::instances::upstream::Verdict;
use crate::airflow::plan::Plan;
use crate::airflow::pools::changed_pools::ChangedPools;
use crate::airflow::pools::dynamic_pool_manager::DynamicPoolManager;
use crate::airflow::pools::governance::SinceLook;
use crate::airflow::pools::pool_manager::PoolManager;
use crate::airflow::resources::Resources;
use crate::airflow::runs::backfills::Backfills;
use crate::airflow::runs::calendar::Calendar;
use crate::airflow::runs::dag_run::{DagRun, DagRuns, RunIdentity};
use crate::airflow::scheduler::queue_order::QueueOrder;
use crate::airflow::scheduler::ready::{ReadyQueues, TaskOrder};
use crate::airflow::scheduler::timers::Timer;
use crate::airflow::scheduler::undated_order::UndatedOrder;
use crate::airflow::waits::attribution::Attribution;
use crate::airflow::waits::deadlocks::Deadlocks;
use crate::deployment::{DagRunState, Deployment, Rules, TaskInstanceState};
use crate::engine::Engine;
use crate::ids::{DagId, InstanceId, PoolId, RunId, TaskId};
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, RunIdForm};
use std::collections::VecDeque;

/// Pools, runs, instances and the ready queues, which is what the metadata database holds; and the workers.
pub(crate) struct World<R> {
    pub(crate) rules: Rules,
    pub(crate) plan: Plan,
    pub(crate) pools: DynamicPoolManager<PoolManager>,
    pub(crate) changed_pools: ChangedPools,
    pub(crate) rows: DagRuns,
    pub(crate) ready: ReadyQueues,
    pub(crate) workers: WorkerSlots,
    /// What pools protect.
    pub(crate) resources: Resources,
    pub(crate) recorder: R,
    /// What each pool's policy may want to know of the time since it last looked.
    pub(crate) since_look: Vec<SinceLook>,
    /// Queued, running and, if they count, deferred instances by task family; kept for tasks with a limit.
    pub(crate) active: Vec<u32>,
    /// Queued and running instances by DAG; kept where `max_active_tasks` bounds the DAG.
    pub(crate) executing: Vec<u32>,
    pub(crate) paused: Vec<bool>,
    /// Running runs in which something happened since the scheduler last examined them.
    pub(crate) changed: VecDeque<RunId>,
    /// Whether it matters in which order runs are examined, or when it was the turn of one in which nothing had happened:
    /// what happens in one is a reason to examine a later one, they compete for triggers, the next run follows the one
    /// that ends last, or an edit makes something ready that its run had before.
    pub(crate) turns_matter: bool,
    /// Those that happened to runs which are not examined for the time being.
    pub(crate) held: Vec<RunId>,
    /// By DAG, the runs that may be asked for by date.
    pub(crate) calendars: Vec<Option<Calendar>>,
    pub(crate) backfills: Backfills,
    undated: UndatedOrder,
    /// What deferred instances wait for.
    pub(crate) triggers: Triggers,
    /// Running instances whose workers are gone.
    pub(crate) lost: LostTasks,
    /// When the sensors that wait began to.
    pub(crate) first_pokes: FirstPokes,
    /// What sensors await, and the pools that they block.
    pub(crate) awaits: Awaits,
    pub(crate) deadlocks: Deadlocks,
    /// Why instances wait, if the recorder wants to know.
    pub(crate) attribution: Attribution,
    /// Pools in which an instance may start since they were last served (`ideal` mode).
    unserved: Vec<PoolId>,
    pub(crate) queue_order: QueueOrder,
}

impl<R: Recorder> World<R> {
    pub(crate) fn new(deployment: &Deployment, queue_order: QueueOrder, recorder: R) -> Self {
        let (plan, rules) = (Plan::new(deployment), deployment.rules());
        let orders = plan.tasks.iter().map(|task| TaskOrder {
            pool: task.pool,
            weight: task.weight,
            dag_rank: if rules.breaks_ties_by_name {
                plan.dags[task.dag.index()].name_rank
            } else {
                0
            },
        });
        let attribution = if R::WAIT_PARTS {
            Attribution::new(&plan, deployment.pools.len(), queue_order, &rules)
        } else {
            Attribution::default()
        };
        Self {
            attribution,
            ready: ReadyQueues::new(orders, deployment.pools.len()),
            pools: DynamicPoolManager::new(PoolManager::new(deployment.pools.iter().cloned())),
            since_look: vec![SinceLook::default(); deployment.pools.len()],
            changed_pools: ChangedPools::new(deployment.pools.len()),
            rows: DagRuns::new(&plan),
            workers: WorkerSlots::new(deployment),
            resources: Resources::new(deployment),
            recorder,
            active: vec![0; plan.tasks.len()],
            executing: vec![0; plan.dags.len()],
            paused: vec![false; plan.dags.len()],
            changed: VecDeque::new(),
            turns_matter: rules.next_run_follows_ended
                || !deployment.editions.is_empty()
                || deployment
                    .tasks
                    .iter()
                    .any(|task| task.looks_back() || task.starts_from_trigger()),
            held: Vec::new(),
            calendars: Calendar::of_dags(deployment),
            backfills: Backfills::default(),
            undated: UndatedOrder::new(deployment),
            triggers: Triggers::new(deployment.airflow.triggerer_capacity),
            lost: LostTasks::new(deployment.airflow.task_instance_heartbeat_timeout),
            first_pokes: FirstPokes::default(),
            awaits: Awaits::new(deployment),
            deadlocks: Deadlocks::default(),
            unserved: Vec::new(),
            queue_order,
            plan,
            rules,
        }
    }

    pub(crate) fn run(&self, id: RunId) -> &DagRun {
        &self.rows.runs[id.index()]
    }

    pub(crate) fn run_mut(&mut self, id: RunId) -> &mut DagRun {
        &mut self.rows.runs[id.index()]
    }

    pub(crate) fn instance(&self, id: InstanceId) -> &TaskInstance {
        &self.rows.instances.rows[id.index()]
    }

    pub(crate) fn instance_mut(&mut self, id: InstanceId) -> &mut TaskInstance {
        &mut self.rows.instances.rows[id.index()]
    }

    /// The instances of a task in a run, by map index.
    pub(crate) fn instances_of(
        &self,
        run: RunId,
        task: TaskId,
    ) -> impl Iterator<Item = InstanceId> + use<R> {
        let plan = &self.plan.tasks[task.index()];
        let run = self.run(run);
        let first = run.first_instance + plan.first_row as usize;
        // The expansions of a run are few, and most runs have none.
        let added = run.expansions.iter().find(|added| added.task == task);
        let added = added.map_or(0..0, |added| {
            added.first_instance..added.first_instance + added.instances as usize
        });
        (first..first + plan.instances as usize)
            .chain(added)
            .map(InstanceId::new)
    }

    /// The tasks of a run, in the order of its DAG's file.
    pub(crate) fn tasks_of(&self, run: RunId) -> impl Iterator<Item = TaskId> + use<R> {
        self.plan.layouts[self.run(run).layout].tasks()
    }

    /// Creates a run in state queued.
    pub(crate) fn create_run(&mut self, dag: DagId, identity: RunIdentity, now: SimTime) -> RunId {
        let id = self.rows.create(&self.plan, dag, identity, now);
        let run = &mut self.rows.runs[id.index()];
        match identity.logical_date {
            None => run.place = self.undated.place(&identity, run.sequence),
            Some(date) => {
                if self.rules.orders_runs_by_logical_date {
                    run.order_date = date;
                }
                if self.rules.names_runs_by_logical_date && identity.form == RunIdForm::Dated {
                    run.identity.form = RunIdForm::LogicalDate(date);
                }
            }
        }
        self.give_clocks(id, now);
        self.enter_in_calendar(id);
        id
    }

    /// Lets a queued run begin; its roots are what the scheduler will look at first.
    pub(crate) fn start_run(&mut self, id: RunId, engine: &mut Engine<Event>) {
        let now = engine.now();
        let run = self.run_mut(id);
        run.state = DagRunState::Running;
        run.started_at = now;
        run.ahead = run.identity.logical_date.is_some_and(|date| date > now);
        let (dag, layout) = (run.dag, run.layout);
        // It makes no difference if one of them is touched once more.
        let roots = &self.plan.layouts[layout].roots;
        self.rows.runs[id.index()].touched.extend(roots);
        self.mark_changed(id);
        if let Some(timeout) = self.plan.dags[dag.index()].dagrun_timeout {
            // Out of time is strictly later than the time-out.
            let due = now + timeout + SimDuration::from_micros(1);
            engine.schedule(due, Event::RunTimeout(id));
        }
    }

    /// Whether a running run has had its time.
    pub(crate) fn is_out_of_time(&self, id: RunId, now: SimTime) -> bool {
        let run = self.run(id);
        self.plan.dags[run.dag.index()]
            .dagrun_timeout
            .is_some_and(|timeout| run.started_at + timeout < now)
    }

    /// Ends a run, writes its row and gives its place back, as soon as no event is left that names its instances.
    pub(crate) fn end_run(&mut self, id: RunId, state: DagRunState, now: SimTime) {
        self.run_mut(id).state = state;
        let row = self.run_record(id, Some(now));
        self.recorder.dag_run(&row);
        if self.is_kept(id) {
            self.forget_past(id);
        } else {
            self.rows.release(id);
        }
    }

    /// An event has come for an instance that was taken away; the last one lets the place of its run go.
    #[cold]
    pub(crate) fn let_go(&mut self, id: InstanceId) {
        let run = self.instance(id).run;
        self.run_mut(run).outstanding -= 1;
        if self.run(run).state.is_finished() && !self.is_kept(run) {
            self.rows.release(run);
        }
    }

    /// Makes an instance wait for its pool that is ready at this moment.
    #[inline]
    pub(crate) fn schedule(&mut self, id: InstanceId, now: SimTime) {
        use TaskInstanceState as S;
        let instance = self.instance_mut(id);
        let is_new = matches!(instance.state, S::None | S::UpForRetry);
        instance.try_number += u16::from(is_new);
        let present = self.try_mut(id);
        if is_new {
            present.segment = 0;
            present.trigger_timed_out = false;
        }
        present.scheduled_at = now;
        // An event that it does not wait for any more finds that it is late.
        present.due_at = SimTime::MIN;
        let place = self.place(id);
        self.ready.insert(&mut self.rows.instances, id, place);
        self.begin_wait(id, now);
        self.note_ready(id, now, now);
        self.set_state(id, TaskInstanceState::Scheduled, now);
    }

    /// Takes an instance from the ready queue for its executor.
    #[inline]
    pub(crate) fn queue(&mut self, id: InstanceId, now: SimTime) {
        let place = self.place(id);
        self.ready.remove(&mut self.rows.instances, id, place);
        self.end_wait(id, now);
        self.try_mut(id).queued_at = now;
        self.set_state(id, TaskInstanceState::Queued, now);
    }

    /// The one door: checks the change, moves the slots and the counters, and writes the rows.
    #[inline]
    pub(crate) fn set_state(&mut self, id: InstanceId, next: TaskInstanceState, now: SimTime) {
        let instance = self.instance_mut(id);
        let before = std::mem::replace(&mut instance.state, next);
        debug_assert!(before.may_become(next), "{before} does not become {next}");
        let (run, task) = (instance.run, instance.task);
        if next == TaskInstanceState::Running {
            let present = self.try_mut(id);
            present.started_at = now;
            present.segment += 1;
        }
        self.count(id, before, next, now);
        if next == TaskInstanceState::Scheduled || before.is_executing() && !next.is_executing() {
            self.mark_unserved(self.plan.tasks[task.index()].pool);
        }
        self.note_for_policies(id, before, next, now);
        self.counts_changed(task, before, next);
        if before == TaskInstanceState::Running || next.is_finished() {
            let mut row = self.instance_record(id, before, Some(now));
            // A branch can skip what waits for its pool already.
            row.taken_at = (before == TaskInstanceState::Scheduled).then_some(now);
            self.recorder.task_instance(&row);
            self.note_end(id, before, now);
        }
        if next.is_finished() {
            self.tell_downstream(run, task, id, next, now);
            if next == TaskInstanceState::Success && !self.awaits.is_empty() {
                self.note_success(run, task);
            }
        }
    }

    /// The delay before the next try or poke is over: the instance is to be looked at.
    pub(crate) fn delay_is_over(&mut self, id: InstanceId, now: SimTime) {
        let instance = *self.instance(id);
        if self.present_try(id).due_at != now {
            return;
        }
        if instance.taken_away {
            self.let_go(id);
        } else {
            self.run_mut(instance.run).due.push(id);
            self.mark_changed(instance.run);
        }
    }

    /// Notes that something happened in a run, so that the scheduler has a reason to examine it.
    #[inline]
    pub(crate) fn mark_changed(&mut self, id: RunId) {
        let run = &mut self.rows.runs[id.index()];
        if !run.changed && run.state == DagRunState::Running {
            run.changed = true;
            if run.ahead || self.paused[run.dag.index()] {
                self.held.push(id);
            } else {
                self.changed.push_back(id);
            }
        }
    }

    /// The runs in which something happened, by number, in which order they are best taken.
    pub(crate) fn changed_in_order(&mut self) -> impl Iterator<Item = RunId> {
        let runs = &self.rows.runs;
        let changed = self.changed.make_contiguous();
        changed.sort_unstable_by_key(|id| runs[id.index()].sequence);
        changed.iter().copied()
    }

    /// Whether something happened in a run since it was last examined; it is examined now.
    #[inline]
    pub(crate) fn take_changed(&mut self, id: RunId) -> bool {
        let changed = std::mem::take(&mut self.run_mut(id).changed);
        if changed {
            // The runs are mostly taken in the order of this list.
            let at = self.changed.iter().position(|&run| run == id);
            at.map(|at| self.changed.remove(at));
        }
        changed
    }

    /// Lets a timer act just after this moment where no scheduler keeps timers (`ideal` mode).
    pub(crate) fn look_at_once(&self, timer: Timer, moment: SimTime, engine: &mut Engine<Event>) {
        if self.queue_order == QueueOrder::FirstCome {
            engine.schedule(moment + SimDuration::from_micros(1), Event::Timer(0, timer));
        }
    }

    /// Notes that an instance may start in a pool, where a pool is served at every change.
    #[inline]
    pub(crate) fn mark_unserved(&mut self, pool: PoolId) {
        if self.queue_order == QueueOrder::FirstCome && self.unserved.last() != Some(&pool) {
            self.unserved.push(pool);
        }
    }

    /// A pool that is to be served.
    #[inline]
    pub(crate) fn next_unserved(&mut self) -> Option<PoolId> {
        self.unserved.pop()
    }

    /// Lets the next examinations look at every task of these runs.
    pub(crate) fn reconsider(&mut self, runs: &[RunId]) {
        for &id in runs {
            for task in self.tasks_of(id) {
                self.touch(id, task);
            }
        }
    }

    /// Moves the slots of an instance that changes its state, and counts it where its limits are kept.
    #[inline]
    pub(crate) fn count(
        &mut self,
        id: InstanceId,
        before: TaskInstanceState,
        next: TaskInstanceState,
        now: SimTime,
    ) {
        if before == TaskInstanceState::Running && !self.awaits.is_empty() {
            self.stop_poking(id);
        }
        let TaskInstance { run, task, .. } = *self.instance(id);
        let plan = &self.plan.tasks[task.index()];
        self.pools.shift(plan.pool, before, next, plan.pool_slots);
        let executing = &mut self.rows.runs[run.index()].executing;
        *executing += u32::from(next.is_executing());
        *executing -= u32::from(before.is_executing());
        if before.is_executing() != next.is_executing() {
            if !self.rules.limits_tasks_per_run {
                let of_dag = &mut self.executing[plan.dag.index()];
                *of_dag += u32::from(next.is_executing());
                *of_dag -= u32::from(before.is_executing());
                if R::WAIT_PARTS {
                    self.attribution.set_dag(plan.dag, *of_dag, now);
                }
            } else if R::WAIT_PARTS {
                self.attribution.set_run(run, plan.dag, *executing, now);
            }
        }
        if !plan.has_limit() {
            return;
        }
        let counts = self.rules.counts_as_active(next);
        if self.rules.counts_as_active(before) == counts {
            return;
        }
        let family = plan.family;
        let progress = self.progress_at(run, plan.counted_at);
        let counted_at = &self.plan.tasks[plan.counted_at.index()];
        let in_run = &mut self.rows.progress.get_mut(progress, counted_at).active;
        let change = |count: &mut u32| {
            if counts {
                *count += 1;
            } else {
                *count -= 1;
            }
        };
        change(&mut self.active[family.index()]);
        change(in_run);
        if R::WAIT_PARTS {
            let active = self.active[family.index()];
            self.attribution
                .set_family(family, active, run, *in_run, now);
        }
    }

    #[inline]
    pub(crate) fn tell_downstream(
        &mut self,
        run: RunId,
        task: TaskId,
        instance: InstanceId,
        state: TaskInstanceState,
        now: SimTime,
    ) {
        let row = &mut self.rows.runs[run.index()];
        row.unfinished -= 1;
        row.leaf_failed |= state.is_bad() && self.plan.is_leaf(task);
        let is_after_loop = R::WAIT_PARTS && self.is_after_loop(now);
        for at in 0..self.plan.downstream(task).len() {
            let below = self.plan.downstream(task)[at];
            let at = self.progress_at(run, below);
            let plan = &self.plan.tasks[below.index()];
            let progress = self.rows.progress.get_mut(at, plan);
            progress.upstream.finished(state);
            if progress.upstream.verdict(plan.trigger_rule) != Verdict::Wait {
                if R::WAIT_PARTS {
                    progress.note_decided(now, is_after_loop);
                }
                if !std::mem::replace(&mut progress.touched, true) {
                    self.rows.runs[run.index()].touched.push(below);
                }
            }
        }
        if self.plan.scope(task).is_some() {
            self.tell_scope(run, task, instance);
        }
        self.mark_changed(run);
    }

    #[inline]
    pub(crate) fn touch(&mut self, run: RunId, task: TaskId) {
        let touched = &mut self.progress_mut(run, task).touched;
        if !std::mem::replace(touched, true) {
            self.rows.runs[run.index()].touched.push(task);
        }
    }
}
