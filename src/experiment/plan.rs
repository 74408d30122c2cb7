//! How often cases are simulated: a fixed number of times, or in rounds until an estimate is precise enough.
//!
//! Source: Law, "Simulation Modeling and Analysis", section 9.4.1: with the mean known to ± gamma' of itself, where
//! gamma' = gamma / (1 + gamma), the relative error is at most gamma. Only complete rounds are looked at, and how large
//! a round is follows from the rounds before, so that the number of threads changes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::case::{Case, simulate};
use super::objectives::measured_of;
use crate::airflow::DynamicPoolError;
use crate::metrics::Metrics;
use crate::scenario::Precision;

/// The most replications of a case: their metrics are held in memory together.
pub const MAX_REPLICATIONS: u32 = 100_000;

/// A round has at least so many replications of each case.
const LEAST_ROUND: u32 = 10;

/// How often cases are simulated, and how sure the intervals are.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    replications: u32,
    level: f64,
    precision: Option<Precision>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Simulated replications, of all cases together.
    pub done: usize,
    /// All that are planned so far.
    pub total: usize,
}

/// Why a plan cannot be carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// One replication has no spread, and too many have no room.
    #[error("an interval takes 2 to {MAX_REPLICATIONS} replications, not {0}")]
    Replications(u32),
    /// No interval has this level.
    #[error("a confidence level lies between 0 % and 100 %, not at {} %", .0 * 100.0)]
    Level(f64),
    /// More than anybody could wait for.
    #[error("the plan has {0} cells, the limit is {1}")]
    Cells(u128, u64),
    /// There are too few batches to see anything settle.
    #[error("{}", short_for_warm_up(*.rhythm))]
    ShortForWarmUp {
        /// After which time the load repeats.
        rhythm: Option<&'static str>,
    },
    /// A policy cannot be attached to its pools.
    #[error(transparent)]
    Policy(#[from] DynamicPoolError),
}

fn short_for_warm_up(rhythm: Option<&str>) -> String {
    let how_long = rhythm.map_or_else(
        || "the run is too short, or nothing happens in it".to_owned(),
        |rhythm| format!("the load repeats every {rhythm}, and the run has fewer than four"),
    );
    format!(
        "`warm_up: auto` cannot tell when the site has settled: {how_long}; give a longer `horizon`, or the `warm_up`"
    )
}

/// How precise the estimate came to be that decided the number of replications.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Precise {
    /// What it is of, such as `pool warehouse, pool_wait_p95`; of several, the least precise.
    pub what: String,
    /// The relative error that was asked for.
    pub wanted: f64,
    /// The half-width of the interval as a share of the mean; none where there was nothing to measure.
    pub half_width: Option<f64>,
    /// The half-width that the wanted error takes.
    pub needed: f64,
    /// Whether it is precise enough; else the cap was hit.
    pub is_reached: bool,
    /// The most replications that were allowed.
    pub at_most: u32,
}

/// The outcomes of a plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Replicated {
    /// By case, then by the number of the replication.
    pub(super) outcomes: Vec<Vec<Metrics>>,
    /// Of a plan that goes on until an estimate is precise.
    pub(super) precise: Option<Precise>,
}

impl Plan {
    /// So many replications of each case; `level` lies in (0, 1).
    ///
    /// # Errors
    /// A number of replications or a level that no interval can have.
    pub fn new(replications: u32, level: f64) -> Result<Self, PlanError> {
        if !(2..=MAX_REPLICATIONS).contains(&replications) {
            return Err(PlanError::Replications(replications));
        }
        if !(level > 0.0 && level < 1.0) {
            return Err(PlanError::Level(level));
        }
        Ok(Self {
            replications,
            level,
            precision: None,
        })
    }

    /// As many more as it takes to know the indicator so well in every case, or as it allows.
    #[must_use]
    pub fn until(self, precision: Option<Precision>) -> Self {
        Self { precision, ..self }
    }

    /// How often each case is simulated, at first.
    pub const fn replications(&self) -> u32 {
        self.replications
    }

    /// The confidence level of each interval by itself.
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// Simulates the cases on the threads of the current pool.
    pub(super) fn carry_out(
        &self,
        cases: &[Case<'_>],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Replicated, PlanError> {
        let done = AtomicUsize::new(0);
        let mut outcomes: Vec<Vec<Metrics>> = cases.iter().map(|_| Vec::new()).collect();
        let (mut simulated, mut planned) = (0, self.replications);
        loop {
            let total = planned as usize * cases.len();
            progress(Progress {
                done: done.load(Ordering::Relaxed),
                total,
            });
            let one_more = || {
                let done = 1 + done.fetch_add(1, Ordering::Relaxed);
                progress(Progress { done, total });
            };
            let round = simulate(cases, simulated.into()..planned.into(), &one_more)?;
            for (so_far, more) in outcomes.iter_mut().zip(round) {
                so_far.extend(more);
            }
            simulated = planned;
            let precise = self.precise(&outcomes);
            match &precise {
                Some(precise) if !precise.is_reached && simulated < precise.at_most => {
                    planned = next_round(simulated, precise);
                }
                _ => return Ok(Replicated { outcomes, precise }),
            }
        }
    }

    /// How precise the least precise of the estimates is that the plan is after.
    fn precise(&self, outcomes: &[Vec<Metrics>]) -> Option<Precise> {
        let precision = self.precision.as_ref()?;
        let needed = precision.relative / (1.0 + precision.relative);
        let Precision {
            target, indicator, ..
        } = *precision;
        let all = outcomes
            .iter()
            .flat_map(|runs| measured_of(target, indicator, runs, self.level));
        let each = all.map(|(what, interval)| {
            let half_width = interval.map(|it| match it.half_width {
                // A value that never varies is known, also where it is 0.
                0.0 => 0.0,
                half_width => half_width / it.mean.abs(),
            });
            Precise {
                what,
                wanted: precision.relative,
                half_width,
                needed,
                is_reached: half_width.is_some_and(|half_width| half_width <= needed),
                at_most: precision.at_most,
            }
        });
        let width = |one: &Precise| one.half_width.unwrap_or(f64::INFINITY);
        each.max_by(|a, b| width(a).total_cmp(&width(b)))
    }
}

/// How many replications of each case the next round ends with: half-widths shrink as 1 / sqrt(n), so the interval so
/// far foretells how many it takes; but never more than twice as many, because it may err.
fn next_round(simulated: u32, precise: &Precise) -> u32 {
    let ratio = precise
        .half_width
        .map_or(f64::INFINITY, |half_width| half_width / precise.needed);
    // The cast saturates.
    let foretold = (f64::from(simulated) * ratio * ratio).ceil() as u32;
    let least = simulated + LEAST_ROUND;
    foretold
        .clamp(least, (2 * simulated).max(least))
        .min(precise.at_most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precise(half_width: Option<f64>) -> Precise {
        Precise {
            what: String::new(),
            wanted: 0.05,
            half_width,
            needed: 0.05 / 1.05,
            is_reached: false,
            at_most: 500,
        }
    }

    #[test]
    fn a_round_is_as_large_as_the_one_before_foretells() {
        // Twice too wide takes four times as many, of which the next round dares to do half.
        assert_eq!(next_round(100, &precise(Some(0.1 / 1.05))), 200);
        assert_eq!(next_round(100, &precise(Some(0.06 / 1.05))), 144);
        assert_eq!(next_round(100, &precise(Some(0.051 / 1.05))), 110);
        assert_eq!(next_round(400, &precise(Some(0.1))), 500, "the cap");
        assert_eq!(next_round(10, &precise(None)), 20);
        assert_eq!(next_round(2, &precise(Some(f64::INFINITY))), 12);
    }

    #[test]
    fn a_plan_that_can_show_nothing_is_refused() {
        let refused = |replications, level| Plan::new(replications, level).unwrap_err().to_string();
        assert_eq!(
            refused(1, 0.95),
            "an interval takes 2 to 100000 replications, not 1"
        );
        assert_eq!(
            refused(2, 1.0),
            "a confidence level lies between 0 % and 100 %, not at 100 %"
        );
        assert!(refused(2, f64::NAN).contains("NaN"));
    }
}
