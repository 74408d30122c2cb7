//! Timetables (stub to be replaced): when scheduled runs are due.
use crate::time::{SimDuration, SimTime};
/// When scheduled runs are due.
#[derive(Clone, Debug)]
pub enum Timetable {
    /// A fixed interval; each run is due at its logical date.
    DeltaTrigger(SimDuration),
}
/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum TimetableError {
    /// No such zone.
    #[error("no zone `{zone}`")]
    UnknownZone {
        /// Its name.
        zone: String,
    },
    /// Not a cron expression.
    #[error("`{expression}` is not a cron expression: {reason}")]
    BadCron {
        /// The text.
        expression: String,
        /// Why.
        reason: String,
    },
    /// No time between.
    #[error("the period must be positive")]
    NonPositiveDelta,
}
/// A run that a timetable asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    /// Names the run.
    pub logical_date: SimTime,
    /// The data interval's start.
    pub interval_start: SimTime,
    /// The data interval's end: what the next run is computed from.
    pub interval_end: SimTime,
    /// When it may be created.
    pub run_after: SimTime,
}
/// What bounds the runs of one DAG.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// No run lies before.
    pub start_date: SimTime,
    /// No run lies after.
    pub end_date: Option<SimTime>,
    /// Whether missed points are made up for.
    pub catchup: bool,
}
impl Timetable {
    /// Stub.
    pub fn cron_trigger(expression: &str, _zone: &str) -> Result<Self, TimetableError> {
        let expression = match expression {
            "@hourly" => "0 * * * *",
            "@daily" => "0 0 * * *",
            other => other,
        };
        if let Err(e) = expression.parse::<croner::Cron>() {
            return Err(TimetableError::BadCron {
                expression: expression.into(),
                reason: e.to_string(),
            });
        }
        let fields: Vec<&str> = expression.split(' ').collect();
        let minutes = match (fields[0].strip_prefix("*/"), fields[1]) {
            (Some(n), _) => n.parse().unwrap_or(1),
            (None, "*") => 60,
            _ => 1440,
        };
        Ok(Self::DeltaTrigger(SimDuration::from_seconds(60 * minutes)))
    }
    /// Stub.
    pub fn cron_interval(expression: &str, zone: &str) -> Result<Self, TimetableError> {
        Self::cron_trigger(expression, zone)
    }
    /// Stub.
    pub fn delta_trigger(delta: SimDuration) -> Result<Self, TimetableError> {
        if delta <= SimDuration::ZERO {
            return Err(TimetableError::NonPositiveDelta);
        }
        Ok(Self::DeltaTrigger(delta))
    }
    /// Stub.
    pub fn delta_interval(delta: SimDuration) -> Result<Self, TimetableError> {
        Self::delta_trigger(delta)
    }
    /// Stub.
    pub fn once() -> Self {
        Self::DeltaTrigger(SimDuration::from_seconds(i64::MAX / 2_000_000))
    }
    /// Stub.
    pub fn continuous() -> Self {
        Self::once()
    }
    /// Stub.
    pub fn mean_gap(&self) -> Option<SimDuration> {
        let Self::DeltaTrigger(delta) = self;
        (delta.as_seconds() < 1e9).then_some(*delta)
    }
    /// The next run after `previous`, as computed at `now`; none: no more.
    pub fn next_run(
        &self,
        previous: Option<&PlannedRun>,
        bounds: &Bounds,
        now: SimTime,
    ) -> Option<PlannedRun> {
        let Self::DeltaTrigger(delta) = self;
        let at = previous.map_or(bounds.start_date, |p| p.interval_end + *delta);
        let at = if bounds.catchup { at } else { at.max(now) };
        (bounds.end_date.is_none_or(|end| at <= end)).then_some(PlannedRun {
            logical_date: at,
            interval_start: at,
            interval_end: at,
            run_after: at,
        })
    }
}
