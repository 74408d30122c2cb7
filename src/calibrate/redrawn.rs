//! What a site's parameters might as well be: another estimate, as another stretch of the same history would have given it.
//!
//! Estimates are off, and a prediction that takes them for the truth is too narrow. So whoever predicts simulates each
//! replication with estimates of its own, drawn as follows.
//!
//! - A law: as many values as there were are drawn from it and fitted again, the parametric bootstrap (Efron and Tibshirani,
//!   "An Introduction to the Bootstrap", 1993, section 6.5; for the inputs of simulations: Cheng and Holland, "Sensitivity of
//!   computer simulation experiments to errors in input data", Journal of Statistical Computation and Simulation 57, 1997).
//! - Its family: one of those accepted, by its Akaike weight, in proportion to exp(-AICc / 2) (Burnham and Anderson,
//!   "Model Selection and Multimodel Inference", 2002, section 2.9).
//! - A share: from its beta distribution after what was counted, where one try more, which went as those of the whole site,
//!   is what was known before (the unit information prior of Kass and Wasserman, JASA 90, 1995).
//! - Lengths of lists: as many of the recorded ones, drawn with replacement (the bootstrap).
//! - The variance of a common factor, and the means of hours and weekdays: about their estimates by their standard errors.

use super::counts::Counts;
use super::empirical;
use super::families::Family;
use super::fit::{Basis, Candidate, Fit, Rules};
use super::law::Law;
use super::proportion::Proportion;
use super::run_size::CommonFactor;
use super::samples::Samples;
use super::time_effects::{Rhythm, TimeEffects};
use crate::random::distribution::standard_normal;
use crate::random::{Distribution, Purpose, Stream, StreamKey};

impl Fit {
    /// Another law that it could as well have been.
    pub fn redrawn(&self, rules: &Rules, key: StreamKey) -> Law {
        let mut stream = key.stream(Purpose::Duration);
        let other = match self.basis {
            Basis::NoSpread => None,
            Basis::Likelihood => self.another_member(&mut stream),
            Basis::NothingElse => {
                values(&self.law, self.n, &mut stream).and_then(|values| empirical::law(&values))
            }
            Basis::Borrowed(_) => self.another_borrower(rules.few, &mut stream),
        };
        let usable = other.filter(|law| law.distribution().is_ok());
        usable.unwrap_or_else(|| self.law.clone())
    }

    fn another_member(&self, stream: &mut Stream) -> Option<Law> {
        let weight = |one: &&Candidate| libm::exp(-0.5 * (one.aicc - self.candidates[0].aicc));
        let accepted = || self.candidates.iter().filter(|one| one.accepted);
        let mut left = stream.next_open() * accepted().map(|one| weight(&one)).sum::<f64>();
        let chosen = accepted().find(|one| {
            left -= weight(one);
            left < 0.0
        })?;
        let model = chosen.family.fit(&values(&chosen.law, self.n, stream)?)?;
        Some(model.law())
    }

    /// The mean of as many values as it has, at least one, and a spread that twenty values more have told.
    fn another_borrower(&self, few: usize, stream: &mut Stream) -> Option<Law> {
        let family = Family::ALL
            .iter()
            .find(|family| family.name() == self.law.family())?;
        let own = values(&self.law, self.n.max(1), stream)?;
        let all = values(&self.law, self.n + few, stream)?;
        let (mean, _) = mean_and_cv(own.observed());
        let (_, cv) = mean_and_cv(all.observed());
        Law::of_mean_and_cv(*family, mean, cv)
    }
}

fn values(law: &Law, n: usize, stream: &mut Stream) -> Option<Samples> {
    let distribution = law.distribution().ok()?;
    let drawn = (0..n).map(|_| distribution.sample(stream));
    Some(Samples::complete(drawn.collect()))
}

fn mean_and_cv(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt() / mean)
}

impl Proportion {
    /// Another share that it could as well be, where `usual` is the share of the whole site.
    pub fn redrawn(self, usual: f64, key: StreamKey) -> f64 {
        let mut stream = key.stream(Purpose::Failure);
        let hits = gamma(self.count as f64 + usual, &mut stream);
        let others = gamma((self.of - self.count) as f64 + 1.0 - usual, &mut stream);
        if hits > 0.0 {
            hits / (hits + others)
        } else {
            0.0
        }
    }
}

impl Counts {
    /// As many of them, each as often as it could have been recorded.
    pub fn redrawn(&self, key: StreamKey) -> Self {
        let mut stream = key.stream(Purpose::MapLength);
        let values = self.values();
        let draw = |_| values[(stream.next_open() * values.len() as f64) as usize];
        Self::new((0..values.len()).map(draw).collect())
    }
}

impl CommonFactor {
    /// Another factor that it could as well be.
    pub fn redrawn(&self, key: StreamKey) -> Self {
        let off = standard_normal::quantile(key.stream(Purpose::RunSize).next_open());
        Self {
            log_variance: (self.log_variance + off * self.standard_error).max(0.0),
            ..*self
        }
    }
}

impl TimeEffects {
    /// Other effects that they could as well be, of durations with this coefficient of variation.
    pub fn redrawn(&self, cv: f64, key: StreamKey) -> Self {
        let mut stream = key
            .with(StreamKey::name("rhythm"))
            .stream(Purpose::Duration);
        let mut other = self.clone();
        let rhythms = [&mut other.hours, &mut other.weekdays];
        for rhythm in rhythms.into_iter().flatten() {
            rhythm.redraw(cv, &mut stream);
        }
        other
    }
}

impl Rhythm {
    fn redraw(&mut self, cv: f64, stream: &mut Stream) {
        for (_, n, share) in &mut self.groups {
            let off = standard_normal::quantile(stream.next_open());
            *share *= (1.0 + off * cv / (*n as f64).sqrt()).max(0.1);
        }
    }
}

/// A draw from the gamma distribution of this shape and scale 1.
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    let parameters = [("mean", shape), ("shape", shape)];
    Distribution::from_parameters("gamma", &parameters).map_or(0.0, |gamma| gamma.sample(stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::{Like, fit};
    use crate::stats::interval::mean_and_variance;

    const REDRAWN: u64 = 400;

    fn key(number: u64) -> StreamKey {
        StreamKey::root(1908, number)
    }

    fn means(fit: &Fit) -> (f64, f64) {
        let rules = Rules::default();
        let mean = |number| {
            fit.redrawn(&rules, key(number))
                .distribution()
                .unwrap()
                .mean()
        };
        mean_and_variance(&(0..REDRAWN).map(mean).collect::<Vec<f64>>())
    }

    #[test]
    fn means_vary_as_means_of_so_many_values_do() {
        let law = Law::of_mean_and_cv(Family::Gamma, 100.0, 0.5).unwrap();
        let sample = values(&law, 100, &mut key(0).stream(Purpose::Duration)).unwrap();
        let fitted = fit(&sample, &Rules::default(), key(1)).unwrap();
        let (mean, variance) = means(&fitted);
        // The standard error of the mean of a hundred values is a tenth of their deviation, which is about 50.
        assert!(
            (mean - fitted.mean()).abs() < 1.0,
            "{mean} of {}",
            fitted.mean()
        );
        assert!((3.5..7.0).contains(&variance.sqrt()), "{}", variance.sqrt());
        let borrowed = Fit {
            n: 4,
            law,
            basis: Basis::Borrowed(Like::Pool),
            ..fitted
        };
        let (mean, variance) = means(&borrowed);
        // 50 / sqrt 4.
        assert!((mean - 100.0).abs() < 5.0, "{mean}");
        assert!(
            (21.0..29.0).contains(&variance.sqrt()),
            "{}",
            variance.sqrt()
        );
    }

    #[test]
    fn shares_vary_as_their_beta_distribution_does() {
        let of = |count, of| {
            let share = |number| Proportion { count, of }.redrawn(0.1, key(number));
            mean_and_variance(&(0..4_000).map(share).collect::<Vec<f64>>())
        };
        // Beta (10.1, 90.9): mean 0.1, variance 0.1 · 0.9 / 102.
        let (mean, variance) = of(10, 100);
        assert!((mean - 0.1).abs() < 0.003, "{mean}");
        assert!((variance / (0.09 / 102.0) - 1.0).abs() < 0.15, "{variance}");
        // What never happened may happen: Beta (0.1, 9.9).
        let (mean, _) = of(0, 9);
        assert!((mean - 0.01).abs() < 0.003, "{mean}");
        let never = Proportion { count: 0, of: 9 };
        assert!(never.redrawn(0.0, key(1)).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn hours_lengths_and_sizes_stay_about_what_they_were() {
        let rhythm = Rhythm {
            p: 0.001,
            groups: vec![(3, 100, 0.5), (4, 100, 1.5)],
        };
        let effects = TimeEffects {
            hours: Some(rhythm),
            ..TimeEffects::default()
        };
        let share = |number| effects.redrawn(0.5, key(number)).hours.unwrap().groups[1].2;
        let (mean, variance) = mean_and_variance(&(0..REDRAWN).map(share).collect::<Vec<f64>>());
        assert!((mean - 1.5).abs() < 0.02, "{mean}");
        assert!(
            (0.06..0.09).contains(&variance.sqrt()),
            "1.5 · 0.5 / sqrt 100, not {variance}"
        );
        let counts = Counts::new(vec![1, 1, 1, 5]).redrawn(key(2));
        assert_eq!(counts.values().len(), 4);
        assert!(counts.values().iter().all(|value| [1, 5].contains(value)));
        let factor = CommonFactor {
            log_variance: 0.04,
            standard_error: 0.01,
            p: 0.0,
            runs: 100,
        };
        let size = |number| factor.redrawn(key(number)).log_variance;
        let (mean, variance) = mean_and_variance(&(0..REDRAWN).map(size).collect::<Vec<f64>>());
        assert!((mean - 0.04).abs() < 0.002 && (variance.sqrt() - 0.01).abs() < 0.002);
    }
}
