//! What begins and ends: projects, forks and joins, and a queue that starts empty.

use rayon::prelude::*;
use slotwise::scenario::Scenario;
use slotwise::stats::interval::mean_and_variance;
use slotwise::trace::{DagRunRecord, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord};

use super::judgement::{Comparison, comparisons};
use super::measured::{Run, rows, scenario};
use super::reference::Reference;
use super::{Effort, REPLICATIONS};

/// The metrics of a case with their bounds.
type Figures = &'static [(&'static str, f64)];

const FORK_JOIN: Figures = &[("makespan_mean", 0.02)];
const DIAMOND: Figures = &[("makespan_unlimited", 0.02), ("makespan_pool_of_1", 0.02)];
const PROJECT: Figures = &[
    ("critical_path_mean", 0.02),
    ("critical_path_variance", 0.06),
    ("P_finish_by_47_normal", 0.02),
];
const TRANSIENT: Figures = &[("mean_delay", 0.04), ("delay_customer_100", 0.04)];

/// The customers of the transient case.
pub(crate) const CUSTOMERS: usize = 100;

/// Runs from empty that are averaged to one replication.
const STARTS: u64 = 450;

/// What is compared.
pub(super) fn judged() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = |case: &'static str, figures: Figures| {
        figures.iter().map(move |&(metric, _)| (case, metric))
    };
    of("forkjoin-unlimited-8", FORK_JOIN)
        .chain(of("diamond-exp", DIAMOND))
        .chain(of("pert-reliable", PROJECT))
        .chain(of("mm1-transient-100", TRANSIENT))
}

pub(super) fn compare(reference: &Reference, effort: Effort) -> Vec<Comparison> {
    let mean = |run: &Run<'_>, dag| mean_and_variance(run.makespans(dag)).0;
    let again = |case, name, figures, measure: &(dyn Fn(&Run<'_>) -> Vec<f64> + Sync)| {
        let scenario = scenario(name, &[], effort);
        let replicate = |number| measure(&Run::of(&scenario, number));
        let rows: Vec<_> = (0..REPLICATIONS).into_par_iter().map(replicate).collect();
        let length = format!(
            "{REPLICATIONS} × {:.0}",
            scenario.horizon.as_seconds() / 60.0
        );
        comparisons(reference, effort, case, &length, figures, &rows)
    };
    let mut all = again("forkjoin-unlimited-8", "fork_join", FORK_JOIN, &|run| {
        vec![mean(run, "fork_join")]
    });
    all.extend(again("diamond-exp", "diamond", DIAMOND, &|run| {
        vec![mean(run, "unlimited"), mean(run, "single")]
    }));
    all.extend(again("pert-reliable", "project", PROJECT, &|run| {
        let weeks = run.makespans("critical");
        let (mean, variance) = mean_and_variance(weeks);
        let in_time = weeks.iter().filter(|&&weeks| weeks <= 47.0).count();
        vec![mean, variance, in_time as f64 / weeks.len() as f64]
    }));
    all.extend(transient(reference, effort));
    all
}

fn transient(reference: &Reference, effort: Effort) -> Vec<Comparison> {
    let scenario = scenario("transient", &[], Effort::Long);
    let starts = STARTS / effort.divisor();
    let replicate = |number| {
        let delays = (0..starts).map(|start| first_delays(&scenario, number * starts + start));
        let (mut mean, mut last) = (0.0, 0.0);
        for delays in delays {
            mean += delays.iter().sum::<f64>() / CUSTOMERS as f64;
            last += delays[CUSTOMERS - 1];
        }
        vec![mean / starts as f64, last / starts as f64]
    };
    let rows: Vec<_> = (0..REPLICATIONS).into_par_iter().map(replicate).collect();
    let length = format!("{REPLICATIONS} × {starts} starts");
    comparisons(
        reference,
        effort,
        "mm1-transient-100",
        &length,
        TRANSIENT,
        &rows,
    )
}

/// The waits of the first customers, in minutes and in the order of their arrival, which is that of their service.
pub(crate) fn first_delays(scenario: &Scenario, number: u64) -> Vec<f64> {
    let First(delays) = rows(scenario, number, First(Vec::with_capacity(CUSTOMERS)));
    assert_eq!(delays.len(), CUSTOMERS, "the run is long enough");
    delays
}

/// Keeps the waits of the first customers that are served.
struct First(Vec<f64>);

impl Recorder for First {
    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        if self.0.len() < CUSTOMERS && row.started_at.is_some() {
            self.0
                .extend(row.pool_wait().map(|wait| wait.as_seconds() / 60.0));
        }
    }
    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}
