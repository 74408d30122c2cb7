//! Whether values may come from a family: Anderson–Darling and Kolmogorov–Smirnov, with p-values by the parametric bootstrap.
//!
//! ```text
//! A² = -n - (1/n) sum of (2i - 1) (ln F(x(i)) + ln(1 - F(x(n+1-i))))
//! D = max of i/n - F(x(i)) and F(x(i)) - (i-1)/n
//! ```
//!
//! F has fitted parameters, which brings it nearer to the values than any table expects. So the tables are made anew: samples
//! are drawn from the fitted member, each is fitted again, and p is the share of them that lie as far from *their* fit.
//! Sources: D'Agostino and Stephens, "Goodness-of-Fit Techniques" (1986), chapter 4; Stute, González Manteiga and Presedo
//! Quindimil, "Bootstrap based goodness-of-fit-tests" (Metrika 40, 1993); stopping early by Besag and Clifford, "Sequential
//! Monte Carlo p-values" (Biometrika 78, 1991).

use super::families::{Family, Model};
use super::samples::Samples;
use crate::random::{Purpose, Stream, StreamKey};

/// A statistic and how often chance alone exceeds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// How far the values are from the fit.
    pub statistic: f64,
    /// The share of samples of the fitted distribution that are at least as far from their own fits.
    pub p: f64,
}

/// Both tests of a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goodness {
    /// A², which looks at the tails; this one decides.
    pub anderson_darling: Tested,
    /// D, the largest difference between the two distribution functions.
    pub kolmogorov_smirnov: Tested,
}

/// Resamples at most: the smallest p-value is a 500th.
const MOST_RESAMPLES: u32 = 499;

/// So many resamples beyond the statistic say enough: p is large.
const ENOUGH_BEYOND: u32 = 20;

/// So many resamples of which none is beyond say enough, too: p is below one hundredth.
const ENOUGH_WITHIN: u32 = 149;

/// More values than these find the difference between any family and the world, and no longer one that matters.
const MOST_VALUES: usize = 1_000;

/// Tests whether the values are from this family; none if it cannot be fitted to them.
///
/// Censored values are completed by draws from the fit beyond what is known of them, those between two moments by draws in
/// between; of more than a thousand values a thousand
/// are chosen at random. What is then tested is fitted anew.
pub(super) fn test(
    family: Family,
    fitted: &Model,
    samples: &Samples,
    key: StreamKey,
) -> Option<Goodness> {
    let mut stream = key.stream(Purpose::Duration);
    let values = tested_values(fitted, samples, &mut stream)?;
    let (model, observed) = distances(family, values)?;
    let n = tested_count(samples);
    let distribution = model.law().distribution().ok()?;
    let mut tallies = observed.map(Tally::new);
    for _ in 0..MOST_RESAMPLES {
        if tallies.iter().all(Tally::is_clear) {
            break;
        }
        let drawn = (0..n).map(|_| distribution.sample(&mut stream)).collect();
        // What the family cannot even be fitted to is far from every fit.
        let distances = distances(family, drawn).map_or([f64::INFINITY; 2], |found| found.1);
        for (tally, distance) in tallies.iter_mut().zip(distances) {
            tally.count(distance);
        }
    }
    let [anderson_darling, kolmogorov_smirnov] = tallies.map(|tally| tally.tested());
    Some(Goodness {
        anderson_darling,
        kolmogorov_smirnov,
    })
}

/// The fit of complete values and how far they are from it: A² and D.
fn distances(family: Family, values: Vec<f64>) -> Option<(Model, [f64; 2])> {
    let samples = Samples::complete(values);
    let model = family.fit(&samples)?;
    let distances = statistics(&model, samples.observed());
    Some((model, distances))
}

/// A² and D of values in rising order.
pub(super) fn statistics(model: &Model, sorted: &[f64]) -> [f64; 2] {
    let n = sorted.len() as f64;
    let tails: Vec<(f64, f64)> = sorted.iter().map(|&x| model.tails(x)).collect();
    let (mut sum, mut largest) = (0.0, 0.0f64);
    for (i, &(below, _)) in tails.iter().enumerate() {
        let beyond = tails[tails.len() - 1 - i].1;
        let rank = i as f64;
        let logs =
            libm::log(below.max(f64::MIN_POSITIVE)) + libm::log(beyond.max(f64::MIN_POSITIVE));
        sum += (2.0 * rank + 1.0) * logs;
        largest = largest.max((rank + 1.0) / n - below).max(below - rank / n);
    }
    [-n - sum / n, largest]
}

fn tested_count(samples: &Samples) -> usize {
    samples.all().count().min(MOST_VALUES)
}

/// Complete values, not more than are tested.
fn tested_values(fitted: &Model, samples: &Samples, stream: &mut Stream) -> Option<Vec<f64>> {
    let mut values = samples.observed().to_vec();
    if !samples.is_complete() {
        let distribution = fitted.law().distribution().ok()?;
        let went_on = samples.censored().iter().map(|&c| (c, f64::INFINITY));
        for (low, high) in samples.between().iter().copied().chain(went_on) {
            let (below, beyond) = fitted.tails(low);
            let share = if high.is_finite() {
                fitted.tails(high).0 - below
            } else {
                beyond
            };
            let drawn = distribution.quantile(below + share.max(0.0) * stream.next_open());
            values.push(drawn.clamp(low, high));
        }
    }
    let n = tested_count(samples);
    // The first steps of a shuffle (Fisher and Yates) choose without returning.
    if n < values.len() {
        for at in 0..n {
            let left = (values.len() - at) as u128;
            let chosen = (u128::from(stream.next_u64()) * left) >> 64;
            values.swap(at, at + chosen as usize);
        }
        values.truncate(n);
    }
    Some(values)
}

/// How many resamples were as far away as the values.
struct Tally {
    statistic: f64,
    drawn: u32,
    beyond: u32,
    is_clear: bool,
}

impl Tally {
    fn new(statistic: f64) -> Self {
        Self {
            statistic,
            drawn: 0,
            beyond: 0,
            is_clear: false,
        }
    }

    /// Counts one more, unless enough is known: what comes after that would bias the share.
    fn count(&mut self, distance: f64) {
        if self.is_clear {
            return;
        }
        self.drawn += 1;
        self.beyond += u32::from(distance >= self.statistic);
        let is_far = self.drawn == ENOUGH_WITHIN && self.beyond == 0;
        self.is_clear = is_far || self.beyond == ENOUGH_BEYOND;
    }

    fn is_clear(&self) -> bool {
        self.is_clear
    }

    /// Besag and Clifford: h / l after h were beyond in l draws, (g + 1) / (l + 1) if fewer than h were.
    fn tested(&self) -> Tested {
        let (beyond, drawn) = (f64::from(self.beyond), f64::from(self.drawn));
        let p = if self.beyond == ENOUGH_BEYOND {
            beyond / drawn
        } else {
            (beyond + 1.0) / (drawn + 1.0)
        };
        Tested {
            statistic: self.statistic,
            p,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;

    /// The p-values of many samples of 40 draws from this distribution; if cut, the longest fifth is only known to be longer.
    fn p_values(family: Family, truth: &Distribution, is_cut: bool) -> Vec<[f64; 2]> {
        let end = if is_cut {
            truth.quantile(0.8)
        } else {
            f64::INFINITY
        };
        let sample = |number: u64| {
            let mut stream = StreamKey::root(11, number).stream(Purpose::Duration);
            let drawn = (0..40).map(|_| truth.sample(&mut stream));
            let (ended, longer): (Vec<f64>, Vec<f64>) = drawn.partition(|&x| x < end);
            let samples = Samples::new(ended, vec![end; longer.len()]);
            let model = family.fit(&samples).unwrap();
            let found = test(family, &model, &samples, StreamKey::root(12, number)).unwrap();
            [found.anderson_darling.p, found.kolmogorov_smirnov.p]
        };
        (0..200).map(sample).collect()
    }

    #[test]
    fn p_values_of_right_families_are_uniform() {
        for (family, given) in [
            (Family::Lognormal, [("mean", 9.0), ("cv", 0.7)]),
            (Family::Weibull, [("mean", 9.0), ("shape", 1.5)]),
            (Family::Gamma, [("mean", 9.0), ("shape", 3.0)]),
        ] {
            let truth = Distribution::from_parameters(family.name(), &given).unwrap();
            let found = p_values(family, &truth, false);
            for which in [0, 1] {
                let mut counts = [0.0; 5];
                for p in found.iter().map(|p| p[which]) {
                    counts[((p * 5.0) as usize).min(4)] += 1.0;
                }
                // Chi-square with four degrees of freedom at 0.1 %.
                let chi_square: f64 = counts.iter().map(|n| (n - 40.0) * (n - 40.0) / 40.0).sum();
                assert!(chi_square < 18.47, "{family:?} {which}: {counts:?}");
            }
        }
    }

    #[test]
    fn a_right_family_is_not_turned_down_because_values_were_cut_off() {
        let given = [("mean", 9.0), ("cv", 0.7)];
        let truth = Distribution::from_parameters("lognormal", &given).unwrap();
        let found = p_values(Family::Lognormal, &truth, true);
        let below = found.iter().filter(|p| p[0] < 0.05).count();
        // 10 of 200 are expected, with a standard deviation of 3.1; 3.3 of them above.
        assert!(below <= 20, "{below}");
    }

    #[test]
    fn a_wrong_family_is_found_out() {
        let truth = Distribution::from_parameters("uniform", &[("low", 0.0), ("high", 9.0)]);
        let found = p_values(Family::Lognormal, &truth.unwrap(), false);
        let below = found.iter().filter(|p| p[0] < 0.05).count();
        assert!(below > 150, "{below}");
    }

    #[test]
    fn clear_cases_end_early_and_their_shares_are_those_of_besag_and_clifford() {
        let mut far = Tally::new(5.0);
        (0..200).for_each(|_| far.count(1.0));
        assert_eq!((far.drawn, far.tested().p), (149, 1.0 / 150.0));
        let mut near = Tally::new(0.5);
        (0..200).for_each(|i| near.count(f64::from(i % 2)));
        assert_eq!((near.drawn, near.tested().p), (40, 0.5));
    }
}
