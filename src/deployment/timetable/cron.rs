//! A cron expression in a time zone, evaluated as Airflow does it.
//!
//! The expression is matched on the wall clock alone; what daylight saving does to the result is decided here and not
//! by the cron library, because Airflow has rules of its own (Airflow 3.3.2 source, `timetables/_cron.py`).

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::TimetableError;
use super::expression::spell_out;
use crate::time::{SimDuration, SimTime};

const DAY: SimDuration = SimDuration::from_seconds(86_400);

/// Points in time: a cron expression read in a time zone.
///
/// Where the clock goes forward, a point in the gap moves forward by the length of the gap; where it goes back, the
/// second of two equal readings is meant. An expression that holds for every hour is counted in elapsed time instead,
/// so an hourly schedule neither skips nor doubles an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct CronSchedule {
    pattern: Box<Cron>,
    every_hour: bool,
    zone: TimeZone,
}

impl CronSchedule {
    /// The points of `expression` (five fields, or a preset such as `@daily`) in the zone of that IANA name.
    ///
    /// # Errors
    /// [`TimetableError::BadCron`] and [`TimetableError::UnknownZone`].
    pub fn new(expression: &str, zone: &str) -> Result<Self, TimetableError> {
        let bad_cron = |reason| TimetableError::BadCron {
            expression: expression.into(),
            reason,
        };
        let spelled_out = spell_out(expression).map_err(bad_cron)?;
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let pattern = parser
            .parse(&spelled_out)
            .map_err(|error| bad_cron(error.to_string()))?;
        Ok(Self {
            every_hour: pattern.pattern.hours.values().len() == 24,
            pattern: Box::new(pattern),
            zone: TimeZoneDatabase::bundled()
                .get(zone)
                .map_err(|_| TimetableError::UnknownZone { zone: zone.into() })?,
        })
    }

    /// The first point after `moment`; none if the expression never matches, as on 30 February.
    pub fn next_after(&self, moment: SimTime) -> Option<SimTime> {
        let reading = self.reading(moment);
        let point = self.pattern.find_next_occurrence(&reading, false).ok()?;
        self.moment_of(point, moment, reading)
    }

    /// The last point before `moment`.
    pub fn previous_before(&self, moment: SimTime) -> Option<SimTime> {
        let reading = self.reading(moment);
        // The library looks at whole seconds: a started second has its own beginning before it.
        let started = reading.subsec_nanosecond() > 0;
        let from = reading.saturating_add(SignedDuration::from_secs(i64::from(started)));
        let point = self.pattern.find_previous_occurrence(&from, false).ok()?;
        self.moment_of(point, moment, reading)
    }

    /// `moment` if it is a point, else the next one.
    pub fn next_at_or_after(&self, moment: SimTime) -> Option<SimTime> {
        let next = self.next_after(moment)?;
        let is_point = self.previous_before(next) == Some(moment);
        Some(if is_point { moment } else { next })
    }

    /// `moment` if it is a point, else the one before.
    pub fn previous_at_or_before(&self, moment: SimTime) -> Option<SimTime> {
        let previous = self.previous_before(moment)?;
        let is_point = self.next_after(previous) == Some(moment);
        Some(if is_point { moment } else { previous })
    }

    /// The long-run mean time between points, from the share of days that match over a whole cycle of the calendar;
    /// none if the expression never matches.
    pub fn mean_gap(&self) -> Option<SimDuration> {
        let fields = &self.pattern.pattern;
        let (minutes, hours) = (fields.minutes.values(), fields.hours.values());
        let (hour, minute) = (*hours.first()? as i8, *minutes.first()? as i8);
        let cycle = self.cycle_in_days();
        let first = date(2001, 1, 1);
        let days = first.series(jiff::Span::new().days(1)).take(cycle);
        let matching = days.filter(|day| {
            let matches = self.pattern.is_time_matching(&day.at(hour, minute, 0, 0));
            matches.unwrap_or(false)
        });
        let points = (matching.count() * minutes.len() * hours.len()) as i64;
        (points > 0).then(|| SimDuration::from_micros(cycle as i64 * DAY.as_micros() / points))
    }

    /// After how many days the matching days repeat: a week if only weekdays count, four years if only dates do, and
    /// 28 years, after which weekdays and leap years meet again, if both do. Matching a day costs microseconds.
    fn cycle_in_days(&self) -> usize {
        let fields = &self.pattern.pattern;
        let every_date = fields.days.values().len() == 31
            && fields.months.values().len() == 12
            && !fields.days.has_modifiers();
        // Sunday may be counted twice, as 0 and as 7.
        let every_weekday = fields.days_of_week.values().len() >= 7;
        let nth_weekday = fields.days_of_week.has_modifiers();
        match (every_date, every_weekday) {
            (true, _) if !nth_weekday => 7,
            (_, true) if !nth_weekday => 4 * 365 + 1,
            _ => 28 * 365 + 7,
        }
    }

    /// What a clock on the wall shows.
    fn reading(&self, moment: SimTime) -> DateTime {
        self.zone.to_datetime(moment.to_timestamp())
    }

    /// The moment of the reading `point`, which was found from `moment` with its `reading`.
    fn moment_of(&self, point: DateTime, moment: SimTime, reading: DateTime) -> Option<SimTime> {
        if self.every_hour {
            let elapsed = point.duration_since(reading).as_micros();
            return Some(moment + SimDuration::from_micros(elapsed as i64));
        }
        // "Later" is the second of two equal readings, and beyond a gap by its length.
        let timestamp = self.zone.to_ambiguous_timestamp(point).later().ok()?;
        Some(SimTime::from_micros(timestamp.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> SimTime {
        SimTime::parse(&format!("{text}Z")).unwrap()
    }

    /// The points after `from` are `expected`, in UTC.
    fn check(expression: &str, zone: &str, from: &str, expected: &[&str]) {
        let schedule = CronSchedule::new(expression, zone).unwrap();
        let mut at = moment(from);
        for &point in expected {
            at = schedule.next_after(at).unwrap();
            assert_eq!(at, moment(point), "`{expression}` in {zone}");
        }
    }

    #[test]
    fn a_point_in_the_gap_moves_forward_by_its_length() {
        // Berlin springs from 02:00 to 03:00 at 01:00 UTC; 02:30 is read as 03:30, once with a point at 03:30 itself.
        let days = [
            "2025-03-29T01:30:00",
            "2025-03-30T01:30:00",
            "2025-03-31T00:30:00",
        ];
        check("30 2 * * *", "Europe/Berlin", "2025-03-28T12:00:00", &days);
        let days = [
            "2025-03-30T01:30:00",
            "2025-03-31T00:30:00",
            "2025-03-31T01:30:00",
        ];
        check(
            "30 2,3 * * *",
            "Europe/Berlin",
            "2025-03-29T12:00:00",
            &days,
        );
    }

    #[test]
    fn the_second_of_two_readings_is_meant() {
        // Berlin falls from 03:00 to 02:00 at 01:00 UTC; New York from 02:00 to 01:00 at 06:00 UTC.
        let days = ["2025-10-26T01:30:00", "2025-10-27T01:30:00"];
        check("30 2 * * *", "Europe/Berlin", "2025-10-25T12:00:00", &days);
        let days = ["2025-11-02T06:30:00", "2025-11-03T06:30:00"];
        check(
            "30 1 * * *",
            "America/New_York",
            "2025-11-01T12:00:00",
            &days,
        );
    }

    #[test]
    fn every_hour_is_counted_in_elapsed_time() {
        let hours = [
            "2025-10-26T00:00:00",
            "2025-10-26T01:00:00",
            "2025-10-26T02:00:00",
        ];
        check("0 * * * *", "Europe/Berlin", "2025-10-25T23:30:00", &hours);
        check(
            "0 0-23 * * *",
            "Europe/Berlin",
            "2025-10-25T23:30:00",
            &hours,
        );
        let hours = [
            "2025-03-30T00:00:00",
            "2025-03-30T01:00:00",
            "2025-03-30T02:00:00",
        ];
        check("0 * * * *", "Europe/Berlin", "2025-03-29T23:30:00", &hours);
    }

    #[test]
    fn odd_zones_and_the_southern_hemisphere() {
        // Lord Howe (+11:00 in summer) falls by half an hour, 02:00 to 01:30, at 15:00 UTC on 5 April.
        let days = [
            "2025-04-04T14:45:00",
            "2025-04-05T15:15:00",
            "2025-04-06T15:15:00",
        ];
        check(
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2025-04-04T12:00:00",
            &days,
        );
        // The Chatham Islands (+12:45) spring from 02:45 to 03:45 at 14:00 UTC on 27 September.
        let days = [
            "2025-09-26T14:15:00",
            "2025-09-27T14:15:00",
            "2025-09-28T13:15:00",
        ];
        check("0 3 * * *", "Pacific/Chatham", "2025-09-26T12:00:00", &days);
        let days = ["2025-01-01T00:15:00", "2025-01-02T00:15:00"];
        check("0 6 * * *", "Asia/Kathmandu", "2025-01-01T00:00:00", &days);
        // Sao Paulo gave up daylight saving; in 2018 it sprang at midnight on 4 November.
        let days = [
            "2018-11-03T03:00:00",
            "2018-11-04T03:00:00",
            "2018-11-05T02:00:00",
        ];
        check(
            "0 0 * * *",
            "America/Sao_Paulo",
            "2018-11-02T12:00:00",
            &days,
        );
    }

    #[test]
    fn either_day_field_fires() {
        let days = [
            "2025-06-06T00:00:00",
            "2025-06-13T00:00:00",
            "2025-06-20T00:00:00",
        ];
        check("0 0 13 * fri", "UTC", "2025-06-01T00:00:00", &days);
        let days = ["2025-07-13T00:00:00", "2025-07-18T00:00:00"];
        check("0 0 13 * fri", "UTC", "2025-07-11T00:00:00", &days);
    }

    #[test]
    fn before_and_at_a_moment() {
        let schedule = CronSchedule::new("0 6 * * *", "Asia/Kolkata").unwrap();
        let point = moment("2025-01-02T00:30:00");
        let little = SimDuration::from_micros(1);
        let day_before = Some(point - DAY);
        assert_eq!(schedule.previous_before(point), day_before);
        assert_eq!(schedule.previous_before(point + little), Some(point));
        assert_eq!(schedule.previous_at_or_before(point), Some(point));
        assert_eq!(schedule.previous_at_or_before(point - little), day_before);
        assert_eq!(schedule.next_at_or_after(point), Some(point));
        assert_eq!(schedule.next_at_or_after(point + little), Some(point + DAY));
    }

    #[test]
    fn an_impossible_date_ends_in_none() {
        let schedule = CronSchedule::new("0 0 30 2 *", "Europe/Berlin").unwrap();
        assert_eq!(schedule.next_after(moment("2025-01-01T00:00:00")), None);
        assert_eq!(
            schedule.previous_at_or_before(moment("2025-01-01T00:00:00")),
            None
        );
        assert_eq!(schedule.mean_gap(), None);
    }

    #[test]
    fn mean_gaps_count_points_of_a_long_time() {
        let week = SimDuration::from_seconds(7 * 86_400);
        let gap = |expression| {
            let schedule = CronSchedule::new(expression, "UTC").unwrap();
            schedule.mean_gap().unwrap()
        };
        assert_eq!(gap("*/15 * * * *"), SimDuration::from_seconds(900));
        assert_eq!(gap("@weekly"), week);
        let tenth = SimDuration::from_micros(week.as_micros() / 10);
        assert_eq!(gap("0 9,17 * * mon-fri"), tenth);
        assert_eq!(gap("0 0 29 2 *"), SimDuration::from_seconds(1_461 * 86_400));
    }

    #[test]
    fn errors_name_the_wrong_part() {
        let error = CronSchedule::new("0 0 * * *", "Europe/Berlln").unwrap_err();
        assert_eq!(error.to_string(), "unknown time zone `Europe/Berlln`");
        let error = CronSchedule::new("61 * * * *", "UTC").unwrap_err();
        assert_eq!(
            error.to_string(),
            "bad cron expression `61 * * * *`: `61` is not a value of the minute (0 to 59)"
        );
    }
}
