//! Cases: a scenario under a policy, simulated again and again with other luck on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::replication::{Replication, summarise_figures};
use crate::airflow::DynamicPoolError;
use crate::metrics::{Metrics, measure};
use crate::policy::PolicyPlan;
use crate::scenario::Scenario;

/// What is replicated.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The policy that sizes its pools; none leaves them as they are.
    pub policy: Option<&'a PolicyPlan>,
}

impl<'a> Case<'a> {
    /// The replication of that number: the same number means the same luck in every case.
    pub const fn replication(self, number: u64) -> Replication<'a> {
        Replication {
            scenario: self.scenario,
            policy: self.policy,
            number,
        }
    }

    /// Simulates one replication; its running summary is gone at once.
    ///
    /// # Errors
    /// A policy that cannot be attached to its pools.
    pub fn outcome(self, number: u64) -> Result<Metrics, DynamicPoolError> {
        let summary = summarise_figures(&self.replication(number))?;
        Ok(measure(&summary, &self.scenario.deployment))
    }
}

/// Simulates these replications of every case on the threads of the current pool; `done` is called after each, in no
/// particular order. The outcomes are in the order of cases and numbers, whatever ran first.
pub(super) fn simulate(
    cases: &[Case<'_>],
    numbers: Range<u64>,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Vec<Metrics>>, DynamicPoolError> {
    let each = (numbers.end - numbers.start) as usize;
    let one = |at: usize| {
        let outcome = cases[at / each].outcome(numbers.start + (at % each) as u64);
        done();
        outcome
    };
    let all: Vec<_> = (0..each * cases.len()).into_par_iter().map(one).collect();
    // The first error in this order is the same for any number of threads.
    let mut all = all.into_iter();
    let mut gather = |_| all.by_ref().take(each).collect();
    cases.iter().map(&mut gather).collect()
}
