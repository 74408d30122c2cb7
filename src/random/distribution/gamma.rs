//! The gamma distribution: a sum of exponential phases, of any number `shape` (k) of them, each of mean `scale` (s).
//!
//! F(x) = P(k, x / s) with the regularized incomplete gamma function P; mean k s, variance k s²;
//! E\[X^j; X <= x\] = s^j k (k+1) ... (k+j-1) P(k + j, x / s).
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 17; draws by Marsaglia and
//! Tsang, "A simple method for generating gamma variables" (ACM TOMS 26, 2000).

use super::family::Family;
use super::given::{Given, Percentile, positive};
use super::incomplete_gamma;
use super::parameters::{FamilyDescription, ParameterError};
use super::shape::Shapes;
use crate::random::Stream;
use crate::random::ziggurat::standard_normal;

const SHAPES: Shapes = Shapes {
    family: "gamma",
    range: 0.01..=1e8,
    help: "the coefficient of variation is 1 / sqrt(shape); use `constant` where it is tiny",
};

/// A sum of exponential phases.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gamma {
    shape: f64,
    scale: f64,
    /// For the shape, or for the shape + 1 if that is below 1.
    standard: StandardGamma,
}

impl Gamma {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "gamma",
        summary: "a sum of exponential phases: a shorter tail than the lognormal",
        combinations: &[
            &["shape", "scale"],
            &["mean", "shape"],
            &["mean", "sd"],
            &["mean", "cv"],
            &["pNN", "pNN"],
        ],
        build: |given| Self::from_given(given).map(Family::Gamma),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([shape, scale]) = given.exactly(["shape", "scale"]) {
            return Self::new(positive("shape", shape)?, positive("scale", scale)?);
        }
        if let Some([mean, shape]) = given.exactly(["mean", "shape"]) {
            let shape = positive("shape", shape)?;
            return Self::new(shape, positive("mean", mean)? / shape);
        }
        if let Some((mean, sd)) = given.mean_and_sd()? {
            let (shape, scale) = ((mean / sd) * (mean / sd), sd * (sd / mean));
            return Self::new(shape, scale);
        }
        Self::through(given.percentiles()?)
    }

    /// The shape solves Q(p2; k) / Q(p1; k) = x2 / x1, where Q is the quantile for scale 1; the ratio falls with k.
    fn through([first, second]: [Percentile; 2]) -> Result<Self, ParameterError> {
        let wanted = libm::log(second.value / first.value);
        let ratio =
            |k| incomplete_gamma::inverse(k, second.p) / incomplete_gamma::inverse(k, first.p);
        let shape = SHAPES.solve(
            |k| libm::log(ratio(k)) - wanted,
            || format!("percentiles {} and {}", first.value, second.value),
        )?;
        Self::new(
            shape,
            second.value / incomplete_gamma::inverse(shape, second.p),
        )
    }

    pub(super) fn new(shape: f64, scale: f64) -> Result<Self, ParameterError> {
        let shape = SHAPES.check(shape)?;
        let standard = StandardGamma::new(if shape < 1.0 { shape + 1.0 } else { shape });
        Ok(Self {
            shape,
            scale,
            standard,
        })
    }

    pub(super) fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    pub(super) fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        let whole = match k {
            0 => 1.0,
            1 => self.scale * self.shape,
            _ => self.scale * self.scale * self.shape * (self.shape + 1.0),
        };
        whole * incomplete_gamma::regularized(self.shape + f64::from(k), x / self.scale).0
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.scale * incomplete_gamma::inverse(self.shape, p)
    }

    /// Below shape 1 a draw of shape + 1 is reduced by a factor U^(1 / shape).
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let draw = self.scale * self.standard.sample(stream);
        if self.shape < 1.0 {
            draw * libm::pow(stream.next_open(), 1.0 / self.shape)
        } else {
            draw
        }
    }
}

/// The gamma distribution of a shape k of at least 1, and of scale 1, ready to be drawn from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StandardGamma {
    /// k - 1/3.
    d: f64,
    /// 1 / sqrt(9 d).
    c: f64,
}

impl StandardGamma {
    #[inline]
    pub(super) fn new(shape: f64) -> Self {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        Self { d, c }
    }

    /// d V with V = (1 + c Z)³, accepted such that it is gamma distributed.
    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        loop {
            let z = standard_normal(stream);
            let root = 1.0 + self.c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let (u, squared) = (stream.next_open(), z * z);
            // The first test, without logarithms, already accepts nearly all that the second one would.
            if u < 1.0 - 0.0331 * squared * squared
                || libm::log(u) < 0.5 * squared + self.d * (1.0 - v + libm::log(v))
            {
                return self.d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn gamma(given: [(&str, f64); 2]) -> Distribution {
        Distribution::from_parameters("gamma", &given).unwrap()
    }

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        // statrs takes a rate, the inverse of the scale.
        let reference = statrs::distribution::Gamma::new(4.0, 0.2).unwrap();
        let native = gamma([("shape", 4.0), ("scale", 5.0)]);
        check_against_statrs(&native, &reference);
        check_against_statrs(&gamma([("mean", 20.0), ("shape", 4.0)]), &reference);
        check_against_statrs(&gamma([("mean", 20.0), ("sd", 10.0)]), &reference);
        check_against_statrs(&gamma([("mean", 20.0), ("cv", 0.5)]), &reference);
        let (median, p99) = (native.quantile(0.5), native.quantile(0.99));
        check_against_statrs(&gamma([("p50", median), ("p99", p99)]), &reference);
    }

    #[test]
    fn draws_fit_above_and_below_shape_one() {
        for shape in [0.3, 0.999, 1.0, 1.8, 25.0] {
            check_draws(&gamma([("shape", shape), ("scale", 3.0)]));
        }
    }

    #[test]
    fn percentiles_are_met_for_wide_and_narrow_spreads() {
        for (low, high) in [(1.0, 1.001), (1.0, 2.0), (1.0, 30.0), (1.0, 1e6)] {
            let solved = gamma([("p50", low), ("p95", high)]);
            assert!((solved.quantile(0.5) / low - 1.0).abs() < 1e-7, "{high}");
            assert!((solved.quantile(0.95) / high - 1.0).abs() < 1e-7, "{high}");
        }
    }

    #[test]
    fn shapes_out_of_reach_are_refused() {
        for given in [
            [("mean", 1.0), ("sd", 1e-9)],
            [("p50", 1.0), ("p95", 1e300)],
        ] {
            let error = Distribution::from_parameters("gamma", &given).unwrap_err();
            assert!(error.help.is_some(), "{error}");
        }
    }
}
