//! The regularized incomplete beta function, and the inverse.
//!
//! I(a, b; x) = Gamma(a + b) / (Gamma(a) Gamma(b)) * integral of t^(a-1) (1-t)^(b-1) from 0 to x.
//! Source: Abramowitz and Stegun 26.5.8 (continued fraction, by Lentz's method) and 6.6.3 (symmetry).

use super::least::least;

/// I(a, b; x) for a, b > 0 and x from 0 to 1.
pub(super) fn regularized(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = a * libm::log(x) + b * libm::log1p(-x) + libm::lgamma(a + b)
        - libm::lgamma(a)
        - libm::lgamma(b);
    let front = libm::exp(log_front);
    // On this side of the hill the continued fraction is quick; beyond it the other tail is taken.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, x) / a
    } else {
        1.0 - front * continued_fraction(b, a, 1.0 - x) / b
    }
}

/// The x with I(a, b; x) = p, for p from 0 to 1; sought from the end that is nearer, where digits are dense.
pub(super) fn inverse(a: f64, b: f64, p: f64) -> f64 {
    if p > 0.5 {
        return 1.0 - inverse(b, a, 1.0 - p);
    }
    least(|x| regularized(a, b, x) >= p, 0.0, 1.0)
}

/// 1 / (1 + d1 / (1 + d2 / (1 + ...))).
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut below = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let (mut above, mut value) = (1.0, below);
    // Both parameters are small here, so a few dozen steps do; the bound only guards against an endless loop.
    for i in 1..10_000 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for numerator in [even, odd] {
            below = 1.0 / not_zero(1.0 + numerator * below);
            above = not_zero(1.0 + numerator / above);
            factor = above * below;
            value *= factor;
        }
        if (factor - 1.0).abs() < f64::EPSILON * 2.0 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_statrs() {
        for (a, b) in [(1.0, 5.0), (2.2, 3.8), (3.0, 3.0), (5.0, 1.0), (7.0, 1.3)] {
            for x in [1e-6, 0.05, 0.3, 0.5, 0.77, 0.999] {
                let expected = statrs::function::beta::beta_reg(a, b, x);
                assert!(
                    (regularized(a, b, x) - expected).abs() < 1e-13,
                    "{a} {b} {x}"
                );
            }
        }
    }

    #[test]
    fn the_inverse_returns() {
        for (a, b) in [(1.0, 5.0), (3.0, 3.0), (4.6, 1.4)] {
            for p in [1e-6, 0.1, 0.5, 0.9, 0.999_9] {
                let back = regularized(a, b, inverse(a, b, p));
                assert!((back / p - 1.0).abs() < 1e-12, "{a} {b} {p}: {back}");
            }
            assert!(inverse(a, b, 0.0).abs() < f64::EPSILON);
            assert!((inverse(a, b, 1.0) - 1.0).abs() < 1e-9);
        }
    }
}
