//! Many comparisons at once: Holm's step-down adjustment, and how many pairs would decide one of them.
//!
//! Sources: Holm, "A simple sequentially rejective multiple test procedure" (Scandinavian Journal of Statistics 6, 1979);
//! Law, "Simulation Modeling and Analysis", sections 9.4.1 (the number of replications) and 10.3 (several comparisons).

use super::interval::Interval;
use super::student_t;

/// The adjusted p-values of a family of comparisons, in their order: what is at most alpha may be called shown, and the
/// probability that anything of the family is called shown wrongly is at most alpha, however they hang together.
///
/// The i-th smallest of m becomes the largest of (m - j + 1) p(j) over j <= i, at most 1. NaN (nothing is known) stays, and
/// counts as a member of the family.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    // NaN comes last in this order.
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![f64::NAN; m];
    let mut largest = 0.0f64;
    for (rank, &at) in order.iter().enumerate() {
        if p_values[at].is_nan() {
            break;
        }
        largest = largest.max((m - rank) as f64 * p_values[at]).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

/// The two-sided p-value of "the mean is 0" that belongs to the interval of a mean at this level: 0 of what never varies, but
/// 1 if it is always 0; NaN of fewer than two values.
pub fn p_value(interval: &Interval, level: f64) -> f64 {
    let Interval {
        mean,
        half_width,
        n,
    } = *interval;
    if n < 2 {
        return f64::NAN;
    }
    if half_width == 0.0 {
        return f64::from(u8::from(mean == 0.0));
    }
    let degrees = (n - 1) as f64;
    let standard_error = half_width / student_t::quantile(0.5 + 0.5 * level, degrees);
    student_t::two_sided(mean / standard_error, degrees)
}

/// The least number of values, from 2 on, whose interval at level 1 - `alpha` would leave out 0, if mean and variance stay
/// what they are; none if it takes more than `most`.
pub fn values_to_show(mean: f64, variance: f64, alpha: f64, most: u32) -> Option<u32> {
    let is_enough = |n: u32| {
        let t = student_t::quantile(1.0 - 0.5 * alpha, f64::from(n - 1));
        t * (variance / f64::from(n)).sqrt() < mean.abs()
    };
    if most < 2 || !is_enough(most) {
        return None;
    }
    // Half-widths fall as n grows, so the numbers that are enough are all from some n on.
    let (mut too_few, mut enough) = (1, most);
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if is_enough(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::super::interval::mean_interval;
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-9, "{actual}, not {expected}");
    }

    #[test]
    fn the_textbook_example_of_holm() {
        // By hand: 4 x 0.005, then max(0.02, 3 x 0.01), 2 x 0.03, and the last no smaller than the one before.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (actual, expected) in adjusted.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            close(actual, expected);
        }
        assert_eq!(holm(&[0.7, 0.6]), [1.0, 1.0]);
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }

    #[test]
    fn what_is_not_known_counts_and_shows_nothing() {
        let adjusted = holm(&[f64::NAN, 0.01]);
        assert!(adjusted[0].is_nan());
        close(adjusted[1], 0.02);
    }

    #[test]
    fn the_p_value_is_the_level_at_which_the_interval_touches_nothing() {
        let values = [12.1, 14.3, 11.8, 15.2, 13.0, -2.0];
        for level in [0.5, 0.9, 0.99] {
            let p = p_value(&mean_interval(&values, level), level);
            let touching = mean_interval(&values, 1.0 - p);
            close(touching.half_width, touching.mean);
        }
        close(p_value(&mean_interval(&[0.0; 4], 0.95), 0.95), 1.0);
        close(p_value(&mean_interval(&[3.0; 4], 0.95), 0.95), 0.0);
        assert!(p_value(&mean_interval(&[3.0], 0.95), 0.95).is_nan());
    }

    #[test]
    fn so_many_values_are_just_enough() {
        let half_width = |n: u32| {
            let t = student_t::quantile(0.975, f64::from(n - 1));
            t * (4.0 / f64::from(n)).sqrt()
        };
        let n = values_to_show(0.5, 4.0, 0.05, 100_000).unwrap();
        // Normal theory says (1.96 x 2 / 0.5)² = 61.5, and t a little more.
        assert_eq!(n, 64);
        assert!(half_width(n) < 0.5 && half_width(n - 1) >= 0.5);
        assert_eq!(values_to_show(1e-6, 4.0, 0.05, 100_000), None);
        assert_eq!(values_to_show(0.0, 4.0, 0.05, 100_000), None);
    }
}
