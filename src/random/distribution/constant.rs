//! The constant: the value v every time. Mean v, variance 0.

use super::family::Family;
use super::given::{Given, not_negative};
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// Always the same value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    value: f64,
}

impl Constant {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "constant",
        summary: "always the same value",
        combinations: &[&["value"]],
        build: |given| Self::from_given(given).map(Family::Constant),
    };

    pub(super) const ZERO: Self = Self { value: 0.0 };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        let [value] = given.exactly(["value"]).ok_or_else(|| given.misfit())?;
        Ok(Self {
            value: not_negative("value", value)?,
        })
    }

    pub(super) fn mean(&self) -> f64 {
        self.value
    }

    #[expect(
        clippy::unused_self,
        reason = "every family answers the same questions"
    )]
    pub(super) fn variance(&self) -> f64 {
        0.0
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        if x < self.value {
            0.0
        } else {
            libm::pow(self.value, f64::from(k))
        }
    }

    pub(super) fn quantile(&self, _p: f64) -> f64 {
        self.value
    }

    #[inline]
    pub(super) fn sample(&self, _stream: &mut Stream) -> f64 {
        self.value
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "answers at the ends and of constants are exact"
)]
mod tests {
    use crate::random::{Distribution, Purpose, StreamKey};

    #[test]
    fn every_answer_is_the_value() {
        let always = Distribution::constant(120.0).unwrap();
        let draw = always.sample(&mut StreamKey::root(0, 0).stream(Purpose::Duration));
        assert_eq!(
            [
                draw,
                always.mean(),
                always.quantile(0.01),
                always.variance()
            ],
            [120.0, 120.0, 120.0, 0.0]
        );
        assert_eq!([always.cdf(119.9), always.cdf(120.0)], [0.0, 1.0]);
        assert!(Distribution::constant(-1.0).is_err());
    }

    #[test]
    fn a_constant_clamped_or_shifted_is_another_constant() {
        let moved = Distribution::constant(120.0)
            .unwrap()
            .modified(5.0, None, Some(100.0))
            .unwrap();
        assert_eq!([moved.mean(), moved.variance()], [100.0, 0.0]);
        let moved = Distribution::ZERO.modified(5.0, None, None).unwrap();
        assert_eq!([moved.mean(), moved.variance()], [5.0, 0.0]);
    }
}
