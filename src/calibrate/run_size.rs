//! The factor that the durations of a run have in common.
//!
//! Logarithms of durations are taken about the mean of their task: r. Two instances of one run share what the run contributes,
//! so the products r r' of all such pairs have the variance tau² of the common factor as their mean; each is weighted by what
//! its tasks vary otherwise. Runs are independent of each other, which gives the sum of the products of a run its standard error
//! without any further assumption. Source: the method of moments for a variance component in an unbalanced one-way layout, as in
//! Searle, Casella and `McCulloch`, "Variance Components" (1992), section 3.6, with products in place of sums of squares, so that
//! tasks may vary differently.

use super::law::Law;
use crate::random::distribution::standard_normal;

/// What a run contributes to the logarithm of each of its durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CommonFactor {
    /// The variance tau² of its logarithm.
    pub log_variance: f64,
    /// The standard error of that.
    pub standard_error: f64,
    /// One-sided p-value of there being none.
    pub p: f64,
    /// How many runs have two durations or more.
    pub runs: usize,
}

/// An instance: the number of its task, that of its run, and its seconds, which are positive.
pub(super) type Member = (usize, usize, f64);

/// Below this many runs the normal approximation of the test is worth nothing.
const LEAST_RUNS: usize = 20;

impl CommonFactor {
    /// The law of the factor: lognormal with mean 1.
    pub fn law(&self) -> Law {
        let sd = libm::expm1(self.log_variance).sqrt();
        Law::Family {
            family: "lognormal",
            parameters: vec![("mean", 1.0), ("sd", sd)],
        }
    }
}

/// Estimates the factor of one DAG; none of fewer than twenty runs with at least two durations.
pub(super) fn common_factor(members: &[Member]) -> Option<CommonFactor> {
    let deviations = deviations(members);
    let mut runs: Vec<(usize, [f64; 4])> = Vec::new();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&at| members[at].1);
    for group in order.chunk_by(|&a, &b| members[a].1 == members[b].1) {
        let group = group.iter().map(|&at| deviations[at]);
        let known = group.filter(|deviation| deviation.weight > 0.0);
        let mut sums = [0.0; 4];
        let mut count = 0;
        for Deviation { log, weight } in known {
            count += 1;
            let (value, root) = (log * weight.sqrt(), weight.sqrt());
            for (sum, term) in sums.iter_mut().zip([value, value * value, root, weight]) {
                *sum += term;
            }
        }
        runs.push((count, sums));
    }
    let usable = runs.iter().filter(|(count, _)| *count > 1);
    // The sum over pairs is (square of the sum - sum of the squares) / 2.
    let pairs: Vec<[f64; 2]> = usable
        .map(|(_, [sum, squares, roots, weights])| {
            [0.5 * (sum * sum - squares), 0.5 * (roots * roots - weights)]
        })
        .collect();
    if pairs.len() < LEAST_RUNS {
        return None;
    }
    let [products, weights] = [0, 1].map(|i| pairs.iter().map(|pair| pair[i]).sum::<f64>());
    let variance: f64 = pairs.iter().map(|pair| pair[0] * pair[0]).sum();
    Some(CommonFactor {
        log_variance: (products / weights).max(0.0),
        standard_error: variance.sqrt() / weights,
        p: standard_normal::cdf(-products / variance.sqrt()),
        runs: pairs.len(),
    })
}

/// A logarithm about the mean of its task.
#[derive(Clone, Copy)]
struct Deviation {
    log: f64,
    /// The inverse of the variance of the logarithms of the task; 0 where there is none.
    weight: f64,
}

fn deviations(members: &[Member]) -> Vec<Deviation> {
    let tasks = members.iter().map(|member| member.0 + 1).max().unwrap_or(0);
    let mut sums = vec![[0.0; 3]; tasks];
    for &(task, _, seconds) in members {
        let log = libm::log(seconds);
        sums[task][0] += 1.0;
        sums[task][1] += log;
    }
    for &(task, _, seconds) in members {
        let from_mean = libm::log(seconds) - sums[task][1] / sums[task][0];
        sums[task][2] += from_mean * from_mean;
    }
    let deviation = |&(task, _, seconds): &Member| {
        let [n, sum, squares] = sums[task];
        let variance = squares / (n - 1.0);
        if n < 2.0 || variance <= 0.0 {
            return Deviation {
                log: 0.0,
                weight: 0.0,
            };
        }
        Deviation {
            // The mean of the task holds a share 1/n of each of its values.
            log: (libm::log(seconds) - sum / n) * (n / (n - 1.0)).sqrt(),
            weight: 1.0 / variance,
        }
    };
    members.iter().map(deviation).collect()
}

/// What is left of each duration when the factor of its run is divided out, and the variance that the logarithm of what was
/// divided out missed.
///
/// The factor of an instance is estimated from the *other* instances of its run (shrunk towards 1 as far as they leave it
/// open), because its own duration would be drawn towards the mean by itself.
pub(super) fn without_factor(members: &[Member], factor: &CommonFactor) -> Vec<(f64, f64)> {
    let tau_squared = factor.log_variance;
    let deviations = deviations(members);
    let own_weight = |deviation: &Deviation| {
        let variance = 1.0 / deviation.weight;
        // What the task varies besides the factor; not less than a tenth of the whole, lest a chance estimate decide alone.
        1.0 / (variance - tau_squared).max(0.1 * variance)
    };
    let runs = members.iter().map(|member| member.1 + 1).max().unwrap_or(0);
    let mut sums = vec![[0.0; 2]; runs];
    for (member, deviation) in members.iter().zip(&deviations) {
        if deviation.weight > 0.0 {
            let weight = own_weight(deviation);
            sums[member.1][0] += weight;
            sums[member.1][1] += weight * deviation.log;
        }
    }
    let each = members.iter().zip(&deviations);
    each.map(|(&(_, run, seconds), deviation)| {
        let [mut weight, mut sum] = sums[run];
        if deviation.weight > 0.0 {
            weight -= own_weight(deviation);
            sum -= own_weight(deviation) * deviation.log;
        }
        let left_open = 1.0 / (1.0 / tau_squared + weight.max(0.0));
        // The factor has mean 1, hence its logarithm a mean below 0.
        let log_factor = sum * left_open - 0.5 * (tau_squared - left_open);
        (seconds * libm::exp(-log_factor), left_open)
    })
    .collect()
}
