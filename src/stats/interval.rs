//! Confidence intervals of a mean, and of a difference of two, over replications.
//!
//! Source: Law, "Simulation Modeling and Analysis", sections 4.5 (one mean), 10.2.1 (paired) and 10.2.2 (Welch).

use std::collections::BTreeMap;

use serde::Serialize;

use super::student_t;

/// A confidence interval: `mean` plus or minus `half_width`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate; NaN of nothing.
    pub mean: f64,
    /// Infinite where fewer than two values say nothing about the spread.
    pub half_width: f64,
    /// How many values (or pairs) it rests on.
    pub n: usize,
}

impl Interval {
    /// One value, taken as it is.
    pub const fn exactly(value: f64) -> Self {
        Self {
            mean: value,
            half_width: 0.0,
            n: 1,
        }
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.mean - self.half_width
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.mean + self.half_width
    }
}

/// Intervals of many means at one level: Student's t is looked up once for each number of values, which costs more than
/// all the rest.
#[derive(Clone, Debug)]
pub struct MeanIntervals {
    level: f64,
    /// By the number of values.
    quantiles: BTreeMap<usize, f64>,
}

impl MeanIntervals {
    /// Intervals of that level, which lies in (0, 1), such as 0.95.
    pub const fn new(level: f64) -> Self {
        Self {
            level,
            quantiles: BTreeMap::new(),
        }
    }

    /// The interval of a mean of independent values: mean ± t(n - 1, (1 + level) / 2) sqrt(S² / n).
    pub fn of(&mut self, values: &[f64]) -> Interval {
        let (mean, variance) = mean_and_variance(values);
        let n = values.len();
        if n < 2 {
            return Interval {
                mean,
                half_width: f64::INFINITY,
                n,
            };
        }
        let p = 0.5 + 0.5 * self.level;
        let quantile = || student_t::quantile(p, (n - 1) as f64);
        let t = *self.quantiles.entry(n).or_insert_with(quantile);
        Interval {
            mean,
            half_width: t * (variance / n as f64).sqrt(),
            n,
        }
    }
}

/// The interval of one mean; `level` lies in (0, 1), such as 0.95.
pub fn mean_interval(values: &[f64], level: f64) -> Interval {
    MeanIntervals::new(level).of(values)
}

/// The interval of the mean difference `first` - `second` of replications under common random numbers.
///
/// Replication r of one is paired with replication r of the other; what has no partner is left out.
pub fn paired_interval(first: &[f64], second: &[f64], level: f64) -> Interval {
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    mean_interval(&differences, level)
}

/// The interval of the difference of means of independent samples of unequal variance (Welch): what a comparison
/// without common random numbers would have to say. `n` is the smaller sample.
pub fn welch_interval(first: &[f64], second: &[f64], level: f64) -> Interval {
    let n = first.len().min(second.len());
    let ((mean, variance), (other_mean, other_variance)) =
        (mean_and_variance(first), mean_and_variance(second));
    let mean = mean - other_mean;
    if n < 2 {
        return Interval {
            mean,
            half_width: f64::INFINITY,
            n,
        };
    }
    let (a, b) = (
        variance / first.len() as f64,
        other_variance / second.len() as f64,
    );
    let square = a + b;
    if square == 0.0 {
        return Interval {
            mean,
            half_width: 0.0,
            n,
        };
    }
    // The Welch-Satterthwaite equation.
    let degrees =
        square * square / (a * a / (first.len() - 1) as f64 + b * b / (second.len() - 1) as f64);
    let t = student_t::quantile(0.5 + 0.5 * level, degrees);
    Interval {
        mean,
        half_width: t * square.sqrt(),
        n,
    }
}

/// Pearson's correlation of pairs, from -1 to 1: how much common random numbers help a comparison.
///
/// None for fewer than two pairs, or where one side never varies.
pub fn correlation(first: &[f64], second: &[f64]) -> Option<f64> {
    let n = first.len().min(second.len());
    let (first, second) = (&first[..n], &second[..n]);
    let ((mean, variance), (other_mean, other_variance)) =
        (mean_and_variance(first), mean_and_variance(second));
    let product = (variance * other_variance).sqrt();
    let together: f64 = first
        .iter()
        .zip(second)
        .map(|(a, b)| (a - mean) * (b - other_mean))
        .sum();
    (n > 1 && product > 0.0).then(|| (together / (n - 1) as f64 / product).clamp(-1.0, 1.0))
}

/// The mean and the unbiased variance S² = sum (x - mean)² / (n - 1), in two passes; 0 for a single value.
pub fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (
        mean,
        if values.len() < 2 {
            0.0
        } else {
            squares / (n - 1.0)
        },
    )
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "answers at the ends and of constants are exact"
)]
mod tests {
    use super::*;

    const A: [f64; 5] = [12.1, 14.3, 11.8, 15.2, 13.0];
    const B: [f64; 5] = [11.4, 13.1, 11.0, 14.2, 12.1];

    fn check(actual: f64, expected: f64) {
        assert!(
            (actual / expected - 1.0).abs() < 1e-9,
            "{actual}, not {expected}"
        );
    }

    #[test]
    fn many_intervals_are_each_what_it_is_alone() {
        let mut many = MeanIntervals::new(0.9);
        for values in [&[1.0, 2.0, 4.0][..], &[3.0, 3.5], &[0.5, 0.25, 8.0], &[7.0]] {
            assert_eq!(many.of(values), mean_interval(values, 0.9));
        }
    }

    #[test]
    fn ten_replications_of_the_bank_example() {
        // Law, "Simulation Modeling and Analysis", bank example: prints 2.03 ± 0.32.
        let delays = [1.53, 1.66, 1.24, 2.34, 2.0, 1.69, 2.69, 2.86, 1.7, 2.6];
        check(mean_and_variance(&delays).1, 0.309_098_888_9);
        let interval = mean_interval(&delays, 0.9);
        check(interval.mean, 2.031);
        check(interval.half_width, 0.322_283_404_9);
        assert_eq!(interval.n, 10);
    }

    #[test]
    fn pairing_is_far_sharper_than_welch() {
        let paired = paired_interval(&A, &B, 0.95);
        check(paired.mean, 0.92);
        check(paired.half_width, 0.238_838_838_8);
        let welch = welch_interval(&A, &B, 0.95);
        check(welch.mean, 0.92);
        check(welch.half_width, 2.011_658_705);
        assert!(paired.low() > 0.0 && welch.low() < 0.0 && welch.high() > paired.high());
    }

    #[test]
    fn correlation_explains_the_gain_of_pairing() {
        // Var(A - B) = Var A + Var B - 2 r sd A sd B.
        let r = correlation(&A, &B).unwrap();
        let (a, b) = (mean_and_variance(&A).1, mean_and_variance(&B).1);
        let differences: Vec<f64> = A.iter().zip(B).map(|(a, b)| a - b).collect();
        check(
            a + b - 2.0 * r * (a * b).sqrt(),
            mean_and_variance(&differences).1,
        );
        assert_eq!(correlation(&A, &[1.0; 5]), None);
        assert_eq!(correlation(&A[..1], &B[..1]), None);
    }

    #[test]
    fn fewer_than_two_values_have_no_width() {
        assert_eq!(
            mean_interval(&[4.0], 0.95),
            Interval {
                mean: 4.0,
                half_width: f64::INFINITY,
                n: 1
            }
        );
        assert!(mean_interval(&[], 0.95).mean.is_nan());
        assert_eq!(paired_interval(&A, &B[..1], 0.9).half_width, f64::INFINITY);
        assert_eq!(welch_interval(&A, &B[..1], 0.9).half_width, f64::INFINITY);
    }

    #[test]
    fn values_that_never_vary_have_a_width_of_nothing() {
        assert_eq!(mean_interval(&[2.0; 6], 0.95).half_width, 0.0);
        assert_eq!(
            welch_interval(&[2.0; 6], &[1.0; 4], 0.95),
            Interval {
                mean: 1.0,
                half_width: 0.0,
                n: 4
            }
        );
    }
}
