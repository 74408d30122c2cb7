//! An open queueing network: `ideal` mode for sites where instances wait for nothing but slots.
//!
//! Most of what a [`crate::airflow::Simulation`] keeps ready for every site (retries, sensors, mapped tasks, limits,
//! policies, operators, rows) is idle where queueing theory is at home. This is the same history without it: stations
//! (pools) that serve by priority, then first come, first served, and runs that fork and join. Events and draws are
//! the same and come in the same order, so the summary is equal in every digit; `tests/it/queueing_network.rs`
//! compares the two. See docs/decisions/0014-queueing-network.md.

mod covers;
mod live_runs;
mod station;

use crate::airflow::outcomes::drawn::Drawn;
use crate::airflow::outcomes::{Attempt, Outcomes};
use crate::airflow::plan::Plan;
use crate::deployment::{DagRunState, Deployment, Schedule};
use crate::engine::{self, Engine, Model};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::{ArrivalCursor, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::{
    DagRunRecord, MeasurementWindow, Recorder, RunName, RunType, RunWait, RunningSummary, Served,
};
use live_runs::LiveRuns;
use station::{Ready, Station};

/// Simulates a replication of `deployment` over `window` with the random numbers of `key`; none if the site has
/// something that only a [`crate::airflow::Simulation`] knows.
pub fn as_queueing_network(
    deployment: &Deployment,
    key: StreamKey,
    window: MeasurementWindow,
) -> Option<RunningSummary> {
    if !covers::covers(deployment) {
        return None;
    }
    let mut engine = Engine::new(window.start);
    let mut network = QueueingNetwork::new(deployment, key, window);
    for dag in (0..deployment.dags.len()).map(DagId::new) {
        network.begin_arrivals(dag, &mut engine);
    }
    engine.run_until(&mut network, window.end);
    Some(network.finish())
}

/// A site without a scheduler's loop, limits, failures or changes, and what has become of it so far.
struct QueueingNetwork<'a> {
    deployment: &'a Deployment,
    outcomes: Drawn<'a>,
    plan: Plan,
    sources: Vec<Source>,
    stations: Vec<Station>,
    /// The lane of each task at its station.
    lanes: Vec<u32>,
    live: LiveRuns,
    /// Stations at which an instance may start since they were last served, latest last.
    unserved: Vec<PoolId>,
    window: MeasurementWindow,
    summary: RunningSummary,
}

/// Where the runs of a DAG come from.
#[derive(Debug)]
struct Source {
    key: StreamKey,
    cursor: ArrivalCursor,
    /// How many arrivals have been planned: the last number names the next run.
    arrivals: u64,
}

/// What happens: at one moment instances end before runs arrive.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An instance ends, by its place among the live ones.
    End(u32),
    Arrival(DagId),
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
            Self::Arrival(dag) => ARRIVAL | dag.index() as u32,
        }
    }

    #[inline]
    fn unpack(bits: u32) -> Self {
        if bits < ARRIVAL {
            Self::End(bits)
        } else {
            Self::Arrival(DagId::new((bits & !ARRIVAL) as usize))
        }
    }
}

impl<'a> QueueingNetwork<'a> {
    fn new(deployment: &'a Deployment, key: StreamKey, window: MeasurementWindow) -> Self {
        let plan = Plan::new(deployment);
        let pools = deployment.pools.iter();
        let mut stations: Vec<_> = pools.map(|pool| Station::new(pool, window.start)).collect();
        let lanes = station::lay_lanes(&mut stations, &plan);
        let sources = deployment.dags.iter().map(|dag| Source {
            key: key.with(StreamKey::name(&dag.dag_id)),
            cursor: ArrivalCursor::default(),
            arrivals: 0,
        });
        Self {
            deployment,
            outcomes: Drawn::new(deployment),
            sources: sources.collect(),
            stations,
            lanes,
            live: LiveRuns::new(deployment.dags.len()),
            plan,
            unserved: Vec::new(),
            window,
            summary: RunningSummary::new(deployment, window),
        }
    }

    fn begin_arrivals(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let described = &self.deployment.dags[dag.index()];
        if let Schedule::Arrivals(process) = &described.schedule {
            let first = engine.now().max(described.start_date);
            self.sources[dag.index()].cursor = process.begin(first);
            self.plan_arrival(dag, engine);
        }
    }

    fn plan_arrival(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let described = &self.deployment.dags[dag.index()];
        let Schedule::Arrivals(process) = &described.schedule else {
            return;
        };
        let source = &mut self.sources[dag.index()];
        let next = process.next(&mut source.cursor, source.key);
        if let Some(next) = next.filter(|&next| described.end_date.is_none_or(|end| next <= end)) {
            source.arrivals += 1;
            engine.schedule(next, Event::Arrival(dag));
        }
    }

    /// A run arrives: its roots are ready.
    #[inline]
    fn arrive(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let source = &self.sources[dag.index()];
        let key = source.key.with(source.arrivals);
        let size = self.outcomes.run_size(dag, key);
        let layout = &self.plan.layouts[dag.index()];
        let run = self
            .live
            .create(&self.plan.tasks, layout, key, size, engine.now());
        for root in 0..self.plan.layouts[dag.index()].roots.len() {
            let task = self.plan.layouts[dag.index()].roots[root];
            self.make_ready(run, task, engine.now());
        }
        self.plan_arrival(dag, engine);
    }

    /// An instance ends: its slots are free, and what only waited for it is ready.
    #[inline]
    fn end(&mut self, at: u32, now: SimTime) {
        let (run, task) = self.live.place_of(at);
        let planned = &self.plan.tasks[task.index()];
        self.stations[planned.pool.index()].leave(planned.pool_slots, now);
        mark_unserved(&mut self.unserved, planned.pool);
        let instance = self.live.instance_mut(at);
        let served = Served {
            scheduled_at: instance.scheduled_at,
            started_at: instance.started_at,
            ended_at: now,
            slots: planned.pool_slots,
            waited_for_pool: instance.full_time,
        };
        instance.scheduled_at = SimTime::MIN;
        self.summary
            .work_mut(task)
            .record_served(&served, &self.window);
        for below in 0..self.plan.downstream(task).len() {
            let below = self.plan.downstream(task)[below];
            if self.live.upstream_ended(run, below) {
                self.make_ready(run, below, now);
            }
        }
        if self.live.task_ended(run) {
            let row = self.run_row(run, Some(now));
            self.summary.dag_run(&row);
            self.live.release(run);
        }
    }

    #[inline]
    fn make_ready(&mut self, run: u32, task: TaskId, now: SimTime) {
        let planned = &self.plan.tasks[task.index()];
        let station = &mut self.stations[planned.pool.index()];
        let (at, place) = self.live.find(run, task);
        let instance = self.live.instance_mut(at);
        instance.scheduled_at = now;
        instance.started_at = SimTime::MAX;
        instance.full_time = station.full_time(now);
        let ready = Ready {
            since: now,
            name_rank: self.plan.dags[planned.dag.index()].name_rank,
            place,
            instance: at,
        };
        station.join(self.lanes[task.index()], ready, planned.pool_slots);
        mark_unserved(&mut self.unserved, planned.pool);
    }

    /// Starts what fits into a pool.
    #[inline]
    fn serve(&mut self, pool: PoolId, engine: &mut Engine<Event>) {
        let now = engine.now();
        while let Some(at) = self.stations[pool.index()].next(now) {
            let (run, task) = self.live.place_of(at);
            let (key, size) = self.live.luck_of(run);
            let instance = self.live.instance_mut(at);
            instance.started_at = now;
            instance.full_time = self.stations[pool.index()].full_time(now) - instance.full_time;
            let segment = self.outcomes.segment(&Attempt {
                task,
                logical_date: now,
                map_index: -1,
                try_number: 1,
                segment: 1,
                waited: SimDuration::ZERO,
                trigger_timed_out: false,
                requeues: 0,
                run_key: key,
                task_key: self.plan.tasks[task.index()].name_key,
                run_size: size,
            });
            let ends_at = now + segment.duration.max(SimDuration::ZERO);
            engine.schedule(ends_at, Event::End(at));
        }
        let station = &self.stations[pool.index()];
        self.summary.slots_mut(pool).set_running_and_scheduled(
            now,
            station.running,
            station.scheduled,
        );
    }

    fn run_row(&self, run: u32, ended_at: Option<SimTime>) -> DagRunRecord {
        let (dag, created_at) = self.live.birth_of(run);
        DagRunRecord {
            dag,
            name: RunName::dated(RunType::Manual, created_at),
            run_type: RunType::Manual,
            logical_date: Some(created_at),
            data_interval: Some((created_at, created_at)),
            queued_at: created_at,
            started_at: Some(created_at),
            ended_at,
            state: if ended_at.is_some() {
                DagRunState::Success
            } else {
                DagRunState::Running
            },
            wait: RunWait::default(),
        }
    }

    /// Adds what is cut off by the horizon.
    fn finish(mut self) -> RunningSummary {
        for run in self.live.runs() {
            for (at, task) in self.live.instances_of(run) {
                self.cut_off(at, task);
            }
            let row = self.run_row(run, None);
            self.summary.dag_run(&row);
        }
        for task in (0..self.plan.tasks.len()).map(TaskId::new) {
            self.summary.work_mut(task).complete_served();
        }
        self.summary
    }

    fn cut_off(&mut self, at: u32, task: TaskId) {
        let planned = &self.plan.tasks[task.index()];
        let instance = *self.live.instance_mut(at);
        let since = self.stations[planned.pool.index()].full_time(self.window.end);
        let work = self.summary.work_mut(task);
        if instance.scheduled_at == SimTime::MIN {
            return;
        }
        let slots = planned.pool_slots;
        if instance.started_at == SimTime::MAX {
            let waited_for_pool = since - instance.full_time;
            work.record_waiting(instance.scheduled_at, waited_for_pool, slots, &self.window);
        } else {
            let (from, to) = (instance.scheduled_at, instance.started_at);
            work.record_running(from, to, slots, &self.window);
        }
    }
}

impl Model for QueueingNetwork<'_> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, engine: &mut Engine<Event>) {
        match event {
            Event::End(at) => self.end(at, engine.now()),
            Event::Arrival(dag) => self.arrive(dag, engine),
        }
        while let Some(pool) = self.unserved.pop() {
            self.serve(pool, engine);
        }
    }
}

#[inline]
fn mark_unserved(unserved: &mut Vec<PoolId>, pool: PoolId) {
    if unserved.last() != Some(&pool) {
        unserved.push(pool);
    }
}
