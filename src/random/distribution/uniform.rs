//! The uniform distribution: every value between a low and a high end is equally likely.
//!
//! F(x) = (x - low) / (high - low); mean (low + high) / 2, variance (high - low)² / 12.

use super::ends::{around, ends};
use super::family::Family;
use super::given::Given;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// Any value between two ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "uniform",
        summary: "every value between two ends is equally likely",
        combinations: &[
            &["low", "high"],
            &["mean", "sd"],
            &["mean", "cv"],
            &["pNN", "pNN"],
        ],
        build: |given| Self::from_given(given).map(Family::Uniform),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([low, high]) = given.exactly(["low", "high"]) {
            let (low, high) = ends(low, high)?;
            return Ok(Self { low, high });
        }
        if let Some((mean, sd)) = given.mean_and_sd()? {
            let (low, high) = around("uniform", mean, 3f64.sqrt() * sd)?;
            return Ok(Self { low, high });
        }
        let [first, second] = given.percentiles()?;
        let width = (second.value - first.value) / (second.p - first.p);
        let low = first.value - width * first.p;
        let (low, high) = around("uniform", low + width / 2.0, width / 2.0)?;
        Ok(Self { low, high })
    }

    pub(super) fn mean(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    pub(super) fn variance(&self) -> f64 {
        let width = self.high - self.low;
        width * width / 12.0
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        partial_moment_between(self.low, self.high, k, x)
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.low + (self.high - self.low) * p
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        self.low + (self.high - self.low) * stream.next_open()
    }
}

/// E\[X^k; X <= x\] of the uniform distribution between two ends, which may be equal.
///
/// It is the share below x times the mean of t^k from `low` to x, written without differences of powers.
pub(super) fn partial_moment_between(low: f64, high: f64, k: i32, x: f64) -> f64 {
    if x < low {
        return 0.0;
    }
    let top = x.min(high);
    let share = if x >= high {
        1.0
    } else {
        (top - low) / (high - low)
    };
    let mean_power = match k {
        0 => 1.0,
        1 => f64::midpoint(low, top),
        _ => (top * top + top * low + low * low) / 3.0,
    };
    share * mean_power
}

#[cfg(test)]
mod tests {
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let reference = statrs::distribution::Uniform::new(10.0, 30.0).unwrap();
        let sd = 20.0 / 12f64.sqrt();
        for given in [
            [("low", 10.0), ("high", 30.0)],
            [("mean", 20.0), ("sd", sd)],
            [("mean", 20.0), ("cv", sd / 20.0)],
            [("p10", 12.0), ("p75", 25.0)],
        ] {
            let uniform = Distribution::from_parameters("uniform", &given).unwrap();
            check_against_statrs(&uniform, &reference);
        }
    }

    #[test]
    fn draws_fit() {
        check_draws(
            &Distribution::from_parameters("uniform", &[("low", 2.0), ("high", 5.0)]).unwrap(),
        );
    }

    #[test]
    fn ends_below_zero_or_out_of_order_are_refused() {
        let fails =
            |given: &[(&str, f64)]| Distribution::from_parameters("uniform", given).unwrap_err();
        assert_eq!(
            fails(&[("low", -1.0), ("high", 3.0)]).parameter.as_deref(),
            Some("low")
        );
        assert_eq!(
            fails(&[("low", 3.0), ("high", 3.0)]).parameter.as_deref(),
            Some("high")
        );
        assert!(
            fails(&[("mean", 1.0), ("sd", 2.0)])
                .message
                .contains("below zero")
        );
        let from_zero =
            Distribution::from_parameters("uniform", &[("mean", 0.3), ("sd", 0.3 / 3f64.sqrt())]);
        assert!(from_zero.is_ok());
    }
}
