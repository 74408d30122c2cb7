//! The fit of one sample: every family, which of them are accepted, and the one that is taken.

use super::empirical;
use super::families::Family;
use super::goodness::{self, Goodness};
use super::law::Law;
use super::samples::Samples;
use crate::random::StreamKey;

/// What a fit goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// A family whose Anderson–Darling p-value is below this is turned down: of right ones, so many are.
    ///
    /// A site has many tasks. At 0.05, every twentieth right family would be turned down; hence 0.01.
    pub level: f64,
    /// Fewer values than these borrow their spread from like tasks.
    pub few: usize,
    /// Of the keyed streams that the bootstrap draws from.
    pub seed: u64,
    /// Whether durations are freed of the hours and weekdays that are shown to differ before they are fitted. It is for those
    /// who multiply what they draw by [`TimeEffects::factor`](super::TimeEffects::factor); a scenario cannot.
    pub by_the_clock: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            level: 0.01,
            few: 20,
            seed: 0,
            by_the_clock: false,
        }
    }
}

/// What is known of a sample after it was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// How many values ended.
    pub n: usize,
    /// How many went on when the record ended.
    pub censored: usize,
    /// What is to be drawn from.
    pub law: Law,
    /// Where it comes from.
    pub basis: Basis,
    /// The families that could be fitted, best (smallest `AICc`) first.
    pub candidates: Vec<Candidate>,
}

/// Why a law was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It is the most likely member of the accepted family of smallest `AICc`.
    Likelihood,
    /// The values never vary.
    NoSpread,
    /// No family is accepted.
    NothingElse,
    /// The mean is its own, if there are values at all; the spread is mostly that of like tasks, because there are few.
    Borrowed(Like),
}

/// The tasks that lend to one which has few values: those that are nearest to it and have enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Like {
    /// Those of its DAG and its pool.
    DagAndPool,
    /// Those of its pool.
    Pool,
    /// All of the site.
    Site,
}

/// A family that was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which.
    pub family: Family,
    /// Its most likely member, without the spread that estimated factors of runs have added.
    pub law: Law,
    /// The logarithm of its likelihood.
    pub log_likelihood: f64,
    /// -2 ln L + 2k + 2k(k+1) / (n - k - 1), with k parameters and n values that ended.
    pub aicc: f64,
    /// How well it goes with the values.
    pub goodness: Goodness,
    /// Whether it may be the family of the values.
    pub accepted: bool,
}

/// Fits every family by maximum likelihood and takes the best of those that are accepted.
///
/// The choice is by Akaike's criterion with the correction for small samples: a simulation wants the family that predicts best,
/// all families are approximations, and BIC would look for a true one among them. Source: Burnham and Anderson, "Model Selection
/// and Multimodel Inference" (2002), sections 2.4 and 6.4. The streams of `key` decide the bootstrap. None without a value that
/// ended.
pub fn fit(samples: &Samples, rules: &Rules, key: StreamKey) -> Option<Fit> {
    let (n, censored) = (samples.ended(), samples.censored().len());
    let done = |law, basis, candidates| Fit {
        n,
        censored,
        law,
        basis,
        candidates,
    };
    if samples.has_no_spread() {
        let mean = samples.observed().iter().sum::<f64>() / n as f64;
        return Some(done(Law::constant(mean), Basis::NoSpread, Vec::new()));
    }
    let mut candidates: Vec<Candidate> = Family::ALL
        .iter()
        .filter_map(|&family| candidate(family, samples, rules, key))
        .collect();
    candidates.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
    let best = candidates.iter().find(|candidate| candidate.accepted);
    let (law, basis) = match best {
        Some(best) => (best.law.clone(), Basis::Likelihood),
        None => (empirical::law(samples)?, Basis::NothingElse),
    };
    Some(done(law, basis, candidates))
}

fn candidate(
    family: Family,
    samples: &Samples,
    rules: &Rules,
    key: StreamKey,
) -> Option<Candidate> {
    let (n, k) = (samples.ended() as f64, family.parameters() as f64);
    let model = family.fit(samples)?;
    let log_likelihood = model.log_likelihood(samples);
    if n <= k + 1.0 || !log_likelihood.is_finite() {
        return None;
    }
    let law = model.law();
    // A scenario takes an infinite variance with a bound alone, and no record shows where that is.
    law.distribution()
        .ok()
        .filter(|law| law.variance().is_finite())?;
    let goodness = goodness::test(family, &model, samples, key.with(family as u64))?;
    Some(Candidate {
        family,
        law,
        log_likelihood,
        aicc: -2.0 * log_likelihood + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0),
        goodness,
        accepted: goodness.anderson_darling.p >= rules.level,
    })
}

impl Fit {
    /// The mean of what is drawn.
    pub fn mean(&self) -> f64 {
        self.law
            .distribution()
            .map_or(f64::NAN, |distribution| distribution.mean())
    }
}
