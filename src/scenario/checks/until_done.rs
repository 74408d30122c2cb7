//! `horizon: until_done` needs an end: every schedule must come to one.

use super::{Subject, WrittenDag};
use crate::deployment::{Dag, Schedule};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::syntax::Horizon;

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let horizon = &subject.syntax.horizon;
    if horizon.value != Horizon::UntilDone {
        return;
    }
    if let Some(warm_up) = &subject.syntax.warm_up {
        found.push(
            Diagnostic::error(
                "warm_up::until_done",
                "what ends by itself has no warm-up: all of it counts",
            )
            .label(warm_up.span, "")
            .label(horizon.span, "it ends when all is done")
            .help("leave `warm_up` out, or give the horizon as a duration"),
        );
    }
    for dag in subject.dags() {
        let built = &subject.scenario.deployment.dags[dag.id.index()];
        if subject.comes_to_an_end(built) {
            continue;
        }
        let message = format!("the runs of DAG `{}` never end", dag.name.value);
        found.push(
            Diagnostic::error("horizon::endless", message)
                .label(subject.place_of_schedule(&dag), "")
                .label(horizon.span, "so all is never done")
                .help(
                    "give the DAG an `end_date` within a year, schedule it `@once` or `recorded` without `repeat`, or give the horizon as a duration",
                ),
        );
    }
}

impl<'a> Subject<'a> {
    /// Whether no more runs come from some moment on, which lies within what is simulated at most. Runs that assets set off
    /// end with those that write them.
    fn comes_to_an_end(&self, dag: &Dag) -> bool {
        let last = self.scenario.start + self.scenario.horizon;
        let is_finite = match &dag.schedule {
            Schedule::Manual | Schedule::Assets(_) => true,
            Schedule::Timetable(timetable) => !timetable.has_many_runs(),
            Schedule::Arrivals(process) => process.is_finite(),
        };
        is_finite || dag.end_date.is_some_and(|end| end < last)
    }

    /// Where it stands, or else the DAG's name.
    fn place_of_schedule(&self, dag: &WrittenDag<'a>) -> Span {
        let shared = self.syntax.defaults.dag.schedule.as_ref();
        let schedule = dag.syntax.schedule.as_ref().or(shared);
        schedule.map_or(dag.name.span, |schedule| schedule.span)
    }
}
