//! The exponential family: mean = (sum of all times, also of those that went on) / (number of those that ended).
//!
//! Source: Lawless, "Statistical Models and Methods for Lifetime Data", 2nd ed., section 4.1.

use super::Samples;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) const NAME: &str = "exponential";
    pub(super) const PARAMETERS: usize = 1;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let ended = samples.observed().len();
        let mean = samples.all().sum::<f64>() / ended as f64;
        (ended > 0).then_some(Self { mean })
    }

    pub(super) fn log_density(self, x: f64) -> f64 {
        -x / self.mean - libm::log(self.mean)
    }

    pub(super) fn tails(self, x: f64) -> (f64, f64) {
        let beyond = libm::exp(-x / self.mean);
        (-libm::expm1(-x / self.mean), beyond)
    }

    pub(super) fn parameters(self) -> [(&'static str, f64); 1] {
        [("mean", self.mean)]
    }
}
