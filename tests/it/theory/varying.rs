//! How many are at work at a time, where everyone has a slot: at any time, and under a rate that rises and falls.
//!
//! The cases measure a day by hours; here it is a week, whose 168 hours each have their own rate, so that the rate of a
//! sine changes in steps that are too small to matter.

use std::f64::consts::TAU;

use rayon::prelude::*;
use slotwise::airflow::{Drawn, Simulation};
use slotwise::deployment::{Dag, Deployment, Schedule, SchedulerMode, Task};
use slotwise::ids::{DagId, PoolId};
use slotwise::random::arrivals::{HOURS_OF_A_WEEK, RateProfile};
use slotwise::random::{ArrivalProcess, Distribution, PointProcess, StreamKey};
use slotwise::stats::interval::mean_and_variance;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{DagRunRecord, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord};

use super::judgement::{Comparison, comparisons};
use super::measured::{rows, scenario};
use super::reference::Reference;
use super::{Effort, REPLICATIONS, SEED};
use crate::sites::{START, add_dag, site};

/// The metrics of a case with their bounds.
type Figures = &'static [(&'static str, f64)];

const UNLIMITED: Figures = &[
    ("mean_busy", 0.02),
    ("variance", 0.04),
    ("P_busy_gt_15", 0.1),
    ("p99_demand", 0.02),
];
const HOUR_LONG: Figures = &[
    ("m_t0", 0.02),
    ("m_t6", 0.02),
    ("m_t12", 0.02),
    ("m_t18", 0.02),
    ("peak", 0.02),
    ("peak_time", 0.02),
    ("lag_h", 0.06),
];
const SIX_HOURS_LONG: Figures = &[
    ("m_t6", 0.02),
    ("m_t12", 0.02),
    ("peak", 0.02),
    ("peak_time", 0.02),
];
const LINEAR: Figures = &[
    ("mean_count", 0.02),
    ("variance", 0.1),
    ("E_first_arrival", 0.04),
];
const DAY: Figures = &[("day", 0.02), ("first_half", 0.02), ("second_half", 0.02)];

/// Weeks of a replication.
const WEEKS: u64 = 99;
const WEEK: f64 = 7.0 * 86_400.0;

/// What is compared.
pub(super) fn judged() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = |case: &'static str, figures: Figures| {
        figures.iter().map(move |&(metric, _)| (case, metric))
    };
    of("mginf", UNLIMITED)
        .chain(of("mol-sinus-exp", HOUR_LONG))
        .chain(of("mol-sinus-exp-6h", SIX_HOURS_LONG))
        .chain(of("nhpp-linear", LINEAR))
        .chain(of("nhpp-sinus-day", DAY))
}

pub(super) fn compare(reference: &Reference, effort: Effort) -> Vec<Comparison> {
    let weeks = WEEKS / effort.divisor();
    let in_weeks = |case, figures, replicate: &(dyn Fn(u64) -> Vec<f64> + Sync)| {
        let rows: Vec<_> = (0..REPLICATIONS).into_par_iter().map(replicate).collect();
        comparisons(
            reference,
            effort,
            case,
            &format!("{REPLICATIONS} × {weeks} periods"),
            figures,
            &rows,
        )
    };
    let mut all = unlimited(reference, effort);
    let sine = |hour: f64| 20.0 + 10.0 * libm::sin(TAU * hour / 24.0);
    for (case, figures, service) in [
        ("mol-sinus-exp", HOUR_LONG, 1.0),
        ("mol-sinus-exp-6h", SIX_HOURS_LONG, 6.0),
    ] {
        let queue = periodic(case, 24.0, sine, service);
        let peak = reference.value(case, "peak_time");
        all.extend(in_weeks(case, figures, &|number| {
            let seen = watch(&queue, number, weeks, peak);
            let at = |hour: usize| seen.at_hour[hour];
            let (mut cosine, mut sine) = (0.0, 0.0);
            for (hour, &level) in seen.at_hour.iter().enumerate() {
                cosine += level * libm::cos(TAU * hour as f64 / 24.0);
                sine += level * libm::sin(TAU * hour as f64 / 24.0);
            }
            let peak_time = libm::atan2(sine, cosine) / TAU * 24.0;
            let figure = |&(metric, _): &(&str, f64)| match metric {
                "m_t0" => at(0),
                "m_t6" => at(6),
                "m_t12" => at(12),
                "m_t18" => at(18),
                "peak" => seen.at_peak,
                "peak_time" => peak_time,
                _ => peak_time - 6.0,
            };
            figures.iter().map(figure).collect()
        }));
    }
    let linear = periodic("nhpp-linear", 3.0, |time| 2.0 * time, 0.01);
    all.extend(in_weeks("nhpp-linear", LINEAR, &|number| {
        let seen = watch(&linear, number, weeks, 0.0);
        let (mean, variance) = mean_and_variance(&seen.counts().collect::<Vec<_>>());
        let first = mean_and_variance(&seen.first_arrivals).0;
        vec![mean, variance, first * 3.0]
    }));
    let day = periodic("nhpp-sinus-day", 24.0, sine, 0.01);
    all.extend(in_weeks("nhpp-sinus-day", DAY, &|number| {
        let seen = watch(&day, number, weeks, 0.0);
        let half =
            |at: usize| seen.halves.iter().map(|halves| halves[at]).sum::<f64>() / weeks as f64;
        vec![half(0) + half(1), half(0), half(1)]
    }));
    all
}

/// The distribution of how many are at work.
fn unlimited(reference: &Reference, effort: Effort) -> Vec<Comparison> {
    let scenario = scenario("mginf", &[], effort);
    let begin = scenario.start + scenario.warm_up;
    let replicate = |number| {
        let seen = rows(
            &scenario,
            number,
            Levels {
                begin,
                since: begin,
                level: 0,
                time: Vec::new(),
            },
        );
        let all: f64 = seen.time.iter().sum();
        let share = |level: usize| seen.time[level] / all;
        let mean: f64 = (0..seen.time.len())
            .map(|level| level as f64 * share(level))
            .sum();
        let square: f64 = (0..seen.time.len())
            .map(|level| (level * level) as f64 * share(level))
            .sum();
        let many: f64 = (16..seen.time.len()).map(share).sum();
        let (mut below, mut enough) = (share(0), 0);
        while below < 0.99 {
            enough += 1;
            below += share(enough);
        }
        vec![mean, square - mean * mean, many, enough as f64]
    };
    let rows: Vec<_> = (0..REPLICATIONS).into_par_iter().map(replicate).collect();
    let minutes = (scenario.horizon - scenario.warm_up).as_seconds() / 60.0;
    let length = format!("{REPLICATIONS} × {minutes:.0}");
    comparisons(reference, effort, "mginf", &length, UNLIMITED, &rows)
}

/// How long how many were at work.
struct Levels {
    begin: SimTime,
    since: SimTime,
    level: usize,
    time: Vec<f64>,
}

impl Recorder for Levels {
    fn task_instance(&mut self, _: &TaskInstanceRecord) {}
    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, row: &PoolSample) {
        if row.at > self.begin {
            self.time.resize(self.time.len().max(self.level + 1), 0.0);
            self.time[self.level] += (row.at - self.since).as_seconds();
            self.since = row.at;
        }
        self.level = (row.running + row.queued) as usize;
    }
    fn resize(&mut self, _: ResizeRecord) {}
}

/// A site with a slot for everyone. The week stands for `period` units of time; `rate` is that of a unit, and a task takes
/// `service` units in the mean.
fn periodic(name: &str, period: f64, rate: impl Fn(f64) -> f64, service: f64) -> Deployment {
    let unit = WEEK / period;
    let rates: [f64; HOURS_OF_A_WEEK] = std::array::from_fn(|hour| {
        // Simpson's rule: a straight line exactly, and a sine by far better than luck can tell.
        let at = |part: f64| rate((hour as f64 + part) / HOURS_OF_A_WEEK as f64 * period);
        (at(0.0) + 4.0 * at(0.5) + at(1.0)) / 6.0 / unit
    });
    let mut site = site(
        SchedulerMode::Ideal {
            head_of_line: false,
        },
        &[("everyone", -1)],
    );
    let mut dag = Dag::named(name);
    dag.schedule = Schedule::Arrivals(ArrivalProcess::new(PointProcess::Profile(
        RateProfile::new(rates, &[]).unwrap(),
    )));
    let work = Task {
        pool: PoolId::new(1),
        duration: Distribution::exponential(service * unit).unwrap(),
        ..Task::named("work", DagId::default())
    };
    add_dag(&mut site, dag, vec![work]);
    site
}

/// What was seen of a site over weeks.
struct Weeks {
    /// When the level is looked at next, in order: the number of the look in the week, and the week.
    next: (usize, u64),
    looks: Vec<f64>,
    level: f64,
    sums: Vec<f64>,
    /// Arrivals in each half of each week.
    halves: Vec<[f64; 2]>,
    /// When the first of each week arrived, as a share of the week; 1 if none did.
    first_arrivals: Vec<f64>,
    at_hour: Vec<f64>,
    at_peak: f64,
}

/// Weeks that pass before the level is looked at: the longest tasks take two days.
const WARM_UP: u64 = 3;

/// Simulates so many weeks, and looks at the level at each of 24 hours of the period and at one more.
fn watch(site: &Deployment, number: u64, weeks: u64, peak: f64) -> Weeks {
    let mut looks: Vec<f64> = (0..24).map(f64::from).collect();
    looks.push(peak);
    looks.sort_by(f64::total_cmp);
    let all = (weeks + WARM_UP) as usize;
    let seen = Weeks {
        next: (0, 0),
        sums: vec![0.0; looks.len()],
        looks,
        level: 0.0,
        halves: vec![[0.0; 2]; all],
        first_arrivals: vec![1.0; all],
        at_hour: Vec::new(),
        at_peak: 0.0,
    };
    let key = StreamKey::root(SEED, number);
    let mut simulation = Simulation::new(site, START, key, Drawn::new(site), seen);
    let end = START + SimDuration::from_seconds_f64(all as f64 * WEEK);
    simulation.run_until(end);
    let mut seen = simulation.finish();
    seen.look_until(end);
    seen.halves.drain(..WARM_UP as usize);
    seen.first_arrivals.drain(..WARM_UP as usize);
    let means: Vec<f64> = seen.sums.iter().map(|sum| sum / weeks as f64).collect();
    let at_peak = seen.looks.partition_point(|&look| look < peak);
    seen.at_peak = means[at_peak];
    seen.at_hour = means;
    seen.at_hour.remove(at_peak);
    seen
}

impl Weeks {
    fn counts(&self) -> impl Iterator<Item = f64> {
        self.halves.iter().map(|halves| halves[0] + halves[1])
    }

    /// The level has held until then.
    fn look_until(&mut self, at: SimTime) {
        loop {
            let (look, week) = self.next;
            let since_start = week as f64 * WEEK + self.looks[look] / 24.0 * WEEK;
            if START + SimDuration::from_seconds_f64(since_start) >= at {
                return;
            }
            if week >= WARM_UP {
                self.sums[look] += self.level;
            }
            self.next = if look + 1 < self.looks.len() {
                (look + 1, week)
            } else {
                (0, week + 1)
            };
        }
    }
}

impl Recorder for Weeks {
    fn task_instance(&mut self, row: &TaskInstanceRecord) {
        let Some(at) = row.scheduled_at else { return };
        let weeks = (at - START).as_seconds() / WEEK;
        let (week, part) = (weeks as usize, weeks.fract());
        self.halves[week][usize::from(part >= 0.5)] += 1.0;
        self.first_arrivals[week] = self.first_arrivals[week].min(part);
    }
    fn dag_run(&mut self, _: &DagRunRecord) {}
    fn pool(&mut self, row: &PoolSample) {
        self.look_until(row.at);
        self.level = (row.running + row.queued) as f64;
    }
    fn resize(&mut self, _: ResizeRecord) {}
}
