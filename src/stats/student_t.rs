//! Student's t distribution: what the mean of a few replications follows.
//!
//! The share beyond t on one side, with v degrees of freedom, is `I_x(v/2, 1/2) / 2` at x = v / (v + t²), where I is the
//! regularized incomplete beta function. Source: Abramowitz and Stegun 26.7.1; 26.5.8 for the continued fraction.

use std::f64::consts::PI;

/// The t with P(T <= t) = `p` for positive `degrees` of freedom, which need not be whole; NaN if they are not positive.
///
/// Infinite at 0 and 1. Newton's method on the upper tail, which is convex and falling for t > 0: from t = 0 it
/// approaches the solution from the left without ever overshooting.
pub fn quantile(p: f64, degrees: f64) -> f64 {
    let tail = p.min(1.0 - p);
    if degrees.is_nan() || degrees <= 0.0 {
        return f64::NAN;
    }
    if tail <= 0.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    let mut t = 0.0f64;
    for _ in 0..10_000 {
        let step = (upper_tail(t, degrees) - tail) / density(t, degrees);
        t += step;
        // A step back is rounding: with many degrees of freedom it is coarser than t itself.
        if step <= 2.0 * f64::EPSILON * t {
            break;
        }
    }
    if p < 0.5 { -t } else { t }
}

/// P(|T| >= |t|) for positive `degrees` of freedom.
pub fn two_sided(t: f64, degrees: f64) -> f64 {
    2.0 * upper_tail(t.abs(), degrees)
}

/// P(T > t) for t >= 0.
fn upper_tail(t: f64, degrees: f64) -> f64 {
    0.5 * incomplete_beta(0.5 * degrees, 0.5, degrees / (degrees + t * t))
}

/// Gamma((v+1)/2) / (Gamma(v/2) sqrt(v pi)) (1 + t²/v)^(-(v+1)/2).
fn density(t: f64, degrees: f64) -> f64 {
    let half = 0.5 * (degrees + 1.0);
    let front = libm::lgamma(half) - libm::lgamma(0.5 * degrees);
    libm::exp(front - half * libm::log1p(t * t / degrees)) / (degrees * PI).sqrt()
}

/// The regularized incomplete beta function `I_x(a, b)`.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges quickly below the mean only; above it, I_x(a, b) = 1 - I_(1-x)(b, a).
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - log_beta);
    front * continued_fraction(a, b, x) / a
}

/// The continued fraction of the incomplete beta function by Lentz's method.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    // Ratios of successive numerators, and of successive denominators upside down.
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = below;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for numerator in [even, odd] {
            below = 1.0 / away_from_zero(1.0 + numerator * below);
            above = away_from_zero(1.0 + numerator / above);
            factor = above * below;
            value *= factor;
        }
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "answers at the ends and of constants are exact"
)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

    #[test]
    fn quantiles_agree_with_statrs() {
        for degrees in [1.0, 2.0, 3.7, 9.0, 29.0, 200.0, 5_000.0] {
            let reference = StudentsT::new(0.0, 1.0, degrees).unwrap();
            for p in [0.001, 0.05, 0.3, 0.6, 0.9, 0.95, 0.975, 0.995] {
                let share = reference.cdf(quantile(p, degrees));
                assert!((share / p - 1.0).abs() < 1e-9, "{p} {degrees}: {share}");
            }
        }
    }

    #[test]
    fn table_values_are_met() {
        // t(9, 0.95) as in the reference case; t(1, 0.975) = tan(0.475 pi) in closed form; t(30, 0.975) of the tables.
        assert!((quantile(0.95, 9.0) - 1.833_112_933).abs() < 1e-9);
        assert!((quantile(0.975, 1.0) - 12.706_204_736_174_707).abs() < 1e-10);
        assert!((quantile(0.975, 30.0) - 2.042_272_456).abs() < 1e-9);
    }

    #[test]
    fn the_ends_and_the_middle_are_exact() {
        assert_eq!(quantile(0.5, 7.0), 0.0);
        assert_eq!(quantile(1.0, 7.0), f64::INFINITY);
        assert_eq!(quantile(0.0, 7.0), f64::NEG_INFINITY);
        assert!(quantile(0.9, 0.0).is_nan());
    }
}
