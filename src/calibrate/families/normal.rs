//! The normal family truncated at zero: the member whose mean and mean square are those of the values.
//!
//! With complete values that is the most likely one, because the two are the sufficient statistics of an exponential family.
//! With t = m / s and l = phi(t) / Phi(t): mean = s (t + l), mean square = s² (1 + t² + t l). A member with a negative parent
//! mean cannot be written in a scenario; values that ask for one (a coefficient of variation above 0.756) get the edge of the
//! family, where t is next to nothing and the mean square alone is met.

use std::f64::consts::TAU;

use super::simplex::maximise;
use super::{Means, Samples, log_likelihood};
use crate::random::distribution::root::root;
use crate::random::distribution::standard_normal::{cdf, density};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Normal {
    /// Of the parent, before the truncation.
    mean: f64,
    /// Of the parent.
    sd: f64,
}

/// Beyond so many standard deviations the truncation takes nothing away.
const FAR: f64 = 40.0;

/// The least parent mean in standard deviations; a scenario cannot say 0.
const LEAST: f64 = 1e-3;

impl Normal {
    pub(super) const NAME: &str = "normal";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let Means { n, mean, .. } = Means::of(samples)?;
        let variance = samples.all().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let squared_cv = variance / (mean * mean);
        if squared_cv <= 0.0 {
            return None;
        }
        let hazard = |t: f64| density(t) / cdf(t);
        let excess = |t: f64| {
            let (first, second) = (t + hazard(t), 1.0 + t * t + t * hazard(t));
            second / (first * first) - 1.0 - squared_cv
        };
        let complete = if squared_cv < 1.0 / (FAR * FAR) {
            Self {
                mean,
                sd: variance.sqrt(),
            }
        } else {
            let t = root(excess, LEAST, FAR + 1.0).unwrap_or(LEAST);
            let square = mean * mean + variance;
            let sd = (square / (1.0 + t * t + t * hazard(t))).sqrt();
            Self { mean: t * sd, sd }
        };
        if samples.is_complete() {
            return Some(complete);
        }
        let at = |[log_t, log_sd]: [f64; 2]| {
            let sd = libm::exp(log_sd);
            Self {
                mean: libm::exp(log_t) * sd,
                sd,
            }
        };
        let t = (complete.mean / complete.sd).max(LEAST);
        let best = maximise(
            [libm::log(t), libm::log(complete.sd)],
            [0.3, 0.3],
            |point| {
                let model = at(point);
                log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
            },
        );
        Some(at(best))
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.sd;
        -0.5 * z * z - libm::log(self.sd * cdf(self.mean / self.sd)) - 0.5 * libm::log(TAU)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let (t, z) = (self.mean / self.sd, (x - self.mean) / self.sd);
        let (whole, beyond) = (cdf(t), cdf(-z));
        (((whole - beyond) / whole).max(0.0), beyond / whole)
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        [("mean", self.mean), ("sd", self.sd)]
    }
}
