//! The hyperexponential distribution: a `share` (p) of all values is exponential of mean `mean_1` (m1), the rest of
//! mean `mean_2` (m2). It varies more than the exponential.
//!
//! F(x) = p (1 - e^(-x/m1)) + (1 - p) (1 - e^(-x/m2)); mean p m1 + (1 - p) m2, second moment 2 (p m1² + (1 - p) m2²).
//! A mean m with a coefficient of variation c > 1 is met with balanced means, p m1 = (1 - p) m2:
//!
//! ```text
//! p = (1 + sqrt((c² - 1) / (c² + 1))) / 2,  m1 = m / (2 p),  m2 = m / (2 (1 - p))
//! ```
//!
//! Source: Tijms, "A First Course in Stochastic Models", appendix B.

use super::exponential::partial_moment;
use super::family::Family;
use super::given::{Given, positive};
use super::least::least;
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;
use crate::random::ziggurat::standard_exponential;

/// Short values, and now and then a value of another kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hyperexponential {
    share: f64,
    means: [f64; 2],
}

impl Hyperexponential {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "hyperexponential",
        summary: "exponential values of two kinds; its standard deviation exceeds its mean",
        combinations: &[
            &["share", "mean_1", "mean_2"],
            &["mean", "sd"],
            &["mean", "cv"],
        ],
        build: |given| Self::from_given(given).map(Family::Hyperexponential),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        if let Some([share, first, second]) = given.exactly(["share", "mean_1", "mean_2"]) {
            if !(share > 0.0 && share < 1.0) {
                let message = format!("`share` must lie between 0 and 1, not at {share}");
                return Err(ParameterError::about("share", message)
                    .with_help("use `exponential` for values of one kind"));
            }
            let means = [positive("mean_1", first)?, positive("mean_2", second)?];
            return Ok(Self { share, means });
        }
        let Some((mean, sd)) = given.mean_and_sd()? else {
            return Err(given.misfit());
        };
        Self::balanced(mean, sd / mean)
    }

    /// Either kind has half of the total.
    fn balanced(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let squared = cv * cv;
        if squared <= 1.0 {
            let message = format!(
                "a `hyperexponential` varies more than an exponential: a cv of {cv} is not above 1"
            );
            return Err(ParameterError::about_all(message)
                .with_help("use `erlang` or `gamma` for less, `exponential` for 1"));
        }
        // 1 - p, written without a difference of nearly equal numbers.
        let rest = 1.0 / (squared + 1.0 + (squared * squared - 1.0).sqrt());
        let share = 1.0 - rest;
        let means = [0.5 * mean / share, 0.5 * mean / rest];
        Ok(Self { share, means })
    }

    /// The average of what either kind has.
    fn average(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.share * of(self.means[0]) + (1.0 - self.share) * of(self.means[1])
    }

    pub(super) fn mean(&self) -> f64 {
        self.average(|mean| mean)
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.average(|mean| 2.0 * mean * mean) - mean * mean
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        self.average(|mean| partial_moment(mean, k, x))
    }

    /// It lies between the quantiles of the two kinds.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let [first, second] = self.means.map(|mean| -mean * libm::log1p(-p));
        let above = |x: f64| self.average(|mean| libm::exp(-x / mean));
        least(
            |x| above(x) <= 1.0 - p,
            first.min(second),
            first.max(second),
        )
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let kind = usize::from(stream.next_open() > self.share);
        self.means[kind] * standard_exponential(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::check_draws;

    fn hyperexponential(given: &[(&str, f64)]) -> Distribution {
        Distribution::from_parameters("hyperexponential", given).unwrap()
    }

    #[test]
    fn moments_and_shares_are_those_of_the_formulas() {
        // Mean 0.75 * 2 + 0.25 * 10; E[X²] = 2 (0.75 * 4 + 0.25 * 100).
        let both = hyperexponential(&[("share", 0.75), ("mean_1", 2.0), ("mean_2", 10.0)]);
        assert!((both.mean() - 4.0).abs() < 1e-12);
        assert!((both.variance() - 40.0).abs() < 1e-12);
        // 1 - 0.75 e^-1.5 - 0.25 e^-0.3, by an independent calculator.
        assert!((both.cdf(3.0) - 0.647_447_824_7).abs() < 1e-9);
    }

    #[test]
    fn a_mean_and_a_spread_are_met_with_balanced_means() {
        for cv in [1.000_1, 1.5, 2.0, 30.0] {
            let solved = hyperexponential(&[("mean", 60.0), ("cv", cv)]);
            assert!((solved.mean() / 60.0 - 1.0).abs() < 1e-12, "{cv}");
            let spread = solved.variance().sqrt() / 60.0;
            assert!((spread / cv - 1.0).abs() < 1e-9, "{cv}");
        }
        // c² = 3: p = (1 + sqrt(1/2)) / 2.
        let three = Hyperexponential::balanced(1.0, 3f64.sqrt()).unwrap();
        assert!((three.share - 0.853_553_390_6).abs() < 1e-9);
        assert!((three.share * three.means[0] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn draws_fit() {
        check_draws(&hyperexponential(&[("mean", 60.0), ("cv", 1.6)]));
        check_draws(&hyperexponential(&[
            ("share", 0.3),
            ("mean_1", 90.0),
            ("mean_2", 5.0),
        ]));
    }

    #[test]
    fn what_varies_too_little_is_sent_elsewhere() {
        let fails = |given: &[(&str, f64)]| {
            Distribution::from_parameters("hyperexponential", given).unwrap_err()
        };
        let error = fails(&[("mean", 1.0), ("cv", 1.0)]);
        assert!(error.help.unwrap().contains("`exponential` for 1"));
        let error = fails(&[("share", 1.0), ("mean_1", 1.0), ("mean_2", 2.0)]);
        assert_eq!(error.parameter.as_deref(), Some("share"));
        assert!(fails(&[("mean", 1.0)]).message.contains("cannot be made"));
    }
}
