//! After which time the load repeats: the hour, the day or the week of its schedules.

use crate::deployment::Schedule;
use crate::deployment::timetable::{Bounds, Points, Timetable};
use crate::experiment::case::Case;
use crate::policy::PolicySpec;
use crate::random::ArrivalProcess;
use crate::time::{SimDuration, SimTime};

const HOUR: SimDuration = SimDuration::from_seconds(3_600);

/// So many hours are looked at: two weeks, so that a week can be seen to repeat.
const HOURS: usize = 2 * 7 * 24;

/// Runs that come at least so often come in every hour alike, or next to it.
const OFTEN: SimDuration = SimDuration::from_seconds(300);

/// The time after which something repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rhythm {
    Hour,
    Day,
    Week,
}

impl Rhythm {
    const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    const fn hours(self) -> usize {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
        }
    }

    pub(super) const fn length(self) -> SimDuration {
        SimDuration::from_seconds(3_600 * self.hours() as i64)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The shortest time after which these counts by the hour repeat; none if they do not, or if nothing comes.
    fn of(counts: &[f64]) -> Option<Self> {
        let alike = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        let repeats = |rhythm: &Self| counts.iter().zip(&counts[rhythm.hours()..]).all(alike);
        let something_comes = counts.iter().any(|&count| count > 0.0);
        Self::ALL
            .into_iter()
            .find(repeats)
            .filter(|_| something_comes)
    }
}

/// The longest rhythm of the schedules and policies of a case; none if it has none. What repeats in no such time, as
/// something monthly, is taken as it comes.
pub(super) fn rhythm(case: Case<'_>) -> Option<Rhythm> {
    let start = case.scenario.start;
    let mut known: Vec<(&Timetable, Option<Rhythm>)> = Vec::new();
    let mut longest = of_policy(case);
    for dag in &case.scenario.deployment.dags {
        let rhythm = match &dag.schedule {
            Schedule::Manual | Schedule::Assets(_) => None,
            Schedule::Arrivals(process) => of_arrivals(process, start),
            // Many DAGs share few timetables, and a cron expression takes its time.
            Schedule::Timetable(timetable) => {
                let seen = known.iter().find(|(it, _)| *it == timetable);
                let rhythm = seen.map_or_else(|| of_timetable(timetable, start), |seen| seen.1);
                known.push((timetable, rhythm));
                rhythm
            }
        };
        longest = longest.max(rhythm);
    }
    longest
}

fn of_arrivals(process: &ArrivalProcess, start: SimTime) -> Option<Rhythm> {
    let moment = |hour: usize| start + SimDuration::from_micros(HOUR.as_micros() * hour as i64);
    let rate = |hour| process.mean_rate(moment(hour), moment(hour + 1));
    let rates: Vec<f64> = (0..HOURS).map(rate).collect();
    // What comes equally often in every hour has no rhythm at all.
    Rhythm::of(&rates).filter(|&rhythm| rhythm > Rhythm::Hour)
}

fn of_policy(case: Case<'_>) -> Option<Rhythm> {
    of_rule(case.policy?.size.as_ref()?, case.scenario.start)
}

fn of_rule(rule: &PolicySpec, start: SimTime) -> Option<Rhythm> {
    match rule {
        PolicySpec::TimeOfDay(policy) => {
            let windows = policy.windows().iter();
            let timetables =
                windows.map(|window| Timetable::Trigger(Points::Cron(window.begins.clone())));
            timetables
                .filter_map(|timetable| of_timetable(&timetable, start))
                .max()
        }
        PolicySpec::Largest(rules) => {
            let rules = rules.of.iter();
            rules.filter_map(|rule| of_rule(rule, start)).max()
        }
        _ => None,
    }
}

fn of_timetable(timetable: &Timetable, start: SimTime) -> Option<Rhythm> {
    if timetable.mean_gap()? <= OFTEN {
        return Some(Rhythm::Hour);
    }
    let bounds = Bounds {
        start_date: start,
        end_date: None,
        catchup: true,
    };
    let mut counts = vec![0.0; HOURS];
    let mut previous = None;
    while let Some(run) = timetable.next_run(previous.as_ref(), &bounds, start) {
        let hour = (run.run_after - start).as_micros() / HOUR.as_micros();
        let Some(count) = counts.get_mut(hour as usize) else {
            break;
        };
        *count += 1.0;
        previous = Some(run);
    }
    Rhythm::of(&counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, read};

    fn rhythm_of(schedules: &[&str]) -> Option<Rhythm> {
        use std::fmt::Write;
        let mut text = String::from("horizon: 1d\ndags:\n");
        for (at, schedule) in schedules.iter().enumerate() {
            writeln!(
                text,
                "  d{at}: {{schedule: {schedule}, tasks: {{t: {{duration: {{constant: 1s}}}}}}}}"
            )
            .unwrap();
        }
        let scenario = read(&text, &NoFiles).unwrap().value;
        rhythm(Case {
            scenario: &scenario,
            policy: None,
        })
    }

    #[test]
    fn the_longest_rhythm_of_the_schedules_counts() {
        let [poisson, monthly] = ["{poisson: {rate: 6 per hour}}", "'@monthly'"];
        assert_eq!(rhythm_of(&[poisson]), None);
        assert_eq!(rhythm_of(&["'*/2 * * * *'", poisson]), Some(Rhythm::Hour));
        assert_eq!(rhythm_of(&["'@hourly'"]), Some(Rhythm::Hour));
        assert_eq!(
            rhythm_of(&["'@hourly'", "'@daily'", monthly]),
            Some(Rhythm::Day)
        );
        assert_eq!(
            rhythm_of(&["'*/10 8-18 * * 1-5'", "'@daily'"]),
            Some(Rhythm::Week)
        );
        assert_eq!(rhythm_of(&[monthly]), None);
    }

    #[test]
    fn a_profile_has_the_rhythm_of_its_rates() {
        let by_day = "{profile: {rate: 6 per hour, hours: {\"07-19\": 1.5, \"19-07\": 0.5}}}";
        assert_eq!(rhythm_of(&[by_day]), Some(Rhythm::Day));
        let by_week = by_day.replace("}}}", "}, days: {sat-sun: 0.2}}}");
        assert_eq!(rhythm_of(&[&by_week]), Some(Rhythm::Week));
    }
}
