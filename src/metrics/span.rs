//! Many spans of time in a few figures.

use serde::Serialize;

use crate::stats::Histogram;
use crate::trace::Statistic;

/// How long something took, in seconds. Quantiles are within 1/128 of themselves; the rest is exact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SpanMetrics {
    /// How many spans.
    pub count: u64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 90 % quantile.
    pub p90: f64,
    /// The 95 % quantile.
    pub p95: f64,
    /// The 99 % quantile.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl SpanMetrics {
    /// The figures of a histogram of microseconds; none if it is empty.
    pub fn of(micros: &Histogram) -> Option<Self> {
        let seconds = |micros: f64| micros / 1_000_000.0;
        let quantile = |p| micros.quantile(p).map(|value| seconds(value as f64));
        Some(Self {
            count: micros.count(),
            mean: seconds(micros.mean()?),
            p50: quantile(0.50)?,
            p90: quantile(0.90)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            max: quantile(1.0)?,
        })
    }

    /// One of its figures.
    pub fn get(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::Mean => self.mean,
            Statistic::P50 => self.p50,
            Statistic::P90 => self.p90,
            Statistic::P95 => self.p95,
            Statistic::P99 => self.p99,
            Statistic::Max => self.max,
        }
    }
}
