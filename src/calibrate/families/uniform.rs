//! The uniform family: from the smallest to the largest value.
//!
//! The most likely ends are the extremes themselves, within which no later value would keep; each is moved outwards by a share
//! 1 / (n - 1) of the range, which makes it unbiased (Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 2",
//! section 26.8). With censored values the upper extreme b solves N / (b - a) = sum of 1 / (b - c) where that lies beyond the
//! largest that ended.

use super::simplex::maximise;
use super::{Samples, log_likelihood};
use crate::random::distribution::root::root;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    pub(super) const NAME: &str = "uniform";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        if !samples.between().is_empty() {
            return Self::climb(samples);
        }
        let (&low, &longest) = (samples.observed().first()?, samples.observed().last()?);
        let high = match samples.censored().last() {
            None => longest,
            Some(&latest) => {
                let n = samples.all().count() as f64;
                let slope = |b: f64| {
                    let pull = samples.censored().iter().filter(|&&c| c > low);
                    pull.map(|&c| 1.0 / (b - c)).sum::<f64>() - n / (b - low)
                };
                let least = longest.max(latest * (1.0 + 1e-12));
                let far = low + (least - low) * (n + 1.0);
                if slope(least) <= 0.0 {
                    least
                } else {
                    root(slope, least, far)?
                }
            }
        };
        let margin = (high - low) / (samples.observed().len() as f64 - 1.0);
        (high > low).then_some(Self {
            low: (low - margin).max(0.0),
            high: high + margin,
        })
    }

    /// Where it is only known between which moments some ended, the ends lie within such intervals, and not at their edges.
    fn climb(samples: &Samples) -> Option<Self> {
        let low = samples.all().fold(f64::INFINITY, f64::min);
        let high = samples.all().fold(0.0, f64::max);
        let at = |[low, high]: [f64; 2]| Self {
            low: low.max(0.0),
            high,
        };
        let step = 0.1 * (high - low);
        let best = at(maximise([low, high], [-step, step], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        }));
        (best.high > best.low).then_some(best)
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        if (self.low..=self.high).contains(&x) {
            -libm::log(self.high - self.low)
        } else {
            f64::NEG_INFINITY
        }
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let share = ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        (share, 1.0 - share)
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        [("low", self.low), ("high", self.high)]
    }
}
