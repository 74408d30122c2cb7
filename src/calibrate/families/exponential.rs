//! The exponential family: mean = (sum of all times, also of those that went on) / (number of those that ended).
//!
//! Where it is only known between which moments some ended, it is climbed to.
//!
//! Source: Lawless, "Statistical Models and Methods for Lifetime Data", 2nd ed., section 4.1.

use super::simplex::maximise;
use super::{Samples, log_likelihood};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) const NAME: &str = "exponential";
    pub(super) const PARAMETERS: usize = 1;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let ended = samples.ended();
        let mean = samples.all().sum::<f64>() / ended as f64;
        if ended == 0 || samples.between().is_empty() {
            return (ended > 0).then_some(Self { mean });
        }
        // There is no second parameter, so its direction is flat.
        let at = |[log_mean, _]: [f64; 2]| Self {
            mean: libm::exp(log_mean),
        };
        let best = maximise([libm::log(mean), 0.0], [0.3, 0.3], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        });
        Some(at(best))
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
