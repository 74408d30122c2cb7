//! Why a task instance waited: every microsecond from scheduled to queued has one cause.

use crate::time::SimDuration;

/// What kept an instance from being queued: the first of these that held at the moment
/// (docs/background/waiting.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum WaitCause {
    /// `parallelism` is reached, or its executor has no free slot, for every scheduler.
    Parallelism,
    /// Its pool is deleted, or has no open slot.
    Pool,
    /// Its pool has open slots, but fewer than its `pool_slots`.
    PoolSlots,
    /// `max_active_tis_per_dag` or `max_active_tis_per_dagrun` of its task is reached.
    MaxActiveTis,
    /// `max_active_tasks` of its run, in Airflow 2 of its DAG, is reached.
    MaxActiveTasks,
    /// Nothing of the above, and a loop has looked since and did not take it: its page was full of others, others
    /// took the slots, or its DAG is paused.
    PassedOver,
    /// Nothing of the above: the scheduler's loop has not come round yet.
    Loop,
}

impl WaitCause {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All of them, in the order in which they are asked for.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Parallelism,
        Self::Pool,
        Self::PoolSlots,
        Self::MaxActiveTis,
        Self::MaxActiveTasks,
        Self::PassedOver,
        Self::Loop,
    ];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parallelism => "parallelism",
            Self::Pool => "pool",
            Self::PoolSlots => "pool_slots",
            Self::MaxActiveTis => "max_active_tis",
            Self::MaxActiveTasks => "max_active_tasks",
            Self::PassedOver => "passed_over",
            Self::Loop => "loop",
        }
    }

    /// What it is, in one line without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Parallelism => {
                "waits because `parallelism` or the slots of the executor were used up"
            }
            Self::Pool => "waits because the pool was deleted or had no open slot",
            Self::PoolSlots => "waits because fewer slots were open than the instance asks for",
            Self::MaxActiveTis => {
                "waits because `max_active_tis_per_dag` or `max_active_tis_per_dagrun` was reached"
            }
            Self::MaxActiveTasks => {
                "waits because `max_active_tasks` of the run (in Airflow 2 of the DAG) was reached"
            }
            Self::PassedOver => "waits after a loop that could have taken the instance took others",
            Self::Loop => "waits for the next loop",
        }
    }
}

/// A wait divided by cause.
///
/// ```
/// use slotwise::time::SimDuration;
/// use slotwise::trace::{WaitCause, WaitParts};
///
/// let mut wait = WaitParts::default();
/// wait.add(WaitCause::Pool, SimDuration::from_seconds(3));
/// wait.add(WaitCause::Loop, SimDuration::from_seconds(1));
/// assert_eq!(wait.of(WaitCause::Pool), SimDuration::from_seconds(3));
/// assert_eq!(wait.total(), SimDuration::from_seconds(4));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitParts([SimDuration; WaitCause::COUNT]);

impl WaitParts {
    /// How long this cause held.
    pub fn of(&self, cause: WaitCause) -> SimDuration {
        self.0[cause as usize]
    }

    /// Charges a span to a cause.
    pub fn add(&mut self, cause: WaitCause, span: SimDuration) {
        self.0[cause as usize] += span;
    }

    /// Charges a cause with this span instead of what it was charged with.
    pub(crate) fn set(&mut self, cause: WaitCause, span: SimDuration) {
        self.0[cause as usize] = span;
    }

    /// Charges a cause with so many microseconds, few enough that the sum needs no care.
    #[inline]
    pub(crate) fn add_micros(&mut self, cause: WaitCause, micros: i64) {
        let part = &mut self.0[cause as usize];
        *part = SimDuration::from_micros(part.as_micros() + micros);
    }

    /// Each part less the same of `earlier`.
    #[inline]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        // Both are no longer than all time so far, so that the difference needs no care.
        let micros = |at: usize| self.0[at].as_micros() - earlier.0[at].as_micros();
        Self(std::array::from_fn(|at| {
            SimDuration::from_micros(micros(at))
        }))
    }

    /// The whole wait.
    pub fn total(&self) -> SimDuration {
        let parts = self.0.iter();
        parts.fold(SimDuration::ZERO, |sum, &part| sum + part)
    }
}

/// The parts of many waits, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitTotals([i128; WaitCause::COUNT]);

impl WaitTotals {
    /// How long this cause held in all.
    pub fn of(&self, cause: WaitCause) -> i128 {
        self.0[cause as usize]
    }

    /// Adds a wait.
    #[inline]
    pub(crate) fn add(&mut self, wait: &WaitParts) {
        for (total, part) in self.0.iter_mut().zip(wait.0) {
            *total += i128::from(part.as_micros());
        }
    }

    /// Adds a wait for a pool: so long without an open slot, and so long with too few.
    #[inline]
    pub(crate) fn add_for_pool(&mut self, without_slot: SimDuration, with_too_few: SimDuration) {
        self.0[WaitCause::Pool as usize] += i128::from(without_slot.as_micros());
        self.0[WaitCause::PoolSlots as usize] += i128::from(with_too_few.as_micros());
    }

    /// Adds the waits of others.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (total, more) in self.0.iter_mut().zip(other.0) {
            *total += more;
        }
    }
}
