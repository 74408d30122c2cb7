//! How two alternatives differ on the same luck, and whether that is shown.
//!
//! A verdict is given for a family of differences together: Holm's procedure keeps the probability of even one wrong
//! "better" or "worse" in the family at 1 - level.

use serde::Serialize;

use crate::experiment::plan::MAX_REPLICATIONS;
use crate::stats::holm::{holm, p_value, values_to_show};
use crate::stats::interval::{Interval, correlation, mean_and_variance, mean_interval};
use crate::trace::Better;

/// The value under one alternative minus the value under another, replication by replication.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The mean difference over the replications in which both have a value; the interval is of this difference by
    /// itself.
    #[serde(flatten)]
    pub interval: Interval,
    /// Pearson's correlation of the pairs; none where one side never varies.
    pub correlation: Option<f64>,
    /// What common random numbers save: the variance of the difference if both had luck of their own, which is the sum of
    /// both variances, over that of the paired difference. So many times more replications would say the same without
    /// them. None where the difference never varies.
    pub variance_reduction: Option<f64>,
    /// Two-sided, of "there is no difference", adjusted by Holm for the family; none of fewer than two pairs.
    pub p_value: Option<f64>,
    /// What it comes to.
    pub verdict: DifferenceVerdict,
    /// What it would take to know more.
    pub outlook: Outlook,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceVerdict {
    /// Shown, to the better side.
    Better,
    /// Shown, to the worse side.
    Worse,
    /// Shown to be above 0, and neither direction is better.
    Higher,
    /// Shown to be below 0, and neither direction is better.
    Lower,
    /// There was no difference in any replication.
    Same,
    /// There may be a difference that so few replications do not show.
    NoneShown,
}

/// What it would take to show a difference that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// It is shown, or there is none.
    Decided,
    /// About so many more replications, if mean and spread stay what they are.
    More(u32),
    /// More than [`MAX_REPLICATIONS`]: as good as no difference.
    Hopeless,
    /// Fewer than two pairs say nothing.
    Unknown,
}

/// The values of a figure by replication; none where nothing happened to measure it by.
pub(in crate::experiment) type Sample = [Option<f64>];

/// The differences of a family, each of its first sample minus its second.
pub(in crate::experiment) fn family(
    pairs: &[(&Sample, &Sample)],
    better: Better,
    level: f64,
) -> Vec<Difference> {
    let pairings: Vec<Pairing> = pairs
        .iter()
        .map(|(values, others)| Pairing::of(values, others, level))
        .collect();
    let adjusted = holm(&pairings.iter().map(|one| one.p_value).collect::<Vec<_>>());
    let alpha = 1.0 - level;
    let open = adjusted.iter().filter(|&&p| !is_shown(p, alpha)).count();
    let judge = |(pairing, p): (&Pairing, f64)| pairing.judge(p, better, alpha, open);
    pairings.iter().zip(adjusted).map(judge).collect()
}

/// Rounding must not keep back what is shown at exactly this level.
fn is_shown(p_value: f64, alpha: f64) -> bool {
    p_value <= alpha * (1.0 + 1e-9)
}

/// A difference before it is judged.
struct Pairing {
    interval: Interval,
    variance: f64,
    correlation: Option<f64>,
    variance_reduction: Option<f64>,
    p_value: f64,
}

impl Pairing {
    fn of(values: &Sample, others: &Sample, level: f64) -> Self {
        let pairs = values.iter().zip(others);
        let (values, others): (Vec<f64>, Vec<f64>) =
            pairs.filter_map(|(&a, &b)| Some((a?, b?))).unzip();
        let differences: Vec<f64> = values.iter().zip(&others).map(|(a, b)| a - b).collect();
        let interval = mean_interval(&differences, level);
        let [paired, first, second] =
            [&differences, &values, &others].map(|sample| mean_and_variance(sample).1);
        Self {
            interval,
            variance: paired,
            correlation: correlation(&values, &others),
            variance_reduction: (paired > 0.0).then(|| (first + second) / paired),
            p_value: p_value(&interval, level),
        }
    }

    /// The difference, of whose family so many are not shown.
    fn judge(&self, p_value: f64, better: Better, alpha: f64, open: usize) -> Difference {
        let verdict = self.verdict(p_value, better, alpha);
        Difference {
            interval: self.interval,
            correlation: self.correlation,
            variance_reduction: self.variance_reduction,
            p_value: Some(p_value).filter(|p| !p.is_nan()),
            verdict,
            outlook: match verdict {
                DifferenceVerdict::NoneShown => self.outlook(alpha / open.max(1) as f64),
                _ => Outlook::Decided,
            },
        }
    }

    fn verdict(&self, p_value: f64, better: Better, alpha: f64) -> DifferenceVerdict {
        let mean = self.interval.mean;
        if mean == 0.0 && self.interval.half_width == 0.0 {
            return DifferenceVerdict::Same;
        }
        match (is_shown(p_value, alpha), mean > 0.0, better) {
            (false, ..) => DifferenceVerdict::NoneShown,
            (true, true, Better::Higher) | (true, false, Better::Lower) => {
                DifferenceVerdict::Better
            }
            (true, true, Better::Lower) | (true, false, Better::Higher) => DifferenceVerdict::Worse,
            (true, true, Better::Neither) => DifferenceVerdict::Higher,
            (true, false, Better::Neither) => DifferenceVerdict::Lower,
        }
    }

    /// At the level that the smallest of those not shown must reach.
    fn outlook(&self, alpha: f64) -> Outlook {
        let Interval { mean, n, .. } = self.interval;
        if n < 2 {
            return Outlook::Unknown;
        }
        values_to_show(mean, self.variance, alpha, MAX_REPLICATIONS).map_or(
            Outlook::Hopeless,
            |enough| {
                // One of several may lack only what another took from its family.
                Outlook::More(enough.saturating_sub(n as u32).max(1))
            },
        )
    }
}

impl DifferenceVerdict {
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

    const FIRST: [f64; 3] = [10.0, 20.0, 30.0];

    fn some<const N: usize>(values: [f64; N]) -> [Option<f64>; N] {
        values.map(Some)
    }

    fn difference<const N: usize>(values: [f64; N], from: [f64; N], better: Better) -> Difference {
        family(&[(&some(values), &some(from))], better, 0.95)[0]
    }

    #[test]
    fn a_verdict_follows_the_direction_of_better() {
        use DifferenceVerdict::{Better as B, Higher, Lower, NoneShown, Same, Worse};
        let verdict = |values, better| difference(values, FIRST, better).verdict;
        let (less, more) = ([9.0, 19.1, 28.9], [11.0, 21.1, 30.9]);
        assert_eq!(verdict(less, Better::Lower), B);
        assert_eq!(verdict(less, Better::Higher), Worse);
        assert_eq!(verdict(less, Better::Neither), Lower);
        assert_eq!(verdict(more, Better::Lower), Worse);
        assert_eq!(verdict(more, Better::Higher), B);
        assert_eq!(verdict(more, Better::Neither), Higher);
        assert_eq!(verdict([9.0, 22.0, 28.0], Better::Lower), NoneShown);
        assert_eq!(verdict(FIRST, Better::Lower), Same);
        assert_eq!(verdict([11.0, 21.0, 31.0], Better::Lower), Worse);
    }

    #[test]
    fn only_whole_pairs_are_compared() {
        let first = [Some(1.0), None, Some(3.0), Some(5.0)];
        let second = [Some(2.0), Some(9.0), None, Some(6.0)];
        let both = family(&[(&second, &first)], Better::Lower, 0.95)[0];
        assert_eq!((both.interval.n, both.interval.mean), (2, 1.0));
        assert_eq!(both.verdict, DifferenceVerdict::Worse);
    }

    #[test]
    fn one_pair_shows_nothing() {
        let one = difference([1.0], [2.0], Better::Lower);
        assert_eq!(one.verdict, DifferenceVerdict::NoneShown);
        assert_eq!((one.p_value, one.outlook), (None, Outlook::Unknown));
    }

    #[test]
    fn common_luck_saves_what_pairing_takes_from_the_variance() {
        // The published example of pairs: half-widths of 0.24 paired and 2.01 by Welch.
        let a = [12.1, 14.3, 11.8, 15.2, 13.0];
        let b = [11.4, 13.1, 11.0, 14.2, 12.1];
        let one = difference(a, b, Better::Lower);
        let [first, second] = [a, b].map(|sample| mean_and_variance(&sample).1);
        let reduction = one.variance_reduction.unwrap();
        assert!(
            (reduction - (first + second) / 0.037).abs() < 1e-6,
            "{reduction}"
        );
        assert!(reduction > 80.0);
        assert_eq!(one.outlook, Outlook::Decided);
    }

    #[test]
    fn a_family_shows_less_than_its_members_would_alone() {
        let from = some([0.0; 4]);
        // Alone p = 0.034, of two that are alike 0.068.
        let close = some([1.0, 2.0, 0.8, 3.0]);
        let alone = family(&[(&close, &from)], Better::Lower, 0.95)[0];
        assert_eq!(alone.verdict, DifferenceVerdict::Worse);
        let both = family(&[(&close, &from), (&close, &from)], Better::Lower, 0.95);
        for one in both {
            assert_eq!(one.verdict, DifferenceVerdict::NoneShown);
            assert!(one.p_value > Some(0.05));
            assert_eq!(one.interval, alone.interval);
            assert!(
                matches!(one.outlook, Outlook::More(1..=3)),
                "{:?}",
                one.outlook
            );
        }
    }

    #[test]
    fn the_outlook_tells_hope_from_none() {
        let wide = difference([1.0, -1.0, 3.0, -1.0], [0.0; 4], Better::Lower);
        // S² = 11/3 and mean 1/2: about (1.96² x 11/3) / (1/2)² = 56.
        let Outlook::More(more) = wide.outlook else {
            panic!("{:?}", wide.outlook);
        };
        assert!((52..=56).contains(&more), "{more}");
        let even = difference([1.0, -1.0, 1.0, -1.0], [0.0; 4], Better::Lower);
        assert_eq!(even.outlook, Outlook::Hopeless);
    }
}
