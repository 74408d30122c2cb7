//! Exponential smoothing of level, trend and season, after Holt and Winters, in its additive form.
//!
//! ```text
//! l = α (y − s) + (1 − α) (l₋ + b₋);   b = β (l − l₋) + (1 − β) b₋;   s = γ (y − l) + (1 − γ) s₋
//! forecast of the next bucket = l + b + s₋,  size = forecast + k × residual standard deviation, never below 0
//! ```
//!
//! y is the mean demand of a bucket; the season is updated with the new level. The first two periods only teach: the level
//! begins with the mean of the second, the trend with the difference of their means by bucket, the season with the mean of
//! what both lie above theirs. Source: NIST/SEMATECH e-Handbook of Statistical Methods, 6.4.3.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::residuals::Residuals;
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::time::{SimDuration, SimTime};

/// Sizes a pool by a forecast of its demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoltWinters {
    /// After this time the demand repeats.
    pub period: SimDuration,
    /// Demand is averaged over this time.
    pub bucket: SimDuration,
    /// The weight of a new level.
    pub alpha: f64,
    /// The weight of a new trend.
    pub beta: f64,
    /// The weight of a new season.
    pub gamma: f64,
    /// Standard deviations of its errors that come on top.
    pub safety: f64,
}

/// What has been learnt.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// The beginning of the present bucket, and its number.
    bucket: Option<(SimTime, usize)>,
    sum: f64,
    looks: u32,
    /// The demand of the first two periods.
    first: Vec<f64>,
    smoothing: Option<Smoothing>,
    residuals: Residuals,
}

/// Level, trend and season.
#[derive(Clone, Debug)]
pub(super) struct Smoothing {
    pub(super) level: f64,
    pub(super) trend: f64,
    pub(super) season: Vec<f64>,
}

impl HoltWinters {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "holt_winters",
        summary: "a forecast by exponential smoothing of level, trend and season, and a safety",
        parameters: &[
            Parameter::new(
                "period",
                ParameterKind::Duration,
                ParameterDefault::Seconds(86_400),
                "after this time the demand repeats",
            ),
            Parameter::new(
                "bucket",
                ParameterKind::Duration,
                ParameterDefault::Seconds(3_600),
                "demand is averaged over this time, of which the period is a multiple",
            ),
            Parameter::new(
                "alpha",
                ParameterKind::Number(0.0, 1.0),
                ParameterDefault::Number(0.3),
                "the weight of a new level",
            ),
            Parameter::new(
                "beta",
                ParameterKind::Number(0.0, 1.0),
                ParameterDefault::Number(0.05),
                "the weight of a new trend",
            ),
            Parameter::new(
                "gamma",
                ParameterKind::Number(0.0, 1.0),
                ParameterDefault::Number(0.3),
                "the weight of a new season",
            ),
            Parameter::new(
                "safety",
                ParameterKind::Number(0.0, 100.0),
                ParameterDefault::Number(2.0),
                "standard deviations of its errors that come on top",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::HoltWinters),
    };

    fn from_given(given: &Given) -> Result<Self, String> {
        let (period, bucket) = (given.duration("period"), given.duration("bucket"));
        if period.as_micros() % bucket.as_micros() != 0 || period <= bucket {
            return Err("`period` is not a multiple of `bucket`".into());
        }
        Ok(Self {
            period,
            bucket,
            alpha: given.number("alpha"),
            beta: given.number("beta"),
            gamma: given.number("gamma"),
            safety: given.number("safety"),
        })
    }

    fn buckets(&self) -> usize {
        (self.period.as_micros() / self.bucket.as_micros()).max(1) as usize
    }
}

impl Smoothing {
    /// Learns from two periods of so many buckets each.
    fn from_two_periods(demand: &[f64], buckets: usize) -> Self {
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let (first, second) = demand.split_at(buckets);
        let means = [mean(first), mean(second)];
        let above = |at: usize| 0.5 * (first[at] - means[0] + second[at] - means[1]);
        Self {
            level: means[1],
            trend: (means[1] - means[0]) / buckets as f64,
            season: (0..buckets).map(above).collect(),
        }
    }

    pub(super) fn forecast(&self, bucket: usize) -> f64 {
        self.level + self.trend + self.season[bucket % self.season.len()]
    }

    pub(super) fn see(&mut self, rule: &HoltWinters, bucket: usize, demand: f64) {
        let at = bucket % self.season.len();
        let (before, season) = (self.level, self.season[at]);
        self.level = rule.alpha * (demand - season) + (1.0 - rule.alpha) * (before + self.trend);
        self.trend = rule.beta * (self.level - before) + (1.0 - rule.beta) * self.trend;
        self.season[at] = rule.gamma * (demand - self.level) + (1.0 - rule.gamma) * season;
    }
}

impl Learnt {
    /// Counts a look; closes the buckets that are over.
    fn see(&mut self, rule: &HoltWinters, load: &PoolLoad) {
        let (mut begin, mut number) = *self.bucket.get_or_insert((load.time, 0));
        while load.time - begin >= rule.bucket {
            let demand = self.sum / f64::from(self.looks.max(1));
            self.close(rule, number, demand);
            (begin, number) = (begin + rule.bucket, number + 1);
        }
        if self.bucket.replace((begin, number)) != Some((begin, number)) {
            (self.sum, self.looks) = (0.0, 0);
        }
        self.sum += load.demand() as f64;
        self.looks += 1;
    }

    fn close(&mut self, rule: &HoltWinters, bucket: usize, demand: f64) {
        if let Some(smoothing) = &mut self.smoothing {
            self.residuals.see(demand - smoothing.forecast(bucket));
            smoothing.see(rule, bucket, demand);
            return;
        }
        self.first.push(demand);
        let buckets = rule.buckets();
        if self.first.len() == 2 * buckets {
            self.smoothing = Some(Smoothing::from_two_periods(&self.first, buckets));
            self.first = Vec::new();
        }
    }
}

impl PoolRule for HoltWinters {
    type Memory = Learnt;

    fn wish(&self, learnt: &mut Learnt, load: &PoolLoad) -> Option<(f64, String)> {
        learnt.see(self, load);
        let (_, number) = learnt.bucket?;
        let forecast = learnt.smoothing.as_ref()?.forecast(number);
        let spread = learnt.residuals.standard_deviation();
        let reason = format!("a forecast of {forecast:.1} slots, errors of {spread:.1}");
        Some(((forecast + self.safety * spread).max(0.0), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(alpha: f64, beta: f64) -> HoltWinters {
        HoltWinters {
            period: SimDuration::from_seconds(86_400),
            bucket: SimDuration::from_seconds(3_600),
            alpha,
            beta,
            gamma: 0.3,
            safety: 0.0,
        }
    }

    #[test]
    fn without_a_season_it_is_the_method_of_holt() {
        // NIST/SEMATECH e-Handbook, 6.4.3.3: its data and constants.
        let data = [6.4, 5.6, 7.8, 8.8, 11.0, 11.6, 16.7, 15.3, 21.6, 22.4];
        let fits = [
            5.6, 4.8, 6.1738, 8.363_645, 11.512_32, 13.769_377, 18.118_197, 19.363_186, 23.250_004,
        ];
        let holt = HoltWinters {
            gamma: 0.0,
            ..rule(0.3623, 1.0)
        };
        let mut smoothing = Smoothing {
            level: data[0],
            trend: data[1] - data[0],
            season: vec![0.0],
        };
        for (&demand, fit) in data[1..].iter().zip(fits) {
            assert!((smoothing.forecast(0) - fit).abs() < 1e-5);
            smoothing.see(&holt, 0, demand);
        }
        assert!((smoothing.level - 22.942_048).abs() < 1e-5);
        assert!((smoothing.trend - 2.768_464).abs() < 1e-5);
        assert!((smoothing.forecast(0) - 25.710_511).abs() < 1e-5);
    }

    #[test]
    fn a_day_that_repeats_is_forecast_exactly_after_two() {
        let rule = rule(0.3, 0.05);
        let mut learnt = Learnt::default();
        let demand = |hour: i64| 5 + (hour.rem_euclid(24) - 12).abs();
        for quarter in 0..5 * 96i64 {
            let load = PoolLoad {
                time: SimTime::default() + SimDuration::from_seconds(900 * quarter),
                running: demand(quarter / 4),
                ..PoolLoad::default()
            };
            let slots = rule
                .wish(&mut learnt, &load)
                .map(|(slots, _)| slots.round() as i64);
            let knows = quarter >= 2 * 96;
            assert_eq!(
                slots,
                knows.then(|| demand(quarter / 4)),
                "quarter {quarter}"
            );
        }
    }
}
