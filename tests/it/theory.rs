//! Queueing theory as the judge of `ideal` mode: closed-form results for exponential queues.
//!
//! The M/M/c values are Erlang's C formula: with offered load a = λ/μ, ρ = a/c and Erlang's B,
//! `P_wait = B / (1 - ρ (1 - B))`, `Wq = P_wait / (cμ - λ)`, `Lq = λ Wq`, and first come, first served waits have
//! the quantile `t_p = ln(P_wait / (1 - p)) / (cμ - λ)`. See Gross et al., "Fundamentals of Queueing Theory",
//! sections 2.2 and 2.3; M/M/1 and M/M/3 with a = 0.8 also stand in the vignette "M/M/k queues" of the R package
//! queuecomputer.
//!
//! Errors: every comparison is a t-test of the means of [`REPLICATIONS`] replications against the exact value. The
//! seed is fixed in advance, and the chance that a right program fails is 1 % for all comparisons together (Holm).
//! Beside it stands a relative bound of three standard errors or more: 5 % where one is below 1.5 % (by the
//! asymptotic variance of the birth and death process), and 10 % for what hangs on rare long queues, where one is
//! about 3 %: the p99 of M/M/10, and the queue of M/M/100.

use crate::sites::{START, add_dag, at, site};
use rayon::prelude::*;
use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::{Dag, Deployment, Schedule, SchedulerMode, Task};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::metrics::measure;
use slotwise::random::{ArrivalProcess, Distribution, StreamKey};
use slotwise::stats::{interval, quantile, student_t};
use slotwise::trace::{
    DagRunRecord, MeasurementWindow, PoolSample, Recorder, ResizeRecord, RunningSummary,
    TaskInstanceRecord,
};

const SEED: u64 = 1917;
const REPLICATIONS: u64 = 10;
const FAMILY_WISE_ERROR: f64 = 0.01;
/// Relative bounds.
const USUAL: f64 = 0.05;
const RARE: f64 = 0.10;
/// Seconds in a unit of time, so long that whole microseconds are no error.
const UNIT: f64 = 100.0;
const POOL: PoolId = PoolId::new(1);

/// An M/M/c queue in units of time.
struct Queue {
    name: &'static str,
    arrival_rate: f64,
    service_rate: f64,
    slots: i64,
    /// Measured arrivals of one replication.
    arrivals: f64,
    /// A figure, its exact value, and the relative bound.
    expected: &'static [(&'static str, f64, f64)],
}

const QUEUES: [Queue; 5] = [
    Queue {
        name: "M/M/1, load 0.8",
        arrival_rate: 1.0,
        service_rate: 1.25,
        slots: 1,
        arrivals: 90_000.0,
        // Wq = ρ / (μ - λ), Lq = ρ² / (1 - ρ).
        expected: &[
            ("rho", 0.8, USUAL),
            ("P_wait", 0.8, USUAL),
            ("Wq", 3.2, USUAL),
            ("Lq", 3.2, USUAL),
        ],
    },
    Queue {
        name: "M/M/3, load 0.8",
        arrival_rate: 1.0,
        service_rate: 1.25,
        slots: 3,
        arrivals: 90_000.0,
        expected: &[
            ("rho", 0.266_666_666_7, USUAL),
            ("P_wait", 0.052_032_520_33, USUAL),
            ("Wq", 0.018_920_916_48, USUAL),
            ("Lq", 0.018_920_916_48, USUAL),
        ],
    },
    Queue {
        name: "M/M/3, load 2.4",
        arrival_rate: 3.0,
        service_rate: 1.25,
        slots: 3,
        arrivals: 140_000.0,
        expected: &[
            ("rho", 0.8, USUAL),
            ("P_wait", 0.647_191_011_2, USUAL),
            ("Wq", 0.862_921_348_3, USUAL),
            ("Lq", 2.588_764_045, USUAL),
        ],
    },
    Queue {
        name: "M/M/10, load 9",
        arrival_rate: 9.0,
        service_rate: 1.0,
        slots: 10,
        arrivals: 600_000.0,
        expected: &[
            ("rho", 0.9, USUAL),
            ("P_wait", 0.668_731_524_1, USUAL),
            ("Wq", 0.668_731_524_1, USUAL),
            ("Lq", 6.018_583_717, USUAL),
            ("p50", 0.290_774_571_9, USUAL),
            ("p90", 1.900_212_484, USUAL),
            ("p95", 2.593_359_665, USUAL),
            ("p99", 4.202_797_577, RARE),
        ],
    },
    Queue {
        name: "M/M/100, load 90",
        arrival_rate: 90.0,
        service_rate: 1.0,
        slots: 100,
        arrivals: 400_000.0,
        expected: &[
            ("rho", 0.9, USUAL),
            ("P_wait", 0.216_940_480_9, RARE),
            ("Wq", 0.021_694_048_09, RARE),
            ("Lq", 1.952_464_328, RARE),
        ],
    },
];

/// The saturation throughput of two slots that tasks of one slot and of two share in the order of their arrival, as
/// many of either kind: X = μ / (1 - p²/2) with p = 1/2, of which each kind has half. (Three states: two narrow ones,
/// a wide one, or a narrow one with a wide one held back behind it.)
const BLOCKED_THROUGHPUT: f64 = 1.0 / (1.0 - 0.125) / 2.0;

/// One exact value beside the means of the replications.
struct Comparison {
    name: String,
    expected: f64,
    relative_bound: f64,
    means: Vec<f64>,
}

impl Comparison {
    /// The distance of the grand mean in standard errors, unsigned.
    fn t(&self) -> f64 {
        let level = 0.5;
        let interval = interval::mean_interval(&self.means, level);
        let quantile = student_t::quantile(0.5 + level / 2.0, (REPLICATIONS - 1) as f64);
        (interval.mean - self.expected).abs() / (interval.half_width / quantile)
    }

    fn relative_error(&self) -> f64 {
        let mean = self.means.iter().sum::<f64>() / self.means.len() as f64;
        mean / self.expected - 1.0
    }
}

/// Keeps the waits, in units, of what ended in the window.
struct Waits {
    window: MeasurementWindow,
    waits: Vec<f64>,
}

impl Recorder for Waits {
    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        if row.ended_at.is_some_and(|end| self.window.holds(end)) {
            let wait = row.pool_wait().map(|wait| wait.as_seconds() / UNIT);
            self.waits.extend(wait);
        }
    }
    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}

/// A DAG of one task that arrives at random: its name, the task's slots, and arrivals in a unit of time. Luck hangs on
/// names, so each queue has its own.
type Stream = (&'static str, u32, f64);

/// One pool for these streams.
fn queue(slots: i64, head_of_line: bool, service_rate: f64, streams: &[Stream]) -> Deployment {
    let mut site = site(SchedulerMode::Ideal { head_of_line }, &[("servers", slots)]);
    for &(dag_id, pool_slots, rate) in streams {
        let mut dag = Dag::named(dag_id);
        dag.schedule = Schedule::Arrivals(ArrivalProcess::poisson(rate / UNIT));
        let serve = Task {
            pool: POOL,
            pool_slots,
            duration: Distribution::exponential(UNIT / service_rate).unwrap(),
            ..Task::named("serve", DagId::default())
        };
        add_dag(&mut site, dag, vec![serve]);
    }
    site
}

/// A replication of so many units, measured after a tenth more.
fn replicate(site: &Deployment, replication: u64, units: f64) -> (RunningSummary, Waits) {
    let window = MeasurementWindow {
        start: START,
        warm_up_end: at(units / 10.0 * UNIT),
        end: at(units * 1.1 * UNIT),
    };
    let waits = Waits {
        window,
        waits: Vec::new(),
    };
    let recorder = (RunningSummary::new(site, window), waits);
    let key = StreamKey::root(SEED, replication);
    let mut simulation = Simulation::new(site, START, key, Drawn::new(site), recorder);
    simulation.run_until(window.end);
    simulation.finish()
}

/// The figures of one replication in the order of `queue.expected`.
fn figures(queue: &Queue, site: &Deployment, replication: u64) -> Vec<f64> {
    let (summary, Waits { mut waits, .. }) =
        replicate(site, replication, queue.arrivals / queue.arrival_rate);
    waits.sort_by(f64::total_cmp);
    let pool = &measure(&summary, site).pools[POOL.index()];
    let count = waits.len() as f64;
    let percentile = |p| quantile::of_sorted(&waits, p).unwrap();
    let figure = |name| match name {
        "rho" => pool.utilisation.unwrap(),
        "P_wait" => waits.iter().filter(|&&wait| wait > 0.0).count() as f64 / count,
        "Wq" => waits.iter().sum::<f64>() / count,
        "Lq" => pool.queue_mean,
        "p50" => percentile(0.50),
        "p90" => percentile(0.90),
        "p95" => percentile(0.95),
        "p99" => percentile(0.99),
        other => panic!("unknown figure {other}"),
    };
    queue
        .expected
        .iter()
        .map(|&(name, ..)| figure(name))
        .collect()
}

fn compare(exact: &Queue) -> Vec<Comparison> {
    let stream = (exact.name, 1, exact.arrival_rate);
    let site = queue(exact.slots, false, exact.service_rate, &[stream]);
    let replications: Vec<_> = (0..REPLICATIONS)
        .into_par_iter()
        .map(|replication| figures(exact, &site, replication))
        .collect();
    let expected = exact.expected.iter().enumerate();
    let comparison =
        |(at, &(name, expected, relative_bound)): (usize, &(&str, f64, f64))| Comparison {
            name: format!("{}: {name}", exact.name),
            expected,
            relative_bound,
            means: replications
                .iter()
                .map(|figures: &Vec<f64>| figures[at])
                .collect(),
        };
    expected.map(comparison).collect()
}

/// Tasks that ended well in a unit of time, by width, when more of both kinds come than can be served.
fn saturated(head_of_line: bool, replication: u64) -> [f64; 2] {
    let site = queue(
        2,
        head_of_line,
        1.0,
        &[("narrow", 1, 3.0), ("wide", 2, 3.0)],
    );
    let units = 5_000.0;
    let (summary, _) = replicate(&site, replication, units);
    [0, 1].map(|task| summary.work_of_task(TaskId::new(task)).succeeded as f64 / units)
}

fn compare_saturated() -> Vec<Comparison> {
    let replications: Vec<_> = (0..REPLICATIONS)
        .into_par_iter()
        .map(|replication| saturated(true, replication))
        .collect();
    let comparison = |at: usize| Comparison {
        name: format!("throughput of width {} behind the head of the line", at + 1),
        expected: BLOCKED_THROUGHPUT,
        relative_bound: USUAL,
        means: replications
            .iter()
            .map(|throughput| throughput[at])
            .collect(),
    };
    [0, 1].map(comparison).into()
}

/// Batches of three that arrive at random at one slot. With batches of k and load ρ = λ k / μ the queue is
/// Lq = ρ (k + 1) / (2 (1 - ρ)) - ρ (Gross et al., section 3.1).
fn compare_batches() -> Vec<Comparison> {
    let rate = 0.25;
    let mut site = queue(1, false, 1.0, &[("batches", 1, rate)]);
    let three = Distribution::constant(3.0).unwrap();
    let batches = ArrivalProcess::poisson(rate / UNIT).in_batches(three);
    site.dags[0].schedule = Schedule::Arrivals(batches.unwrap());
    let figures: Vec<_> = (0..REPLICATIONS)
        .into_par_iter()
        .map(|replication| {
            let (summary, _) = replicate(&site, replication, 400_000.0);
            let pool = &measure(&summary, &site).pools[POOL.index()];
            [pool.utilisation.unwrap(), pool.queue_mean]
        })
        .collect();
    let comparison = |(at, (name, expected)): (usize, (&str, f64))| Comparison {
        name: format!("M[3]/M/1, load 0.75: {name}"),
        expected,
        relative_bound: USUAL,
        means: figures.iter().map(|figures| figures[at]).collect(),
    };
    let expected = [("rho", 0.75), ("Lq", 5.25)];
    expected.into_iter().enumerate().map(comparison).collect()
}

#[test]
fn ideal_mode_agrees_with_queueing_theory() {
    let mut comparisons: Vec<_> = QUEUES.iter().flat_map(compare).collect();
    comparisons.extend(compare_saturated());
    comparisons.extend(compare_batches());
    comparisons.sort_by(|a, b| b.t().total_cmp(&a.t()));
    let (mut faults, mut rejecting) = (Vec::new(), true);
    for (rank, comparison) in comparisons.iter().enumerate() {
        let (t, error) = (comparison.t(), comparison.relative_error());
        // Holm: the k-th smallest of m error probabilities is held to 1 % / (m - k + 1), until one is kept.
        let share = FAMILY_WISE_ERROR / (comparisons.len() - rank) as f64;
        rejecting &= t > student_t::quantile(1.0 - share / 2.0, (REPLICATIONS - 1) as f64);
        let line = format!(
            "{:<52} t {t:5.2}, off by {:6.2} %",
            comparison.name,
            error * 100.0
        );
        println!("{line}");
        if rejecting || error.abs() > comparison.relative_bound {
            faults.push(line);
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn where_what_does_not_fit_is_skipped_wide_tasks_starve_and_no_slot_is_idle() {
    let [narrow, wide] = saturated(false, 0);
    assert!(wide == 0.0, "{wide} wide tasks in a unit of time");
    // Two slots end two narrow tasks in a unit; over 5000 units the standard error is 1 %.
    assert!((narrow / 2.0 - 1.0).abs() < 0.05, "{narrow}");
}
