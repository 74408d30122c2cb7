//! The stretch of time that is simulated.

use super::Subject;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::syntax::WarmUp;
use crate::time::{SimDuration, SimTime};

/// The last moment that a simulation may reach: the year 3000, well inside of what calendars know.
const LATEST: SimTime = SimTime::from_micros(32_503_680_000_000_000);

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let syntax = subject.syntax;
    let horizon = &syntax.horizon;
    if horizon.value.longest() <= SimDuration::ZERO {
        found.push(
            Diagnostic::error("horizon::zero", "the horizon must be more than nothing")
                .label(horizon.span, ""),
        );
    }
    if let Some(warm_up) = &syntax.warm_up
        && let WarmUp::Given(span) = warm_up.value
        && span >= horizon.value.longest()
    {
        found.push(
            Diagnostic::error(
                "warm_up::too_long",
                "the warm-up leaves nothing of the horizon",
            )
            .label(warm_up.span, "")
            .label(horizon.span, "the horizon"),
        );
    }
    if let Some(start) = &syntax.start
        && !(SimTime::from_micros(0)..LATEST).contains(&start.value)
    {
        found.push(
            Diagnostic::error(
                "start::out_of_range",
                "a simulation starts between the years 1970 and 3000",
            )
            .label(start.span, ""),
        );
    }
    if let Some(count) = &syntax.replications
        && count.value == 0
    {
        found.push(
            Diagnostic::error("replications::zero", "no replication answers no question")
                .label(count.span, ""),
        );
    }
    for factor in [&syntax.scale.arrivals, &syntax.scale.durations]
        .into_iter()
        .flatten()
    {
        if !(factor.value > 0.0 && factor.value <= 1e6) {
            let message = format!(
                "the factor is {}, it must be above 0 and at most 1000000",
                factor.value
            );
            found.push(Diagnostic::error("scale::out_of_range", message).label(factor.span, ""));
        }
    }
}

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let end = subject.scenario.start + subject.scenario.horizon;
    for dag in subject.dags() {
        let built = &subject.scenario.deployment.dags[dag.id.index()];
        if let Some(end_date) = &dag.syntax.end_date
            && end_date.value < built.start_date
        {
            let message = format!("DAG `{}` ends before it starts", dag.name.value);
            found
                .push(Diagnostic::warning("dag::ends_too_early", message).label(end_date.span, ""));
        }
        let Some(start_date) = &dag.syntax.start_date else {
            continue;
        };
        if start_date.value > end {
            let message = format!(
                "DAG `{}` starts after the end of the simulation",
                dag.name.value
            );
            found.push(
                Diagnostic::warning("dag::starts_too_late", message)
                    .label(start_date.span, "")
                    .label(subject.syntax.horizon.span, "the simulation ends earlier"),
            );
        }
    }
    if let Some(factor) = &subject.syntax.scale.arrivals
        && !subject.has_arrivals()
    {
        found.push(
            Diagnostic::warning(
                "scale::no_effect",
                "`arrivals` changes nothing: no DAG has an arrival process",
            )
            .label(factor.span, "")
            .help(
                "it multiplies the rate of `poisson`, `profile` and `bursts`; timetables stay as they are",
            ),
        );
    }
}

impl Subject<'_> {
    fn has_arrivals(&self) -> bool {
        let dags = &self.scenario.deployment.dags;
        dags.iter()
            .any(|dag| matches!(dag.schedule, crate::deployment::Schedule::Arrivals(_)))
    }
}
