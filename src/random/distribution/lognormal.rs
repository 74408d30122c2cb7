//! The lognormal distribution: the logarithm of a draw is normal with mean mu and standard deviation sigma.
//!
//! F(x) = Phi((ln x - mu) / sigma); mean exp(mu + sigma² / 2), variance mean² (exp(sigma²) - 1);
//! E\[X^k; X <= x\] = exp(k mu + k² sigma² / 2) Phi((ln x - mu) / sigma - k sigma).
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 14.

use super::family::Family;
use super::given::{Given, Percentile, positive};
use super::parameters::{FamilyDescription, ParameterError};
use super::standard_normal::{cdf, quantile};
use crate::random::Stream;
use crate::random::exponential_function::exp;
use crate::random::ziggurat::standard_normal;

/// Mostly moderate values, and now and then a very large one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lognormal {
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "lognormal",
        summary: "mostly moderate values and a long tail: the usual choice for task durations",
        combinations: &[
            &["mu", "sigma"],
            &["mean", "sd"],
            &["mean", "cv"],
            &["pNN", "pNN"],
        ],
        build: |given| Self::from_given(given).map(Family::Lognormal),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([mu, sigma]) = given.exactly(["mu", "sigma"]) {
            let sigma = positive("sigma", sigma)?;
            return Ok(Self { mu, sigma });
        }
        if let Some((mean, sd)) = given.mean_and_sd()? {
            let cv = sd / mean;
            let squared_sigma = libm::log1p(cv * cv);
            let mu = libm::log(mean) - 0.5 * squared_sigma;
            return Ok(Self {
                mu,
                sigma: squared_sigma.sqrt(),
            });
        }
        Ok(Self::through(given.percentiles()?))
    }

    /// Two percentiles are two points of a straight line: ln x = mu + sigma z.
    fn through([first, second]: [Percentile; 2]) -> Self {
        let (low, high) = (quantile(first.p), quantile(second.p));
        let sigma = libm::log(second.value / first.value) / (high - low);
        Self {
            mu: libm::log(first.value) - sigma * low,
            sigma,
        }
    }

    pub(super) fn mean(&self) -> f64 {
        libm::exp(self.mu + 0.5 * self.sigma * self.sigma)
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(self.sigma * self.sigma)
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let k = f64::from(k);
        let z = (libm::log(x) - self.mu) / self.sigma;
        libm::exp(k * self.mu + 0.5 * k * k * self.sigma * self.sigma) * cdf(z - k * self.sigma)
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        libm::exp(self.mu + self.sigma * quantile(p))
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        exp(self.mu + self.sigma * standard_normal(stream))
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let (mu, sigma) = (5.0, 0.5);
        let reference = statrs::distribution::LogNormal::new(mu, sigma).unwrap();
        let mean = libm::exp(5.125);
        let cv = libm::expm1(0.25).sqrt();
        for given in [
            [("mu", mu), ("sigma", sigma)],
            [("mean", mean), ("sd", mean * cv)],
            [("mean", mean), ("cv", cv)],
            [
                ("p50", libm::exp(5.0)),
                ("p97.5", libm::exp(5.0 + 0.5 * 1.959_963_984_540_054)),
            ],
        ] {
            let lognormal = Distribution::from_parameters("lognormal", &given).unwrap();
            check_against_statrs(&lognormal, &reference);
        }
    }

    #[test]
    fn draws_fit() {
        check_draws(&Distribution::lognormal(180.0, 90.0).unwrap());
        check_draws(&Distribution::lognormal(10.0, 20.0).unwrap());
    }

    #[test]
    fn a_sigma_of_nothing_is_refused() {
        let error = Distribution::from_parameters("lognormal", &[("mu", 1.0), ("sigma", 0.0)]);
        assert_eq!(error.unwrap_err().parameter.as_deref(), Some("sigma"));
    }
}
