//! Where a series has settled: the marginal standard error rule, and Welch's moving average to look at.
//!
//! Sources: White, "An effective truncation heuristic for bias reduction in simulation output" (Simulation 69, 1997),
//! and White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation" (Winter Simulation
//! Conference 2000), which average five observations each (MSER-5); Law, "Simulation Modeling and Analysis", 9.5.1 (Welch).

/// Where the rule cuts a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// How many values are cut off.
    pub cut: usize,
    /// The marginal standard error of the rest, squared: sum (y - mean)² / (n - cut)².
    pub statistic: f64,
    /// The mean of the rest.
    pub mean: f64,
}

/// The cut d that makes the sum of (y - mean)² over the rest, divided by (n - d)², smallest, the first of equals; none of fewer than four
/// values.
///
/// The last quarter is not tried: so few values agree by chance. A cut beyond the half says that the series has not
/// settled; that is for the caller to reject.
pub fn mser(values: &[f64]) -> Option<Truncation> {
    let n = values.len();
    if n < 4 {
        return None;
    }
    let last = n - n.div_ceil(4);
    // From the end, so that each cut costs one step (Welford's updating of mean and squares).
    let (mut mean, mut squares) = (0.0, 0.0);
    let mut best: Option<Truncation> = None;
    for cut in (0..n).rev() {
        let count = (n - cut) as f64;
        let distance = values[cut] - mean;
        mean += distance / count;
        squares += distance * (values[cut] - mean);
        let statistic = squares / (count * count);
        if cut <= last && best.is_none_or(|best| statistic <= best.statistic) {
            best = Some(Truncation {
                cut,
                statistic,
                mean,
            });
        }
    }
    best
}

/// Welch's moving average: each value becomes the mean of itself and `reach` neighbours on both sides, of fewer near the
/// beginning; the last `reach` values have none.
pub fn moving_average(values: &[f64], reach: usize) -> Vec<f64> {
    let of = |at: usize| {
        let reach = reach.min(at);
        let window = &values[at - reach..=at + reach];
        window.iter().sum::<f64>() / window.len() as f64
    };
    (0..values.len().saturating_sub(reach)).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!(
            (value / expected - 1.0).abs() < 1e-6,
            "{value}, not {expected}"
        );
    }

    #[test]
    fn twenty_batch_means_are_cut_where_they_have_settled() {
        // Computed by hand from the definition, with every cut up to the half.
        let means = [
            10.0, 8.0, 6.0, 5.0, 3.2, 2.6, 3.3, 2.7, 3.4, 2.9, 3.1, 2.6, 3.4, 3.0, 2.7, 3.3, 2.8,
            3.2, 2.9, 3.1,
        ];
        let truncation = mser(&means).unwrap();
        assert_eq!(truncation.cut, 4);
        close(truncation.statistic, 0.004_521_484_375);
        close(truncation.mean, 3.0125);
    }

    #[test]
    fn what_is_settled_from_the_first_is_not_cut() {
        let means: Vec<f64> = (0..40).map(|at| f64::from(at % 2)).collect();
        assert_eq!(mser(&means).map(|it| it.cut), Some(0));
        let constant = mser(&[3.0; 8]).unwrap();
        assert_eq!(
            (constant.cut, constant.statistic, constant.mean),
            (0, 0.0, 3.0)
        );
        assert_eq!(mser(&[1.0, 2.0, 3.0]), None);
    }

    #[test]
    fn what_never_settles_is_cut_beyond_the_half() {
        let growing: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(mser(&growing).unwrap().cut > 50);
    }

    #[test]
    fn the_moving_average_narrows_at_the_beginning() {
        let smooth = moving_average(&[0.0, 3.0, 6.0, 0.0, 9.0], 1);
        assert_eq!(smooth, [0.0, 3.0, 3.0, 5.0]);
        assert_eq!(moving_average(&[1.0, 2.0], 5), Vec::<f64>::new());
    }
}
