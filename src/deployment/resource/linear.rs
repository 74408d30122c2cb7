//! Linear slowdown: every further task costs the others the same.
//!
//! ```text
//! s(n) = 1 + a (n − 1)        X(n) = n / (1 + a (n − 1)) → 1 / a
//! ```
//!
//! With *a* from 0 to 1 this is Amdahl's law: *a* is the share of the work that only one can do at a time. Source: G. M.
//! Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", AFIPS 1967; in this
//! form the Universal Scalability Law without coherency.

use super::slowdown::{LawError, within};

/// So much more for each further task, as a share of the time alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    per_task: f64,
}

impl Linear {
    pub(super) fn new(per_task: f64) -> Result<Self, LawError> {
        let per_task = within("per_task", per_task, (0.0, 1e6), "it is a share from 0 on")?;
        Ok(Self { per_task })
    }

    #[inline]
    pub(super) fn factor(self, tasks: f64) -> f64 {
        1.0 + self.per_task * (tasks - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Slowdown;

    #[test]
    fn each_further_task_adds_the_same() {
        let law = Linear::new(0.25).unwrap();
        for (tasks, factor) in [(1.0, 1.0), (2.0, 1.25), (5.0, 2.0)] {
            assert!((law.factor(tasks) - factor).abs() < 1e-12, "{tasks}");
        }
    }

    #[test]
    fn throughput_approaches_one_over_the_slope() {
        let law = Slowdown::linear(0.1).unwrap();
        assert!((law.throughput(10) - 10.0 / 1.9).abs() < 1e-12);
        assert!((law.throughput(1_000_000) - 10.0).abs() < 1e-4);
    }

    #[test]
    fn a_slope_is_a_number_from_zero_on() {
        for per_task in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(Linear::new(per_task).is_err(), "{per_task}");
        }
    }
}
