//! A histogram whose old samples count less and less.
//!
//! A sample at time t weighs 2^((t − t₀) / half-life): all weights keep their ratios as time goes on, so that nothing has
//! to be aged. Bucket i begins at `first (growth^i − 1) / (growth − 1)`.
//! Source: Kubernetes autoscaler, `vertical-pod-autoscaler/pkg/recommender/util/decaying_histogram.go`.

use crate::time::{SimDuration, SimTime};

/// Weights by buckets that grow.
#[derive(Clone, Debug)]
pub(super) struct DecayingHistogram {
    weights: Vec<f64>,
    total: f64,
    half_life: SimDuration,
    growth: f64,
    /// t₀: moved on before weights outgrow their range.
    reference: SimTime,
}

/// So many half-lives after the reference it is moved on.
const MOST_HALF_LIVES: f64 = 100.0;

impl DecayingHistogram {
    /// Buckets from 0 on, the first of width 1, each wider than the one before by the factor `growth`.
    pub(super) fn new(half_life: SimDuration, growth: f64, reference: SimTime) -> Self {
        Self {
            weights: Vec::new(),
            total: 0.0,
            half_life,
            growth,
            reference,
        }
    }

    /// Counts a value that is not negative.
    pub(super) fn add(&mut self, value: f64, weight: f64, at: SimTime) {
        let mut age = self.half_lives(at);
        if age > MOST_HALF_LIVES {
            let factor = libm::exp2(-age);
            self.weights.iter_mut().for_each(|weight| *weight *= factor);
            self.total *= factor;
            self.reference = at;
            age = 0.0;
        }
        let weight = weight * libm::exp2(age);
        let bucket = self.bucket_of(value);
        if self.weights.len() <= bucket {
            self.weights.resize(bucket + 1, 0.0);
        }
        self.weights[bucket] += weight;
        self.total += weight;
    }

    /// The end of the first bucket up to which the share `p` of all weight lies; none without a sample.
    pub(super) fn percentile(&self, p: f64) -> Option<f64> {
        let mut below = 0.0;
        let reaches = |weight: &f64| {
            below += weight;
            below >= p * self.total
        };
        let found = self.weights.iter().position(reaches);
        let last = self.weights.len().checked_sub(1)?;
        Some(self.begin_of(found.unwrap_or(last) + 1))
    }

    fn half_lives(&self, at: SimTime) -> f64 {
        (at - self.reference).as_seconds() / self.half_life.as_seconds()
    }

    fn bucket_of(&self, value: f64) -> usize {
        if self.growth <= 1.0 {
            return value as usize;
        }
        let exact = libm::log1p(value * (self.growth - 1.0)) / libm::log(self.growth);
        // A value on an edge belongs to the bucket that begins there.
        let bucket = (exact + 1e-9) as usize;
        bucket.min(10_000)
    }

    fn begin_of(&self, bucket: usize) -> f64 {
        if self.growth <= 1.0 {
            return bucket as f64;
        }
        (libm::pow(self.growth, bucket as f64) - 1.0) / (self.growth - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SimDuration = SimDuration::from_seconds(3_600);

    fn at(hours: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(3_600 * hours)
    }

    fn of_unit_width(from: i64) -> DecayingHistogram {
        let mut histogram = DecayingHistogram::new(HOUR, 1.0, at(0));
        for step in 0..4 {
            let value = (step + 1) as f64;
            histogram.add(value, value, at(from + step));
        }
        histogram
    }

    #[test]
    fn later_samples_weigh_more() {
        // Weights 0.125, 0.5, 1.5 and 4 at last: 2 %, 10.2 %, 34.7 % and all of it. Also long after t0.
        for from in [0, 1_000] {
            let histogram = of_unit_width(from);
            for (p, end) in [
                (0.02, 2),
                (0.03, 3),
                (0.1, 3),
                (0.11, 4),
                (0.34, 4),
                (0.35, 5),
                (1.0, 5),
            ] {
                assert_eq!(
                    histogram.percentile(p).map(|end| end as i64),
                    Some(end),
                    "p {p}"
                );
            }
        }
    }

    #[test]
    fn old_samples_are_forgotten_without_an_overflow() {
        let mut histogram = of_unit_width(0);
        for _ in 0..3 {
            histogram.add(9.0, 1.0, at(50_000));
        }
        assert_eq!(histogram.percentile(0.001), Some(10.0));
        assert!(histogram.total.is_finite());
    }

    #[test]
    fn buckets_grow_by_a_twentieth() {
        let histogram = DecayingHistogram::new(HOUR, 1.05, at(0));
        for bucket in 0..200 {
            let begin = histogram.begin_of(bucket);
            assert_eq!(histogram.bucket_of(begin), bucket);
            assert_eq!(histogram.bucket_of(begin + 0.5), bucket);
        }
        assert_eq!(
            DecayingHistogram::new(HOUR, 1.05, at(0)).percentile(0.5),
            None
        );
    }
}
