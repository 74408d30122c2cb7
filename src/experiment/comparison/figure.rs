//! Figures: an indicator of something under every alternative, with its differences.

use std::collections::BTreeMap;

use serde::Serialize;

use super::difference::{Difference, Sample, family};
use crate::experiment::measure::Measure;
use crate::experiment::sample;
use crate::stats::interval::{Interval, mean_interval};
use crate::trace::Better;

/// With more alternatives than this, not every one is compared with every other: nobody would look at them all.
pub const MAX_ALL_PAIRS: usize = 10;

/// An indicator of something, under every alternative of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// `pool`, `dag`, `task`, or `site` for the whole.
    pub kind: &'static str,
    /// Its name; a task's is `dag_id.task_id`, the site's that of the scenario.
    pub name: String,
    /// The indicator's name, such as `pool_wait_p95`.
    pub indicator: String,
    /// The indicator's unit; shares run from 0 to 1.
    pub unit: &'static str,
    /// One an alternative, in the order of the comparison.
    pub estimates: Vec<Estimate>,
    /// Every alternative with every other, of three to [`MAX_ALL_PAIRS`]; of two the estimates say it all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Pair>,
}

/// The mean over replications, with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean over the replications that have a value.
    #[serde(flatten)]
    pub interval: Interval,
    /// How it differs from the baseline; none for that itself. Those of a figure are a family.
    pub difference: Option<Difference>,
}

/// Two alternatives of all pairs, which are a family of their own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Which alternative, by position.
    pub of: usize,
    /// Against which.
    pub against: usize,
    /// How the one differs from the other.
    #[serde(flatten)]
    pub difference: Difference,
}

/// The figures of a comparison: all that is measured of at least one contender and has a value. What is of the same kind and
/// name is the same thing; the sites are, whatever they are called.
pub(super) fn figures(
    asked: Vec<Vec<Measure>>,
    kept: &[Vec<sample::Sample>],
    level: f64,
) -> Vec<Figure> {
    // What is missing of one contender leaves a hole, so that pairs stay pairs.
    let numbers = kept.iter().flatten().map(|one| one.replication as usize);
    let length = numbers.max().map_or(0, |last| last + 1);
    let mut known: BTreeMap<(&'static str, String, String), usize> = BTreeMap::new();
    let mut measured: Vec<(Measure, Vec<Vec<Option<f64>>>)> = Vec::new();
    for (at, (measures, samples)) in asked.into_iter().zip(kept).enumerate() {
        for (place_in_sample, measure) in measures.into_iter().enumerate() {
            let name = match measure.kind {
                "site" => String::new(),
                _ => measure.name.clone(),
            };
            let mut values = vec![None; length];
            for sample in samples {
                values[sample.replication as usize] = sample.values[place_in_sample];
            }
            let key = (measure.kind, name, measure.indicator.clone());
            let place = *known.entry(key).or_insert(measured.len());
            if place == measured.len() {
                measured.push((measure, vec![vec![None; length]; kept.len()]));
            }
            measured[place].1[at] = values;
        }
    }
    let has_value = |samples: &[Vec<Option<f64>>]| samples.iter().flatten().any(Option::is_some);
    measured.retain(|(_, samples)| has_value(samples));
    let figures = measured.into_iter();
    figures
        .map(|(measure, samples)| Figure {
            kind: measure.kind,
            estimates: estimates(&samples, measure.better, level),
            pairs: pairs(&samples, measure.better, level),
            name: measure.name,
            indicator: measure.indicator,
            unit: measure.unit,
        })
        .collect()
}

fn estimates(samples: &[Vec<Option<f64>>], better: Better, level: f64) -> Vec<Estimate> {
    let others = samples.iter().skip(1);
    let against_first: Vec<(&Sample, &Sample)> = others
        .map(|sample| (sample.as_slice(), samples[0].as_slice()))
        .collect();
    let differences = family(&against_first, better, level).into_iter().map(Some);
    let differences = std::iter::once(None).chain(differences);
    let estimate = |(sample, difference): (&Vec<Option<f64>>, _)| {
        let values: Vec<f64> = sample.iter().flatten().copied().collect();
        Estimate {
            interval: mean_interval(&values, level),
            difference,
        }
    };
    samples.iter().zip(differences).map(estimate).collect()
}

fn pairs(samples: &[Vec<Option<f64>>], better: Better, level: f64) -> Vec<Pair> {
    let count = samples.len();
    if !(3..=MAX_ALL_PAIRS).contains(&count) {
        return Vec::new();
    }
    let places: Vec<(usize, usize)> = (0..count)
        .flat_map(|against| (against + 1..count).map(move |of| (of, against)))
        .collect();
    let chosen: Vec<(&Sample, &Sample)> = places
        .iter()
        .map(|&(of, against)| (samples[of].as_slice(), samples[against].as_slice()))
        .collect();
    let differences = family(&chosen, better, level);
    let pair = |((of, against), difference): ((usize, usize), Difference)| Pair {
        of,
        against,
        difference,
    };
    places.into_iter().zip(differences).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::comparison::DifferenceVerdict;

    #[test]
    fn all_pairs_are_compared_where_there_are_more_than_two() {
        let sample = |shift: f64| (0..6).map(|r| Some(f64::from(r * r) + shift)).collect();
        let samples: Vec<Vec<Option<f64>>> = vec![sample(3.0), sample(2.0), sample(0.0)];
        let all = pairs(&samples, Better::Lower, 0.95);
        let seen: Vec<_> = all
            .iter()
            .map(|one| (one.of, one.against, one.difference.interval.mean))
            .collect();
        assert_eq!(seen, [(1, 0, -1.0), (2, 0, -3.0), (2, 1, -2.0)]);
        assert!(
            all.iter()
                .all(|one| one.difference.verdict == DifferenceVerdict::Better)
        );
        assert_eq!(pairs(&samples[..2], Better::Lower, 0.95), []);
        assert_eq!(pairs(&vec![sample(0.0); 11], Better::Lower, 0.95), []);
    }

    #[test]
    fn each_estimate_is_over_the_values_that_are_there() {
        let samples = [
            vec![Some(1.0), None, Some(3.0)],
            vec![Some(2.0), Some(9.0), Some(4.0)],
        ];
        let both = estimates(&samples, Better::Lower, 0.95);
        assert_eq!((both[0].interval.n, both[1].interval.n), (2, 3));
        assert_eq!(both[0].difference, None);
        assert_eq!(both[1].difference.unwrap().interval.n, 2);
    }
}
