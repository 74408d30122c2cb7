//! Timetables: when the scheduled runs of a DAG are due.
//!
//! The rules are those of Airflow 3 (Airflow 3.3.2 source, `airflow/timetables/`): each run is computed from the one
//! before and from the moment of computing, so what a DAG without catch-up passes over depends on both.

mod cron;
mod expression;
mod points;

pub use cron::CronSchedule;
pub use points::{Period, Points};

use crate::time::{SimDuration, SimTime};

/// When scheduled runs are due.
#[derive(Clone, Debug, PartialEq)]
pub enum Timetable {
    /// One run at each point, due at the point: what a plain cron expression or interval means in Airflow 3.
    Trigger(Points),
    /// One run for each interval between two points, due at its end: what they mean in Airflow 2.
    DataInterval(Points),
    /// A single run at the start date (`@once`).
    Once,
    /// A run as soon as the one before has ended (`@continuous`); needs `max_active_runs` of 1.
    Continuous,
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

/// Why a timetable cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimetableError {
    /// The time-zone database has no such zone.
    #[error("unknown time zone `{zone}`")]
    UnknownZone {
        /// The name that was given.
        zone: String,
    },
    /// The cron expression is not understood.
    #[error("bad cron expression `{expression}`: {reason}")]
    BadCron {
        /// The expression that was given.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The time between points is zero or less.
    #[error("an interval of `{}` seconds is not positive", delta.as_seconds())]
    NonPositiveDelta {
        /// The span that was given.
        delta: SimDuration,
    },
}

impl Timetable {
    /// A run at each point of a cron expression or preset, read in the zone of that IANA name.
    ///
    /// # Errors
    /// [`TimetableError::BadCron`] and [`TimetableError::UnknownZone`].
    pub fn cron_trigger(expression: &str, zone: &str) -> Result<Self, TimetableError> {
        CronSchedule::new(expression, zone).map(|cron| Self::Trigger(Points::Cron(cron)))
    }

    /// A run for each interval between two points of a cron expression, due at its end.
    ///
    /// # Errors
    /// [`TimetableError::BadCron`] and [`TimetableError::UnknownZone`].
    pub fn cron_interval(expression: &str, zone: &str) -> Result<Self, TimetableError> {
        CronSchedule::new(expression, zone).map(|cron| Self::DataInterval(Points::Cron(cron)))
    }

    /// A run every `delta`, due at its logical date.
    ///
    /// # Errors
    /// [`TimetableError::NonPositiveDelta`].
    pub fn delta_trigger(delta: SimDuration) -> Result<Self, TimetableError> {
        Period::new(delta).map(|period| Self::Trigger(Points::Every(period)))
    }

    /// A run for each interval of length `delta`, due at its end.
    ///
    /// # Errors
    /// [`TimetableError::NonPositiveDelta`].
    pub fn delta_interval(delta: SimDuration) -> Result<Self, TimetableError> {
        Period::new(delta).map(|period| Self::DataInterval(Points::Every(period)))
    }

    /// A single run at the start date.
    pub const fn once() -> Self {
        Self::Once
    }

    /// A run as soon as the one before has ended.
    pub const fn continuous() -> Self {
        Self::Continuous
    }

    /// The next run after `previous`, as computed at `now`; none: no more.
    pub fn next_run(
        &self,
        previous: Option<&PlannedRun>,
        bounds: &Bounds,
        now: SimTime,
    ) -> Option<PlannedRun> {
        let previous_end = previous.map(|run| run.interval_end);
        // What the end date bounds is the point, the interval's start, or (`@continuous`) its end.
        let (run, bounded) = match self {
            Self::Trigger(points) => {
                let at = points.next_trigger(previous_end, bounds, now)?;
                (PlannedRun::of(at, at), at)
            }
            Self::DataInterval(points) => {
                let start = points.next_interval_start(previous_end, bounds, now)?;
                (PlannedRun::of(start, points.next_after(start)?), start)
            }
            Self::Once if previous.is_some() => return None,
            Self::Once => (
                PlannedRun::of(bounds.start_date, bounds.start_date),
                bounds.start_date,
            ),
            Self::Continuous => {
                let start = previous_end.unwrap_or(bounds.start_date);
                let end = start.max(now);
                (PlannedRun::of(start, end), end)
            }
        };
        bounds
            .end_date
            .is_none_or(|end| bounded <= end)
            .then_some(run)
    }

    /// The data interval of a manual run that belongs to `moment`: the moment itself, or the last interval before it
    /// that is complete.
    pub fn manual_interval(&self, moment: SimTime) -> (SimTime, SimTime) {
        match self {
            Self::DataInterval(points) => points.interval_before(moment),
            _ => None,
        }
        .unwrap_or((moment, moment))
    }

    /// Whether it has points that a backfill can go through.
    pub const fn has_points(&self) -> bool {
        matches!(self, Self::Trigger(_) | Self::DataInterval(_))
    }

    /// Whether it asks for more than one run.
    pub const fn has_many_runs(&self) -> bool {
        !matches!(self, Self::Once)
    }

    /// The long-run mean time between runs; none if it has no rhythm of its own.
    pub fn mean_gap(&self) -> Option<SimDuration> {
        match self {
            Self::Trigger(points) | Self::DataInterval(points) => points.mean_gap(),
            Self::Once | Self::Continuous => None,
        }
    }
}

impl PlannedRun {
    /// The run of the interval from `start` to `end`, named by its start and due at its end.
    const fn of(start: SimTime, end: SimTime) -> Self {
        Self {
            logical_date: start,
            interval_start: start,
            interval_end: end,
            run_after: end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> SimTime {
        SimTime::parse(&format!("2025-{text}Z")).unwrap()
    }

    fn bounds(start: &str, catchup: bool) -> Bounds {
        Bounds {
            start_date: moment(start),
            end_date: None,
            catchup,
        }
    }

    /// The first runs, all computed at `now`, are due at `expected`.
    fn check(timetable: &Timetable, bounds: &Bounds, now: &str, expected: &[&str]) {
        let mut previous = None;
        for due in expected {
            let run = timetable.next_run(previous.as_ref(), bounds, moment(now));
            assert_eq!(run.unwrap().run_after, moment(due));
            previous = run;
        }
    }

    #[test]
    fn catch_up_starts_at_the_first_point_and_leaves_none_out() {
        let daily = Timetable::cron_trigger("@daily", "UTC").unwrap();
        let due = ["03-02T00:00:00", "03-03T00:00:00"];
        check(
            &daily,
            &bounds("03-01T12:00:00", true),
            "06-01T00:00:00",
            &due,
        );
        let daily = Timetable::cron_interval("@daily", "UTC").unwrap();
        let due = ["03-03T00:00:00", "03-04T00:00:00"];
        check(
            &daily,
            &bounds("03-01T12:00:00", true),
            "06-01T00:00:00",
            &due,
        );
    }

    #[test]
    fn without_catch_up_the_latest_point_comes_first() {
        let often = Timetable::cron_trigger("*/40 * * * *", "UTC").unwrap();
        let due = ["03-03T00:00:00", "03-03T00:40:00", "03-03T01:00:00"];
        check(
            &often,
            &bounds("03-01T00:00:00", false),
            "03-03T00:07:00",
            &due,
        );
        // The interval that ends now is complete.
        let hourly = Timetable::cron_interval("@hourly", "UTC").unwrap();
        let due = ["03-03T01:00:00", "03-03T02:00:00"];
        check(
            &hourly,
            &bounds("03-01T00:00:00", false),
            "03-03T01:00:00",
            &due,
        );
        check(
            &hourly,
            &bounds("03-01T00:00:00", false),
            "03-03T01:59:00",
            &due,
        );
    }

    #[test]
    fn a_fixed_interval_without_catch_up_is_due_now_or_counted_from_the_epoch() {
        let delta = SimDuration::from_seconds(1500);
        let trigger = Timetable::delta_trigger(delta).unwrap();
        let due = ["03-03T00:07:00", "03-03T00:32:00"];
        check(
            &trigger,
            &bounds("03-01T00:00:00", false),
            "03-03T00:07:00",
            &due,
        );
        let interval = Timetable::delta_interval(delta).unwrap();
        let due = ["03-03T00:00:00", "03-03T00:25:00"];
        check(
            &interval,
            &bounds("03-01T00:00:00", false),
            "03-03T00:07:00",
            &due,
        );
        assert_eq!(trigger.mean_gap(), Some(delta));
    }

    #[test]
    fn the_end_date_itself_is_the_last() {
        let daily = Timetable::cron_trigger("@daily", "UTC").unwrap();
        let mut bounds = bounds("03-01T00:00:00", true);
        bounds.end_date = Some(moment("03-01T00:00:00"));
        let now = moment("03-01T00:00:00");
        let first = daily.next_run(None, &bounds, now);
        assert!(first.is_some());
        assert_eq!(daily.next_run(first.as_ref(), &bounds, now), None);
    }

    #[test]
    fn once_and_continuous() {
        let bounds = bounds("03-01T00:00:00", false);
        let now = moment("03-03T00:00:00");
        let only = Timetable::once().next_run(None, &bounds, now);
        assert_eq!(only.unwrap().run_after, bounds.start_date);
        assert_eq!(
            Timetable::once().next_run(only.as_ref(), &bounds, now),
            None
        );
        let first = Timetable::continuous()
            .next_run(None, &bounds, now)
            .unwrap();
        assert_eq!(
            (first.logical_date, first.run_after),
            (bounds.start_date, now)
        );
        let later = now + SimDuration::from_seconds(60);
        let next = Timetable::continuous().next_run(Some(&first), &bounds, later);
        assert_eq!(next, Some(PlannedRun::of(now, later)));
    }

    #[test]
    fn an_impossible_expression_has_no_runs() {
        let never = Timetable::cron_interval("0 0 31 4,6 *", "UTC").unwrap();
        let now = moment("03-01T00:00:00");
        assert_eq!(
            never.next_run(None, &bounds("03-01T00:00:00", false), now),
            None
        );
    }

    #[test]
    fn spans_must_be_positive() {
        let error = Timetable::delta_interval(SimDuration::ZERO).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an interval of `0` seconds is not positive"
        );
    }
}
