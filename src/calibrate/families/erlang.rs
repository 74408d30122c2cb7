//! The Erlang family, which is the gamma family of whole shapes: of the two whole numbers around the most likely shape, the
//! more likely.
//!
//! The likelihood has one maximum over all shapes, so no other whole number can be better. With complete values the mean
//! stays what it is; with censored ones it is taken from the gamma distribution, which is as good as exact for neighbours.

use super::Samples;
use super::gamma::Gamma;
use super::log_likelihood;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Erlang(Gamma);

/// From here on a whole number is no statement any more.
const MOST_PHASES: f64 = 50.0;

impl Erlang {
    pub(super) const NAME: &str = "erlang";
    /// The whole number counts as one: it is sought for as a shape is.
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let free = Gamma::fit(samples)?;
        let below = free.shape().floor().max(1.0);
        let around = [below, below + 1.0].map(|phases| Gamma::new(phases, free.mean() / phases));
        let likelihood = around
            .map(|model| log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x)));
        let best = around[usize::from(likelihood[1] > likelihood[0])];
        (best.shape() <= MOST_PHASES).then_some(Self(best))
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        self.0.log_density(x)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        self.0.tails(x)
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        [("mean", self.0.mean()), ("phases", self.0.shape())]
    }
}
