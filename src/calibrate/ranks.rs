//! Tests on ranks, which ask nothing of the family: a trend in time, groups that differ.
//!
//! Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd ed., sections 8.5 (Spearman) and 6.1
//! (Kruskal and Wallis).

use crate::random::distribution::incomplete_gamma;
use crate::stats::interval::correlation;
use crate::stats::student_t;

/// Ranks from 1 on; equal values share the mean of theirs. And the sum of t³ - t over the groups of t equal values.
fn ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (mut ranks, mut ties) = (vec![0.0; values.len()], 0.0);
    for group in order.chunk_by(|&a, &b| values[a].total_cmp(&values[b]).is_eq()) {
        let before = order.partition_point(|&at| values[at] < values[group[0]]) as f64;
        let count = group.len() as f64;
        for &at in group {
            ranks[at] = before + 0.5 * (count + 1.0);
        }
        ties += count * count * count - count;
    }
    (ranks, ties)
}

/// Spearman's rank correlation of values with their order, and its two-sided p-value by Student's t with n - 2 degrees of
/// freedom; none of fewer than four, or if they are all equal.
pub(super) fn trend(in_order: &[f64]) -> Option<(f64, f64)> {
    if in_order.len() < 4 {
        return None;
    }
    let order: Vec<f64> = (0..in_order.len()).map(|at| at as f64).collect();
    let rho = correlation(&order, &ranks(in_order).0)?;
    let degrees = (in_order.len() - 2) as f64;
    let t = rho * (degrees / (1.0 - rho * rho).max(f64::MIN_POSITIVE)).sqrt();
    Some((rho, student_t::two_sided(t, degrees)))
}

/// The p-value of the test by Kruskal and Wallis that all groups are alike, from the chi-square distribution; none of fewer
/// than two groups, or if all values are equal.
pub(super) fn kruskal_wallis(groups: &[Vec<f64>]) -> Option<f64> {
    let all: Vec<f64> = groups.iter().flatten().copied().collect();
    let n = all.len() as f64;
    let (ranks, ties) = ranks(&all);
    let correction = 1.0 - ties / (n * n * n - n);
    if groups.len() < 2 || correction.is_nan() || correction <= 0.0 {
        return None;
    }
    let (mut at, mut sum) = (0, 0.0);
    for group in groups {
        let rank_sum: f64 = ranks[at..at + group.len()].iter().sum();
        sum += rank_sum * rank_sum / group.len() as f64;
        at += group.len();
    }
    let h = (12.0 / (n * (n + 1.0)) * sum - 3.0 * (n + 1.0)) / correction;
    let degrees = (groups.len() - 1) as f64;
    Some(incomplete_gamma::regularized(0.5 * degrees, 0.5 * h).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trend_is_that_of_scipy() {
        // scipy.stats.spearmanr(range(8), values).
        let (rho, p) = trend(&[3.1, 2.2, 4.5, 4.5, 6.0, 5.1, 7.7, 6.2]).unwrap();
        assert!((rho - 0.922_172_221_67).abs() < 1e-10);
        assert!((p - 0.001_110_817_36).abs() < 1e-10);
        assert_eq!(trend(&[1.0; 9]), None);
    }

    #[test]
    fn groups_are_compared_as_scipy_does() {
        // scipy.stats.kruskal(*groups).
        let groups = [
            vec![3.1, 2.2, 4.5, 9.1, 1.0],
            vec![4.5, 6.0, 5.1, 8.8, 7.1],
            vec![7.7, 6.2, 9.9, 11.0, 12.5],
        ];
        let p = kruskal_wallis(&groups).unwrap();
        assert!((p - 0.028_187_603_57).abs() < 1e-10, "{p}");
        assert_eq!(kruskal_wallis(&groups[..1]), None);
        assert_eq!(kruskal_wallis(&[vec![1.0], vec![1.0]]), None);
    }
}
