//! The standard normal curve: density, distribution function and quantile, from `libm::erfc`.

use std::f64::consts::{SQRT_2, TAU};

/// phi(z) = exp(-z² / 2) / sqrt(2 pi).
pub(crate) fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / TAU.sqrt()
}

/// Phi(z), the share at or below z; accurate in the lower tail as well.
pub(crate) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The z with Phi(z) = p; infinite at 0 and 1.
///
/// Newton's method on the logarithm of the tail, which is concave: started to the right of the solution, where
/// z = sqrt(-2 ln(2 q)) lies for every tail q, it approaches from that side without ever overshooting.
pub(crate) fn quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    let mut z = (-2.0 * libm::log(2.0 * tail)).max(0.0).sqrt();
    for _ in 0..100 {
        let beyond = cdf(-z);
        let step = libm::log(beyond / tail) * beyond / density(z);
        z += step;
        if step.abs() <= f64::EPSILON * z.abs() {
            break;
        }
    }
    if p < 0.5 { -z } else { z }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "answers at the ends and of constants are exact"
)]
mod tests {
    use statrs::distribution::{Continuous, ContinuousCDF, Normal};

    use super::*;

    #[test]
    fn shares_are_right_to_thirteen_digits() {
        // Confirmed with the C library's erfc. statrs is off by 2.5e-11 of the value at -6, so it is no judge here.
        for (z, share) in [
            (-6.0, 9.865_876_450_376_98e-10),
            (-2.5, 6.209_665_325_776_132e-3),
            (-1.0, 0.158_655_253_931_457_05),
            (1.96, 0.975_002_104_851_779_5),
        ] {
            assert!((cdf(z) / share - 1.0).abs() < 1e-13, "{z}: {}", cdf(z));
        }
    }

    #[test]
    fn density_and_quantile_agree_with_statrs() {
        let reference = Normal::standard();
        for z in [-6.0, -2.5, 0.0, 0.3, 5.0] {
            assert!((density(z) - reference.pdf(z)).abs() < 1e-15, "{z}");
        }
        for p in [1e-12, 1e-3, 0.025, 0.4, 0.5, 0.6, 0.95, 0.999_999] {
            let expected = reference.inverse_cdf(p);
            assert!(
                (quantile(p) - expected).abs() < 1e-9 * (1.0 + expected.abs()),
                "{p}"
            );
        }
    }

    #[test]
    fn quantiles_round_trip_far_into_the_tail() {
        for p in [1e-300, 1e-100, 1e-20, 1e-5, 0.2, 0.499_999, 0.75, 0.99] {
            assert!((cdf(quantile(p)) / p - 1.0).abs() < 1e-12, "{p}");
        }
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
    }
}
