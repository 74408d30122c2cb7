//! What is compared with what, and the simulations that it takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::super::replication::{Replication, summarise};
use crate::airflow::DynamicPoolError;
use crate::metrics::{Metrics, measure};
use crate::policy::PolicyPlan;
use crate::scenario::Scenario;

/// The most replications of a comparison: their metrics are held in memory together.
pub const MAX_REPLICATIONS: u32 = 100_000;

/// Which policies are compared, and how.
#[derive(Clone, Debug)]
pub struct ComparisonDesign<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) policies: Vec<Contender<'a>>,
    pub(super) replications: u32,
    pub(super) level: f64,
}

/// A policy that takes part.
#[derive(Clone, Copy, Debug)]
pub struct Contender<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it does; none leaves the pools as they are.
    pub policy: Option<&'a PolicyPlan>,
}

/// How far a comparison has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Simulated replications, of all policies together.
    pub done: usize,
    /// All that there are.
    pub total: usize,
}

/// Why policies cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// One replication has no spread, and too many have no room.
    #[error("a comparison takes 2 to {MAX_REPLICATIONS} replications, not {0}")]
    Replications(u32),
    /// No interval has this level.
    #[error("a confidence level lies between 0 % and 100 %, not at {} %", .0 * 100.0)]
    Level(f64),
    /// A policy cannot be attached to its pools.
    #[error(transparent)]
    Policy(#[from] DynamicPoolError),
}

impl<'a> ComparisonDesign<'a> {
    /// `replications` of each policy; `level` lies in (0, 1).
    ///
    /// # Errors
    /// A number of replications or a level that no comparison can have.
    pub fn new(
        scenario: &'a Scenario,
        policies: Vec<Contender<'a>>,
        replications: u32,
        level: f64,
    ) -> Result<Self, CompareError> {
        if !(2..=MAX_REPLICATIONS).contains(&replications) {
            return Err(CompareError::Replications(replications));
        }
        if !(level > 0.0 && level < 1.0) {
            return Err(CompareError::Level(level));
        }
        Ok(Self {
            scenario,
            policies,
            replications,
            level,
        })
    }

    /// All replications of all policies, simulated on the threads of the current pool.
    pub(super) fn simulate(
        &self,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Replicated>, CompareError> {
        let each = self.replications as usize;
        let total = each * self.policies.len();
        let done = AtomicUsize::new(0);
        let one = |at: usize| {
            let measured = self.replicate(at / each, (at % each) as u64);
            let done = 1 + done.fetch_add(1, Ordering::Relaxed);
            progress(Progress { done, total });
            measured
        };
        let all: Vec<_> = (0..total).into_par_iter().map(one).collect();
        // The first error in this order is the same for any number of threads.
        let mut all = all.into_iter();
        let mut gather = |_| {
            let runs = all.by_ref().take(each).collect::<Result<Vec<_>, _>>()?;
            let (metrics, resizes) = runs.into_iter().unzip();
            Ok(Replicated { metrics, resizes })
        };
        self.policies.iter().map(&mut gather).collect()
    }

    /// The metrics and the number of resizes; the running summary is gone at once.
    fn replicate(&self, policy: usize, number: u64) -> Result<(Metrics, f64), DynamicPoolError> {
        let Self { scenario, .. } = *self;
        let summary = summarise(&Replication {
            scenario,
            policy: self.policies[policy].policy,
            number,
        })?;
        let metrics = measure(&summary, &scenario.deployment);
        Ok((metrics, summary.resize_count() as f64))
    }
}

/// A policy's replications, by their number.
pub(super) struct Replicated {
    pub(super) metrics: Vec<Metrics>,
    pub(super) resizes: Vec<f64>,
}
