//! Slowdown laws: by how much longer work takes when others are at work beside it.
//!
//! A law is a factor *s*(*n*) >= 1 by concurrency *n* = 1, 2, ...; each of *n* tasks then gets on at 1 / *s*(*n*) of its own
//! speed, and all together at *X*(*n*) = *n* / *s*(*n*), the throughput in units of what one alone does.

use super::linear::Linear;
use super::processor_sharing::ProcessorSharing;
use super::table::Table;
use super::universal_scalability::UniversalScalability;

/// How concurrency stretches work.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Slowdown {
    /// Not at all.
    #[default]
    None,
    /// By so much for each further task.
    Linear(Linear),
    /// By the Universal Scalability Law.
    UniversalScalability(UniversalScalability),
    /// So many at full speed; more share what there is.
    ProcessorSharing(ProcessorSharing),
    /// As measured.
    Table(Table),
}

/// A parameter that makes no law.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LawError {
    /// A parameter beyond its bounds.
    #[error("`{parameter}` is {value}, {bounds}")]
    OutOfBounds {
        /// Its name.
        parameter: &'static str,
        /// What it is.
        value: f64,
        /// What it must be, in words.
        bounds: &'static str,
    },
    /// A table without a point.
    #[error("a table needs at least one point")]
    NoPoints,
    /// Points of a table that do not rise.
    #[error("the point at concurrency {0} does not come after the one before")]
    NotAscending(u32),
    /// A factor of a table that falls.
    #[error("the slowdown falls at concurrency {0}, but more tasks make nobody quicker")]
    Falling(u32),
}

impl Slowdown {
    /// For each further task by `per_task` of the time alone.
    ///
    /// # Errors
    /// `per_task` is negative or not finite.
    pub fn linear(per_task: f64) -> Result<Self, LawError> {
        Linear::new(per_task).map(Self::Linear)
    }

    /// The Universal Scalability Law with its coefficients of contention and of coherency.
    ///
    /// # Errors
    /// A coefficient is not from 0 to 1.
    pub fn universal_scalability(contention: f64, coherency: f64) -> Result<Self, LawError> {
        UniversalScalability::new(contention, coherency).map(Self::UniversalScalability)
    }

    /// A server that works for `capacity` tasks at full speed.
    ///
    /// # Errors
    /// `capacity` is below 1 or not finite.
    pub fn processor_sharing(capacity: f64) -> Result<Self, LawError> {
        ProcessorSharing::new(capacity).map(Self::ProcessorSharing)
    }

    /// Factors as measured, by concurrency.
    ///
    /// # Errors
    /// There is no point, concurrency does not rise from point to point, or a factor is below 1, falls, or is not finite.
    pub fn table(points: Vec<(u32, f64)>) -> Result<Self, LawError> {
        Table::new(points).map(Self::Table)
    }

    /// How many times as long work takes when `concurrency` tasks are at work; 1 for none and for one alone, unless the law
    /// says otherwise.
    #[inline]
    pub fn factor(&self, concurrency: u32) -> f64 {
        let tasks = f64::from(concurrency.max(1));
        match self {
            Self::None => 1.0,
            Self::Linear(law) => law.factor(tasks),
            Self::UniversalScalability(law) => law.factor(tasks),
            Self::ProcessorSharing(law) => law.factor(tasks),
            Self::Table(law) => law.factor(tasks),
        }
    }

    /// What `concurrency` tasks do together, in units of what one alone does at full speed.
    pub fn throughput(&self, concurrency: u32) -> f64 {
        f64::from(concurrency) / self.factor(concurrency)
    }

    /// The fewest tasks, up to `most`, that do as much together as any other number up to `most` does.
    pub fn best_concurrency(&self, most: u32) -> u32 {
        let mut best = (1, self.throughput(1));
        for concurrency in 2..=most {
            let throughput = self.throughput(concurrency);
            // What differs in the last digits only is not more.
            if throughput > best.1 * (1.0 + 1e-12) {
                best = (concurrency, throughput);
            }
        }
        best.0
    }
}

/// The value if it lies within bounds, which NaN does not.
pub(super) fn within(
    parameter: &'static str,
    value: f64,
    (low, high): (f64, f64),
    bounds: &'static str,
) -> Result<f64, LawError> {
    if value.is_finite() && low <= value && value <= high {
        return Ok(value);
    }
    Err(LawError::OutOfBounds {
        parameter,
        value,
        bounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_is_not_slowed_and_more_are_never_quicker() {
        let laws = [
            Slowdown::None,
            Slowdown::linear(0.3).unwrap(),
            Slowdown::universal_scalability(0.1, 0.01).unwrap(),
            Slowdown::processor_sharing(2.5).unwrap(),
            Slowdown::table(vec![(4, 1.5), (8, 6.0)]).unwrap(),
        ];
        for law in laws {
            assert!((law.factor(0) - 1.0).abs() < 1e-15, "{law:?}");
            assert!((law.factor(1) - 1.0).abs() < 1e-15, "{law:?}");
            for n in 1..100 {
                assert!(law.factor(n) <= law.factor(n + 1), "{law:?} at {n}");
            }
        }
    }

    #[test]
    fn the_best_concurrency_is_the_fewest_of_the_best() {
        assert_eq!(
            Slowdown::processor_sharing(3.0)
                .unwrap()
                .best_concurrency(40),
            3
        );
        assert_eq!(Slowdown::None.best_concurrency(40), 40);
        assert_eq!(Slowdown::linear(1.0).unwrap().best_concurrency(40), 1);
    }
}
