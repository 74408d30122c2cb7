//! The least number at which something holds, exactly: for quantiles that no formula gives.

/// The least number from `low` to `high` at which `holds`, which holds from there on and at `high`; neither end may
/// be negative.
///
/// The bits of numbers that are not negative stand in the order of the numbers, so halving the distance between the
/// bits of two numbers ends at two neighbours after 64 steps at most, at a jump as well as at a slope.
pub(super) fn least(holds: impl Fn(f64) -> bool, low: f64, high: f64) -> f64 {
    let (mut below, mut found) = (low.to_bits(), high.to_bits());
    while below < found {
        let middle = below + (found - below) / 2;
        if holds(f64::from_bits(middle)) {
            found = middle;
        } else {
            below = middle + 1;
        }
    }
    f64::from_bits(found)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the answers are exact")]
mod tests {
    use super::least;

    #[test]
    fn a_jump_and_a_slope_are_found_to_the_last_bit() {
        assert_eq!(least(|x| x >= 0.3, 0.0, 1e9), 0.3);
        let two = least(|x| x * x >= 2.0, 1.0, 2.0);
        assert!(two * two >= 2.0 && two.next_down() * two.next_down() < 2.0);
    }

    #[test]
    fn the_ends_may_be_the_answer() {
        assert_eq!(least(|_| true, 2.0, 3.0), 2.0);
        assert_eq!(least(|_| false, 2.0, 3.0), 3.0);
        assert_eq!(least(|x| x > f64::MAX, 2.0, f64::INFINITY), f64::INFINITY);
    }
}
