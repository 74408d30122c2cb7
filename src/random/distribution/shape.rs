//! The shapes that a family can have, and the search for the one that meets a wish.
//!
//! Beyond some shape a family is nearly a constant, or zero but for rare giants, and its formulas lose their digits.

use std::ops::RangeInclusive;

use super::parameters::ParameterError;
use super::root::root;

/// The possible shapes of a family.
pub(super) struct Shapes {
    pub(super) family: &'static str,
    pub(super) range: RangeInclusive<f64>,
    /// What to do instead of an impossible shape.
    pub(super) help: &'static str,
}

impl Shapes {
    /// The shape, if it is possible.
    pub(super) fn check(&self, shape: f64) -> Result<f64, ParameterError> {
        let (low, high) = (self.range.start(), self.range.end());
        // A root at an end of the range may lie outside by a rounding error; the last digit decides nothing.
        if (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(&shape) {
            return Ok(shape);
        }
        let family = self.family;
        let message = format!("a `{family}` of shape {shape} is not between {low} and {high}");
        Err(ParameterError::about_all(message).with_help(self.help))
    }

    /// The shape at which the monotone `excess` is zero, sought on the logarithmic scale; `wish` says what it would
    /// have had.
    pub(super) fn solve(
        &self,
        excess: impl Fn(f64) -> f64,
        wish: impl FnOnce() -> String,
    ) -> Result<f64, ParameterError> {
        let (low, high) = (libm::log(*self.range.start()), libm::log(*self.range.end()));
        root(|log_shape| excess(libm::exp(log_shape)), low, high)
            .map(libm::exp)
            .ok_or_else(|| {
                let message = format!("no `{}` has {}", self.family, wish());
                ParameterError::about_all(message)
                    .with_help("use `lognormal` for extreme spreads, `constant` for none")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: Shapes = Shapes {
        family: "gamma",
        range: 0.5..=2.0,
        help: "use another",
    };

    #[test]
    fn a_shape_is_found_within_the_range_and_at_its_ends() {
        for wanted in [0.5, 1.3, 2.0] {
            let solved = SHAPES.solve(|shape| shape - wanted, String::new).unwrap();
            assert!((solved - wanted).abs() < 1e-12);
            assert!(SHAPES.check(solved).is_ok());
        }
    }

    #[test]
    fn out_of_the_range_nothing_is_found_and_nothing_passes() {
        let wish = || "a cv of 9".to_owned();
        let error = SHAPES.solve(|shape| shape - 9.0, wish).unwrap_err();
        assert_eq!(error.message, "no `gamma` has a cv of 9");
        let error = SHAPES.check(9.0).unwrap_err();
        assert_eq!(error.help.unwrap(), "use another");
        assert!(SHAPES.check(f64::NAN).is_err());
    }
}
