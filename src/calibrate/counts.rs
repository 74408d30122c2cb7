//! Whole numbers that a site recorded: lengths of mapped tasks, pokes of sensors.

use super::law::Law;
use crate::random::EmpiricalMode;

/// Recorded whole numbers, in rising order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<u32>);

/// A scenario should stay readable: of more numbers than these, so many quantiles are kept.
const MOST_VALUES: usize = 101;

impl Counts {
    /// Numbers in any order.
    pub fn new(mut counts: Vec<u32>) -> Self {
        counts.sort_unstable();
        Self(counts)
    }

    /// The numbers.
    pub fn values(&self) -> &[u32] {
        &self.0
    }

    /// Their mean; NaN of none.
    pub fn mean(&self) -> f64 {
        self.0.iter().map(|&count| f64::from(count)).sum::<f64>() / self.0.len() as f64
    }

    /// The same number always, or each as often as it was recorded; none of none.
    pub fn law(&self) -> Option<Law> {
        let (&first, &last) = (self.0.first()?, self.0.last()?);
        if first == last {
            return Some(Law::constant(f64::from(first)));
        }
        let n = self.0.len();
        let kept = n.min(MOST_VALUES);
        // The middle of each of so many equal shares.
        let values = (0..kept).map(|at| f64::from(self.0[(2 * at + 1) * n / (2 * kept)]));
        Some(Law::Empirical {
            values: values.collect(),
            mode: EmpiricalMode::Resample,
            tail: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_drawn_as_often_as_they_were_recorded() {
        let few = Counts::new(vec![3, 1, 3, 2]);
        let law = few.law().unwrap();
        assert_eq!(
            law.plain_text(),
            "{empirical: {values: [1, 2, 3, 3], mode: resample}}"
        );
        let many = Counts::new((0..1_000).collect());
        let drawn = many.law().unwrap().distribution().unwrap();
        assert!((drawn.mean() - many.mean()).abs() < 1.0);
        assert_eq!(Counts::new(vec![4, 4]).law(), Some(Law::constant(4.0)));
        assert_eq!(Counts::default().law(), None);
    }
}
