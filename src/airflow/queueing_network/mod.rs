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

use crate::airflow::outcomes::Attempt;
use crate::airflow::outcomes::drawn::draw_duration;
use crate::airflow::plan::Plan;
use crate::deployment::Deployment;
use crate::engine::{self, Engine, Model};
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{MeasurementWindow, RunningSummary, Served};
use live_runs::LiveRuns;
use source::Source;
use station::{Ready, Station};
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
    stations: Vec<Station>,
    live: LiveRuns,
    /// Stations at which an instance may start since they were last served, latest last.
    unserved: Vec<u32>,
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
            stations,
            live: LiveRuns::default(),
            unserved: Vec::new(),
            window,
        }
    }

    fn plan_arrival(&mut self, dag: u32, engine: &mut Engine<Event>) {
        if let Some(next) = self.sources[dag as usize].next_arrival() {
            engine.schedule(next, Event::Arrival(dag));
        }
    }

    /// A run arrives: its roots are ready.
    #[inline]
    fn arrive(&mut self, dag: u32, engine: &mut Engine<Event>) {
        let now = engine.now();
        let source = &mut self.sources[dag as usize];
        let luck = source.luck(self.deployment);
        let id = self.live.create(dag, source, &self.tasks, luck, now);
        for root in 0..self.sources[dag as usize].roots.len() {
            let task = self.sources[dag as usize].roots[root];
            self.make_ready(id, task, now);
        }
        self.plan_arrival(dag, engine);
    }

    /// An instance ends: its slots are free, and what only waited for it is ready.
    #[inline]
    fn end(&mut self, at: u32, now: SimTime) {
        let instance = self.live.instance_mut(at);
        let mut served = Served {
            scheduled_at: std::mem::replace(&mut instance.scheduled_at, SimTime::MIN),
            started_at: instance.started_at,
            ended_at: now,
            slots: 1,
            waited_for_pool: instance.full_time,
        };
        let id = instance.run;
        let run = self.live.run_mut(id);
        run.unfinished -= 1;
        let index = run.task_of(at);
        let first_row = at - (index - run.first_task);
        let (is_over, dag, created_at) = (run.unfinished == 0, run.dag, run.created_at);
        let first_task = run.first_task;
        let task = &mut self.tasks[index as usize];
        served.slots = task.slots;
        task.work.record_served(&served, &self.window);
        self.stations[task.station as usize].leave(task.slots, now);
        mark_unserved(&mut self.unserved, task.station);
        for below in 0..task.downstream.len() {
            let below = self.tasks[index as usize].downstream[below];
            let missing = &mut self
                .live
                .instance_mut(first_row + (below - first_task))
                .missing;
            *missing -= 1;
            if *missing == 0 {
                self.make_ready(id, below, now);
            }
        }
        if is_over {
            let source = &mut self.sources[dag as usize];
            source.runs.record_served(created_at, now, &self.window);
            source.free.push(id);
        }
    }

    #[inline]
    fn make_ready(&mut self, run: u32, index: u32, now: SimTime) {
        let run = self.live.run(run);
        let (at, sequence, row) = (run.instance_of(index), run.sequence, index - run.first_task);
        let task = &self.tasks[index as usize];
        let station = &mut self.stations[task.station as usize];
        let instance = self.live.instance_mut(at);
        instance.scheduled_at = now;
        instance.started_at = SimTime::MAX;
        instance.full_time = station.full_time(now);
        let ready = Ready {
            since: now,
            name_rank: task.name_rank,
            place: sequence << u32::BITS | u64::from(row),
            instance: at,
        };
        station.join(task.lane, ready, task.slots);
        mark_unserved(&mut self.unserved, task.station);
    }

    /// Starts what fits into a pool.
    #[inline]
    fn serve(&mut self, station: u32, engine: &mut Engine<Event>) {
        let now = engine.now();
        let station = &mut self.stations[station as usize];
        while let Some(at) = station.next(now) {
            let instance = self.live.instance_mut(at);
            instance.started_at = now;
            instance.full_time = station.full_time(now) - instance.full_time;
            let id = instance.run;
            let run = self.live.run(id);
            let index = run.task_of(at);
            let task = &self.tasks[index as usize];
            let first_try = Attempt {
                task: TaskId::new(index as usize),
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
            let duration = draw_duration(task.duration, &first_try);
            engine.schedule(now + duration.max(SimDuration::ZERO), Event::End(at));
        }
        station.note(now);
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
                let full_time = self.stations[task.station as usize].full_time(self.window.end);
                task.cut_off(instance, full_time, &self.window);
            }
        }
        let (work, runs, pools) = summary.parts_mut();
        let tasks = self.tasks.into_iter();
        work.extend(tasks.map(Task::into_work));
        runs.extend(self.sources.into_iter().map(Source::into_runs));
        pools.extend(self.stations.into_iter().map(|station| station.course));
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
        while let Some(station) = self.unserved.pop() {
            self.serve(station, engine);
        }
    }
}

#[inline]
fn mark_unserved(unserved: &mut Vec<u32>, station: u32) {
    if unserved.last() != Some(&station) {
        unserved.push(station);
    }
}
