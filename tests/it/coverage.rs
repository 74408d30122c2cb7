//! Intervals hold the exact value as often as they claim, and selections are right as often as they promise.
//!
//! A thousand repetitions each, with one seed that was fixed in advance. How often something holds is a binomial number;
//! what is allowed is so far from the promise that chance goes beyond it once in a thousand tests.
//!
//! These tests take a minute or two: `.ci/run` runs them.

use rayon::prelude::*;
use slotwise::experiment::{Case, Measure, Procedure, SelectionPlan, select};
use slotwise::random::{Distribution, Purpose, StreamKey};
use slotwise::scenario::{NoFiles, Scenario, Setting, read_with};
use slotwise::stats::interval::{Interval, mean_interval, paired_interval};
use slotwise::stats::quantile::{quantile, rank_interval};
use slotwise::stats::selection::{KimNelson, subset};

use crate::theory::{CUSTOMERS, first_delays};

const SEED: u64 = 1908;
const REPETITIONS: usize = 1_000;

/// Of selections among simulated queues, which take longer.
const SELECTIONS: usize = 200;

/// Replications of an interval: the mean delay of a hundred customers is skewed, and with few of it the t-interval holds too
/// seldom, as everywhere (Law, "Simulation Modeling and Analysis", section 4.5).
const REPLICATIONS: usize = 100;

/// Standard errors that a normal number is off by with a probability of 0.1 %, to either side together and to one side.
const EITHER_SIDE: f64 = 3.2905;
const ONE_SIDE: f64 = 3.0902;

/// M/M/1 that starts empty, one customer a minute in the mean.
fn queue(mean_service: &str) -> Scenario {
    let text = include_str!("../data/theory/transient.yaml");
    let setting = Setting {
        path: "dags.transient.tasks.serve.duration.exponential.mean",
        value: mean_service,
    };
    let mut scenario = read_with(text, "transient", &[setting], &NoFiles)
        .unwrap()
        .value;
    scenario.seed = SEED;
    scenario
}

/// The exact mean delay of the first customers. Customer n + 1 finds i + 1 - k where customer n found i and k have left in
/// the meantime: as many as ends of service come before the next arrival, each with probability μ / (λ + μ), until the
/// queue is empty. The delay is the mean of what is found over μ.
fn exact_mean_delay(mean_service: f64) -> f64 {
    let service_rate = 1.0 / mean_service;
    let ends_first = service_rate / (1.0 + service_rate);
    let mut found = vec![1.0];
    let mut sum = 0.0;
    for _ in 0..CUSTOMERS {
        let mean: f64 = found.iter().enumerate().map(|(i, p)| i as f64 * p).sum();
        sum += mean / service_rate;
        let mut next = vec![0.0; found.len() + 1];
        for (i, p) in found.iter().enumerate() {
            let mut left = *p;
            for remaining in (1..=i + 1).rev() {
                next[remaining] += left * (1.0 - ends_first);
                left *= ends_first;
            }
            next[0] += left;
        }
        found = next;
    }
    sum / CUSTOMERS as f64
}

/// The share of repetitions in which the interval holds the value, and how far from the promise it may be.
fn check(what: &str, promised: f64, held: impl Iterator<Item = bool>) -> String {
    let held: Vec<bool> = held.collect();
    let share = held.iter().filter(|held| **held).count() as f64 / held.len() as f64;
    let allowed = EITHER_SIDE * (promised * (1.0 - promised) / held.len() as f64).sqrt();
    let line = format!("{what}: {share}, promised {promised:.4} ± {allowed:.4}");
    assert!((share - promised).abs() < allowed, "{line}");
    line
}

fn holds(interval: Interval, value: f64) -> bool {
    interval.low() <= value && value <= interval.high()
}

#[test]
fn the_exact_mean_delay_is_that_of_the_reference() {
    // The reference case mm1-transient-100.
    let delay = exact_mean_delay(0.9);
    assert!((delay / 4.134_184_603 - 1.0).abs() < 1e-9, "{delay}");
}

#[test]
#[ignore = "two hundred thousand replications: `.ci/run` does it"]
fn intervals_hold_the_exact_value_as_often_as_they_claim() {
    let (slow, fast) = (queue("54s"), queue("48s"));
    let replicate = |number: usize| {
        let delays = first_delays(&slow, number as u64);
        let quicker = first_delays(&fast, number as u64);
        let mean = |delays: &[f64]| delays.iter().sum::<f64>() / CUSTOMERS as f64;
        [
            mean(&delays),
            mean(&quicker),
            quantile(&delays, 0.95).unwrap(),
        ]
    };
    let all: Vec<[f64; 3]> = (0..REPETITIONS * REPLICATIONS)
        .into_par_iter()
        .map(replicate)
        .collect();
    let [slow, fast, p95] = [0, 1, 2].map(|at| all.iter().map(|row| row[at]).collect::<Vec<f64>>());
    let repetitions = |values| <[f64]>::chunks(values, REPLICATIONS);
    let exact = exact_mean_delay(0.9);
    let difference = exact - exact_mean_delay(0.8);
    // No formula is known for the mean of quantiles; that of all replications is ten times and more as exact as one interval.
    let p95_mean = p95.iter().sum::<f64>() / p95.len() as f64;
    for level in [0.90, 0.95] {
        let hold = |values, exact| {
            repetitions(values).map(move |values| holds(mean_interval(values, level), exact))
        };
        println!("{}", check("mean", level, hold(&slow, exact)));
        println!("{}", check("95 % quantile", level, hold(&p95, p95_mean)));
        let pairs = repetitions(&slow).zip(repetitions(&fast));
        let paired =
            pairs.map(|(slow, fast)| holds(paired_interval(slow, fast, level), difference));
        println!("{}", check("paired difference", level, paired));
        for p in [0.5, 0.9] {
            let sought = quantile(&slow, p).unwrap();
            let ranks = rank_interval(REPLICATIONS, p, level).unwrap();
            let by_rank = repetitions(&slow).map(|values| {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                sorted[ranks.lower - 1] <= sought && sought <= sorted[ranks.upper - 1]
            });
            println!("{}", check("ranks", ranks.coverage, by_rank));
        }
    }
    let few = slow
        .chunks(10)
        .take(REPETITIONS)
        .filter(|few| holds(mean_interval(few, 0.9), exact));
    println!(
        "with ten replications, intervals of 90 % hold {} of {REPETITIONS} times",
        few.count()
    );
}

/// An observation of one of ten systems, of which the first is better than each of the others by `lead`: the worst arrangement
/// of which something is promised. What they share of their luck moves each of them by another measure.
fn observe(system: usize, repetition: usize, round: usize, shared: bool, lead: f64) -> f64 {
    let key = StreamKey::root(SEED, repetition as u64).with(round as u64);
    let normal = |key: StreamKey| {
        let normal = Distribution::from_parameters("normal", &[("mean", 50.0), ("sd", 3.0)]);
        normal.unwrap().sample(&mut key.stream(Purpose::Duration)) - 50.0
    };
    let own = normal(key.with(1 + system as u64));
    let together = if shared {
        0.2 * system as f64 * normal(key.with(0))
    } else {
        0.0
    };
    own + together + if system == 0 { 0.0 } else { lead }
}

const SYSTEMS: usize = 10;
const ERROR: f64 = 0.05;

/// A promise is a lower bound.
fn check_promise(what: &str, right: usize, repetitions: usize) {
    let promised = (1.0 - ERROR) * repetitions as f64;
    let allowed = promised - ONE_SIDE * (promised * ERROR).sqrt();
    assert!(
        right as f64 > allowed,
        "{what}: right {right} times, not {allowed:.0}"
    );
}

#[test]
#[ignore = "millions of observations: `.ci/run` does it"]
fn selections_are_right_as_often_as_they_promise() {
    for shared in [false, true] {
        let by_kn = |repetition: &usize| {
            let mut selection = KimNelson::new(SYSTEMS, 10, 1.0, ERROR).unwrap();
            while !selection.is_decided() {
                let observe =
                    |&system: &usize| observe(system, *repetition, selection.rounds(), shared, 1.0);
                let round: Vec<f64> = selection.survivors().iter().map(observe).collect();
                selection.observe(&round).unwrap();
            }
            selection.survivors() == [0]
        };
        let right = (0..REPETITIONS).into_par_iter().filter(by_kn).count();
        println!("KN, shared luck {shared}: right {right} of {REPETITIONS} times");
        check_promise(&format!("KN, shared luck {shared}"), right, REPETITIONS);
        // A subset promises to hold the best however small its lead is.
        let by_subset = |repetition: &usize| {
            let round = |round| {
                (0..SYSTEMS)
                    .map(|system| observe(system, *repetition, round, shared, 0.0))
                    .collect()
            };
            let rounds: Vec<Vec<f64>> = (0..30).map(round).collect();
            subset(&rounds, ERROR).unwrap().contains(&0)
        };
        let right = (0..REPETITIONS).into_par_iter().filter(by_subset).count();
        println!("subset, shared luck {shared}: right {right} of {REPETITIONS} times");
        check_promise(&format!("subset, shared luck {shared}"), right, REPETITIONS);
    }
}

#[test]
#[ignore = "tens of thousands of replications: `.ci/run` does it"]
fn the_best_of_simulated_queues_is_found_as_often_as_promised() {
    // The indicator counts all waits of the run, the promise those of its mean, which the indifference zone is far below.
    let services = ["54s", "50s", "46s", "52s"];
    let right = |repetition: &usize| {
        let seeded = |service: &&str| Scenario {
            seed: SEED + *repetition as u64,
            ..queue(service)
        };
        let scenarios: Vec<Scenario> = services.iter().map(seeded).collect();
        let cases: Vec<Case<'_>> = scenarios
            .iter()
            .map(|scenario| Case {
                scenario,
                policy: None,
            })
            .collect();
        let measures = Measure::all(&scenarios[0]);
        let measure = measures
            .iter()
            .find(|one| one.name == "servers" && one.indicator == "pool_wait_mean");
        let procedure = Procedure::KimNelson {
            first_replications: 10,
            indifference: 20.0,
            max_replications: 10_000,
        };
        let plan = SelectionPlan {
            procedure,
            level: 1.0 - ERROR,
        };
        let found = select(&cases, measure.unwrap(), &plan, &|_| {}).unwrap();
        found.is_decided && found.cases[2].is_left
    };
    let right = (0..SELECTIONS).into_par_iter().filter(right).count();
    println!("KN on queues: right {right} of {SELECTIONS} times");
    check_promise("KN on queues", right, SELECTIONS);
}
