//! The Weibull family: the shape k solves S1(k) / S0(k) - 1/k = mean of ln x over those that ended, where S0 is the sum of
//! x^k and S1 that of x^k ln x over all, also those that went on; the scale is (S0 / number that ended)^(1/k).
//!
//! Where it is only known between which moments some ended, it is climbed to.
//!
//! Source: Lawless, "Statistical Models and Methods for Lifetime Data", 2nd ed., section 5.2.

use super::simplex::maximise;
use super::{Means, Samples, log_likelihood};
use crate::random::distribution::root::root;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Weibull {
    shape: f64,
    scale: f64,
}

impl Weibull {
    pub(super) const NAME: &str = "weibull";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let Means { log_mean, .. } = Means::of(samples)?;
        // Logarithms about their mean, so that no power overflows.
        let logs: Vec<f64> = samples.all().map(|x| libm::log(x) - log_mean).collect();
        let ended = samples.ended();
        let mean_of_ended = logs[..ended].iter().sum::<f64>() / ended as f64;
        let sums = |shape: f64| {
            logs.iter().fold((0.0, 0.0), |(s0, s1), &log| {
                let power = libm::exp(shape * log);
                (s0 + power, s1 + power * log)
            })
        };
        let excess = |log_shape: f64| {
            let shape = libm::exp(log_shape);
            let (s0, s1) = sums(shape);
            s1 / s0 - 1.0 / shape - mean_of_ended
        };
        let spread = logs.iter().fold(0.0f64, |most, log| most.max(log.abs()));
        // Within these bounds no power leaves the range of numbers.
        let most = libm::log((500.0 / spread).min(1e4));
        let shape = libm::exp(root(excess, libm::log(0.05), most)?);
        let scale = libm::exp(log_mean + libm::log(sums(shape).0 / ended as f64) / shape);
        if samples.between().is_empty() {
            return Some(Self { shape, scale });
        }
        let at = |[log_shape, log_scale]: [f64; 2]| Self {
            shape: libm::exp(log_shape),
            scale: libm::exp(log_scale),
        };
        let start = [libm::log(shape), libm::log(scale)];
        let best = maximise(start, [0.3, 0.3], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        });
        Some(at(best))
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        let log = libm::log(x / self.scale);
        libm::log(self.shape / self.scale) + (self.shape - 1.0) * log - libm::exp(self.shape * log)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let power = libm::exp(self.shape * libm::log(x / self.scale));
        (-libm::expm1(-power), libm::exp(-power))
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        let mean = self.scale * libm::tgamma(1.0 + 1.0 / self.shape);
        [("mean", mean), ("shape", self.shape)]
    }
}
