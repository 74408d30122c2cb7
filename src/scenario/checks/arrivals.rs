//! Recorded arrivals that do not do what was probably meant.

use super::{Subject, WrittenDag};
use crate::deployment::{Dag, Schedule};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::syntax::{ArrivalsSyntax, RecordedSyntax, ScheduleSyntax};

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    for dag in subject.dags() {
        let Some(recorded) = subject.recorded(&dag) else {
            continue;
        };
        let built = &subject.scenario.deployment.dags[dag.id.index()];
        if !subject.has_arrivals_in_time(built) {
            let message = format!(
                "no arrival of DAG `{}` was recorded within the simulated time",
                dag.name.value
            );
            found.push(
                Diagnostic::warning("recorded::nothing", message)
                    .label(recorded.csv.span, "")
                    .help("set `start` to when the recording begins, or `repeat` it: `repeat: 1w`"),
            );
        }
        if let Some(factor) = &subject.syntax.scale.arrivals
            && (factor.value - 1.0).abs() > 0.0
        {
            let message = format!(
                "the recorded arrivals of DAG `{}` are not scaled",
                dag.name.value
            );
            found.push(
                Diagnostic::warning("scale::recorded", message)
                    .label(factor.span, "")
                    .label(recorded.csv.span, "came as often as they came")
                    .help("a `profile` or a `poisson` schedule of the same rate can be scaled"),
            );
        }
    }
}

impl<'a> Subject<'a> {
    /// The recording that the DAG's arrivals are read from, if they are.
    fn recorded(&self, dag: &WrittenDag<'a>) -> Option<&'a RecordedSyntax> {
        let shared = self.syntax.defaults.dag.schedule.as_ref();
        let ScheduleSyntax::Arrivals(arrivals) = &dag.syntax.schedule.as_ref().or(shared)?.value
        else {
            return None;
        };
        match &**arrivals {
            ArrivalsSyntax::Recorded(recorded) => Some(recorded),
            _ => None,
        }
    }

    fn has_arrivals_in_time(&self, dag: &Dag) -> bool {
        let scenario = self.scenario;
        let end = scenario.start + scenario.horizon;
        let (first, last) = (
            scenario.start.max(dag.start_date),
            dag.end_date.map_or(end, |end_date| end.min(end_date)),
        );
        match &dag.schedule {
            Schedule::Arrivals(process) => process.mean_rate(first, last) > 0.0,
            _ => false,
        }
    }
}
