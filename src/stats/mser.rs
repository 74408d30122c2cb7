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

/// Welch's moving average: each value becomes the mean of the values around it, over a window of `span` values of which it
/// is the middle; a window that ends within a value counts that part of it.
///
/// Near the beginning the window is as wide as it can be, in whole multiples of `period` where one fits, so that what
/// repeats with that period leaves no ripple. A `period` of 0 is none. The last values, with less than half a window after
/// them, have no average.
pub fn moving_average(values: &[f64], span: f64, period: f64) -> Vec<f64> {
    let reach = half_beyond(span).ceil() as usize;
    let of = |at: usize| {
        let fits = (2 * at + 1) as f64;
        let span = match fits {
            fits if fits >= span => span,
            fits if period > 0.0 && fits >= period => (fits / period).floor() * period,
            fits => fits,
        };
        window_mean(values, at, span)
    };
    (0..values.len().saturating_sub(reach)).map(of).collect()
}

/// How far a window reaches to each side beyond the value in its middle.
fn half_beyond(span: f64) -> f64 {
    ((span - 1.0) / 2.0).max(0.0)
}

/// The mean over a window of `span` values around the middle of the one at `at`.
fn window_mean(values: &[f64], at: usize, span: f64) -> f64 {
    let beyond = half_beyond(span);
    let (whole, part) = (beyond.floor() as usize, beyond.fract());
    let inner: f64 = values[at - whole..=at + whole].iter().sum();
    let edges = if part > 0.0 {
        part * (values[at - whole - 1] + values[at + whole + 1])
    } else {
        0.0
    };
    (inner + edges) / (1.0 + 2.0 * beyond)
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
        let smooth = moving_average(&[0.0, 3.0, 6.0, 0.0, 9.0], 3.0, 0.0);
        assert_eq!(smooth, [0.0, 3.0, 3.0, 5.0]);
        assert_eq!(moving_average(&[1.0, 2.0], 11.0, 0.0), Vec::<f64>::new());
    }

    #[test]
    fn over_whole_periods_a_rhythm_leaves_no_ripple() {
        let wave = |at: usize| libm::sin(std::f64::consts::TAU * at as f64 / 12.5);
        let values: Vec<f64> = (0..100).map(wave).collect();
        let ripple = |span: f64, period: f64| {
            let smooth = moving_average(&values, span, period);
            smooth[6..]
                .iter()
                .fold(0.0f64, |most, value| most.max(value.abs()))
        };
        for span in [12.5, 25.0, 37.5] {
            assert!(ripple(span, 12.5) < 0.01, "{span}: {}", ripple(span, 12.5));
        }
        assert!(ripple(11.0, 0.0) > 0.1, "{}", ripple(11.0, 0.0));
    }
}
