//! What replications say about one figure: its mean under each policy, and the paired differences.
//!
//! Source: Law, "Simulation Modeling and Analysis", sections 10.2.1 (paired differences) and 11.2 (common random
//! numbers): Var(X - Y) = Var X + Var Y - 2 Cov(X, Y), so the more alike luck moves both, the sharper the difference.

use serde::Serialize;

use crate::stats::interval::{Interval, correlation, mean_interval, paired_interval};
use crate::trace::Better;

/// An indicator of something, under every policy of a comparison.
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
    /// One a policy, in the order of the comparison.
    pub estimates: Vec<Estimate>,
}

/// The mean over replications, with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean over the replications that have a value.
    #[serde(flatten)]
    pub interval: Interval,
    /// How it differs from the first policy; none for the first itself.
    pub difference: Option<Difference>,
}

/// A policy's value minus the first policy's, replication by replication.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The mean difference over the replications in which both have a value.
    #[serde(flatten)]
    pub interval: Interval,
    /// Pearson's correlation of the pairs; none where one side never varies.
    pub correlation: Option<f64>,
    /// What it comes to.
    pub verdict: DifferenceVerdict,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceVerdict {
    /// The interval lies on the better side of 0.
    Better,
    /// The interval lies on the worse side of 0.
    Worse,
    /// The interval lies above 0, and neither direction is better.
    Higher,
    /// The interval lies below 0, and neither direction is better.
    Lower,
    /// There was no difference in any replication.
    Same,
    /// The interval holds 0: there may be a difference that so few replications do not show.
    NoneShown,
}

/// The estimates of one figure; `samples` has for each policy the values by replication.
pub(super) fn estimates(samples: &[Vec<Option<f64>>], better: Better, level: f64) -> Vec<Estimate> {
    let estimate = |(at, sample): (usize, &Vec<Option<f64>>)| {
        let values: Vec<f64> = sample.iter().flatten().copied().collect();
        Estimate {
            interval: mean_interval(&values, level),
            difference: (at > 0).then(|| Difference::of(sample, &samples[0], better, level)),
        }
    };
    samples.iter().enumerate().map(estimate).collect()
}

impl Difference {
    fn of(values: &[Option<f64>], first: &[Option<f64>], better: Better, level: f64) -> Self {
        let pairs = values.iter().zip(first);
        let (values, first): (Vec<f64>, Vec<f64>) =
            pairs.filter_map(|(&a, &b)| Some((a?, b?))).unzip();
        let interval = paired_interval(&values, &first, level);
        Self {
            interval,
            correlation: correlation(&values, &first),
            verdict: DifferenceVerdict::of(&interval, better),
        }
    }
}

impl DifferenceVerdict {
    fn of(difference: &Interval, better: Better) -> Self {
        let (low, high) = (difference.low(), difference.high());
        if low == 0.0 && high == 0.0 {
            return Self::Same;
        }
        match (low > 0.0, high < 0.0, better) {
            (false, false, _) => Self::NoneShown,
            (true, _, Better::Higher) | (_, true, Better::Lower) => Self::Better,
            (true, _, Better::Lower) | (_, true, Better::Higher) => Self::Worse,
            (true, _, Better::Neither) => Self::Higher,
            (_, true, Better::Neither) => Self::Lower,
        }
    }

    /// Whether the replications show a difference at all.
    pub const fn is_shown(self) -> bool {
        !matches!(self, Self::Same | Self::NoneShown)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Same => "the same",
            Self::NoneShown => "no difference shown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(values: [f64; 3], better: Better) -> DifferenceVerdict {
        let first = [10.0, 20.0, 30.0].map(Some).to_vec();
        let samples = [first, values.map(Some).to_vec()];
        estimates(&samples, better, 0.95)[1]
            .difference
            .unwrap()
            .verdict
    }

    #[test]
    fn a_verdict_follows_the_direction_of_better() {
        use DifferenceVerdict::{Better as B, Higher, Lower, NoneShown, Same, Worse};
        let (less, more) = ([9.0, 19.1, 28.9], [11.0, 21.1, 30.9]);
        assert_eq!(verdict(less, Better::Lower), B);
        assert_eq!(verdict(less, Better::Higher), Worse);
        assert_eq!(verdict(less, Better::Neither), Lower);
        assert_eq!(verdict(more, Better::Lower), Worse);
        assert_eq!(verdict(more, Better::Higher), B);
        assert_eq!(verdict(more, Better::Neither), Higher);
        assert_eq!(verdict([9.0, 22.0, 28.0], Better::Lower), NoneShown);
        assert_eq!(verdict([10.0, 20.0, 30.0], Better::Lower), Same);
    }

    #[test]
    fn only_whole_pairs_are_compared() {
        let first = vec![Some(1.0), None, Some(3.0), Some(5.0)];
        let second = vec![Some(2.0), Some(9.0), None, Some(6.0)];
        let both = estimates(&[first, second], Better::Lower, 0.95);
        assert_eq!((both[0].interval.n, both[1].interval.n), (3, 3));
        let difference = both[1].difference.unwrap();
        assert_eq!((difference.interval.n, difference.interval.mean), (2, 1.0));
        assert_eq!(difference.verdict, DifferenceVerdict::Worse);
    }

    #[test]
    fn one_pair_shows_nothing() {
        let both = estimates(&[vec![Some(1.0)], vec![Some(2.0)]], Better::Lower, 0.95);
        let difference = both[1].difference.unwrap();
        assert_eq!(difference.verdict, DifferenceVerdict::NoneShown);
    }
}
