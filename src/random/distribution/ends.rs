//! The ends of families that live between a low and a high value, such as three-point estimates.

use super::given::not_negative;
use super::parameters::ParameterError;

/// Ends that a user gave: 0 <= `low` < `high`.
pub(super) fn ends(low: f64, high: f64) -> Result<(f64, f64), ParameterError> {
    let low = not_negative("low", low)?;
    if high > low {
        return Ok((low, high));
    }
    Err(ParameterError::about(
        "high",
        format!("`high` {high} must lie above `low` {low}"),
    ))
}

/// Ends with a most likely value between them, itself an end perhaps.
pub(super) fn three_points(low: f64, mode: f64, high: f64) -> Result<[f64; 3], ParameterError> {
    let (low, high) = ends(low, high)?;
    if (low..=high).contains(&mode) {
        return Ok([low, mode, high]);
    }
    let message = format!("`mode` {mode} does not lie between `low` {low} and `high` {high}");
    Err(ParameterError::about("mode", message))
}

/// Ends that follow from a middle and half a width; a low end of zero may have come out rounded below it.
pub(super) fn around(family: &str, middle: f64, half: f64) -> Result<(f64, f64), ParameterError> {
    let (low, high) = (middle - half, middle + half);
    if low >= -1e-12 * high {
        return Ok((low.max(0.0), high));
    }
    let message = format!("a `{family}` of this spread would start below zero, at {low}");
    Err(ParameterError::about_all(message)
        .with_help("spread it less, or use `gamma` or `lognormal`"))
}
