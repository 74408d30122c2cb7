//! The Pareto family from zero (Lomax): for a scale s the shape is a = number that ended / T, with T the sum of ln(1 + x/s) over all, also
//! those that went on. What is left of the likelihood has one variable; its slope along ln s is d A/T - d + B, where d is the
//! number that ended, A is the sum of x / (s + x) over all and B that over those that ended.
//!
//! Complete values with a coefficient of variation of at most 1 have no most likely member: the larger the scale, the likelier, and
//! the limit is `exponential`. Where it is only known between which moments some ended, it is climbed to.
//!
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", section 20.4; Arnold, "Pareto Distributions"
//! (2015), section 5.2.

use super::simplex::maximise;
use super::{Means, Samples, log_likelihood};
use crate::random::distribution::root::root;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::calibrate) struct Pareto {
    shape: f64,
    scale: f64,
}

/// A scale of so many means, and so large a shape, is exponential to the fourth digit.
const LARGEST: f64 = 1e4;

impl Pareto {
    pub(super) const NAME: &str = "pareto";
    pub(super) const PARAMETERS: usize = 2;

    pub(super) fn fit(samples: &Samples) -> Option<Self> {
        let Means { mean, log_mean, .. } = Means::of(samples)?;
        let ended = samples.ended();
        let values: Vec<f64> = samples.all().collect();
        let shares =
            |values: &[f64], scale: f64| values.iter().map(|x| x / (scale + x)).sum::<f64>();
        let shape = |scale: f64| {
            let logs = values.iter().map(|x| libm::log1p(x / scale));
            ended as f64 / logs.sum::<f64>()
        };
        let slope = |log_scale: f64| {
            let scale = libm::exp(log_scale);
            shape(scale) * shares(&values, scale) - ended as f64 + shares(&values[..ended], scale)
        };
        // Far below the values the slope is upwards.
        let highest = libm::log(LARGEST * mean);
        let log_scale = root(slope, log_mean - libm::log(LARGEST), highest)?;
        let scale = libm::exp(log_scale);
        let shape = shape(scale);
        if samples.between().is_empty() {
            return Some(Self { shape, scale });
        }
        let at = |[log_shape, log_scale]: [f64; 2]| Self {
            shape: libm::exp(log_shape),
            scale: libm::exp(log_scale),
        };
        let best = maximise([libm::log(shape), log_scale], [0.3, 0.3], |point| {
            let model = at(point);
            log_likelihood(samples, |x| model.log_density(x), |x| model.tails(x))
        });
        let best = at(best);
        (best.scale < LARGEST * mean).then_some(best)
    }

    pub(super) fn log_density(&self, x: f64) -> f64 {
        libm::log(self.shape / self.scale) - (self.shape + 1.0) * libm::log1p(x / self.scale)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let power = -self.shape * libm::log1p(x / self.scale);
        (-libm::expm1(power), libm::exp(power))
    }

    pub(super) fn parameters(&self) -> [(&'static str, f64); 2] {
        [("shape", self.shape), ("scale", self.scale)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::families::{Family, Model};
    use crate::calibrate::goodness::statistics;
    use crate::random::{Distribution, Purpose, StreamKey};

    const ENDED: [f64; 12] = [
        4.1, 9.7, 12.3, 15.8, 22.4, 31.0, 38.3, 51.6, 83.5, 120.2, 347.8, 890.4,
    ];

    fn assert_near(actual: f64, expected: f64, tolerance: f64) {
        let error = (actual / expected - 1.0).abs();
        assert!(error < tolerance, "{actual}, not {expected}");
    }

    /// By `scipy.stats.lomax`, whose negative log-likelihood was minimised by
    /// `scipy.optimize.minimize(method="Nelder-Mead", xatol=1e-11, fatol=1e-13)`: log-likelihood, shape and scale.
    #[test]
    fn values_are_fitted_as_scipy_fits_them() {
        for (went_on, [log_likelihood, shape, scale]) in [
            (vec![], [-66.966_643_403_9, 1.161_942_04, 47.943_262_2]),
            (
                vec![80.0, 150.0],
                [-69.469_390_493_7, 0.994_613_621, 52.837_612_0],
            ),
        ] {
            let samples = Samples::new(ENDED.to_vec(), went_on);
            let found = Pareto::fit(&samples).unwrap();
            assert_near(found.shape, shape, 1e-6);
            assert_near(found.scale, scale, 1e-6);
            let model = Model::Pareto(found);
            assert_near(model.log_likelihood(&samples), log_likelihood, 1e-10);
        }
        let model = Model::Pareto(Pareto::fit(&Samples::complete(ENDED.to_vec())).unwrap());
        let [anderson_darling, kolmogorov_smirnov] = statistics(&model, &ENDED);
        assert_near(anderson_darling, 0.187_228_705, 1e-6);
        assert_near(kolmogorov_smirnov, 0.109_393_957, 1e-6);
        assert_near(model.log_density(100.0), -6.156_024_623_8, 1e-6);
        let written = model.law().distribution().unwrap();
        for x in [3.0, 30.0, 300.0, 3_000.0] {
            assert!((written.cdf(x) - model.tails(x).0).abs() < 1e-5, "{x}");
        }
    }

    #[test]
    fn what_varies_no_more_than_an_exponential_has_no_fit() {
        // A coefficient of variation of 1 / sqrt(3), and of just above 1.
        let even: Vec<f64> = (1..200).map(f64::from).collect();
        assert_eq!(Pareto::fit(&Samples::complete(even)), None);
        let mut above = vec![1.0; 99];
        above.push(60.0);
        assert!(Pareto::fit(&Samples::complete(above)).is_some());
    }

    #[test]
    fn of_intervals_the_fit_is_that_of_the_values_in_them() {
        let truth = Distribution::from_parameters("pareto", &[("shape", 3.0), ("scale", 120.0)]);
        let truth = truth.unwrap();
        let mut stream = StreamKey::root(5, 0).stream(Purpose::Duration);
        let values: Vec<f64> = (0..4_000).map(|_| truth.sample(&mut stream)).collect();
        let interval = |x: &f64| {
            let low = 10.0 * (x / 10.0).floor();
            (low, low + 10.0)
        };
        let between = Samples::default().with_between(values.iter().map(interval));
        let [known, found] = [Samples::complete(values), between].map(|samples| {
            Family::Pareto
                .fit(&samples)
                .unwrap()
                .law()
                .distribution()
                .unwrap()
        });
        // The shape is known to (a + 1) / sqrt(n), a fifteenth of itself, and has the tail in its hands; the middle is surer.
        assert_near(found.quantile(0.5), truth.quantile(0.5), 0.05);
        for p in [0.25, 0.5, 0.9, 0.99] {
            assert_near(found.quantile(p), known.quantile(p), 0.02);
        }
    }
}
