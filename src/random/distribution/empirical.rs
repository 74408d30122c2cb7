//! The empirical distribution: recorded values, drawn again or interpolated.
//!
//! With sorted values x(1) <= ... <= x(n), resampling gives each the share 1/n. Interpolating draws at the fractional
//! position h = U (n - 1), straight between its two neighbours: the quantile function of type 7 in Hyndman and Fan,
//! "Sample quantiles in statistical packages" (The American Statistician 50, 1996). Neither exceeds what was recorded.

use std::sync::Arc;

use super::parameters::{FamilyDescription, ParameterError};
use super::uniform::partial_moment_between;
use crate::random::Stream;

/// How recorded values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmpiricalMode {
    /// Each recorded value is equally likely, and no other.
    Resample,
    /// Any value between two neighbours as well.
    Interpolate,
}

/// Recorded values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Empirical {
    /// In rising order; at least one.
    values: Arc<[f64]>,
    mode: EmpiricalMode,
}

impl Empirical {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "empirical",
        summary: "recorded values, drawn again or interpolated",
        combinations: &[&["values"]],
        build: |_| {
            let message = "`empirical` is made of a list of values, not of parameters".to_owned();
            Err(ParameterError::about_all(message).with_help("give `values`"))
        },
    };

    pub(super) fn new(mut values: Vec<f64>, mode: EmpiricalMode) -> Result<Self, ParameterError> {
        if values.is_empty() {
            return Err(ParameterError::about(
                "values",
                "`values` is empty".to_owned(),
            ));
        }
        if let Some(bad) = values
            .iter()
            .find(|value| !(value.is_finite() && **value >= 0.0))
        {
            let message = format!("`values` must be finite and not negative, not {bad}");
            return Err(ParameterError::about("values", message));
        }
        values.sort_by(f64::total_cmp);
        Ok(Self {
            values: values.into(),
            mode,
        })
    }

    pub(super) fn mean(&self) -> f64 {
        self.partial_moment(1, f64::INFINITY)
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        // The second moment about the mean rather than about zero keeps the digits of a narrow spread.
        self.average(|low, high| {
            let (a, b) = (low - mean, high - mean);
            (a * a + a * b + b * b) / 3.0
        })
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        self.average(|low, high| partial_moment_between(low, high, k, x))
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        match self.mode {
            EmpiricalMode::Resample => {
                let rank = (p * self.values.len() as f64).ceil() as usize;
                self.values[rank.clamp(1, self.values.len()) - 1]
            }
            EmpiricalMode::Interpolate => self.at(p),
        }
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        match self.mode {
            EmpiricalMode::Resample => {
                // The upper half of the product is uniform over the positions (Lemire 2019).
                let product = u128::from(stream.next_u64()) * self.values.len() as u128;
                self.values[(product >> 64) as usize]
            }
            EmpiricalMode::Interpolate => self.at(stream.next_open()),
        }
    }

    /// The value at the share `p` of the way from the first to the last.
    #[inline]
    fn at(&self, p: f64) -> f64 {
        let position = p * (self.values.len() - 1) as f64;
        let below = position as usize;
        let above = (below + 1).min(self.values.len() - 1);
        let (low, high) = (self.values[below], self.values[above]);
        low + (position - below as f64) * (high - low)
    }

    /// The average over the equally likely pieces: single values, or stretches between two neighbours.
    fn average(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        let single = self.mode == EmpiricalMode::Resample || self.values.len() == 1;
        if single {
            let sum: f64 = self.values.iter().map(|&value| of(value, value)).sum();
            sum / self.values.len() as f64
        } else {
            let sum: f64 = self
                .values
                .windows(2)
                .map(|pair| of(pair[0], pair[1]))
                .sum();
            sum / (self.values.len() - 1) as f64
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "answers at the ends and of constants are exact"
)]
mod tests {
    use super::*;
    use crate::random::distribution::goodness_of_fit::{check_draws, check_moments_against_draws};
    use crate::random::{Distribution, Purpose, StreamKey};

    const RECORDED: [f64; 5] = [30.0, 10.0, 20.0, 20.0, 70.0];

    fn empirical(mode: EmpiricalMode) -> Distribution {
        Distribution::empirical(RECORDED.to_vec(), mode).unwrap()
    }

    #[test]
    fn resampling_has_the_moments_of_the_record() {
        let resampled = empirical(EmpiricalMode::Resample);
        assert!((resampled.mean() - 30.0).abs() < 1e-12);
        assert!((resampled.variance() - 440.0).abs() < 1e-9);
        assert_eq!([resampled.cdf(9.9), resampled.cdf(20.0)], [0.0, 0.6]);
        assert_eq!(
            [0.0, 0.2, 0.21, 1.0].map(|p| resampled.quantile(p)),
            [10.0, 10.0, 20.0, 70.0]
        );
    }

    #[test]
    fn resampled_values_are_equally_likely() {
        let resampled = empirical(EmpiricalMode::Resample);
        let mut stream = StreamKey::root(4, 0).stream(Purpose::Duration);
        let mut counts = [0u32; 8];
        for _ in 0..50_000 {
            counts[resampled.sample(&mut stream) as usize / 10] += 1;
        }
        let expected = [0.0, 10_000.0, 20_000.0, 10_000.0, 0.0, 0.0, 0.0, 10_000.0];
        let cells = counts.iter().zip(expected).filter(|cell| cell.1 > 0.0);
        let square = |x: f64| x * x;
        let chi_square: f64 = cells.map(|(&n, e)| square(f64::from(n) - e) / e).sum();
        // Three degrees of freedom at 0.1 %.
        assert!(chi_square < 16.27, "{chi_square}: {counts:?}");
        assert_eq!(
            counts.iter().sum::<u32>(),
            counts[1] + counts[2] + counts[3] + counts[7]
        );
    }

    #[test]
    fn interpolation_follows_type_seven() {
        let interpolated = empirical(EmpiricalMode::Interpolate);
        assert_eq!(
            [0.0, 0.125, 0.25, 0.9, 1.0].map(|p| interpolated.quantile(p)),
            [10.0, 15.0, 20.0, 54.0, 70.0]
        );
        // Four stretches of equal share: 10-20, 20-20, 20-30, 30-70.
        assert!((interpolated.mean() - (15.0 + 20.0 + 25.0 + 50.0) / 4.0).abs() < 1e-12);
        check_moments_against_draws(&interpolated);
        let spread = vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        check_draws(&Distribution::empirical(spread, EmpiricalMode::Interpolate).unwrap());
    }

    #[test]
    fn a_single_value_is_a_constant() {
        for mode in [EmpiricalMode::Resample, EmpiricalMode::Interpolate] {
            let one = Distribution::empirical(vec![5.0], mode).unwrap();
            let draw = one.sample(&mut StreamKey::root(0, 0).stream(Purpose::Duration));
            assert_eq!(
                [draw, one.mean(), one.quantile(0.7), one.variance()],
                [5.0, 5.0, 5.0, 0.0]
            );
        }
    }

    #[test]
    fn unusable_records_are_refused() {
        for values in [vec![], vec![1.0, -2.0], vec![f64::NAN], vec![f64::INFINITY]] {
            let error = Distribution::empirical(values, EmpiricalMode::Resample).unwrap_err();
            assert_eq!(error.parameter.as_deref(), Some("values"));
        }
        assert!(
            Distribution::from_parameters("empirical", &[])
                .unwrap_err()
                .help
                .is_some()
        );
    }
}
