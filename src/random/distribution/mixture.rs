//! The mixture: each draw comes from one of several distributions, chosen by their weights.
//!
//! With weights w that sum to 1: F(x) = sum of w F, mean = sum of w mean, variance = sum of w (variance + mean²), less
//! the square of the mean; partial moments likewise. A quantile lies between the least and the greatest of those of
//! the components.
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 12, section 3.

use std::sync::Arc;

use super::Distribution;
use super::least::least;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// One of several distributions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mixture {
    /// At least one.
    components: Arc<[Component]>,
}

#[derive(Clone, Debug, PartialEq)]
struct Component {
    /// All together make 1.
    weight: f64,
    /// The weights up to and with this one.
    cumulative: f64,
    distribution: Distribution,
}

impl Mixture {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "mixture",
        summary: "one of several distributions by weight, such as an ordinary day or a bad one",
        combinations: &[&["components"]],
        build: |_| {
            let message = "`mixture` is made of other distributions, not of parameters".to_owned();
            Err(ParameterError::about_all(message).with_help("give `components`"))
        },
    };

    /// Weights need not sum to 1.
    pub(super) fn new(weighted: Vec<(f64, Distribution)>) -> Result<Self, ParameterError> {
        let about = |message| Err(ParameterError::about("components", message));
        if weighted.is_empty() {
            return about("`components` is empty".to_owned());
        }
        let possible = |weight: f64| weight.is_finite() && weight > 0.0;
        if let Some((bad, _)) = weighted.iter().find(|(weight, _)| !possible(*weight)) {
            return about(format!("a `weight` must be finite and positive, not {bad}"));
        }
        let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut cumulative = 0.0;
        let components = weighted.into_iter().map(|(weight, distribution)| {
            cumulative += weight / total;
            Component {
                weight: weight / total,
                cumulative,
                distribution,
            }
        });
        Ok(Self {
            components: components.collect(),
        })
    }

    fn average(&self, of: impl Fn(&Distribution) -> f64) -> f64 {
        let parts = self.components.iter();
        parts.map(|part| part.weight * of(&part.distribution)).sum()
    }

    pub(super) fn mean(&self) -> f64 {
        self.average(Distribution::mean)
    }

    /// What the components have, and what lies between their means.
    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.average(|part| {
            let off = part.mean() - mean;
            part.variance() + off * off
        })
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        self.average(|part| part.partial_moment(k, x))
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        let quantiles = self.components.iter().map(|it| it.distribution.quantile(p));
        let (low, high) = quantiles.fold((f64::INFINITY, 0.0_f64), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        least(|x| self.average(|part| part.cdf(x)) >= p, low, high)
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let u = stream.next_open();
        let last = self.components.len() - 1;
        let at = self.components[..last].partition_point(|it| it.cumulative < u);
        self.components[at].distribution.sample(stream)
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_draws, check_moments_against_draws};

    fn exponential(mean: f64) -> Distribution {
        Distribution::exponential(mean).unwrap()
    }

    fn mixture(weighted: &[(f64, Distribution)]) -> Distribution {
        Distribution::mixture(weighted.to_vec()).unwrap()
    }

    #[test]
    fn of_two_exponentials_it_is_hyperexponential() {
        let mixed = mixture(&[(3.0, exponential(2.0)), (1.0, exponential(10.0))]);
        let given = [("share", 0.75), ("mean_1", 2.0), ("mean_2", 10.0)];
        let reference = Distribution::from_parameters("hyperexponential", &given).unwrap();
        let same = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a}, not {b}");
        same(mixed.mean(), reference.mean());
        same(mixed.variance(), reference.variance());
        for p in [0.01, 0.5, 0.99] {
            same(mixed.quantile(p), reference.quantile(p));
        }
        for x in [0.3, 5.0, 40.0] {
            same(mixed.cdf(x), reference.cdf(x));
        }
    }

    #[test]
    fn draws_fit_with_bounded_and_nested_components() {
        let shifted = exponential(4.0).modified(20.0, None, None).unwrap();
        let inner = mixture(&[(1.0, exponential(9.0)), (2.0, shifted)]);
        check_draws(&mixture(&[(0.4, inner), (0.6, exponential(3.0))]));
        let bounded = exponential(10.0)
            .modified(-1.0, Some(2.0), Some(20.0))
            .unwrap();
        let mixed = mixture(&[(1.0, bounded), (1.0, exponential(5.0))]);
        check_moments_against_draws(&mixed);
        check_moments_against_draws(&mixed.modified(2.0, Some(4.5), Some(15.0)).unwrap());
    }

    #[test]
    fn constants_are_jumps() {
        let two = Distribution::constant(2.0).unwrap();
        let seven = Distribution::constant(7.0).unwrap();
        let mixed = mixture(&[(0.25, two), (0.75, seven)]);
        let quantiles = [0.0, 0.25, 0.26, 1.0].map(|p| mixed.quantile(p));
        assert!(
            quantiles
                .iter()
                .zip([2.0, 2.0, 7.0, 7.0])
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        assert!((mixed.cdf(6.9) - 0.25).abs() < 1e-12);
        assert!((mixed.variance() - 25.0 * 3.0 / 16.0).abs() < 1e-12);
    }

    #[test]
    fn impossible_weights_are_refused() {
        for weighted in [
            vec![],
            vec![(0.0, Distribution::ZERO)],
            vec![(f64::NAN, Distribution::ZERO)],
        ] {
            let error = Distribution::mixture(weighted).unwrap_err();
            assert_eq!(error.parameter.as_deref(), Some("components"));
        }
        let error = Distribution::from_parameters("mixture", &[]).unwrap_err();
        assert!(error.help.unwrap().contains("`components`"));
    }
}
