//! The lognormal family: mean and standard deviation (with divisor n) of the logarithms.

use std::f64::consts::TAU;

use super::simplex::maximise;
use super::{Means, Samples, log_likelihood};
use crate::random::distribution::standard_normal;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Lognormal {
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    pub(super) const NAME: &str = "lognormal";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let Means { n, log_mean, .. } = Means::of(samples)?;
        let square = |x: f64| (libm::log(x) - log_mean) * (libm::log(x) - log_mean);
        let sigma = (samples.all().map(square).sum::<f64>() / n).sqrt();
        let complete = Self {
            mu: log_mean,
            sigma,
        };
        if sigma <= 0.0 || samples.is_complete() {
            return (sigma > 0.0).then_some(complete);
        }
        let at = |[mu, log_sigma]: [f64; 2]| Self {
            mu,
            sigma: libm::exp(log_sigma),
        };
        let start = [log_mean, libm::log(sigma)];
        let best = maximise(start, [sigma, 0.3], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        });
        Some(at(best))
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        let log = libm::log(x);
        let z = (log - self.mu) / self.sigma;
        -0.5 * z * z - libm::log(self.sigma) - log - 0.5 * libm::log(TAU)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let z = (libm::log(x) - self.mu) / self.sigma;
        (standard_normal::cdf(z), standard_normal::cdf(-z))
    }

    /// Mean and standard deviation of the values themselves, which say more to a reader than mu and sigma.
    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        let squared = self.sigma * self.sigma;
        let mean = libm::exp(self.mu + 0.5 * squared);
        [("mean", mean), ("sd", mean * libm::expm1(squared).sqrt())]
    }
}
