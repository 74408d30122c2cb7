//! Distributions of durations and sizes: a family, moved by a shift and clamped to bounds.
//!
//! A draw is made in this order: the family's own draw X >= 0, plus the shift s, clamped to [min, max]:
//!
//! ```text
//! Y = min(max(X + s, min), max)
//! ```
//!
//! Clamping piles up what lies beyond a bound on the bound itself (an atom); it does not draw again. The lower bound
//! is 0 unless a higher one is set, so that no draw is ever negative, whatever the shift. Values are in the unit of
//! use: seconds for durations, plain numbers for sizes.

mod constant;
mod empirical;
mod ends;
mod erlang;
mod exponential;
mod family;
mod gamma;
mod given;
mod hyperexponential;
mod incomplete_beta;
pub(crate) mod incomplete_gamma;
mod least;
mod lognormal;
mod mixture;
mod normal;
mod parameters;
mod pareto;
mod pert;
pub(crate) mod root;
mod shape;
pub(crate) mod standard_normal;
mod triangular;
mod uniform;
mod weibull;

#[cfg(test)]
mod goodness_of_fit;

pub use empirical::EmpiricalMode;
pub use parameters::{FamilyDescription, ParameterError, Quantity};

use super::Stream;
use constant::Constant;
use empirical::Empirical;
use family::{FAMILIES, Family};
use given::Given;
use mixture::Mixture;

/// A distribution of non-negative numbers; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    family: Family,
    shift: f64,
    min: f64,
    max: f64,
}

impl Distribution {
    /// Every family, for the reader of scenarios, the schema and the reference.
    pub const FAMILIES: &'static [FamilyDescription] = FAMILIES;

    /// Always 0.
    pub const ZERO: Self = Self::of(Family::Constant(Constant::ZERO));

    /// The distribution of a family that has these parameters, such as `("gamma", [("mean", 20.0), ("cv", 0.5)])`.
    ///
    /// # Errors
    /// An unknown family or parameter, parameters that do not make a distribution, or values that none can have.
    pub fn from_parameters(family: &str, given: &[(&str, f64)]) -> Result<Self, ParameterError> {
        let description = FamilyDescription::named(family)?;
        let family = description.build(&Given::new(description, given)?)?;
        if family.mean().is_finite() {
            return Ok(Self::of(family));
        }
        let message = format!("the mean of this `{}` is too large", description.name);
        Err(ParameterError::about_all(message))
    }

    /// The distribution of recorded values.
    ///
    /// # Errors
    /// No value, or one that is negative or not finite.
    pub fn empirical(values: Vec<f64>, mode: EmpiricalMode) -> Result<Self, ParameterError> {
        Empirical::new(values, mode).map(|empirical| Self::of(Family::Empirical(empirical)))
    }

    /// One of these distributions, as often as its weight says; weights need not sum to 1.
    ///
    /// # Errors
    /// No distribution, or a weight that is not positive and finite.
    pub fn mixture(weighted: Vec<(f64, Self)>) -> Result<Self, ParameterError> {
        Mixture::new(weighted).map(|mixture| Self::of(Family::Mixture(mixture)))
    }

    /// Always `value`.
    ///
    /// # Errors
    /// A value that is negative or not finite.
    pub fn constant(value: f64) -> Result<Self, ParameterError> {
        Self::from_parameters("constant", &[("value", value)])
    }

    /// The exponential distribution of this mean.
    ///
    /// # Errors
    /// A mean that is not positive and finite.
    pub fn exponential(mean: f64) -> Result<Self, ParameterError> {
        Self::from_parameters("exponential", &[("mean", mean)])
    }

    /// The lognormal distribution of this mean and standard deviation (its own, not those of the logarithm).
    ///
    /// # Errors
    /// A mean or standard deviation that is not positive and finite.
    pub fn lognormal(mean: f64, sd: f64) -> Result<Self, ParameterError> {
        Self::from_parameters("lognormal", &[("mean", mean), ("sd", sd)])
    }

    /// The same family with this shift and these bounds, which replace earlier ones; no `min` means 0.
    ///
    /// # Errors
    /// A shift that is not finite, a negative bound, or `min` above `max`.
    pub fn modified(
        self,
        shift: f64,
        min: Option<f64>,
        max: Option<f64>,
    ) -> Result<Self, ParameterError> {
        if !shift.is_finite() {
            return Err(ParameterError::about(
                "shift",
                format!("`shift` must be finite, not {shift}"),
            ));
        }
        for (name, bound) in [("min", min), ("max", max)] {
            if let Some(bound) = bound.filter(|bound| !(bound.is_finite() && *bound >= 0.0)) {
                let message = format!("`{name}` must be finite and not negative, not {bound}");
                return Err(ParameterError::about(name, message));
            }
        }
        let (min, max) = (min.unwrap_or(0.0), max.unwrap_or(f64::INFINITY));
        if min > max {
            return Err(ParameterError::about(
                "min",
                format!("`min` {min} lies above `max` {max}"),
            ));
        }
        Ok(Self {
            shift,
            min,
            max,
            ..self
        })
    }

    /// One draw: never negative, and within the bounds.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        self.move_and_clamp(self.family.sample(stream))
    }

    /// Whether every draw is zero, so that none needs to be made.
    #[inline]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// The mean of the draws, bounds included.
    pub fn mean(&self) -> f64 {
        if self.is_plain() {
            self.family.mean()
        } else {
            self.partial_moment(1, f64::INFINITY)
        }
    }

    /// The variance of the draws, bounds included; infinite for a `pareto` of a shape up to 2 without `max`.
    pub fn variance(&self) -> f64 {
        if self.is_plain() {
            return self.family.variance();
        }
        let [mean, square] = [1, 2].map(|k| self.partial_moment(k, f64::INFINITY));
        (square - mean * mean).max(0.0)
    }

    /// The share of draws at or below `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        if x < self.min {
            0.0
        } else if x >= self.max {
            1.0
        } else {
            self.family.cdf(x - self.shift)
        }
    }

    /// The smallest x with `cdf(x)` at least `p`; `p` is taken into [0, 1].
    pub fn quantile(&self, p: f64) -> f64 {
        self.move_and_clamp(self.family.quantile(p.clamp(0.0, 1.0)))
    }

    const fn of(family: Family) -> Self {
        Self {
            family,
            shift: 0.0,
            min: 0.0,
            max: f64::INFINITY,
        }
    }

    #[inline]
    fn move_and_clamp(&self, x: f64) -> f64 {
        let moved = x + self.shift;
        // Two comparisons that nearly always come out the same way; `max` and `min` would ask for more.
        if moved >= self.min {
            if moved <= self.max { moved } else { self.max }
        } else {
            self.min
        }
    }

    /// Whether neither shift nor bounds change anything.
    fn is_plain(&self) -> bool {
        self.shift == 0.0 && self.min == 0.0 && self.max == f64::INFINITY
    }

    /// E\[Y^k; Y <= y\] for k = 0, 1 or 2, exactly: what is clamped below, what is only shifted, and what is clamped
    /// above.
    ///
    /// With a = min - s, b = max - s, c = y - s and the partial moments `M_j(x) = E[X^j; X <= x]` of the family, for y
    /// from min up to but without max:
    ///
    /// ```text
    /// E[Y^k; Y <= y] = min^k M_0(a) + sum_j C(k, j) s^(k - j) (M_j(c) - M_j(a))
    /// ```
    ///
    /// At max, c is b, and `max^k (1 - M_0(b))` comes on top.
    fn partial_moment(&self, k: i32, y: f64) -> f64 {
        if y < self.min {
            return 0.0;
        }
        let shift = self.shift;
        let (a, c) = (self.min - shift, y.min(self.max) - shift);
        let between = |j| self.family.partial_moment(j, c) - self.family.partial_moment(j, a);
        let power = |x: f64| match k {
            0 => 1.0,
            1 => x,
            _ => x * x,
        };
        let shifted = match k {
            0 => between(0),
            1 => between(1) + shift * between(0),
            _ => between(2) + 2.0 * shift * between(1) + shift * shift * between(0),
        };
        // An infinite bound holds no share, and infinity times nothing would not be a number.
        let clamped_above = if y >= self.max && self.max.is_finite() {
            power(self.max) * (1.0 - self.family.cdf(c))
        } else {
            0.0
        };
        power(self.min) * self.family.cdf(a) + shifted + clamped_above
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    fn modified(shift: f64, min: Option<f64>, max: Option<f64>) -> Distribution {
        let family = Distribution::exponential(10.0).unwrap();
        family.modified(shift, min, max).unwrap()
    }

    #[test]
    fn a_clamped_exponential_has_the_textbook_moments() {
        // E[min(X, b)] = m (1 - e^(-b/m)); E[min(X, b)^2] = 2 m^2 (1 - e^(-b/m) (1 + b/m)).
        let clamped = modified(0.0, None, Some(15.0));
        let tail = libm::exp(-1.5);
        let (mean, square) = (10.0 * (1.0 - tail), 200.0 * (1.0 - tail * 2.5));
        assert!((clamped.mean() - mean).abs() < 1e-12);
        assert!((clamped.variance() - (square - mean * mean)).abs() < 1e-10);
        assert!((clamped.quantile(0.99) - 15.0).abs() < f64::EPSILON);
    }

    #[test]
    fn moments_of_every_modification_agree_with_draws() {
        for (shift, min, max) in [
            (5.0, None, None),
            (-5.0, None, None),
            (2.0, Some(6.0), Some(30.0)),
            (-3.0, Some(1.0), Some(12.0)),
        ] {
            goodness_of_fit::check_moments_against_draws(&modified(shift, min, max));
        }
    }

    #[test]
    fn bounds_are_atoms_of_the_distribution_function() {
        let clamped = modified(-5.0, Some(2.0), Some(20.0));
        assert!(clamped.cdf(1.999).abs() < f64::EPSILON);
        assert!((clamped.cdf(2.0) - (1.0 - libm::exp(-0.7))).abs() < 1e-12);
        assert!((clamped.cdf(20.0) - 1.0).abs() < f64::EPSILON);
        assert!((clamped.quantile(0.1) - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn no_draw_is_negative_even_with_a_negative_shift() {
        let mut stream = StreamKey::root(5, 0).stream(Purpose::Duration);
        let moved = modified(-20.0, None, None);
        assert!((0..10_000).all(|_| moved.sample(&mut stream) >= 0.0));
        assert!((moved.mean() - 10.0 * libm::exp(-2.0)).abs() < 1e-12);
    }

    #[test]
    fn impossible_modifications_name_their_parameter() {
        let base = || Distribution::ZERO;
        let at = |result: Result<_, ParameterError>| result.unwrap_err().parameter.unwrap();
        assert_eq!(at(base().modified(f64::NAN, None, None)), "shift");
        assert_eq!(at(base().modified(0.0, Some(-1.0), None)), "min");
        assert_eq!(at(base().modified(0.0, None, Some(f64::INFINITY))), "max");
        assert_eq!(at(base().modified(0.0, Some(2.0), Some(1.0))), "min");
    }

    #[test]
    fn a_distribution_without_a_finite_mean_is_refused() {
        let error = Distribution::from_parameters("lognormal", &[("mu", 0.0), ("sigma", 50.0)]);
        assert!(error.unwrap_err().message.contains("too large"));
    }
}
