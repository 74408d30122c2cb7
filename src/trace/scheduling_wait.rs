//! Why a task instance was not scheduled although it was ready: every microsecond in between has one cause.

use crate::time::{SimDuration, SimTime};
use std::ops::AddAssign;

/// What kept a ready instance from being scheduled (docs/background/waiting.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum SchedulingWaitCause {
    /// A loop has come round since, but examined other runs: more are running than
    /// `max_dagruns_per_loop_to_schedule`, and they take turns.
    Turns,
    /// The scheduler's loop had not come round.
    Loop,
}

impl SchedulingWaitCause {
    /// All of them, in the order in which they are asked for.
    pub const ALL: [Self; 2] = [Self::Turns, Self::Loop];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Turns => "turns",
            Self::Loop => "loop",
        }
    }

    /// What it is, in one line without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Turns => {
                "waits for its run's turn: more are running than `max_dagruns_per_loop_to_schedule`"
            }
            Self::Loop => "waits for the next loop to schedule it",
        }
    }
}

/// The wait of an instance to be scheduled, or of many, divided by cause.
///
/// ```
/// use slotwise::time::SimDuration;
/// use slotwise::trace::{SchedulingWait, SchedulingWaitCause};
///
/// let mut wait = SchedulingWait::default();
/// wait.add(SchedulingWaitCause::Turns, SimDuration::from_seconds(2));
/// assert_eq!(wait.of(SchedulingWaitCause::Turns), wait.total());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchedulingWait([SimDuration; SchedulingWaitCause::ALL.len()]);

impl SchedulingWait {
    /// The wait of what was ready and was scheduled at these moments, if this was the first loop that could have scheduled it.
    #[inline]
    pub(crate) fn between(ready_at: SimTime, first_loop: SimTime, scheduled_at: SimTime) -> Self {
        let none = SimDuration::ZERO;
        let mut wait = Self::default();
        wait.add(SchedulingWaitCause::Loop, (first_loop - ready_at).max(none));
        wait.add(
            SchedulingWaitCause::Turns,
            (scheduled_at - first_loop).max(none),
        );
        wait
    }

    /// How long this cause held.
    pub fn of(&self, cause: SchedulingWaitCause) -> SimDuration {
        self.0[cause as usize]
    }

    /// Charges a span to a cause.
    pub fn add(&mut self, cause: SchedulingWaitCause, span: SimDuration) {
        self.0[cause as usize] += span;
    }

    /// The whole wait.
    pub fn total(&self) -> SimDuration {
        let parts = self.0.iter();
        parts.fold(SimDuration::ZERO, |sum, &part| sum + part)
    }
}

impl AddAssign for SchedulingWait {
    fn add_assign(&mut self, other: Self) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part;
        }
    }
}
