//! What was observed of one duration: times that are known, times that are only known to be longer, and times of which is known
//! between which two moments they ended.

/// Durations of one kind in seconds, or other numbers that are not negative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    observed: Vec<f64>,
    censored: Vec<f64>,
    between: Vec<(f64, f64)>,
    left_out: usize,
}

/// What a clock that counts microseconds writes as nothing was shorter than this; taken as half of it, because no logarithm of
/// nothing exists.
const RESOLUTION: f64 = 1e-6;

impl Samples {
    /// Those that ended, and those that had lasted so long when the record ended and went on (right-censored).
    ///
    /// What is negative or not finite is left out and counted; what is shorter than a microsecond counts as half of one.
    pub fn new(observed: Vec<f64>, censored: Vec<f64>) -> Self {
        let all = observed.len() + censored.len();
        let usable = |values: Vec<f64>| -> Vec<f64> {
            let kept = values.into_iter().filter(|x| x.is_finite() && *x >= 0.0);
            let mut kept: Vec<f64> = kept
                .map(|x| if x < RESOLUTION { 0.5 * RESOLUTION } else { x })
                .collect();
            kept.sort_by(f64::total_cmp);
            kept
        };
        let (observed, censored) = (usable(observed), usable(censored));
        let left_out = all - observed.len() - censored.len();
        Self {
            observed,
            censored,
            between: Vec::new(),
            left_out,
        }
    }

    /// Also values of which is only known that they lie above the first and not above the second number (interval-censored).
    ///
    /// What is negative, not finite or the wrong way round is left out and counted; an interval of less than a microsecond is a
    /// known value.
    #[must_use]
    pub fn with_between(mut self, intervals: impl IntoIterator<Item = (f64, f64)>) -> Self {
        for (low, high) in intervals {
            if !(low >= 0.0 && low <= high && high.is_finite()) {
                self.left_out += 1;
            } else if high - low < RESOLUTION {
                self.observed.push(high.max(0.5 * RESOLUTION));
            } else {
                self.between.push((low, high));
            }
        }
        self.observed.sort_by(f64::total_cmp);
        let ends = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        self.between.sort_by(ends);
        self
    }

    /// Values that are all known.
    pub fn complete(observed: Vec<f64>) -> Self {
        Self::new(observed, Vec::new())
    }

    /// Those that ended, in rising order.
    pub fn observed(&self) -> &[f64] {
        &self.observed
    }

    /// Those that went on, in rising order.
    pub fn censored(&self) -> &[f64] {
        &self.censored
    }

    /// Those that ended in between, by the first number and then the second.
    pub fn between(&self) -> &[(f64, f64)] {
        &self.between
    }

    /// How many ended, whether it is known when or only between which moments.
    pub fn ended(&self) -> usize {
        self.observed.len() + self.between.len()
    }

    /// Whether all values are known.
    pub(super) fn is_complete(&self) -> bool {
        self.censored.is_empty() && self.between.is_empty()
    }

    /// The same with the middle of each interval as a known value.
    pub(super) fn with_middles(&self) -> Self {
        Self::new(self.all_ended().collect(), self.censored.clone())
    }

    /// How many could not be used.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// All of them, as if they had ended; of those in between the middle. Those that have ended come first.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> + Clone {
        self.all_ended().chain(self.censored.iter().copied())
    }

    /// Those that have ended, of those in between the middle.
    fn all_ended(&self) -> impl Iterator<Item = f64> + Clone {
        let between = self.between.iter();
        let middles = between.map(|&(low, high)| f64::midpoint(low, high));
        self.observed.iter().copied().chain(middles)
    }

    /// Whether the values that ended never vary by more than a thousandth.
    pub(super) fn has_no_spread(&self) -> bool {
        if !self.between.is_empty() {
            return false;
        }
        match (self.observed.first(), self.observed.last()) {
            (Some(first), Some(last)) => last - first <= 1e-3 * last,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_duration_is_counted() {
        let samples = Samples::new(
            vec![3.0, -1.0, f64::NAN, 1.0, 0.0],
            vec![f64::INFINITY, 2.0],
        );
        assert_eq!(samples.observed(), [5e-7, 1.0, 3.0]);
        assert_eq!(samples.censored(), [2.0]);
        assert_eq!(samples.left_out(), 3);
    }

    #[test]
    fn what_ended_in_between_is_kept_as_an_interval() {
        let samples = Samples::new(vec![4.0], vec![9.0]).with_between([
            (2.0, 5.0),
            (3.0, 3.0),
            (5.0, 2.0),
            (-1.0, 2.0),
            (0.0, 1.0),
        ]);
        assert_eq!(samples.observed(), [3.0, 4.0]);
        assert_eq!(samples.between(), [(0.0, 1.0), (2.0, 5.0)]);
        assert_eq!((samples.ended(), samples.left_out()), (4, 2));
        assert!(samples.all().eq([3.0, 4.0, 0.5, 3.5, 9.0]));
        assert_eq!(samples.with_middles().observed(), [0.5, 3.0, 3.5, 4.0]);
    }

    #[test]
    fn a_thousandth_is_no_spread() {
        assert!(Samples::complete(vec![100.0, 100.1]).has_no_spread());
        assert!(!Samples::complete(vec![100.0, 100.2]).has_no_spread());
        assert!(!Samples::default().has_no_spread());
    }
}
