//! Quantiles of a sample.
//!
//! Source: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (The American Statistician 50,
//! 1996): the default of R and of spreadsheets.

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
}
