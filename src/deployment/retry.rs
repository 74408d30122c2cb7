//! What happens after a failed try.

use crate::time::SimDuration;

/// How often a task is tried again, and after what delay.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Tries after the first.
    pub retries: u32,
    /// The delay after a failed try (before any backoff).
    pub retry_delay: SimDuration,
}

impl Default for RetryPolicy {
    /// Airflow's defaults: no retry, five minutes.
    fn default() -> Self {
        Self {
            retries: 0,
            retry_delay: SimDuration::from_seconds(300),
        }
    }
}
