//! The zero of a function between two points where it has different signs.
//!
//! Source: Chandrupatla, "A new hybrid quadratic/bisection algorithm" (Adv. Eng. Software 28, 1997): as safe as
//! bisection and about as quick as Brent's method, with half the code.

/// The zero of the continuous `f` between `low` and `high`; none if the signs at the ends do not differ.
pub(crate) fn root(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    // `a` is the newest point, `b` the other end of the bracket, `c` the point given up last.
    let ((mut a, mut at_a), (mut b, mut at_b)) = ((high, f(high)), (low, f(low)));
    // Written so that a value that is not a number has no sign, and gives no root.
    if !(at_a <= 0.0 && at_b >= 0.0 || at_a >= 0.0 && at_b <= 0.0) {
        return None;
    }
    let mut step: f64 = 0.5;
    loop {
        let (best, at_best) = if at_a.abs() < at_b.abs() {
            (a, at_a)
        } else {
            (b, at_b)
        };
        let tolerance = 2.0 * f64::EPSILON * best.abs() + f64::MIN_POSITIVE;
        let least_step = tolerance / (b - a).abs();
        if at_best == 0.0 || least_step > 0.5 {
            return Some(best);
        }
        let new = a + step.clamp(least_step, 1.0 - least_step) * (b - a);
        let at_new = f(new);
        let (c, at_c) = if (at_new > 0.0) == (at_a > 0.0) {
            (a, at_a)
        } else {
            let given_up = (b, at_b);
            (b, at_b) = (a, at_a);
            given_up
        };
        (a, at_a) = (new, at_new);
        step = next_step([a, b, c], [at_a, at_b, at_c]);
    }
}

/// Where to look next as a share of the way from `a` to `b`: by inverse quadratic interpolation where it is safe.
fn next_step([a, b, c]: [f64; 3], [at_a, at_b, at_c]: [f64; 3]) -> f64 {
    let xi = (a - b) / (c - b);
    let phi = (at_a - at_b) / (at_c - at_b);
    if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
        at_a / (at_b - at_a) * at_c / (at_b - at_c)
            + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn roots_are_found_to_the_last_digits_in_few_steps() {
        let calls = Cell::new(0);
        let cubic = |x: f64| {
            calls.set(calls.get() + 1);
            x * x * x - 2.0 * x - 5.0
        };
        // Wallis's example of 1685.
        let found = root(cubic, 2.0, 3.0).unwrap();
        assert!((found - 2.094_551_481_542_326_5).abs() < 1e-15);
        assert!(calls.get() < 20, "{} calls", calls.get());
    }

    #[test]
    fn steep_and_flat_functions_are_bisected() {
        let step = |x: f64| if x < 0.3 { -1e-300 } else { 1e300 };
        assert!((root(step, 0.0, 1.0).unwrap() - 0.3).abs() < 1e-15);
    }

    #[test]
    fn an_end_may_be_the_root_and_equal_signs_have_none() {
        assert_eq!(root(|x| x, 0.0, 1.0), Some(0.0));
        assert_eq!(root(|x| x + 1.0, 0.0, 1.0), None);
        assert_eq!(root(|_| f64::NAN, 0.0, 1.0), None);
    }
}
