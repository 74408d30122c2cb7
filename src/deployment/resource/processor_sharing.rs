//! A processor-sharing server: up to its capacity all work at full speed, beyond it they share alike.
//!
//! ```text
//! s(n) = max(1, n / c)        X(n) = min(n, c)
//! ```
//!
//! With capacity 1, Poisson arrivals of rate λ and mean work E\[S\] it is the M/G/1-PS queue, whose mean sojourn is
//! E\[S\] / (1 − λ E\[S\]) whatever the distribution of work: it is *insensitive*. Source: L. Kleinrock, *Queueing Systems*,
//! volume II, Wiley 1976, section 4.4; M. Harchol-Balter, *Performance Modeling and Design of Computer Systems*, Cambridge
//! 2013, chapter 30.

use super::slowdown::{LawError, within};

/// How many are served at full speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessorSharing {
    capacity: f64,
}

impl ProcessorSharing {
    pub(super) fn new(capacity: f64) -> Result<Self, LawError> {
        let bounds = "it is a number of tasks from 1 on";
        let capacity = within("capacity", capacity, (1.0, 1e9), bounds)?;
        Ok(Self { capacity })
    }

    #[inline]
    pub(super) fn factor(self, tasks: f64) -> f64 {
        (tasks / self.capacity).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_the_capacity_nobody_is_slowed() {
        let law = ProcessorSharing::new(4.0).unwrap();
        for (tasks, factor) in [(1.0, 1.0), (4.0, 1.0), (6.0, 1.5)] {
            assert!((law.factor(tasks) - factor).abs() < 1e-12, "{tasks}");
        }
    }

    #[test]
    fn a_capacity_may_be_broken_but_not_below_one() {
        let law = ProcessorSharing::new(1.5).unwrap();
        assert!((law.factor(3.0) - 2.0).abs() < 1e-12);
        assert!(ProcessorSharing::new(0.5).is_err());
        assert!(ProcessorSharing::new(f64::NAN).is_err());
    }
}
