//! The gamma family: the shape k solves ln k - psi(k) = ln(mean of x) - mean of ln x; the scale is mean / k.
//!
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", section 17.7.

use super::digamma::digamma;
use super::simplex::maximise;
use super::{Means, Samples, log_likelihood};
use crate::random::distribution::incomplete_gamma;
use crate::random::distribution::root::root;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Gamma {
    shape: f64,
    scale: f64,
}

impl Gamma {
    pub(super) const NAME: &str = "gamma";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn new(shape: f64, scale: f64) -> Self {
        Self { shape, scale }
    }

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let Means { mean, log_mean, .. } = Means::of(samples)?;
        let wanted = libm::log(mean) - log_mean;
        let excess = |log_shape: f64| log_shape - digamma(libm::exp(log_shape)) - wanted;
        // 1/(2k) < ln k - psi(k) < 1/k for every shape k.
        let (low, high) = (-libm::log(2.0 * wanted), -libm::log(wanted));
        let shape = libm::exp(root(excess, low - 1e-9, high + 1e-9)?);
        let complete = Self::new(shape, mean / shape);
        if samples.is_complete() {
            return Some(complete);
        }
        let at = |[log_mean, log_shape]: [f64; 2]| {
            let shape = libm::exp(log_shape);
            Self::new(shape, libm::exp(log_mean) / shape)
        };
        let start = [libm::log(mean), libm::log(shape)];
        let best = maximise(start, [0.3, 0.3], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        });
        Some(at(best))
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        let x = x / self.scale;
        (self.shape - 1.0) * libm::log(x) - x - libm::lgamma(self.shape) - libm::log(self.scale)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        incomplete_gamma::regularized(self.shape, x / self.scale)
    }

    pub(super) fn shape(&self) -> f64 {
        self.shape
    }

    pub(super) fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        [("mean", self.mean()), ("shape", self.shape)]
    }
}
