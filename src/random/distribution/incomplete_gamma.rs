//! The regularized incomplete gamma functions, and the inverse.
//!
//! P(a, x) = 1 / Gamma(a) * integral of t^(a-1) e^(-t) from 0 to x, and Q = 1 - P.
//! Source: Abramowitz and Stegun 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method).

use super::root::root;

/// P(a, x) and Q(a, x) for a > 0; each accurate where it is small.
pub(crate) fn regularized(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let lower = (front * series(a, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * continued_fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// The x with P(a, x) = p, for p from 0 to 1.
///
/// Sought on the logarithmic scale, from the exact lower bound P(a, x) <= x^a / Gamma(a + 1).
pub(crate) fn inverse(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let excess = |log_x: f64| {
        let (lower, upper) = regularized(a, libm::exp(log_x));
        if p < 0.5 { lower - p } else { 1.0 - p - upper }
    };
    let low = (libm::log(p) + libm::lgamma(a + 1.0)) / a - 1e-9;
    let mut high = low.max(libm::log(a)) + 1.0;
    while excess(high) < 0.0 {
        high += 1.0;
    }
    root(excess, low, high).map_or(f64::NAN, libm::exp)
}

/// The sum of x^n / (a (a+1) ... (a+n)).
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    while term > sum * f64::EPSILON * 0.5 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...))).
fn continued_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut term = x + 1.0 - a;
    // Ratios of successive numerators, and of successive denominators upside down.
    let (mut above, mut below) = (1.0 / TINY, 1.0 / term);
    let mut value = below;
    // Near x = a it takes a few times sqrt(a) steps; the bound only guards against an endless loop.
    for i in 1..1_000_000 {
        let n = f64::from(i);
        let numerator = n * (a - n);
        term += 2.0;
        below = 1.0 / not_zero(numerator * below + term, TINY);
        above = not_zero(term + numerator / above, TINY);
        let factor = above * below;
        value *= factor;
        if (factor - 1.0).abs() < f64::EPSILON * 2.0 {
            break;
        }
    }
    value
}

fn not_zero(x: f64, tiny: f64) -> f64 {
    if x.abs() < tiny { tiny } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tails_agree_with_statrs() {
        for a in [0.02, 0.5, 1.0, 3.3, 40.0, 2_000.0] {
            for share in [0.01, 0.3, 0.9, 1.0, 1.1, 2.0] {
                let x = a * share + 0.01;
                let (lower, upper) = regularized(a, x);
                assert!(
                    (lower - statrs::function::gamma::gamma_lr(a, x)).abs() < 1e-11,
                    "{a} {x}"
                );
                assert!(
                    (upper - statrs::function::gamma::gamma_ur(a, x)).abs() < 1e-11,
                    "{a} {x}"
                );
            }
        }
    }

    #[test]
    fn the_inverse_returns_over_many_magnitudes() {
        for a in [0.02, 0.7, 1.0, 12.0, 1e4, 1e8] {
            for p in [1e-4, 0.1, 0.5, 0.9, 0.999_9] {
                let back = regularized(a, inverse(a, p)).0;
                assert!((back / p - 1.0).abs() < 1e-7, "{a} {p}: {back}");
            }
        }
        assert!((inverse(1.0, 0.95) + libm::log(0.05)).abs() < 1e-13);
    }
}
