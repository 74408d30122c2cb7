//! When the runs of a DAG come.

use super::Builder;
use crate::deployment::{Schedule, Timetable, TimetableError};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::Located;
use crate::scenario::syntax::ScheduleSyntax;

impl Builder<'_> {
    /// The schedule, with cron expressions and profiles read in `zone`.
    pub(super) fn schedule(
        &mut self,
        syntax: Option<&Located<ScheduleSyntax>>,
        zone: &str,
    ) -> Schedule {
        let Some(syntax) = syntax else {
            return Schedule::Manual;
        };
        let rules = self.deployment.airflow.rules;
        let by_default = self
            .syntax
            .airflow
            .create_cron_data_intervals
            .unwrap_or(rules.create_cron_data_intervals);
        let timetable = match &syntax.value {
            ScheduleSyntax::Manual => return Schedule::Manual,
            ScheduleSyntax::Assets(condition) => {
                return Schedule::Assets(self.condition(condition));
            }
            ScheduleSyntax::Arrivals(arrivals) => {
                return Schedule::Arrivals(self.arrivals(arrivals, zone));
            }
            ScheduleSyntax::Every(period) if by_default || rules.period_is_data_interval => {
                Timetable::delta_interval(*period)
            }
            ScheduleSyntax::Every(period) => Timetable::delta_trigger(*period),
            ScheduleSyntax::Cron { expression, .. } if expression == "@once" => {
                Ok(Timetable::once())
            }
            ScheduleSyntax::Cron { expression, .. } if expression == "@continuous" => {
                Ok(Timetable::continuous())
            }
            ScheduleSyntax::Cron {
                expression,
                data_intervals,
            } => {
                if data_intervals.unwrap_or(by_default) {
                    Timetable::cron_interval(expression, zone)
                } else {
                    Timetable::cron_trigger(expression, zone)
                }
            }
        };
        timetable.map_or_else(
            |error| {
                self.report(bad_timetable(&error, syntax.span));
                Schedule::Manual
            },
            Schedule::Timetable,
        )
    }
}

/// What is wrong with a timetable, in the words of its error.
pub(super) fn bad_timetable(error: &TimetableError, span: Span) -> Diagnostic {
    let problem = Diagnostic::error("schedule::invalid", error.to_string()).label(span, "");
    match error {
        TimetableError::BadCron { .. } => {
            problem.help("write five fields such as `0 7 * * 1-5`, or a preset such as `@hourly`")
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use crate::deployment::Schedule;
    use crate::scenario::{NoFiles, read};

    fn schedule(top: &str, schedule: &str) -> String {
        let text = format!(
            "horizon: 1d\n{top}\ndags: {{d: {{{schedule} tasks: {{t: {{kind: empty}}}}}}}}\n"
        );
        let checked = read(&text, &NoFiles).unwrap_or_else(|problems| panic!("{problems}"));
        match &checked.value.deployment.dags[0].schedule {
            Schedule::Manual => "manual".into(),
            Schedule::Assets(condition) => format!("{condition:?}"),
            Schedule::Arrivals(process) => {
                let now = checked.value.start;
                format!("{} per second", process.mean_rate(now, now))
            }
            Schedule::Timetable(timetable) => {
                let kind = format!("{timetable:?}");
                let gap = timetable
                    .mean_gap()
                    .map_or(0.0, crate::time::SimDuration::as_seconds);
                format!("{} {gap}", kind.split('(').next().unwrap_or_default())
            }
        }
    }

    #[test]
    fn every_form_means_what_airflow_means_by_it() {
        assert_eq!(schedule("", ""), "manual");
        assert_eq!(schedule("", "schedule: null,"), "manual");
        assert_eq!(schedule("", "schedule: '@hourly',"), "Trigger 3600");
        assert_eq!(schedule("", "schedule: {every: 10m},"), "Trigger 600");
        assert_eq!(
            schedule("", "schedule: {cron: '@hourly', data_intervals: true},"),
            "DataInterval 3600"
        );
        let intervals = "airflow: {create_cron_data_intervals: true}";
        assert_eq!(
            schedule(intervals, "schedule: '@hourly',"),
            "DataInterval 3600"
        );
        assert_eq!(
            schedule(intervals, "schedule: {every: 10m},"),
            "DataInterval 600"
        );
        assert_eq!(schedule("", "schedule: '@once',"), "Once 0");
    }

    #[test]
    fn null_overrides_a_default_and_arrivals_are_scaled() {
        let top = "defaults: {dag: {schedule: '@daily'}}";
        assert_eq!(schedule(top, "schedule: null,"), "manual");
        assert_eq!(schedule(top, ""), "Trigger 86400");
        let process = schedule(
            "scale: {arrivals: 3}",
            "schedule: {poisson: {rate: 0.5 per second}},",
        );
        assert_eq!(process, "1.5 per second");
    }
}
