//! An open queueing network: `ideal` mode for sites where instances wait for nothing but slots.
//!
//! Most of what a [`crate::airflow::Simulation`] keeps ready for every site (retries, sensors, mapped tasks, limits,
//! policies, operators, rows) is idle where queueing theory is at home. This is the same history without it: stations
//! (pools) that serve by priority, then first come, first served, and runs that fork and join. Events and draws are
//! the same and come in the same order, so the summary is equal in every digit; `tests/it/queueing_network.rs`
//! compares the two. See docs/decisions/0014-queueing-network.md.

mod covers;
mod live_runs;
mod source;
mod station;
mod task;

use crate::airflow::plan::Plan;
use crate::deployment::Deployment;
use crate::engine::{self, Engine, Model};
use crate::ids::DagId;
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::{MeasurementWindow, RunningSummary, Served};
use live_runs::LiveRuns;
use source::Source;
use station::{Station, Stations};
use task::Task;

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
    let mut summary = RunningSummary::new(deployment, window);
    let mut network = QueueingNetwork::new(deployment, key, window, &mut summary);
    for dag in 0..deployment.dags.len() {
        network.plan_arrival(dag as u32, &mut engine);
    }
    engine.run_until(&mut network, window.end);
    Some(network.finish(summary))
}

/// A site without a scheduler's loop, limits, failures or changes, and what has become of it so far.
struct QueueingNetwork<'a> {
    deployment: &'a Deployment,
    sources: Vec<Source<'a>>,
    tasks: Vec<Task<'a>>,
    stations: Stations,
    live: LiveRuns,
    window: MeasurementWindow,
}

/// What happens: at one moment instances end before runs arrive.
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

impl<'a> QueueingNetwork<'a> {
    fn new(
        deployment: &'a Deployment,
        key: StreamKey,
        window: MeasurementWindow,
        empty: &mut RunningSummary,
    ) -> Self {
        let plan = Plan::new(deployment);
        let (work, runs, pools) = empty.parts_mut();
        let pools = deployment.pools.iter().zip(std::mem::take(pools));
        let mut stations: Vec<_> = pools
            .map(|(pool, course)| Station::new(pool, window.start, course))
            .collect();
        let tasks = task::lay_out(deployment, &plan, &mut stations, std::mem::take(work));
        let dags = deployment.dags.iter().zip(std::mem::take(runs));
        let sources = dags.enumerate().map(|(at, (dag, runs))| {
            let layout = &plan.layouts[at];
            Source::new(DagId::new(at), dag, layout, key, window.start, runs)
        });
        Self {
            deployment,
            sources: sources.collect(),
            tasks,
            stations: Stations::new(stations),
            live: LiveRuns::default(),
            window,
        }
    }

    fn plan_arrival(&mut self, dag: u32, engine: &mut Engine<Event>) {
        let source = &mut self.sources[dag as usize];
        if let Some(next) = source.next_arrival(self.deployment, &self.tasks) {
            engine.schedule(next, Event::Arrival(dag));
        }
    }

    /// A run arrives: its roots are ready.
    #[inline]
    fn arrive(&mut self, dag: u32, engine: &mut Engine<Event>) {
        let now = engine.now();
        let source = &mut self.sources[dag as usize];
        let id = self.live.create(dag, source, &self.tasks, now);
        let (run, instances) = self.live.run_mut(id);
        for &row in &source.roots {
            let task = &self.tasks[(run.first_task + row) as usize];
            let instance = &mut instances[row as usize];
            self.stations.join(task, run, row, instance, now);
        }
        self.plan_arrival(dag, engine);
    }

    /// An instance ends: its slots are free, and what only waited for it is ready.
    #[inline]
    fn end(&mut self, at: u32, now: SimTime) {
        let id = self.live.run_of(at);
        let (run, instances) = self.live.run_mut(id);
        run.unfinished -= 1;
        let row = at - run.first_instance;
        let instance = &mut instances[row as usize];
        let task = &mut self.tasks[(run.first_task + row) as usize];
        let served = Served {
            scheduled_at: std::mem::replace(&mut instance.scheduled_at, SimTime::MIN),
            started_at: instance.started_at,
            ended_at: now,
            slots: task.slots,
            waited_for_pool: instance.full_time,
        };
        task.work.record_served(&served, &self.window);
        self.stations.leave(task, now);
        let task = &self.tasks[(run.first_task + row) as usize];
        for &below in &task.downstream {
            let instance = &mut instances[below as usize];
            instance.missing -= 1;
            if instance.missing == 0 {
                let task = &self.tasks[(run.first_task + below) as usize];
                self.stations.join(task, run, below, instance, now);
            }
        }
        if run.unfinished == 0 {
            let source = &mut self.sources[run.dag as usize];
            source.runs.record_served(run.created_at, now, &self.window);
            source.free.push(id);
        }
    }

    /// Adds what is cut off by the horizon, and puts the summary together.
    fn finish(mut self, mut summary: RunningSummary) -> RunningSummary {
        for run in self.live.runs() {
            self.sources[run.dag as usize]
                .runs
                .record_running(run.created_at, &self.window);
            let first = run.first_task as usize;
            for (at, instance) in self.live.instances_of(run).iter().enumerate() {
                let task = &mut self.tasks[first + at];
                let full_time = self.stations.of(task).full_time(self.window.end);
                task.cut_off(instance, full_time, &self.window);
            }
        }
        let (work, runs, pools) = summary.parts_mut();
        let tasks = self.tasks.into_iter();
        work.extend(tasks.map(Task::into_work));
        runs.extend(self.sources.into_iter().map(Source::into_runs));
        pools.extend(self.stations.into_all().map(|station| station.course));
        summary
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
        while let Some(station) = self.stations.next_unserved() {
            serve(station, &mut self.live, engine);
        }
    }
}

/// Starts what fits into a pool.
#[inline]
fn serve(station: &mut Station, live: &mut LiveRuns, engine: &mut Engine<Event>) {
    let now = engine.now();
    while let Some(at) = station.next(now) {
        let instance = live.instance_mut(at);
        instance.started_at = now;
        instance.full_time = station.full_time(now) - instance.full_time;
        engine.schedule(now + instance.duration, Event::End(at));
    }
    station.note(now);
}
