//! Sensors: how they wait, and when they ask again.
//!
//! The rules are Airflow's own (`BaseSensorOperator.execute` and `_get_next_poke_interval`, Airflow 3.3.2), to the
//! digit: the jitter of the exponential backoff is a hash.

use super::hash_jitter::{python_text, sha1_modulo};
use crate::ids::TaskId;
use crate::random::Distribution;
use crate::time::{SimDuration, SimTime};

/// How a sensor waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// Whether it keeps its worker between pokes.
    pub mode: SensorMode,
    /// From the end of a poke to the next.
    pub poke_interval: SimDuration,
    /// How long a try waits at most; a poke that ends in vain later than this is its last.
    pub timeout: SimDuration,
    /// Whether it is skipped, and does not fail, when time is up.
    pub soft_fail: bool,
    /// Whether the interval grows from poke to poke.
    pub exponential_backoff: bool,
    /// The longest interval that the backoff makes.
    pub max_wait: Option<SimDuration>,
    /// What it waits for.
    pub wait: SensorWait,
}

/// What a sensor waits for. The first poke that ends when it is there, or later, succeeds.
#[derive(Clone, Debug, PartialEq)]
pub enum SensorWait {
    /// Something that is there so many seconds after the beginning of the first poke of the try.
    Time(Distribution),
    /// The success of all instances of this task in the run of the sensor's logical date, as `ExternalTaskSensor` does.
    /// In a run without a logical date it waits in vain.
    Task(TaskId),
}

/// What a sensor holds between pokes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SensorMode {
    /// Everything: it stays running.
    #[default]
    Poke,
    /// Nothing: it goes to `up_for_reschedule` and waits for a pool slot again.
    Reschedule,
}

impl Sensor {
    /// `[sensors] default_timeout`: a week.
    pub const DEFAULT_TIMEOUT: SimDuration = SimDuration::from_seconds(604_800);

    /// From the end of a poke in vain to the next one in `reschedule` mode.
    ///
    /// With a backoff, *e* the time since `started`, and *h* the SHA-1 of `dag_id#task_id#started#j` as a number:
    /// *b*(*j*) = max(1, ⌊`poke_interval` · 2^(*j* − 2)⌋), step(*j*) = *b*(*j*) + *h*(*j*) mod *b*(*j*); *c* is the
    /// smallest number for which step(1) + ... + step(*c*) exceeds *e*; the interval is
    /// min(`timeout` − ⌊*e*⌋, step(*c*), `max_wait`) seconds.
    pub fn next_poke(
        &self,
        dag_id: &str,
        task_id: &str,
        started: SimTime,
        poke_ended: SimTime,
    ) -> SimDuration {
        if !self.exponential_backoff {
            return self.poke_interval;
        }
        let elapsed = poke_ended - started;
        let date = python_text(started);
        let (mut sum, mut count) = (SimDuration::ZERO, 0);
        let step = loop {
            count += 1;
            let step = self.step(dag_id, task_id, &date, count);
            sum += step;
            if sum > elapsed {
                break step;
            }
        };
        let left = self.timeout - SimDuration::from_seconds(elapsed.as_micros() / 1_000_000);
        let wait = step.min(left);
        self.max_wait.map_or(wait, |longest| wait.min(longest))
    }

    /// The interval after poke number `count` (from 1), before it is cut.
    fn step(&self, dag_id: &str, task_id: &str, started: &str, count: u32) -> SimDuration {
        let factor = libm::pow(2.0, f64::from(count) - 2.0);
        // From the longest time-out on the jitter cannot matter any more, so the modulus stays small.
        let base =
            ((self.poke_interval.as_seconds() * factor) as u64).clamp(1, u64::from(u32::MAX));
        let jitter = sha1_modulo(&format!("{dag_id}#{task_id}#{started}#{count}"), base);
        SimDuration::from_seconds((base + jitter) as i64)
    }
}
