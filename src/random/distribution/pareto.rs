//! The Pareto distribution from zero, also called Lomax: `shape` a and `scale` s; the tail falls as a power only.
//!
//! F(x) = 1 - (1 + x / s)^(-a); mean s / (a - 1) for a > 1, variance mean² a / (a - 2) for a > 2, and infinite below.
//! With the survival S = 1 - F, E\[X; X <= x\] = integral of S from 0 to x, less x S(x), and E\[X²; X <= x\] = twice the
//! integral of t S(t), less x² S(x). Shifted by its scale it is the Pareto distribution from s.
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 20.

use super::family::Family;
use super::given::{Given, Percentile, positive};
use super::parameters::{FamilyDescription, ParameterError};
use super::shape::Shapes;
use crate::random::Stream;
use crate::random::ziggurat::standard_exponential;

const SHAPES: Shapes = Shapes {
    family: "pareto",
    range: 1.001..=1e6,
    help: "the mean is infinite up to shape 1, and a large shape is `exponential`",
};

/// Rare giants.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pareto {
    shape: f64,
    scale: f64,
}

impl Pareto {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "pareto",
        summary: "rare giants: a tail that falls as a power (Lomax, from zero); up to shape 2 it needs `max`",
        combinations: &[
            &["shape", "scale"],
            &["mean", "shape"],
            &["mean", "sd"],
            &["mean", "cv"],
            &["pNN", "pNN"],
        ],
        build: |given| Self::from_given(given).map(Family::Pareto),
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

    /// The shape solves Q(p2; a) / Q(p1; a) = x2 / x1, where Q is the quantile for scale 1; the ratio falls with a.
    fn through([first, second]: [Percentile; 2]) -> Result<Self, ParameterError> {
        let wanted = libm::log(second.value / first.value);
        let ratio = |shape| quantile(shape, second.p) / quantile(shape, first.p);
        let shape = SHAPES.solve(
            |shape| libm::log(ratio(shape)) - wanted,
            || format!("percentiles {} and {}", first.value, second.value),
        )?;
        Self::new(shape, second.value / quantile(shape, second.p))
    }

    fn of_mean(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        Self::new(shape, mean * (shape - 1.0))
    }

    fn new(shape: f64, scale: f64) -> Result<Self, ParameterError> {
        let shape = SHAPES.check(shape)?;
        Ok(Self { shape, scale })
    }

    pub(super) fn mean(&self) -> f64 {
        self.scale / (self.shape - 1.0)
    }

    pub(super) fn variance(&self) -> f64 {
        if self.shape <= 2.0 {
            return f64::INFINITY;
        }
        let mean = self.mean();
        mean * mean * self.shape / (self.shape - 2.0)
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x.is_infinite() {
            return match k {
                0 => 1.0,
                1 => self.mean(),
                _ => self.variance() + self.mean() * self.mean(),
            };
        }
        let log = libm::log1p(x / self.scale);
        // The integral of (1 + t)^(power - 1) from 0 to x / s.
        let integral = |power: f64| {
            if power == 0.0 {
                log
            } else {
                libm::expm1(power * log) / power
            }
        };
        let survival = libm::exp(-self.shape * log);
        let (once, twice) = (1.0 - self.shape, 2.0 - self.shape);
        match k {
            0 => -libm::expm1(-self.shape * log),
            1 => self.scale * integral(once) - x * survival,
            _ => {
                2.0 * self.scale * self.scale * (integral(twice) - integral(once))
                    - x * x * survival
            }
        }
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.scale * quantile(self.shape, p)
    }

    /// s (e^(E / a) - 1) with an exponential E.
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * libm::expm1(standard_exponential(stream) / self.shape)
    }
}

/// The quantile for scale 1.
fn quantile(shape: f64, p: f64) -> f64 {
    libm::expm1(-libm::log1p(-p) / shape)
}

/// c² = a / (a - 2), which is always above 1.
fn shape_of_cv(cv: f64) -> Result<f64, ParameterError> {
    let squared = cv * cv;
    if squared > 1.0 {
        return Ok(2.0 * squared / (squared - 1.0));
    }
    let message =
        format!("a `pareto` varies more than an exponential: a cv of {cv} is not above 1");
    Err(ParameterError::about_all(message)
        .with_help("use `gamma` or `lognormal` for less, `exponential` for 1"))
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn pareto(given: [(&str, f64); 2]) -> Distribution {
        Distribution::from_parameters("pareto", &given).unwrap()
    }

    #[test]
    fn shifted_by_its_scale_every_way_to_give_it_is_the_classical_pareto() {
        let reference = statrs::distribution::Pareto::new(60.0, 3.5).unwrap();
        let native = pareto([("shape", 3.5), ("scale", 60.0)]);
        let (mean, sd) = (native.mean(), native.variance().sqrt());
        let (median, p99) = (native.quantile(0.5), native.quantile(0.99));
        for given in [
            [("shape", 3.5), ("scale", 60.0)],
            [("mean", mean), ("shape", 3.5)],
            [("mean", mean), ("sd", sd)],
            [("mean", mean), ("cv", sd / mean)],
            [("p50", median), ("p99", p99)],
        ] {
            let shifted = pareto(given).modified(60.0, None, None).unwrap();
            check_against_statrs(&shifted, &reference);
        }
    }

    #[test]
    fn draws_fit_where_the_fourth_moment_exists_and_where_only_a_bound_makes_one() {
        check_draws(&pareto([("mean", 40.0), ("shape", 6.0)]));
        for shape in [1.2, 2.0] {
            let heavy = pareto([("shape", shape), ("scale", 10.0)]);
            assert!(heavy.variance().is_infinite());
            let bounded = heavy.modified(0.0, None, Some(3_600.0)).unwrap();
            assert!(bounded.variance().is_finite());
            crate::random::distribution::goodness_of_fit::check_moments_against_draws(&bounded);
        }
    }

    #[test]
    fn shapes_out_of_reach_are_refused() {
        for given in [
            [("shape", 0.9), ("scale", 1.0)],
            [("mean", 1.0), ("cv", 0.9)],
            [("p50", 1.0), ("p95", 2.0)],
            [("p50", 1.0), ("p95", 1e9)],
        ] {
            let error = Distribution::from_parameters("pareto", &given).unwrap_err();
            assert!(error.help.is_some(), "{error}");
        }
    }
}
