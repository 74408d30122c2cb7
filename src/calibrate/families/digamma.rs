//! The digamma function, the derivative of ln Gamma.
//!
//! Source: Abramowitz and Stegun 6.3.5 (recurrence) and 6.3.18 (asymptotic series).

/// psi(x) for x > 0.
pub(super) fn digamma(x: f64) -> f64 {
    let (mut x, mut shifted) = (x, 0.0);
    while x < 12.0 {
        shifted -= 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series =
        y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y * (1.0 / 240.0 - y / 132.0))));
    shifted + libm::log(x) - 0.5 / x - series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_statrs() {
        for x in [0.01, 0.3, 1.0, 2.5, 11.9, 40.0, 1e6] {
            let expected = statrs::function::gamma::digamma(x);
            assert!(
                (digamma(x) - expected).abs() < 1e-11 * expected.abs().max(1.0),
                "{x}"
            );
        }
    }
}
