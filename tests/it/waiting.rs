//! Why instances wait: every microsecond has one cause, and it is the right one.

use crate::random_events::any_disturbed_site;
use crate::random_sites::{RandomSite, any_site, fixed};
use crate::sites::{at, simulation};
use proptest::prelude::*;
use slotwise::deployment::{Deployment, Excess, ExecutorKind, SchedulerMode, Task, TaskKind};
use slotwise::ids::PoolId;
use slotwise::random::Distribution;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{
    DagRunRecord, FullTrace, RunWait, RunWaitCause, TaskInstanceRecord, WaitCause, WaitParts,
};
use std::collections::{BTreeMap, BTreeSet};

/// Seconds simulated.
const END: f64 = 1_200.0;

fn run(random: &RandomSite, site: &Deployment, every_loop: bool) -> FullTrace {
    let recorder = FullTrace::default();
    let mut simulation = simulation(site, random.policy.as_ref(), random.seed, recorder);
    if every_loop {
        simulation.run_every_loop();
    }
    simulation.run_until(at(END));
    simulation.finish()
}

/// How long an instance was scheduled: until it was queued, taken or cut off.
fn whole_wait(row: &TaskInstanceRecord) -> SimDuration {
    let end = row.queued_at.or(row.taken_at).or(row.ended_at);
    row.scheduled_at
        .map_or(SimDuration::ZERO, |from| end.unwrap_or(at(END)) - from)
}

fn check_sums(trace: &FullTrace) {
    for run in &trace.dag_runs {
        let whole = run.started_at.map(|at| at - run.due_at());
        assert_eq!(run.wait.total(), whole.unwrap_or_default(), "{run:?}");
        for cause in RunWaitCause::ALL {
            assert!(run.wait.of(cause) >= SimDuration::ZERO, "{run:?}");
        }
    }
    for row in &trace.task_instances {
        assert_eq!(row.wait.total(), whole_wait(row), "{row:?}");
        for cause in WaitCause::ALL {
            assert!(row.wait.of(cause) >= SimDuration::ZERO, "{row:?}");
        }
    }
}

/// Whether a row repeats a segment that another one has told: its worker was refused, or what waited to be tried again
/// was skipped.
fn tells_again(row: &TaskInstanceRecord) -> bool {
    let after_a_segment = row.segment == 0 && row.ended_at.is_some() && row.queued_at.is_some();
    row.refused || after_a_segment && !row.is_sent_back()
}

/// The site as the rows show it, one moment after the other.
struct Replay<'a> {
    site: &'a Deployment,
    rows: &'a [TaskInstanceRecord],
    sizes: Vec<i64>,
    occupied: Vec<i64>,
    in_use: Vec<i64>,
    /// Slots of ended instances that no loop has given back to their executors.
    unlearnt: Vec<i64>,
    by_task: BTreeMap<usize, u32>,
    by_run: BTreeMap<(usize, SimTime), u32>,
    by_task_in_run: BTreeMap<(usize, SimTime), u32>,
    /// Rows that wait, whether a loop has looked since nothing held, and the parts of their wait so far.
    waiting: BTreeMap<usize, (bool, WaitParts)>,
}

impl<'a> Replay<'a> {
    fn new(site: &'a Deployment, rows: &'a [TaskInstanceRecord]) -> Self {
        Self {
            site,
            rows,
            sizes: site.pools.iter().map(|pool| pool.slots).collect(),
            occupied: vec![0; site.pools.len()],
            in_use: vec![0; site.executors.len()],
            unlearnt: vec![0; site.executors.len()],
            by_task: BTreeMap::new(),
            by_run: BTreeMap::new(),
            by_task_in_run: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// What `max_active_tasks` bounds: the run, or the whole DAG.
    fn run_of(&self, row: &TaskInstanceRecord) -> (usize, SimTime) {
        if self.site.rules().limits_tasks_per_run {
            (row.dag.index(), row.logical_date)
        } else {
            (row.dag.index(), SimTime::MIN)
        }
    }

    /// The first cause that holds for a row, if one does.
    fn held(&self, row: &TaskInstanceRecord) -> Option<WaitCause> {
        let task = &self.site.tasks[row.task.index()];
        let parallelism = i64::from(self.site.airflow.parallelism);
        let free = |at: usize| i64::from(self.site.executors[at].parallelism) - self.in_use[at];
        if self.in_use.iter().sum::<i64>() >= parallelism || free(task.executor) <= 0 {
            return Some(WaitCause::Parallelism);
        }
        let (slots, pool) = (self.sizes[row.pool.index()], row.pool.index());
        let open = if slots == -1 {
            i64::MAX
        } else {
            slots - self.occupied[pool]
        };
        if open <= 0 {
            return Some(WaitCause::Pool);
        }
        if open < i64::from(row.pool_slots) {
            return Some(WaitCause::PoolSlots);
        }
        let task_in_run = (row.task.index(), row.logical_date);
        let active = self.by_task.get(&row.task.index()).copied().unwrap_or(0);
        let in_run = self.by_task_in_run.get(&task_in_run).copied().unwrap_or(0);
        if task
            .max_active_tis_per_dag
            .is_some_and(|limit| active >= limit)
            || task
                .max_active_tis_per_dagrun
                .is_some_and(|limit| in_run >= limit)
        {
            return Some(WaitCause::MaxActiveTis);
        }
        let executing = self.by_run.get(&self.run_of(row)).copied().unwrap_or(0);
        let limit = self.site.dags[row.dag.index()].max_active_tasks;
        (executing >= limit).then_some(WaitCause::MaxActiveTasks)
    }

    fn shift(&mut self, row: &TaskInstanceRecord, by: i32) {
        self.occupied[row.pool.index()] += i64::from(by) * i64::from(row.pool_slots);
        let task_in_run = (row.task.index(), row.logical_date);
        let of_limit = self.run_of(row);
        for count in [
            self.by_task.entry(row.task.index()).or_default(),
            self.by_run.entry(of_limit).or_default(),
            self.by_task_in_run.entry(task_in_run).or_default(),
        ] {
            *count = count.checked_add_signed(by).unwrap();
        }
    }

    /// What a loop has seen of a wait is forgotten while something holds.
    fn forget_if_held(&mut self) {
        for at in self.waiting.keys().copied().collect::<Vec<_>>() {
            let held = self.held(&self.rows[at]).is_some();
            self.waiting
                .entry(at)
                .and_modify(|(seen, _)| *seen &= !held);
        }
    }

    /// A loop looks at what waits.
    fn look(&mut self) {
        for at in self.waiting.keys().copied().collect::<Vec<_>>() {
            let free = self.held(&self.rows[at]).is_none();
            self.waiting.entry(at).and_modify(|(seen, _)| *seen |= free);
        }
    }

    /// What happens before a loop's critical section.
    fn end_and_begin(&mut self, now: SimTime, done: &mut BTreeMap<usize, WaitParts>) {
        for (index, row) in self.rows.iter().enumerate() {
            self.end(row, now);
            if row.scheduled_at == Some(now) && !tells_again(row) {
                self.waiting.insert(index, (false, WaitParts::default()));
            }
            if row.taken_at == Some(now) && row.queued_at.is_none() {
                done.insert(index, self.waiting.remove(&index).unwrap().1);
            }
        }
    }

    /// What the critical section chose.
    fn queue(&mut self, now: SimTime, done: &mut BTreeMap<usize, WaitParts>) {
        for (index, row) in self.rows.iter().enumerate() {
            if row.queued_at == Some(now) && !tells_again(row) {
                done.insert(index, self.waiting.remove(&index).unwrap().1);
                self.shift(row, 1);
                self.in_use[self.site.tasks[row.task.index()].executor] += 1;
            }
        }
    }

    /// Gives back what a row held, if it ends now. The worker of an instance that was taken from it does not know.
    fn end(&mut self, row: &TaskInstanceRecord, now: SimTime) {
        if row.queued_at.is_none() {
            return;
        }
        let gone = row.taken_at.or(row.ended_at);
        if gone == Some(now) && !tells_again(row) {
            self.shift(row, -1);
        }
        if row.ended_at == Some(now) && (row.refused || !tells_again(row)) {
            self.unlearnt[self.site.tasks[row.task.index()].executor] += 1;
        }
    }

    /// A loop gives the slots of what has ended back to their executors.
    fn learn(&mut self) {
        for (used, learnt) in self.in_use.iter_mut().zip(&mut self.unlearnt) {
            *used -= std::mem::take(learnt);
        }
    }

    /// Charges the time from one moment to the next.
    fn pass(&mut self, span: SimDuration) {
        for at in self.waiting.keys().copied().collect::<Vec<_>>() {
            let held = self.held(&self.rows[at]);
            let (seen, parts) = self.waiting.get_mut(&at).unwrap();
            let free = if *seen {
                WaitCause::PassedOver
            } else {
                WaitCause::Loop
            };
            parts.add(held.unwrap_or(free), span);
        }
    }
}

/// Every moment at which something happened, and the end.
fn moments(trace: &FullTrace) -> BTreeSet<SimTime> {
    let mut moments: BTreeSet<SimTime> = trace.loops.iter().map(|row| row.at).collect();
    moments.extend(trace.pools.iter().map(|sample| sample.at));
    for row in &trace.task_instances {
        let of_row = [row.scheduled_at, row.queued_at, row.taken_at, row.ended_at];
        moments.extend(of_row.into_iter().flatten());
    }
    moments.insert(at(END));
    moments
}

/// The parts of all waits, by asking at every moment at which something happened. One scheduler, whose loops are all in
/// the trace, and executors that learn of every end in the next loop.
fn attributed_by_force(site: &Deployment, trace: &FullTrace) -> BTreeMap<usize, WaitParts> {
    let rows = &trace.task_instances;
    let loops: BTreeSet<SimTime> = trace.loops.iter().map(|row| row.at).collect();
    let mut sizes: BTreeMap<SimTime, Vec<(PoolId, i64)>> = BTreeMap::new();
    for sample in &trace.pools {
        let of_moment = sizes.entry(sample.at).or_default();
        of_moment.push((sample.pool, sample.slots.unwrap()));
    }
    let mut replay = Replay::new(site, rows);
    let mut done = BTreeMap::new();
    let mut before = at(0.0);
    for now in moments(trace) {
        replay.pass(now - before);
        before = now;
        for &(pool, slots) in sizes.get(&now).into_iter().flatten() {
            replay.sizes[pool.index()] = slots;
        }
        replay.end_and_begin(now, &mut done);
        replay.forget_if_held();
        let is_loop = loops.contains(&now);
        if is_loop {
            replay.look();
        }
        replay.queue(now, &mut done);
        if is_loop {
            replay.learn();
        }
        replay.forget_if_held();
    }
    let cut_off = replay.waiting.into_iter();
    done.extend(cut_off.map(|(at, (_, parts))| (at, parts)));
    done
}

/// Leaves out what rows do not tell: what comes and goes within one moment, deferred instances (they count for the limits
/// of their task), and at which step of a loop a lost one was found.
fn leave_rows(task: &mut Task) {
    if task.duration == Distribution::ZERO {
        task.duration = Distribution::constant(3.0).unwrap();
    }
    if matches!(task.kind, TaskKind::Deferrable(_)) {
        task.kind = TaskKind::Work;
    }
    task.lost_rate = 0.0;
}

/// The parts of a run's wait by asking between all starts and ends of runs of its DAG, of which none is paused.
fn run_wait_by_force(site: &Deployment, trace: &FullTrace, run: &DagRunRecord) -> RunWait {
    let of_dag = || trace.dag_runs.iter().filter(|other| other.dag == run.dag);
    let started_at = run.started_at.unwrap();
    let mut moments: BTreeSet<SimTime> = of_dag()
        .flat_map(|other| [other.started_at, other.ended_at])
        .flatten()
        .chain([run.due_at(), at(0.0), started_at])
        .filter(|&moment| (run.due_at()..=started_at).contains(&moment))
        .collect();
    let mut wait = RunWait::default();
    while let Some(from) = moments.pop_first() {
        let Some(&to) = moments.first() else { break };
        let runs = |other: &&DagRunRecord| {
            other.started_at.is_some_and(|at| at <= from)
                && other.ended_at.is_none_or(|ended_at| ended_at > from)
        };
        let running = of_dag().filter(runs).count();
        let limit = site.dags[run.dag.index()].max_active_runs as usize;
        let cause = match (from < at(0.0), running >= limit) {
            (true, _) => RunWaitCause::Paused,
            (false, true) => RunWaitCause::MaxActiveRuns,
            (false, false) => RunWaitCause::Loop,
        };
        wait.add(cause, to - from);
    }
    wait
}

proptest! {
    #![proptest_config(fixed(96))]

    #[test]
    fn parts_sum_to_the_whole(random in any_site(), head_of_line in any::<bool>()) {
        check_sums(&run(&random, &random.in_airflow_mode(), false));
        let ideal = run(&random, &random.deployment(SchedulerMode::Ideal { head_of_line }), false);
        check_sums(&ideal);
        let possible = |cause| match cause {
            WaitCause::Pool | WaitCause::PoolSlots => true,
            WaitCause::PassedOver => head_of_line,
            _ => false,
        };
        for row in &ideal.task_instances {
            for cause in WaitCause::ALL.into_iter().filter(|&cause| !possible(cause)) {
                prop_assert_eq!(row.wait.of(cause), SimDuration::ZERO, "{:?} in {:?}", cause, row);
            }
        }
    }

    #[test]
    fn parts_sum_to_the_whole_while_operators_break_in(random in any_disturbed_site()) {
        check_sums(&run(&random, &random.in_airflow_mode(), false));
        let ideal = random.deployment(SchedulerMode::Ideal { head_of_line: false });
        check_sums(&run(&random, &ideal, false));
    }

    #[test]
    fn each_part_of_a_run_s_wait_is_what_its_siblings_tell(random in any_site()) {
        let site = random.in_airflow_mode();
        let trace = run(&random, &site, false);
        for run in trace.dag_runs.iter().filter(|run| run.started_at.is_some()) {
            prop_assert_eq!(run.wait, run_wait_by_force(&site, &trace, run), "{:?}", run);
        }
    }

    #[test]
    fn each_part_is_what_asking_at_every_moment_finds(mut random in any_site()) {
        random.airflow.schedulers = 1;
        random.airflow.task_queued_timeout = SimDuration::from_seconds(1_000_000);
        for executor in &mut random.executors {
            executor.kind = ExecutorKind::Tracked;
        }
        for (_, tasks) in &mut random.dags {
            tasks.iter_mut().for_each(leave_rows);
        }
        // A refused try comes and goes within one moment, too.
        let limits = random.resources.iter_mut().filter_map(|resource| resource.rate_limit.as_mut());
        limits.for_each(|limit| limit.excess = Excess::Delay);
        // A run that times out takes instances whose workers have yet to start. No row tells when these are refused, which
        // is when their executor slots come back.
        if random.dags.iter().any(|(dag, _)| dag.dagrun_timeout.is_some()) {
            for executor in &mut random.executors {
                executor.start_delay = Distribution::ZERO;
            }
        }
        let site = random.in_airflow_mode();
        let trace = run(&random, &site, true);
        let expected = attributed_by_force(&site, &trace);
        for (at, row) in trace.task_instances.iter().enumerate() {
            if tells_again(row) {
                continue;
            }
            let expected = expected.get(&at).copied().unwrap_or_default();
            prop_assert_eq!(row.wait, expected, "{:?}", row);
        }
    }
}
