//! The normal distribution truncated at zero: draws below zero are drawn again.
//!
//! `mean` (m) and `sd` (s) are those of the parent, before the truncation; the mean and the variance of the draws
//! differ once m is within some three s of zero. Percentiles are those of the draws. With t = m / s, density phi and
//! distribution function Phi of the standard normal, and l = phi(t) / Phi(t):
//!
//! ```text
//! F(x) = (Phi((x - m) / s) - Phi(-t)) / Phi(t),  mean m + s l,  variance s² (1 - t l - l²)
//! ```
//!
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 13, section 10.1.

use super::family::Family;
use super::given::{Given, Percentile};
use super::parameters::{FamilyDescription, ParameterError};
use super::root::root;
use super::standard_normal::{cdf, density, quantile};
use crate::random::Stream;
use crate::random::ziggurat::standard_normal;

/// A bell curve, cut off at zero.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Normal {
    /// Of the parent; not negative, so that at least every second draw is kept.
    mean: f64,
    /// Of the parent.
    sd: f64,
}

impl Normal {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "normal",
        summary: "a bell curve truncated at zero; `mean` and `sd` are those before the truncation",
        combinations: &[&["mean", "sd"], &["mean", "cv"], &["pNN", "pNN"]],
        build: |given| Self::from_given(given).map(Family::Normal),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some((mean, sd)) = given.mean_and_sd()? {
            return Ok(Self { mean, sd });
        }
        Self::through(given.percentiles()?)
    }

    /// The truncated normal with these percentiles: t solves Q(p2; t) / Q(p1; t) = x2 / x1, where Q is the quantile
    /// for s = 1; the ratio falls from that of the half-normal at t = 0 towards 1.
    fn through([first, second]: [Percentile; 2]) -> Result<Self, ParameterError> {
        let standard = |t: f64, p: f64| Self { mean: t, sd: 1.0 }.quantile(p);
        let excess = |t| standard(t, second.p) * first.value - standard(t, first.p) * second.value;
        let t = root(excess, 0.0, 1e9).ok_or_else(|| {
            let message = format!(
                "no `normal` cut off at zero has percentiles {} and {}",
                first.value, second.value
            );
            ParameterError::about_all(message)
                .with_help("use `lognormal`, `gamma` or `weibull` for a spread like this")
        })?;
        let sd = second.value / standard(t, second.p);
        Ok(Self { mean: t * sd, sd })
    }

    /// phi(t) / Phi(t).
    fn hazard(&self) -> f64 {
        let t = self.mean / self.sd;
        density(t) / cdf(t)
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean + self.sd * self.hazard()
    }

    pub(super) fn variance(&self) -> f64 {
        let (t, hazard) = (self.mean / self.sd, self.hazard());
        self.sd * self.sd * (1.0 - t * hazard - hazard * hazard)
    }

    /// The moments of m + s Z for Z from -t to z = (x - m) / s.
    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let (m, s) = (self.mean, self.sd);
        let (from, to) = (-m / s, (x - m) / s);
        let kept = cdf(-from);
        let share = (cdf(to) - cdf(from)) / kept;
        let first = (density(from) - density(to)) / kept;
        // At infinity z * phi(z) is zero, but not in floating point.
        let upper = if to.is_finite() {
            to * density(to)
        } else {
            0.0
        };
        let second = share + (from * density(from) - upper) / kept;
        match k {
            0 => share,
            1 => m * share + s * first,
            _ => m * m * share + 2.0 * m * s * first + s * s * second,
        }
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        let t = self.mean / self.sd;
        let z = if p < 0.5 {
            quantile(cdf(-t) + p * cdf(t))
        } else {
            -quantile((1.0 - p) * cdf(t))
        };
        (self.mean + self.sd * z.max(-t)).max(0.0)
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        loop {
            let x = self.mean + self.sd * standard_normal(stream);
            if x >= 0.0 {
                return x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn normal(given: [(&str, f64); 2]) -> Distribution {
        Distribution::from_parameters("normal", &given).unwrap()
    }

    #[test]
    fn far_from_zero_it_is_the_parent() {
        let reference = statrs::distribution::Normal::new(300.0, 20.0).unwrap();
        check_against_statrs(&normal([("mean", 300.0), ("sd", 20.0)]), &reference);
        check_against_statrs(&normal([("mean", 300.0), ("cv", 1.0 / 15.0)]), &reference);
        let z = 1.644_853_626_951_472_2;
        check_against_statrs(
            &normal([("p5", 300.0 - 20.0 * z), ("p95", 300.0 + 20.0 * z)]),
            &reference,
        );
    }

    #[test]
    fn near_zero_the_moments_are_those_of_the_draws() {
        // Half-normal limit: mean s sqrt(2 / pi), variance s² (1 - 2 / pi).
        let half = normal([("mean", 1e-9), ("sd", 1.0)]);
        let two_over_pi = std::f64::consts::FRAC_2_PI;
        assert!((half.mean() - two_over_pi.sqrt()).abs() < 1e-8);
        assert!((half.variance() - (1.0 - two_over_pi)).abs() < 1e-8);
        check_draws(&normal([("mean", 5.0), ("sd", 8.0)]));
        check_draws(&normal([("mean", 50.0), ("sd", 8.0)]));
    }

    #[test]
    fn percentiles_are_those_of_the_draws_even_near_zero() {
        let solved = normal([("p50", 9.0), ("p95", 22.0)]);
        assert!((solved.quantile(0.5) - 9.0).abs() < 1e-9);
        assert!((solved.quantile(0.95) - 22.0).abs() < 1e-9);
        assert!(solved.cdf(0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn percentiles_wider_than_the_half_normal_are_refused() {
        let error =
            Distribution::from_parameters("normal", &[("p50", 1.0), ("p95", 5.0)]).unwrap_err();
        assert!(error.message.contains("cut off at zero"));
        assert!(error.help.unwrap().contains("`lognormal`"));
    }
}
