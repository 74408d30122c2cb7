//! Why a run waited: every microsecond from the moment it was due to its start has one cause.

use crate::time::SimDuration;
use std::ops::AddAssign;

/// What kept a run from starting: the first of these that held at the moment (docs/background/waiting.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum RunWaitCause {
    /// Its DAG was paused, or not there yet: the simulation had not begun.
    Paused,
    /// `max_active_runs` of its DAG, or of its backfill, was reached.
    MaxActiveRuns,
    /// Nothing of the above: the scheduler's loop had not come round, or had created or started others.
    Loop,
}

impl RunWaitCause {
    /// All of them, in the order in which they are asked for.
    pub const ALL: [Self; 3] = [Self::Paused, Self::MaxActiveRuns, Self::Loop];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::MaxActiveRuns => "max_active_runs",
            Self::Loop => "loop",
        }
    }

    /// What it is, in one line without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Paused => {
                "runs wait because their DAG was paused, or the simulation had not begun"
            }
            Self::MaxActiveRuns => {
                "runs wait because `max_active_runs` of the DAG or of the backfill was reached"
            }
            Self::Loop => "runs wait for a loop to create and start them",
        }
    }
}

/// The wait of a run, or of many, divided by cause.
///
/// ```
/// use slotwise::time::SimDuration;
/// use slotwise::trace::{RunWait, RunWaitCause};
///
/// let mut wait = RunWait::default();
/// wait.add(RunWaitCause::Loop, SimDuration::from_seconds(2));
/// assert_eq!(wait.of(RunWaitCause::Loop), wait.total());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunWait([SimDuration; RunWaitCause::ALL.len()]);

impl RunWait {
    /// How long this cause held.
    pub fn of(&self, cause: RunWaitCause) -> SimDuration {
        self.0[cause as usize]
    }

    /// Charges a span to a cause.
    pub fn add(&mut self, cause: RunWaitCause, span: SimDuration) {
        self.0[cause as usize] += span;
    }

    /// Each part less the same of `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] - earlier.0[at]))
    }

    /// The whole wait.
    pub fn total(&self) -> SimDuration {
        let parts = self.0.iter();
        parts.fold(SimDuration::ZERO, |sum, &part| sum + part)
    }
}

impl AddAssign for RunWait {
    fn add_assign(&mut self, other: Self) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part;
        }
    }
}
