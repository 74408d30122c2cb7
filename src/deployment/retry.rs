//! What happens after a failed try: how often it is repeated, and after what delay.
//!
//! The rule is Airflow's own (Airflow 3.3.2 source, `TaskInstance.next_retry_datetime`), to the digit: the jitter
//! of the exponential backoff is a hash and no draw, so equal names and dates wait equally long everywhere.

use super::hash_jitter::{python_text, sha1_modulo};
use crate::time::{SimDuration, SimTime};

/// `[core] max_task_retry_delay` in seconds: what a backoff never exceeds.
const MAX_TASK_RETRY_DELAY: u64 = 86_400;

/// How often a task is tried again, and after what delay.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Tries after the first.
    pub retries: u32,
    /// The delay after a failed try (before any backoff).
    pub retry_delay: SimDuration,
    /// By how much each further delay is longer than the one before; 0 and 1 mean no backoff.
    pub retry_exponential_backoff: f64,
    /// Bounds the delay, but only with a backoff; zero is no bound.
    pub max_retry_delay: Option<SimDuration>,
}

impl Default for RetryPolicy {
    /// Airflow's defaults: no retry, five minutes, no backoff.
    fn default() -> Self {
        Self {
            retries: 0,
            retry_delay: SimDuration::from_seconds(300),
            retry_exponential_backoff: 0.0,
            max_retry_delay: None,
        }
    }
}

impl RetryPolicy {
    /// The delay between the end of try number `failed_try` (from 1) and the moment after which the next may start.
    ///
    /// With a backoff of multiplier *m*, try *n* and `retry_delay` *d* in seconds, and *h* the SHA-1 of
    /// `dag_id#task_id#logical_date#n` as a number:
    ///
    /// *b* = max(1, ⌈*d* · *m*^(*n* − 1)⌉), delay = min(*b* + *h* mod *b*, 86400, `max_retry_delay`) seconds.
    pub fn delay(
        &self,
        dag_id: &str,
        task_id: &str,
        logical_date: Option<SimTime>,
        failed_try: u32,
    ) -> SimDuration {
        let multiplier = self.retry_exponential_backoff;
        if [0.0, 1.0].contains(&multiplier) {
            return self.retry_delay;
        }
        let exponent = f64::from(failed_try.saturating_sub(1));
        let backoff = (self.retry_delay.as_seconds() * libm::pow(multiplier, exponent)).ceil();
        // From the maximum on the jitter cannot matter any more, so the modulus stays small.
        let backoff = (backoff as u64).clamp(1, MAX_TASK_RETRY_DELAY);
        let date = logical_date.map_or_else(|| "None".into(), python_text);
        let jitter = sha1_modulo(&format!("{dag_id}#{task_id}#{date}#{failed_try}"), backoff);
        let delay = (backoff + jitter).min(MAX_TASK_RETRY_DELAY);
        let delay = SimDuration::from_seconds(delay as i64);
        match self.max_retry_delay {
            Some(longest) if longest > SimDuration::ZERO => delay.min(longest),
            _ => delay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(retry_delay: i64, multiplier: f64) -> RetryPolicy {
        RetryPolicy {
            retry_delay: SimDuration::from_seconds(retry_delay),
            retry_exponential_backoff: multiplier,
            ..RetryPolicy::default()
        }
    }

    /// The delay in whole seconds.
    fn delay(policy: &RetryPolicy, failed_try: u32) -> i64 {
        let date = SimTime::parse("2025-07-01T12:00:00Z").unwrap();
        let delay = policy.delay("etl", "load", Some(date), failed_try);
        delay.as_micros() / 1_000_000
    }

    #[test]
    fn without_backoff_every_delay_is_the_same() {
        let mut policy = backoff(300, 0.0);
        policy.max_retry_delay = Some(SimDuration::from_seconds(10));
        assert_eq!(delay(&policy, 1), 300, "the bound is for backoffs only");
        assert_eq!(delay(&backoff(300, 1.0), 7), 300);
    }

    #[test]
    fn the_backoff_lies_between_once_and_twice_its_base() {
        for (failed_try, base) in [(1, 60), (2, 120), (3, 240)] {
            let delay = delay(&backoff(60, 2.0), failed_try);
            assert!((base..2 * base).contains(&delay), "{delay} for {base}");
        }
        assert_eq!(delay(&backoff(0, 2.0), 3), 1, "the base is never below 1");
    }

    #[test]
    fn bounds_hold_however_large_the_backoff() {
        let mut policy = backoff(60, 5.0);
        assert_eq!(delay(&policy, u32::MAX), 86_400);
        policy.max_retry_delay = Some(SimDuration::ZERO);
        assert_eq!(delay(&policy, 50), 86_400, "zero is no bound");
        policy.max_retry_delay = Some(SimDuration::from_seconds(600));
        assert_eq!(delay(&policy, 50), 600);
        assert_eq!(delay(&backoff(0, f64::NAN), 9), 1, "nonsense does no harm");
    }

    #[test]
    fn dates_are_printed_as_python_prints_them() {
        let text = |moment| python_text(SimTime::parse(moment).unwrap());
        assert_eq!(text("2025-03-03T00:30:00Z"), "2025-03-03 00:30:00+00:00");
        assert_eq!(
            text("2025-03-03T00:30:00.250000Z"),
            "2025-03-03 00:30:00.250000+00:00"
        );
    }

    #[test]
    fn the_hash_is_reduced_as_one_number() {
        // SHA-1("abc") = a9993e364706816aba3e25717850c26c9cd0d89d (FIPS 180-4); its last byte is 0x9d = 157.
        assert_eq!(sha1_modulo("abc", 256), 157);
        assert_eq!(sha1_modulo("abc", 65_536), 0xd89d);
    }
}
