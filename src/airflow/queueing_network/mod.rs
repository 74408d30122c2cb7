//! An open queueing network: `ideal` mode for sites where instances wait for nothing but slots.
//!
//! Most of what a [`crate::airflow::Simulation`] keeps ready for every site (retries, sensors, mapped tasks, limits,
//! policies, operators, rows) is idle where queueing theory is at home. This is the same history without it: stations
//! (pools) that serve by priority, then first come, first served, and runs that fork and join. Events and draws are
//! the same and come in the same order, so the summary is equal in every digit; `tests/it/queueing_network.rs`
//! compares the two. See docs/decisions/0014-queueing-network.md.

mod agenda;
pub(super) mod covers;
mod live_runs;
mod service;
mod source;
mod station;
mod task;

use crate::airflow::plan::Plan;
use crate::deployment::Deployment;
use crate::ids::DagId;
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::{MeasurementWindow, RunningSummary};
use agenda::Event;
use live_runs::{LiveRuns, Place};
use service::Service;
use source::Source;
use station::Station;

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
    let mut summary = RunningSummary::new(deployment, window);
    let mut network = QueueingNetwork::new(deployment, key, window, &mut summary);
    for dag in 0..deployment.dags.len() {
        network.plan_arrival(dag as u32);
    }
    network.run();
    Some(network.finish(summary))
}

/// A site without a scheduler's loop, limits, failures or changes, and what has become of it so far.
struct QueueingNetwork<'a> {
    deployment: &'a Deployment,
    sources: Vec<Source<'a>>,
    live: LiveRuns,
    service: Service<'a>,
    /// Who comes after whom, by [`task::Task::downstream`].
    downstream: Vec<u32>,
    window: MeasurementWindow,
}

impl<'a> QueueingNetwork<'a> {
    fn new(
        deployment: &'a Deployment,
        key: StreamKey,
        window: MeasurementWindow,
        empty: &mut RunningSummary,
    ) -> Self {
        let plan = Plan::new(deployment);
        let task_counts = plan.layouts.iter().map(|layout| layout.task_count);
        let most_tasks = task_counts.max().unwrap_or_default();
        let (work, runs, pools) = empty.parts_mut();
        let pools = deployment.pools.iter().zip(std::mem::take(pools));
        let mut stations: Vec<_> = pools
            .map(|(pool, course)| Station::new(pool, window.start, course))
            .collect();
        let (tasks, downstream) =
            task::lay_out(deployment, &plan, &mut stations, std::mem::take(work));
        let dags = deployment.dags.iter().zip(std::mem::take(runs));
        let sources = dags.enumerate().map(|(at, (dag, runs))| {
            let layout = &plan.layouts[at];
            Source::new(DagId::new(at), dag, layout, key, window.start, runs)
        });
        Self {
            deployment,
            sources: sources.collect(),
            live: LiveRuns::new(most_tasks),
            service: Service::new(tasks, stations, window),
            downstream,
            window,
        }
    }

    fn run(&mut self) {
        while let Some((now, event)) = self.service.agenda.next() {
            match event {
                Event::End(at) => self.end(at, now),
                Event::Arrival(dag) => self.arrive(dag, now),
            }
        }
    }

    fn plan_arrival(&mut self, dag: u32) {
        let source = &mut self.sources[dag as usize];
        if let Some(next) = source.next_arrival(self.deployment, &self.service.tasks) {
            self.service.agenda.plan_arrival(next, dag);
        }
    }

    /// A run arrives: its roots are ready.
    #[inline]
    fn arrive(&mut self, dag: u32, now: SimTime) {
        let source = &mut self.sources[dag as usize];
        let (id, run) = self.live.create(dag, source, &self.service.tasks, now);
        let is_alone = source.roots.len() == 1;
        for &row in &source.roots {
            let (task, place) = (run.first_task + row, self.live.place(id, row));
            let instance = (place, self.live.duration(&run, row));
            self.service
                .join(run.sequence, task, instance, is_alone, now);
        }
        self.service.serve_waiting(now);
        self.plan_arrival(dag);
    }

    /// An instance ends: its slots are free, and what only waited for it is ready.
    #[inline]
    fn end(&mut self, at: Place, now: SimTime) {
        let (id, run, row) = self.live.end(at);
        let task = self.service.leave(run.first_task + row, now);
        let (station, (first, end)) = (task.station, task.downstream);
        let downstream = &self.downstream[first as usize..end as usize];
        let is_alone = downstream.len() == 1;
        for &row in downstream {
            if let Some(duration) = self.live.lacks_one_less(&run, row) {
                let (task, place) = (run.first_task + row, self.live.place(id, row));
                self.service
                    .join(run.sequence, task, (place, duration), is_alone, now);
            }
        }
        self.service.serve_waiting(now);
        self.service.serve(station, now);
        if run.unfinished == 0 {
            let source = &mut self.sources[run.dag as usize];
            source.runs.record_served(run.created_at, now, &self.window);
            source.free.push(id);
        }
    }

    /// Adds what is cut off by the horizon, and puts the summary together.
    fn finish(mut self, mut summary: RunningSummary) -> RunningSummary {
        for run in self.live.runs() {
            let source = &mut self.sources[run.dag as usize];
            source.runs.record_running(run.created_at, &self.window);
        }
        let (work, runs, pools) = summary.parts_mut();
        (*work, *pools) = self.service.finish();
        runs.extend(self.sources.into_iter().map(Source::into_runs));
        summary
    }
}
