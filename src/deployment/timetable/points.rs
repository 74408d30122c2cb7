//! The points in time that a timetable is made of: those of a cron expression, or every so often.

use super::{Bounds, CronSchedule, TimetableError};
use crate::time::{SimDuration, SimTime};

/// The points of a timetable.
#[derive(Clone, Debug, PartialEq)]
pub enum Points {
    /// Those of a cron expression in a time zone.
    Cron(CronSchedule),
    /// A fixed time after the one before; every moment can be a point.
    Every(Period),
}

/// A positive span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(SimDuration);

impl Period {
    /// The span, if it is positive.
    ///
    /// # Errors
    /// [`TimetableError::NonPositiveDelta`].
    pub fn new(span: SimDuration) -> Result<Self, TimetableError> {
        if span > SimDuration::ZERO {
            Ok(Self(span))
        } else {
            Err(TimetableError::NonPositiveDelta { delta: span })
        }
    }
}

impl Points {
    /// With catch-up the point after the previous run, without also not before the latest point that has passed.
    pub(super) fn next_trigger(
        &self,
        previous_end: Option<SimTime>,
        bounds: &Bounds,
        now: SimTime,
    ) -> Option<SimTime> {
        if bounds.catchup {
            return match previous_end {
                Some(end) => self.next_after(end),
                None => self.next_at_or_after(bounds.start_date),
            };
        }
        let latest = self.previous_at_or_before(now)?;
        let first = self.next_at_or_after(bounds.start_date)?;
        let next = match previous_end {
            Some(end) => self.next_after(end)?,
            None => first,
        };
        Some(latest.max(first).max(next))
    }

    /// With catch-up the end of the previous interval, without also not before the latest interval that is complete.
    pub(super) fn next_interval_start(
        &self,
        previous_end: Option<SimTime>,
        bounds: &Bounds,
        now: SimTime,
    ) -> Option<SimTime> {
        let mut start = self.next_at_or_after(bounds.start_date)?;
        if !bounds.catchup {
            start = start.max(self.latest_complete_start(now)?);
        }
        match previous_end {
            // The end is a point already unless the schedule was changed since.
            Some(end) => Some(start.max(self.previous_at_or_before(end)?)),
            None => Some(start),
        }
    }

    /// The first point after `moment`.
    pub(super) fn next_after(&self, moment: SimTime) -> Option<SimTime> {
        match self {
            Self::Cron(schedule) => schedule.next_after(moment),
            Self::Every(period) => Some(moment + period.0),
        }
    }

    /// `moment` if it is a point, else the next one.
    fn next_at_or_after(&self, moment: SimTime) -> Option<SimTime> {
        match self {
            Self::Cron(schedule) => schedule.next_at_or_after(moment),
            Self::Every(_) => Some(moment),
        }
    }

    /// `moment` if it is a point, else the one before.
    fn previous_at_or_before(&self, moment: SimTime) -> Option<SimTime> {
        match self {
            Self::Cron(schedule) => schedule.previous_at_or_before(moment),
            Self::Every(_) => Some(moment),
        }
    }

    /// The start of the latest interval between two points that is complete at `now`.
    ///
    /// Intervals of a fixed length are counted from the Unix epoch here, whatever the DAG's start.
    fn latest_complete_start(&self, now: SimTime) -> Option<SimTime> {
        match self {
            Self::Cron(schedule) => {
                let last = schedule.previous_before(now)?;
                let ends_now = schedule.next_after(last)? <= now;
                if ends_now {
                    Some(last)
                } else {
                    schedule.previous_before(last)
                }
            }
            Self::Every(period) => {
                let begun = now.as_micros().rem_euclid(period.0.as_micros());
                Some(now - SimDuration::from_micros(begun) - period.0)
            }
        }
    }

    /// The last interval between two points that ends at or before `moment`.
    pub(super) fn interval_before(&self, moment: SimTime) -> Option<(SimTime, SimTime)> {
        let end = self.previous_at_or_before(moment)?;
        let start = match self {
            Self::Cron(schedule) => schedule.previous_before(end)?,
            Self::Every(period) => end - period.0,
        };
        Some((start, end))
    }

    /// The long-run mean time between points.
    pub(super) fn mean_gap(&self) -> Option<SimDuration> {
        match self {
            Self::Cron(schedule) => schedule.mean_gap(),
            Self::Every(period) => Some(period.0),
        }
    }
}
