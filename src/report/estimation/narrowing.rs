//! How an estimate narrows with the number of replications.

use super::EstimationReport;
use crate::experiment::{Estimation, Measure};
use crate::report::csv::lines;
use crate::stats::interval::{Interval, mean_interval};

/// Of more replications not every number is looked at.
const MAX_STEPS: usize = 200;

/// An estimate after so many replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Narrowing {
    /// What it is of, such as `warehouse, pool_wait_p95`.
    pub what: String,
    /// Its unit.
    pub unit: &'static str,
    /// The number of replications, and the estimate from those.
    pub steps: Vec<(u32, Interval)>,
}

impl Narrowing {
    /// That of the p95 wait of the pool which is waited for longest; none where no pool is.
    pub(super) fn of(estimation: &Estimation, measures: &[Measure]) -> Option<Self> {
        let waits = estimation.estimates.iter();
        let waits = waits.filter(|one| one.kind == "pool" && one.indicator == "pool_wait_p95");
        let longest = waits.max_by(|a, b| a.interval.mean.total_cmp(&b.interval.mean))?;
        let is_it = |measure: &Measure| {
            measure.kind == "pool"
                && measure.name == longest.name
                && measure.indicator == longest.indicator
        };
        let at = measures.iter().position(is_it)?;
        let values: Vec<Option<f64>> = estimation
            .samples
            .iter()
            .map(|sample| sample.values[at])
            .collect();
        let apart = values.len().div_ceil(MAX_STEPS).max(1);
        let step = |n: usize| {
            let known: Vec<f64> = values[..n].iter().flatten().copied().collect();
            (known.len() > 1).then(|| (n as u32, mean_interval(&known, estimation.level)))
        };
        let numbers = (2..=values.len()).filter(|n| n % apart == 0 || *n == values.len());
        let steps: Vec<_> = numbers.filter_map(step).collect();
        (longest.interval.mean > 0.0 && steps.len() > 1).then(|| Self {
            what: format!("{}, {}", longest.name, longest.indicator),
            unit: longest.unit,
            steps,
        })
    }
}

/// `interval_width.csv`: the estimate of what is waited for longest after each number of replications; none where nothing is.
pub fn interval_width_csv(report: &EstimationReport) -> Option<Vec<u8>> {
    let course = report.narrowing.as_ref()?;
    let columns = ["what", "unit", "replications", "mean", "half_width"].map(String::from);
    let row = |(n, interval): &(u32, Interval)| {
        [
            course.what.clone(),
            course.unit.to_owned(),
            n.to_string(),
            interval.mean.to_string(),
            interval.half_width.to_string(),
        ]
    };
    Some(lines(
        std::iter::once(columns).chain(course.steps.iter().map(row)),
    ))
}
