//! Queueing theory as the judge of `ideal` mode: closed-form results of steady and of starting queues, of networks,
//! priorities, batches, wide tasks and small projects.
//!
//! `tests/data/theory/reference-cases.json` holds the exact values with formula and source, and a scenario beside it
//! expresses each case. `every_reference_case_is_judged_or_listed` sees to it that none is forgotten.
//!
//! Errors: every comparison is a t-test of the means of [`REPLICATIONS`] replications against the exact value. The
//! seed is fixed in advance, and the chance that a right program fails is 1 % for both tests together: half of it for
//! the short runs of every day and half for the long ones, each shared out by Holm's rule. Beside it stands a relative
//! bound, three standard errors or more by what is known of the queue's asymptotic variance: 2 % where runs are long
//! enough for it, more for what hangs on rare long queues. Short runs have a ninth of the length and three times the bound.
//!
//! The long runs take minutes, and also check or, with `UPDATE_REFERENCE=1`, write `docs/background/theory.md`.

mod elsewhere;
mod exact;
mod judgement;
mod measured;
mod page;
mod reference;
mod sharing;
mod starting;
mod steady;
mod varying;

use std::collections::BTreeSet;

use judgement::{Comparison, judge};
use reference::Reference;
pub(crate) use starting::{CUSTOMERS, first_delays};

/// Of all random numbers.
const SEED: u64 = 1917;

/// So many that three chances in a million are five standard errors, not eight.
const REPLICATIONS: u64 = 32;

/// How long the runs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// For every day.
    Short,
    /// As the scenarios say.
    Long,
}

impl Effort {
    /// By how much runs are shorter than their scenario says.
    fn divisor(self) -> u64 {
        match self {
            Self::Short => 9,
            Self::Long => 1,
        }
    }

    /// Standard errors grow as one over the square root of the length.
    fn bound(self, long: f64) -> f64 {
        long * (self.divisor() as f64).sqrt()
    }
}

/// Everything that chance has a part in.
fn compare(effort: Effort) -> Vec<Comparison> {
    let reference = Reference::read();
    let mut all = steady::compare(&reference, effort);
    all.extend(starting::compare(&reference, effort));
    all.extend(varying::compare(&reference, effort));
    all
}

#[test]
fn ideal_mode_agrees_with_queueing_theory() {
    let judged = judge(&compare(Effort::Short));
    for (line, _) in &judged {
        println!("{line}");
    }
    let faults: Vec<_> = judged.iter().filter(|(_, is_fault)| *is_fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
#[ignore = "some eighty million task instances: `.ci/run` simulates them"]
fn long_runs_agree_with_queueing_theory() {
    let comparisons = compare(Effort::Long);
    let judged = judge(&comparisons);
    for (line, _) in &judged {
        println!("{line}");
    }
    let faults: Vec<_> = judged.iter().filter(|(_, is_fault)| *is_fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    page::check(&Reference::read(), &comparisons);
}

#[test]
fn what_chance_has_no_part_in_is_exact() {
    let reference = Reference::read();
    for (case, metric, value) in exact::values() {
        let expected = reference.value(case, metric);
        let is_equal = (value / expected - 1.0).abs() < 1e-6 || (value == 0.0 && expected == 0.0);
        assert!(is_equal, "{case}/{metric}: {value}, not {expected}");
    }
}

#[test]
fn every_reference_case_is_judged_or_listed() {
    let reference = Reference::read();
    let exact = exact::values();
    let judged = steady::judged()
        .chain(starting::judged())
        .chain(varying::judged())
        .chain(exact.iter().map(|&(case, metric, _)| (case, metric)));
    let judged: Vec<(&'static str, &'static str)> = judged.collect();
    let mut values: Vec<(&str, &str)> = judged;
    let is_listed = |&(case, metric): &(&str, &str)| elsewhere::reason(case, metric).is_some();
    values.extend(reference.all().filter(is_listed));
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(seen.insert(value), "{value:?} is there twice");
    }
    let all: BTreeSet<_> = reference.all().collect();
    assert_eq!(seen, all);
    for (case, metrics, _) in elsewhere::REASONS {
        let is_known = reference.all().any(|(known, metric)| {
            known.starts_with(case) && (metrics.is_empty() || metrics.contains(&metric))
        });
        assert!(is_known, "nothing is left of {case} {metrics:?}");
    }
}

#[test]
fn the_page_has_a_line_for_every_case() {
    page::check_names(&Reference::read());
}
