//! The Weibull distribution of `shape` k and `scale` s: waiting times whose hazard rises (k > 1) or falls (k < 1).
//!
//! F(x) = 1 - exp(-(x / s)^k); mean s Gamma(1 + 1/k), variance s² Gamma(1 + 2/k) - mean²;
//! E\[X^j; X <= x\] = s^j Gamma(1 + j/k) P(1 + j/k, (x / s)^k).
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 21.

use super::family::Family;
use super::given::{Given, Percentile, positive};
use super::incomplete_gamma;
use super::parameters::{FamilyDescription, ParameterError};
use super::shape::Shapes;
use crate::random::Stream;
use crate::random::exponential_function::exp;
use crate::random::ziggurat::standard_exponential;

const SHAPES: Shapes = Shapes {
    family: "weibull",
    range: 0.05..=1e4,
    help: "a large shape is a narrow spread; use `constant` there",
};

/// Waiting times whose hazard rises or falls.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weibull {
    scale: f64,
    inverse_shape: f64,
}

impl Weibull {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "weibull",
        summary: "waiting times whose hazard rises (shape above 1) or falls (below 1)",
        combinations: &[
            &["shape", "scale"],
            &["mean", "shape"],
            &["mean", "sd"],
            &["mean", "cv"],
            &["pNN", "pNN"],
        ],
        build: |given| Self::from_given(given).map(Family::Weibull),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([shape, scale]) = given.exactly(["shape", "scale"]) {
            return Self::new(positive("shape", shape)?, positive("scale", scale)?);
        }
        if let Some([mean, shape]) = given.exactly(["mean", "shape"]) {
            return Self::of_mean(positive("mean", mean)?, positive("shape", shape)?);
        }
        if let Some((mean, sd)) = given.mean_and_sd()? {
            return Self::of_mean(mean, shape_of_cv(sd / mean)?);
        }
        Self::through(given.percentiles()?)
    }

    /// Two percentiles are two points of a straight line: ln x = ln s + ln(-ln(1 - p)) / k.
    fn through([first, second]: [Percentile; 2]) -> Result<Self, ParameterError> {
        let exponential = |point: Percentile| -libm::log1p(-point.p);
        let run = libm::log(exponential(second) / exponential(first));
        let shape = run / libm::log(second.value / first.value);
        Self::new(
            shape,
            second.value / libm::pow(exponential(second), 1.0 / shape),
        )
    }

    fn of_mean(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        Self::new(shape, mean / libm::tgamma(1.0 + 1.0 / shape))
    }

    fn new(shape: f64, scale: f64) -> Result<Self, ParameterError> {
        Ok(Self {
            scale,
            inverse_shape: 1.0 / SHAPES.check(shape)?,
        })
    }

    /// E\[X^k\].
    fn moment(&self, k: i32) -> f64 {
        let order = f64::from(k);
        libm::pow(self.scale, order) * libm::tgamma(1.0 + order * self.inverse_shape)
    }

    pub(super) fn mean(&self) -> f64 {
        self.moment(1)
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(log_one_plus_squared_cv(1.0 / self.inverse_shape))
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let power = libm::pow(x / self.scale, 1.0 / self.inverse_shape);
        let order = 1.0 + f64::from(k) * self.inverse_shape;
        self.moment(k) * incomplete_gamma::regularized(order, power).0
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.scale * libm::pow(-libm::log1p(-p), self.inverse_shape)
    }

    /// s E^(1/k); `libm::pow` would take twice as long for digits that no draw needs.
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let log = libm::log(standard_exponential(stream));
        self.scale * exp(log * self.inverse_shape)
    }
}

/// The shape with this coefficient of variation, which falls with the shape.
fn shape_of_cv(cv: f64) -> Result<f64, ParameterError> {
    let wanted = libm::log1p(cv * cv);
    SHAPES.solve(
        |shape| log_one_plus_squared_cv(shape) - wanted,
        || format!("a coefficient of variation of {cv}"),
    )
}

/// ln(1 + cv²) = ln Gamma(1 + 2/k) - 2 ln Gamma(1 + 1/k).
fn log_one_plus_squared_cv(shape: f64) -> f64 {
    libm::lgamma(1.0 + 2.0 / shape) - 2.0 * libm::lgamma(1.0 + 1.0 / shape)
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn weibull(given: [(&str, f64); 2]) -> Distribution {
        Distribution::from_parameters("weibull", &given).unwrap()
    }

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let reference = statrs::distribution::Weibull::new(1.5, 400.0).unwrap();
        let native = weibull([("shape", 1.5), ("scale", 400.0)]);
        let (mean, sd) = (native.mean(), native.variance().sqrt());
        check_against_statrs(&native, &reference);
        check_against_statrs(&weibull([("mean", mean), ("shape", 1.5)]), &reference);
        check_against_statrs(&weibull([("mean", mean), ("sd", sd)]), &reference);
        check_against_statrs(&weibull([("mean", mean), ("cv", sd / mean)]), &reference);
        let (p20, p90) = (native.quantile(0.2), native.quantile(0.9));
        check_against_statrs(&weibull([("p20", p20), ("p90", p90)]), &reference);
    }

    #[test]
    fn draws_fit() {
        for shape in [0.7, 1.0, 1.5, 6.0] {
            check_draws(&weibull([("shape", shape), ("scale", 100.0)]));
        }
    }

    #[test]
    fn means_and_spreads_are_met_over_many_magnitudes() {
        for cv in [0.001, 0.05, 1.0, 8.0, 1e3] {
            let solved = weibull([("mean", 60.0), ("cv", cv)]);
            assert!((solved.mean() / 60.0 - 1.0).abs() < 1e-9, "{cv}");
            assert!(
                (solved.variance().sqrt() / 60.0 / cv - 1.0).abs() < 1e-6,
                "{cv}"
            );
        }
    }

    #[test]
    fn shapes_out_of_reach_are_refused() {
        for given in [
            [("mean", 1.0), ("cv", 1e-9)],
            [("mean", 1.0), ("cv", 1e30)],
            [("shape", 0.001), ("scale", 1.0)],
            [("p50", 1.0), ("p95", 1e200)],
        ] {
            let error = Distribution::from_parameters("weibull", &given).unwrap_err();
            assert!(error.help.is_some(), "{error}");
        }
    }
}
