//! What was observed of one duration: times that are known, and times that are only known to be longer.

/// Durations of one kind in seconds, or other numbers that are not negative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    observed: Vec<f64>,
    censored: Vec<f64>,
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
            left_out,
        }
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

    /// How many could not be used.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// All of them, as if they had ended.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> + Clone {
        self.observed.iter().chain(&self.censored).copied()
    }

    /// Whether the values that ended never vary by more than a thousandth.
    pub(super) fn has_no_spread(&self) -> bool {
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
    fn a_thousandth_is_no_spread() {
        assert!(Samples::complete(vec![100.0, 100.1]).has_no_spread());
        assert!(!Samples::complete(vec![100.0, 100.2]).has_no_spread());
        assert!(!Samples::default().has_no_spread());
    }
}
