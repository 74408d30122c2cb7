//! Outcomes of which the first part was recorded and the rest is drawn.

use super::refit::hour_of;
use super::remembered::Remembered;
use crate::airflow::{Attempt, Drawn, Outcomes, Segment};
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};

/// Whatever is asked before `split` was recorded: what is under way then is under way as it was, and ends when it did.
#[derive(Clone, Debug)]
pub(super) struct Foreseen<'a> {
    pub(super) remembered: Remembered<'a>,
    /// What draws, by the hour of the day at which it begins.
    pub(super) drawn: Vec<Drawn<'a>>,
    pub(super) split: SimTime,
}

impl Foreseen<'_> {
    fn either<T>(
        &mut self,
        attempt: &Attempt,
        remembered: impl FnOnce(&mut Remembered<'_>) -> T,
        drawn: impl FnOnce(&mut Drawn<'_>) -> T,
    ) -> T {
        if attempt.since < self.split {
            remembered(&mut self.remembered)
        } else {
            drawn(&mut self.drawn[hour_of(attempt.since) as usize])
        }
    }
}

impl Outcomes for Foreseen<'_> {
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        self.either(attempt, |it| it.segment(attempt), |it| it.segment(attempt))
    }

    fn poke(&mut self, attempt: &Attempt) -> SimDuration {
        self.either(attempt, |it| it.poke(attempt), |it| it.poke(attempt))
    }

    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        self.either(
            attempt,
            |it| it.start_delay(attempt),
            |it| it.start_delay(attempt),
        )
    }

    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64 {
        self.drawn[0].run_size(dag, run)
    }

    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId> {
        self.either(attempt, |it| it.branch(attempt), |it| it.branch(attempt))
    }

    fn stops(&mut self, attempt: &Attempt) -> bool {
        self.either(attempt, |it| it.stops(attempt), |it| it.stops(attempt))
    }

    fn pushed_length(&mut self, attempt: &Attempt) -> u32 {
        self.either(
            attempt,
            |it| it.pushed_length(attempt),
            |it| it.pushed_length(attempt),
        )
    }

    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration {
        self.either(
            attempt,
            |it| it.trigger_delay(attempt),
            |it| it.trigger_delay(attempt),
        )
    }
}
