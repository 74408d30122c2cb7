//! The Universal Scalability Law: tasks wait for each other (contention), and keep each other informed (coherency).
//!
//! ```text
//! s(n) = 1 + σ (n − 1) + κ n (n − 1)        X(n) = n / s(n), with its peak at n* = √((1 − σ) / κ)
//! ```
//!
//! Beyond the peak every further task makes all together slower. σ and κ have no unit; with κ = 0 it is [`super::linear`].
//! Source: N. J. Gunther, *Guerrilla Capacity Planning*, Springer 2007, chapter 4; arXiv:0808.1431.

use super::slowdown::{LawError, within};

/// The two coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UniversalScalability {
    contention: f64,
    coherency: f64,
}

impl UniversalScalability {
    pub(super) fn new(contention: f64, coherency: f64) -> Result<Self, LawError> {
        let bounds = "it is a coefficient from 0 to 1";
        Ok(Self {
            contention: within("contention", contention, (0.0, 1.0), bounds)?,
            coherency: within("coherency", coherency, (0.0, 1.0), bounds)?,
        })
    }

    #[inline]
    pub(super) fn factor(self, tasks: f64) -> f64 {
        let others = tasks - 1.0;
        1.0 + self.contention * others + self.coherency * tasks * others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Slowdown;

    #[test]
    fn the_factor_is_the_formula() {
        let law = UniversalScalability::new(0.05, 0.01).unwrap();
        assert!((law.factor(11.0) - (1.0 + 0.5 + 1.1)).abs() < 1e-12);
    }

    #[test]
    fn the_peak_is_where_the_formula_says() {
        // √((1 − σ) / κ): 9.95, 31.46 and 4.47.
        for (contention, coherency, peak) in [(0.01, 0.01, 10), (0.01, 0.001, 31), (0.2, 0.04, 4)] {
            let law = Slowdown::universal_scalability(contention, coherency).unwrap();
            assert_eq!(law.best_concurrency(500), peak);
            let formula = ((1.0_f64 - contention) / coherency).sqrt();
            assert!((formula - f64::from(peak)).abs() < 1.0);
        }
    }

    #[test]
    fn coefficients_lie_between_zero_and_one() {
        assert!(UniversalScalability::new(-0.01, 0.0).is_err());
        assert!(UniversalScalability::new(0.0, 1.01).is_err());
        assert!(UniversalScalability::new(f64::NAN, 0.0).is_err());
    }
}
