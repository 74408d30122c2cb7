//! The PERT distribution: a smooth hill from a `low` value (a) over the most likely one, the `mode` (m), to a `high`
//! one (b); a beta distribution, stretched.
//!
//! X = a + (b - a) V, where V is beta distributed with p = 1 + 4 (m - a) / (b - a) and q = 1 + 4 (b - m) / (b - a);
//! mean (a + 4 m + b) / 6, variance (mean - a) (b - mean) / 7. With the regularized incomplete beta function I,
//! E\[V^j; V <= v\] = E\[V^j\] I(p + j, q; v). (The ((b - a) / 6)² of network plans is an approximation.)
//! Source: Clark, "The PERT model for the distribution of an activity time" (Operations Research 10, 1962); Vose,
//! "Risk Analysis", ch. 7.

use super::ends::{around, three_points};
use super::family::Family;
use super::gamma::StandardGamma;
use super::given::Given;
use super::incomplete_beta;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// An estimate by three points, with a round top.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pert {
    low: f64,
    width: f64,
    /// Both from 1 to 5, and 6 together.
    p: f64,
    q: f64,
}

impl Pert {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "pert",
        summary: "an estimate by three points, with a round top; symmetric if given by its mean",
        combinations: &[&["low", "mode", "high"], &["mean", "sd"], &["mean", "cv"]],
        build: |given| Self::from_given(given).map(Family::Pert),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([low, mode, high]) = given.exactly(["low", "mode", "high"]) {
            let [low, mode, high] = three_points(low, mode, high)?;
            return Ok(Self::new(low, mode, high));
        }
        let Some((mean, sd)) = given.mean_and_sd()? else {
            return Err(given.misfit());
        };
        let (low, high) = around("pert", mean, 7f64.sqrt() * sd)?;
        Ok(Self::new(low, f64::midpoint(low, high), high))
    }

    fn new(low: f64, mode: f64, high: f64) -> Self {
        let width = high - low;
        Self {
            low,
            width,
            p: 1.0 + 4.0 * (mode - low) / width,
            q: 1.0 + 4.0 * (high - mode) / width,
        }
    }

    /// E\[V\].
    fn middle(&self) -> f64 {
        self.p / (self.p + self.q)
    }

    pub(super) fn mean(&self) -> f64 {
        self.low + self.width * self.middle()
    }

    pub(super) fn variance(&self) -> f64 {
        let middle = self.middle();
        self.width * self.width * middle * (1.0 - middle) / (self.p + self.q + 1.0)
    }

    /// The moments of a + w V, from those of V.
    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        let (low, width) = (self.low, self.width);
        let v = ((x - low) / width).clamp(0.0, 1.0);
        let share = |j| incomplete_beta::regularized(self.p + j, self.q, v);
        let first = || self.middle() * share(1.0);
        let second = || self.middle() * (self.p + 1.0) / (self.p + self.q + 1.0) * share(2.0);
        match k {
            0 => share(0.0),
            1 => low * share(0.0) + width * first(),
            _ => low * low * share(0.0) + 2.0 * low * width * first() + width * width * second(),
        }
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.low + self.width * incomplete_beta::inverse(self.p, self.q, p)
    }

    /// A gamma draw as a share of two is beta distributed.
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let first = StandardGamma::new(self.p).sample(stream);
        let second = StandardGamma::new(self.q).sample(stream);
        self.low + self.width * first / (first + second)
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn pert(given: &[(&str, f64)]) -> Distribution {
        Distribution::from_parameters("pert", given).unwrap()
    }

    #[test]
    fn from_zero_to_one_it_is_a_beta_distribution() {
        let reference = statrs::distribution::Beta::new(2.0, 4.0).unwrap();
        let skewed = pert(&[("low", 0.0), ("mode", 0.25), ("high", 1.0)]);
        check_against_statrs(&skewed, &reference);
        let reference = statrs::distribution::Beta::new(3.0, 3.0).unwrap();
        let sd = 0.5 / 7f64.sqrt();
        check_against_statrs(&pert(&[("mean", 0.5), ("sd", sd)]), &reference);
        check_against_statrs(&pert(&[("mean", 0.5), ("cv", 2.0 * sd)]), &reference);
    }

    #[test]
    fn the_mean_is_that_of_network_plans() {
        let activity = pert(&[("low", 6.0), ("mode", 9.0), ("high", 18.0)]);
        assert!((activity.mean() - 10.0).abs() < 1e-12);
        assert!((activity.variance() - 4.0 * 8.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn draws_fit_with_the_mode_at_an_end_too() {
        for mode in [2.0, 3.0, 12.0] {
            check_draws(&pert(&[("low", 2.0), ("mode", mode), ("high", 12.0)]));
        }
    }

    #[test]
    fn points_out_of_order_are_refused() {
        let given = [("low", 1.0), ("mode", 9.0), ("high", 3.0)];
        let error = Distribution::from_parameters("pert", &given).unwrap_err();
        assert_eq!(error.parameter.as_deref(), Some("mode"));
        let wide = Distribution::from_parameters("pert", &[("mean", 1.0), ("cv", 0.5)]);
        assert!(wide.unwrap_err().message.contains("below zero"));
    }
}
