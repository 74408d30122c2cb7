//! What is taken where no family is accepted: the recorded values, interpolated, with an exponential tail.
//!
//! The distribution function is that of Kaplan and Meier, "Nonparametric estimation from incomplete observations" (JASA 53,
//! 1958), which is the plain one if all values ended. Beyond the last twentieth (and at least five values) draws are
//! exponential, so that more than the largest recorded value can happen; their mean excess is the most likely one. Source of
//! the tail: Bratley, Fox and Schrage, "A Guide to Simulation", 2nd ed., section 5.2.4.

use super::law::{Law, Tail};
use super::samples::Samples;
use crate::random::EmpiricalMode;

/// The share of values that are in the tail.
const TAIL_SHARE: f64 = 0.05;

/// But not fewer than these.
const LEAST_IN_TAIL: f64 = 5.0;

/// A scenario should stay readable: of more values than these, so many quantiles are kept.
const MOST_VALUES: usize = 101;

/// The empirical law; none without a value that ended.
///
/// Values of which only an interval is known count as its middle.
pub(super) fn law(samples: &Samples) -> Option<Law> {
    let samples = &samples.with_middles();
    let steps = kaplan_meier(samples);
    let n = samples.observed().len() as f64;
    let wanted = TAIL_SHARE.max(LEAST_IN_TAIL / n);
    // A body of one value would have no width.
    let crossing = steps.partition_point(|step| 1.0 - step.1 > wanted + 1e-9);
    let &(threshold, _) = steps.get(crossing.max(1)).or(steps.last())?;
    let body = &steps[..steps.partition_point(|step| step.0 <= threshold)];
    let &(_, below) = body.last()?;
    let beyond = samples
        .observed()
        .iter()
        .filter(|&&x| x > threshold)
        .count();
    let excess: f64 = samples.all().map(|x| (x - threshold).max(0.0)).sum();
    let tail = (beyond > 0 && below < 1.0).then(|| Tail {
        share: 1.0 - below,
        mean_excess: excess / beyond as f64,
    });
    Some(Law::Empirical {
        values: thinned(body),
        mode: EmpiricalMode::Interpolate,
        tail,
    })
}

/// Each value that ended, with the estimated share at or below it.
fn kaplan_meier(samples: &Samples) -> Vec<(f64, f64)> {
    let (observed, censored) = (samples.observed(), samples.censored());
    let (mut survival, mut gone) = (1.0, 0);
    let mut steps = Vec::with_capacity(observed.len());
    for (at, &x) in observed.iter().enumerate() {
        // Those that went on until this very moment are still at risk.
        while gone < censored.len() && censored[gone] < x {
            gone += 1;
        }
        let at_risk = (observed.len() - at + censored.len() - gone) as f64;
        survival *= 1.0 - 1.0 / at_risk;
        steps.push((x, 1.0 - survival));
    }
    steps
}

/// The values themselves, or evenly spaced quantiles of too many.
fn thinned(body: &[(f64, f64)]) -> Vec<f64> {
    let (first, last) = (body[0].1, body[body.len() - 1].1);
    let count = body.len().min(MOST_VALUES);
    if count < 2 {
        return vec![body[0].0];
    }
    let quantiles = (0..count).map(|at| {
        let share = first + (last - first) * at as f64 / (count - 1) as f64;
        // A little less, because sums of equal shares are not exact.
        let found = body.partition_point(|step| step.1 < share - 1e-9);
        body[found.min(body.len() - 1)].0
    });
    quantiles.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_of_kaplan_and_meier_skips_what_went_on() {
        // By hand: 3 of 4 survive 1; then one leaves; 1 of 2 survives 3; none survives 4.
        let samples = Samples::new(vec![1.0, 3.0, 4.0], vec![2.0]);
        let shares: Vec<f64> = kaplan_meier(&samples).iter().map(|step| step.1).collect();
        for (actual, expected) in shares.iter().zip([0.25, 0.625, 1.0]) {
            assert!((actual - expected).abs() < 1e-12, "{shares:?}");
        }
    }

    #[test]
    fn body_and_tail_have_the_mean_of_the_values() {
        let values: Vec<f64> = (0..400).map(|i| 10.0 + f64::from(i * i)).collect();
        let mean = values.iter().sum::<f64>() / 400.0;
        let law = law(&Samples::complete(values)).unwrap();
        let Law::Empirical { values, tail, .. } = &law else {
            panic!("{law:?}");
        };
        assert!(values.len() <= MOST_VALUES);
        assert!((tail.unwrap().share - 0.05).abs() < 1e-9);
        let fitted = law.distribution().unwrap();
        assert!(
            (fitted.mean() / mean - 1.0).abs() < 0.01,
            "{}",
            fitted.mean()
        );
        assert!(
            fitted.quantile(0.999) > 10.0 + 399.0 * 399.0,
            "the tail goes on"
        );
    }
}
