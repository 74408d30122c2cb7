//! The deployment of a replay: the site as it is declared, with the runs that were recorded.

use super::names::Names;
use crate::deployment::{
    Deployment, OperatorAction, OperatorEvent, RequestedBy, RunRequest, Schedule,
};
use crate::scenario::Scenario;
use crate::trace::{History, RecordedRun};

/// The deployment to replay a history with.
///
/// Timetables make the scheduled runs, because when a run is created is up to the scheduler: from the first that was
/// recorded on, and none of a DAG without any. Assets make theirs. All others come when they were recorded to come,
/// instead of the arrivals and triggers of the scenario. Nothing is slowed down by what pools protect: recorded durations
/// are slowed already.
pub(super) fn recorded_arrivals(
    scenario: &Scenario,
    names: &Names<'_>,
    history: &History,
) -> Deployment {
    let mut deployment = scenario.deployment.clone();
    deployment.resources.clear();
    for dag in &mut deployment.dags {
        dag.run_size = None;
        let of_dag = history.runs.iter().filter(|run| run.dag_id == dag.dag_id);
        let first = of_dag
            .filter(|run| run.run_type == "scheduled" && run.run_after >= scenario.start)
            .filter_map(|run| run.logical_date)
            .min();
        match (&dag.schedule, first) {
            (Schedule::Timetable(_), Some(first)) => dag.start_date = first,
            (Schedule::Timetable(_), None) | (Schedule::Arrivals(_), _) => {
                dag.schedule = Schedule::Manual;
            }
            (Schedule::Manual | Schedule::Assets(_), _) => {}
        }
    }
    let is_kept = |event: &OperatorEvent| {
        !matches!(
            event.action,
            OperatorAction::TriggerRuns(_) | OperatorAction::Backfill(_)
        )
    };
    deployment.events.retain(is_kept);
    let triggered = history.runs.iter().filter_map(|run| trigger(run, names));
    deployment.events.extend(triggered);
    deployment
}

/// The request for a run that neither a timetable nor an asset makes.
fn trigger(run: &RecordedRun, names: &Names<'_>) -> Option<OperatorEvent> {
    if run.run_type == "scheduled" || run.run_type.ends_with("_triggered") {
        return None;
    }
    let request = RunRequest {
        dag: names.dag(&run.dag_id)?,
        runs: 1,
        run_id: Some(run.run_id.clone()),
        logical_date: run.logical_date,
        by: RequestedBy::Cli,
    };
    Some(OperatorEvent {
        // A run without a logical date is called by the moment that it was due.
        at: match run.logical_date {
            None => run.run_after,
            Some(_) => run.queued_at.unwrap_or(run.run_after),
        },
        action: OperatorAction::TriggerRuns(request),
    })
}
