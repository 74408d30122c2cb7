//! The triangular distribution: from a `low` value (a) straight up to the most likely one, the `mode` (c), and straight
//! down to a `high` one (b): an estimate by three points.
//!
//! F(x) = (x - a)² / ((b - a) (c - a)) up to c, and 1 - (b - x)² / ((b - a) (b - c)) from there; mean (a + b + c) / 3,
//! variance (a² + b² + c² - a b - a c - b c) / 18.
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 2", ch. 26, section 9.

use super::ends::{around, three_points};
use super::family::Family;
use super::given::Given;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// An estimate by three points, with straight sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Triangular {
    low: f64,
    mode: f64,
    high: f64,
}

impl Triangular {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "triangular",
        summary: "an estimate by three points, with straight sides; symmetric if given by its mean",
        combinations: &[&["low", "mode", "high"], &["mean", "sd"], &["mean", "cv"]],
        build: |given| Self::from_given(given).map(Family::Triangular),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([low, mode, high]) = given.exactly(["low", "mode", "high"]) {
            let [low, mode, high] = three_points(low, mode, high)?;
            return Ok(Self { low, mode, high });
        }
        let Some((mode, sd)) = given.mean_and_sd()? else {
            return Err(given.misfit());
        };
        let (low, high) = around("triangular", mode, 6f64.sqrt() * sd)?;
        Ok(Self { low, mode, high })
    }

    pub(super) fn mean(&self) -> f64 {
        (self.low + self.mode + self.high) / 3.0
    }

    pub(super) fn variance(&self) -> f64 {
        let (rise, fall) = (self.mode - self.low, self.high - self.mode);
        (rise * rise + rise * fall + fall * fall) / 18.0
    }

    /// The share of the rising side.
    fn rising(&self) -> f64 {
        (self.mode - self.low) / (self.high - self.low)
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        let (rise, fall) = (self.mode - self.low, self.high - self.mode);
        let rising = self.rising();
        if x <= self.low {
            0.0
        } else if x < self.mode {
            rising * side(self.low, rise, k, (x - self.low) / rise)
        } else {
            let beyond = if x < self.high {
                side(self.high, -fall, k, (self.high - x) / fall)
            } else {
                0.0
            };
            rising * side(self.low, rise, k, 1.0)
                + (1.0 - rising) * (side(self.high, -fall, k, 1.0) - beyond)
        }
    }

    #[inline]
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let width = self.high - self.low;
        if p < self.rising() {
            self.low + (p * width * (self.mode - self.low)).sqrt()
        } else {
            self.high - ((1.0 - p) * width * (self.high - self.mode)).sqrt()
        }
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        self.quantile(stream.next_open())
    }
}

/// E\[X^k; V <= v\] of one side: X = `end` + `way` V, where V has the density 2 v on \[0, 1\].
fn side(end: f64, way: f64, k: i32, v: f64) -> f64 {
    let square = v * v;
    match k {
        0 => square,
        1 => square * (end + way * v * 2.0 / 3.0),
        _ => square * (end * end + end * way * v * 4.0 / 3.0 + way * way * square / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn triangular(given: &[(&str, f64)]) -> Distribution {
        Distribution::from_parameters("triangular", given).unwrap()
    }

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let reference = statrs::distribution::Triangular::new(10.0, 50.0, 20.0).unwrap();
        let skewed = triangular(&[("low", 10.0), ("mode", 20.0), ("high", 50.0)]);
        check_against_statrs(&skewed, &reference);
        let reference = statrs::distribution::Triangular::new(10.0, 30.0, 20.0).unwrap();
        let sd = 10.0 / 6f64.sqrt();
        check_against_statrs(&triangular(&[("mean", 20.0), ("sd", sd)]), &reference);
        check_against_statrs(
            &triangular(&[("mean", 20.0), ("cv", sd / 20.0)]),
            &reference,
        );
    }

    #[test]
    fn draws_fit_also_without_one_of_the_sides() {
        for mode in [2.0, 3.0, 12.0] {
            check_draws(&triangular(&[("low", 2.0), ("mode", mode), ("high", 12.0)]));
        }
    }

    #[test]
    fn points_out_of_order_are_refused() {
        let at = |low, mode, high| {
            let given = [("low", low), ("mode", mode), ("high", high)];
            let error = Distribution::from_parameters("triangular", &given).unwrap_err();
            error.parameter.unwrap()
        };
        assert_eq!(at(-1.0, 2.0, 3.0), "low");
        assert_eq!(at(1.0, 4.0, 3.0), "mode");
        assert_eq!(at(3.0, 3.0, 3.0), "high");
        let wide = Distribution::from_parameters("triangular", &[("mean", 1.0), ("cv", 0.5)]);
        assert!(wide.unwrap_err().message.contains("below zero"));
    }
}
