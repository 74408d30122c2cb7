//! How often something happened, and between which shares the truth may lie.

use crate::random::distribution::standard_normal;

/// Some of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    /// How often it happened.
    pub count: usize,
    /// How often it could have happened.
    pub of: usize,
}

impl Proportion {
    /// The observed share; NaN of nothing.
    pub fn share(self) -> f64 {
        self.count as f64 / self.of as f64
    }

    /// Wilson's score interval at this level, which covers well at the ends, too: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) /
    /// (1 + z²/n).
    ///
    /// Source: Wilson, "Probable inference, the law of succession, and statistical inference" (JASA 22, 1927); Brown, Cai and
    /// Das Gupta, "Interval estimation for a binomial proportion" (Statistical Science 16, 2001).
    pub fn interval(self, level: f64) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (n, p) = (self.of as f64, self.share());
        let z = standard_normal::quantile(0.5 + 0.5 * level);
        let squared = z * z / n;
        let middle = (p + 0.5 * squared) / (1.0 + squared);
        let half = (p * (1.0 - p) * squared + 0.25 * squared * squared).sqrt() / (1.0 + squared);
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_scipy() {
        // scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson").
        for (count, of, low, high) in [
            (16, 183, 0.054_533_19, 0.137_295_00),
            (0, 14, 0.0, 0.215_310_80),
            (3, 3, 0.438_502_97, 1.0),
        ] {
            let interval = Proportion { count, of }.interval(0.95);
            assert!((interval.0 - low).abs() < 1e-7, "{interval:?}");
            assert!((interval.1 - high).abs() < 1e-7, "{interval:?}");
        }
        assert_eq!(Proportion::default().interval(0.95), (0.0, 1.0));
    }
}
