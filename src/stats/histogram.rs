//! A histogram of whole numbers with one bucket layout for everyone.
//!
//! Waiting times span eight decades, and a run has millions of them. Log-linear buckets (as in Gil Tene's
//! `HdrHistogram`) keep the relative error constant in constant memory; and because the layout never depends
//! on the data, histograms merge exactly, in any order.

/// Buckets that share one power of two.
const PER_OCTAVE: usize = 1 << OCTAVE_BITS;
const OCTAVE_BITS: u32 = 6;

/// Counts of values in log-linear buckets, 64 to a power of two.
///
/// Values below 128 have a bucket each. A larger bucket is at most 1/64 of its lower bound wide and answers with
/// its middle, so a quantile is off by at most 1/128 of itself. Count, sum, minimum and maximum are exact.
/// Memory covers only the powers of two between the smallest and the largest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Counts of the buckets from `first` on.
    counts: Vec<u64>,
    first: usize,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: Vec::new(),
            first: 0,
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }
}

impl Histogram {
    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if let Some(count) = self.counts.get_mut(bucket.wrapping_sub(self.first)) {
            *count += 1;
        } else {
            self.cover(bucket, bucket + 1);
            self.counts[bucket - self.first] += 1;
        }
        self.count += 1;
        self.sum += u128::from(value);
        // A new extreme is rare, so that a branch is cheaper than two stores.
        if value < self.min {
            self.min = value;
        }
        if value > self.max {
            self.max = value;
        }
    }

    /// Counts one value so many times.
    pub fn record_many(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        self.record(value);
        let more = times - 1;
        self.counts[bucket_of(value) - self.first] += more;
        self.count += more;
        self.sum += u128::from(value) * u128::from(more);
    }

    /// Adds all values of another histogram, as if they had been recorded here.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.cover(other.first, other.first + other.counts.len());
        let offset = other.first - self.first;
        for (mine, theirs) in self.counts[offset..].iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their exact sum.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact smallest value.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The exact largest value.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The value of rank ⌈p·n⌉ (the nearest-rank quantile, R's type 1) within 1/128 of itself.
    ///
    /// `p` is clamped to 0..=1: 0 gives the minimum and 1 the maximum, both exact.
    pub fn quantile(&self, p: f64) -> Option<u64> {
        let rank = ((p * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        if rank == self.count {
            return self.max();
        }
        let mut below = 0;
        self.buckets()
            .find(|&(_, _, count)| {
                below += count;
                below >= rank
            })
            .map(|(low, width, _)| (low + width / 2).clamp(self.min, self.max))
    }

    /// The occupied buckets in ascending order: lower bound, width, count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        let counts = self.counts.iter().enumerate();
        counts.filter(|&(_, &count)| count > 0).map(|(at, &count)| {
            let (low, width) = bounds_of(self.first + at);
            (low, width, count)
        })
    }

    /// Makes room for the buckets `from..to`, in whole octaves so that steady recording never allocates.
    #[cold]
    fn cover(&mut self, from: usize, to: usize) {
        let from = from / PER_OCTAVE * PER_OCTAVE;
        let to = to.next_multiple_of(PER_OCTAVE);
        if self.counts.is_empty() {
            self.first = from;
        }
        if from < self.first {
            let missing = self.first - from;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = from;
        }
        if to > self.first + self.counts.len() {
            self.counts.resize(to - self.first, 0);
        }
    }
}

/// Below 64 the value itself; above, 64 buckets for each power of two.
#[inline]
fn bucket_of(value: u64) -> usize {
    let exponent = (value | (PER_OCTAVE as u64 - 1)).ilog2();
    let shift = exponent.saturating_sub(OCTAVE_BITS);
    ((shift as usize) << OCTAVE_BITS) + (value >> shift) as usize
}

/// The lower bound and the width of a bucket.
fn bounds_of(bucket: usize) -> (u64, u64) {
    let shift = (bucket >> OCTAVE_BITS).saturating_sub(1);
    let mantissa = bucket - (shift << OCTAVE_BITS);
    ((mantissa as u64) << shift, 1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram_of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    /// Values of all magnitudes, the ends included.
    fn any_value() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64u32).prop_map(|(bits, shift)| bits >> shift)
    }

    #[test]
    fn buckets_join_without_gap_or_overlap() {
        let mut expected = 0u64;
        for bucket in 0..=bucket_of(u64::MAX) {
            let (low, width) = bounds_of(bucket);
            assert_eq!(low, expected, "bucket {bucket}");
            assert_eq!(bucket_of(low), bucket);
            assert_eq!(bucket_of(low + (width - 1)), bucket);
            expected = low.wrapping_add(width);
        }
        assert_eq!(expected, 0, "the last bucket ends with the number range");
    }

    #[test]
    fn an_empty_histogram_has_no_statistics() {
        let empty = Histogram::default();
        assert_eq!(empty.quantile(0.5), None);
        assert_eq!((empty.mean(), empty.min(), empty.max()), (None, None, None));
    }

    #[test]
    fn a_value_can_be_counted_many_times() {
        let mut histogram = histogram_of(&[3]);
        histogram.record_many(5_000, 3);
        histogram.record_many(9, 0);
        assert_eq!(histogram, histogram_of(&[3, 5_000, 5_000, 5_000]));
    }

    #[test]
    fn small_values_are_exact() {
        let histogram = histogram_of(&(0..128).collect::<Vec<_>>());
        assert_eq!(histogram.quantile(0.5), Some(63));
        assert_eq!(histogram.quantile(0.25), Some(31));
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error(
            mut values in prop::collection::vec(any_value(), 1..200),
            p in 0.0..=1.0f64,
        ) {
            let histogram = histogram_of(&values);
            values.sort_unstable();
            let rank = ((p * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            let answer = histogram.quantile(p).unwrap();
            prop_assert!(answer.abs_diff(exact) <= exact / 128, "{answer} for {exact}");
            prop_assert_eq!(histogram.quantile(1.0), values.last().copied());
            prop_assert_eq!(histogram.sum(), values.iter().map(|&v| u128::from(v)).sum::<u128>());
        }

        #[test]
        fn merged_parts_are_the_whole(
            left in prop::collection::vec(any_value(), 0..50),
            right in prop::collection::vec(any_value(), 0..50),
        ) {
            let whole = histogram_of(&[left.clone(), right.clone()].concat());
            let (left, right) = (histogram_of(&left), histogram_of(&right));
            let (mut forth, mut back) = (left.clone(), right.clone());
            forth.merge(&right);
            back.merge(&left);
            prop_assert_eq!(&forth, &whole);
            prop_assert_eq!(&back, &whole);
        }

        #[test]
        fn many_parts_merge_to_the_whole_in_any_order_and_any_grouping(
            parts in prop::collection::vec(prop::collection::vec(any_value(), 0..20), 1..8),
            keys in prop::collection::vec(any::<u32>(), 8),
            split in 0..8usize,
        ) {
            let whole = histogram_of(&parts.concat());
            let mut shuffled: Vec<_> = parts.iter().zip(&keys).collect();
            shuffled.sort_by_key(|&(_, key)| key);
            let mut groups = [Histogram::default(), Histogram::default()];
            for (at, (part, _)) in shuffled.into_iter().enumerate() {
                groups[usize::from(at >= split)].merge(&histogram_of(part));
            }
            let [mut merged, last] = groups;
            merged.merge(&last);
            for p in [0.0, 0.5, 0.95, 1.0] {
                prop_assert_eq!(merged.quantile(p), whole.quantile(p));
            }
            prop_assert_eq!(merged, whole);
        }
    }
}
