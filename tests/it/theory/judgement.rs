//! Exact values beside the means of replications, and what chance allows.

use slotwise::stats::interval::{Interval, mean_interval};
use slotwise::stats::student_t;

use super::Effort;
use super::reference::Reference;

/// The chance that a right program fails, for all comparisons of a test together.
const FAMILY_WISE_ERROR: f64 = 0.005;

/// The level of the intervals that are shown, each by itself.
const SHOWN_LEVEL: f64 = 0.99;

/// One exact value beside the means of the replications.
pub(super) struct Comparison {
    pub(super) case: &'static str,
    pub(super) metric: &'static str,
    pub(super) expected: f64,
    pub(super) relative_bound: f64,
    pub(super) means: Vec<f64>,
    /// What was simulated, in words.
    pub(super) length: String,
}

impl Comparison {
    pub(super) fn interval(&self) -> Interval {
        mean_interval(&self.means, SHOWN_LEVEL)
    }

    /// The distance of the grand mean in standard errors, unsigned.
    fn t(&self) -> f64 {
        let interval = self.interval();
        let standard_error =
            interval.half_width / student_t::quantile(0.5 + SHOWN_LEVEL / 2.0, self.degrees());
        let distance = (interval.mean - self.expected).abs();
        if distance == 0.0 {
            0.0
        } else {
            distance / standard_error
        }
    }

    fn degrees(&self) -> f64 {
        (self.means.len() - 1) as f64
    }

    fn in_words(&self) -> String {
        let Interval {
            mean, half_width, ..
        } = self.interval();
        format!(
            "{:<42} t {:5.2}, off by {:7.3} % of at most {:4.1} %, half-width {:6.3} %",
            format!("{}/{}", self.case, self.metric),
            self.t(),
            self.relative_error() * 100.0,
            self.relative_bound * 100.0,
            half_width / mean * 100.0,
        )
    }

    fn relative_error(&self) -> f64 {
        self.interval().mean / self.expected - 1.0
    }
}

/// The figures of replications, one row each, as comparisons; a figure has its metric and the bound of long runs.
pub(super) fn comparisons(
    reference: &Reference,
    effort: Effort,
    case: &'static str,
    length: &str,
    figures: &[(&'static str, f64)],
    rows: &[Vec<f64>],
) -> Vec<Comparison> {
    let comparison = |(at, &(metric, bound)): (usize, &(&'static str, f64))| Comparison {
        case,
        metric,
        expected: reference.value(case, metric),
        relative_bound: effort.bound(bound),
        means: rows.iter().map(|row| row[at]).collect(),
        length: length.to_owned(),
    };
    figures.iter().enumerate().map(comparison).collect()
}

/// Each comparison in words, the most unlikely first, and whether it is beyond chance or beyond its bound.
pub(super) fn judge(comparisons: &[Comparison]) -> Vec<(String, bool)> {
    let mut ranked: Vec<_> = comparisons.iter().collect();
    ranked.sort_by(|a, b| b.t().total_cmp(&a.t()));
    let mut rejecting = true;
    let judged = ranked.iter().enumerate().map(|(rank, comparison)| {
        // Holm: the k-th smallest of m error probabilities is held to its share of 1 / (m - k + 1), until one is kept.
        let share = FAMILY_WISE_ERROR / (ranked.len() - rank) as f64;
        let critical = student_t::quantile(1.0 - share / 2.0, comparison.degrees());
        rejecting &= comparison.t() > critical;
        // What is not a number is within nothing.
        let is_near = comparison.relative_error().abs() <= comparison.relative_bound;
        (comparison.in_words(), rejecting || !is_near)
    });
    judged.collect()
}
