//! Quantiles of a sample, and what independent values say about the quantile that they were drawn from.
//!
//! Sources: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (The American Statistician 50,
//! 1996): the default of R and of spreadsheets; for intervals Conover, "Practical Nonparametric Statistics", 3.2.

/// The `p` quantile of values in rising order: x(h) at h = 1 + (n - 1) p, straight between neighbours. None if empty.
///
/// `p` is taken into [0, 1].
pub fn of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = p.clamp(0.0, 1.0) * last as f64;
    let below = position as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(low + (position - below as f64) * (high - low))
}

/// The `p` quantile of values in any order; sorts a copy. None if empty.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    of_sorted(&sorted, p)
}

/// The confidence interval of a quantile by ranks, whatever the values are distributed like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankInterval {
    /// The rank of its lower end, counted from 1 in rising order.
    pub lower: usize,
    /// The rank of its upper end.
    pub upper: usize,
    /// The probability that it holds the quantile: at least the level, and more because ranks are whole.
    pub coverage: f64,
}

/// The interval of the `p` quantile from `n` independent values, such as figures of replications; never from the waits of
/// one run, which depend on each other. None if so few values cannot have an interval of that level with both ends.
///
/// With B the binomial number of values below the quantile, the lower rank l is the largest with P(B < l) and the upper
/// u the smallest with P(B >= u) at most (1 - `level`) / 2.
pub fn rank_interval(n: usize, p: f64, level: f64) -> Option<RankInterval> {
    let tail = 0.5 * (1.0 - level);
    if !(p > 0.0 && p < 1.0 && tail > 0.0 && tail < 0.5) {
        return None;
    }
    let (mut below, mut lower, mut at_lower) = (0.0, 0, 0.0);
    for number in 0..=n {
        // Here `below` is P(B < number).
        if below <= tail {
            (lower, at_lower) = (number, below);
        }
        if 1.0 - below <= tail {
            let coverage = below - at_lower;
            return (lower > 0).then_some(RankInterval {
                lower,
                upper: number,
                coverage,
            });
        }
        below += binomial(n, p, number);
    }
    None
}

/// The least number that a binomial number of `n` trials with `p` each does not exceed with probability `level`.
pub fn binomial_quantile(n: usize, p: f64, level: f64) -> usize {
    let mut below = 0.0;
    let reaches = |number: &usize| {
        below += binomial(n, p, *number);
        below >= level
    };
    (0..n).find(reaches).unwrap_or(n)
}

/// The probability that a binomial number of `n` trials with `p` each is just that.
fn binomial(n: usize, p: f64, number: usize) -> f64 {
    let (n, number) = (n as f64, number as f64);
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(number + 1.0) - libm::lgamma(n - number + 1.0);
    libm::exp(ways + number * libm::log(p) + (n - number) * libm::log1p(-p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        // By hand: position 4 p among 15, 20, 35, 40, 50, so that p = 0.4 is 20 + 0.6 * 15.
        let values = [40.0, 15.0, 50.0, 20.0, 35.0];
        for (p, expected) in [
            (0.0, 15.0),
            (0.4, 29.0),
            (0.5, 35.0),
            (0.9, 46.0),
            (1.0, 50.0),
        ] {
            assert!(
                (quantile(&values, p).unwrap() - expected).abs() < 1e-12,
                "{p}"
            );
        }
    }

    #[test]
    fn a_sample_of_one_is_its_own_quantile_and_none_has_none() {
        assert_eq!(quantile(&[3.0], 0.95), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn binomial_quantiles_are_those_of_the_table() {
        // Of ten tosses, P(B <= 1) = 11 / 1024, P(B <= 2) = 56 / 1024, P(B <= 7) = 968 / 1024.
        let quantile = |level| binomial_quantile(10, 0.5, level);
        assert_eq!([0.01, 0.05, 0.94, 0.95].map(quantile), [1, 2, 7, 8],);
        assert_eq!(binomial_quantile(10, 0.5, 1.1), 10);
    }

    #[test]
    fn ranks_are_those_of_the_binomial_tails() {
        // Computed from the binomial distribution with forty digits; the first is in every textbook.
        for (n, p, lower, upper, coverage) in [
            (100, 0.5, 40, 61, 0.964_799_799_8),
            (1_000, 0.95, 936, 964, 0.958_095_268_2),
            (10_000, 0.99, 9_880, 9_920, 0.955_754_682_8),
        ] {
            let ranks = rank_interval(n, p, 0.95).unwrap();
            assert_eq!((ranks.lower, ranks.upper), (lower, upper));
            assert!((ranks.coverage / coverage - 1.0).abs() < 1e-8, "{ranks:?}");
        }
    }

    #[test]
    fn a_quantile_far_out_takes_many_values() {
        // Both ends exist when p^n and (1 - p)^n are at most 2.5 %: n = 6 for the median, 72 for the 95 % quantile.
        assert_eq!(rank_interval(5, 0.5, 0.95), None);
        assert!(rank_interval(6, 0.5, 0.95).is_some());
        assert_eq!(rank_interval(71, 0.95, 0.95), None);
        assert!(rank_interval(72, 0.95, 0.95).is_some());
        assert_eq!(rank_interval(100, 1.0, 0.95), None);
        assert_eq!(rank_interval(100, 0.5, f64::NAN), None);
    }
}
