//! The exponential distribution: memoryless, what queueing theory assumes.
//!
//! F(x) = 1 - exp(-x / mean); variance mean². E\[X^k; X <= x\] = k! mean^k P(k + 1, x / mean), with the regularized
//! incomplete gamma function P. Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 19.

use super::family::Family;
use super::given::{Given, positive};
use super::incomplete_gamma;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;
use crate::random::ziggurat::standard_exponential;

/// Memoryless values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "exponential",
        summary: "memoryless, as queueing theory assumes; its standard deviation is its mean",
        combinations: &[&["mean"], &["rate"], &["pNN"]],
        build: |given| Self::from_given(given).map(Family::Exponential),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        let mean = if let Some([mean]) = given.exactly(["mean"]) {
            positive("mean", mean)?
        } else if let Some([rate]) = given.exactly(["rate"]) {
            1.0 / positive("rate", rate)?
        } else {
            let [point] = given.percentiles()?;
            point.value / -libm::log1p(-point.p)
        };
        Ok(Self { mean })
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        partial_moment(self.mean, k, x)
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        -self.mean * libm::log1p(-p)
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean * standard_exponential(stream)
    }
}

/// E\[X^k; X <= x\] of the exponential distribution of this mean.
pub(super) fn partial_moment(mean: f64, k: i32, x: f64) -> f64 {
    let order = f64::from(k);
    let whole = libm::tgamma(order + 1.0) * libm::pow(mean, order);
    whole * incomplete_gamma::regularized(order + 1.0, x / mean).0
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let reference = statrs::distribution::Exp::new(0.25).unwrap();
        for given in [
            ("mean", 4.0),
            ("rate", 0.25),
            ("p50", 4.0 * std::f64::consts::LN_2),
        ] {
            let exponential = Distribution::from_parameters("exponential", &[given]).unwrap();
            check_against_statrs(&exponential, &reference);
        }
    }

    #[test]
    fn draws_fit() {
        check_draws(&Distribution::exponential(90.0).unwrap());
    }

    #[test]
    fn a_mean_or_rate_of_nothing_is_refused() {
        let fails = |given| Distribution::from_parameters("exponential", &[given]).unwrap_err();
        assert_eq!(fails(("mean", 0.0)).parameter.as_deref(), Some("mean"));
        assert_eq!(fails(("rate", -2.0)).parameter.as_deref(), Some("rate"));
    }
}
