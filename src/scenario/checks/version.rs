//! What the version of Airflow that was asked for does not know.

use super::Subject;
use crate::deployment::TriggerRule;
use crate::scenario::diagnostic::{Diagnostic, Span};

const CODE: &str = "version::absent";

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let rules = &deployment.airflow.rules;
    let option = &subject.syntax.airflow.schedule_after_task_execution;
    if let Some(option) = option.as_ref().filter(|_| !rules.has_mini_scheduler) {
        let message = "Airflow 3 has no option `schedule_after_task_execution`";
        found.push(
            absent(message, option.span).help(
                "leave it out, or ask for Airflow 2 by `version: \"2\"` in `scheduler.airflow`",
            ),
        );
    }
    let backfills = subject.syntax.events.iter();
    let backfills = backfills.filter_map(|event| event.backfill.as_ref());
    for backfill in backfills.filter(|_| !rules.schedules_backfills) {
        let message = "the scheduler of Airflow 2 knows no backfills";
        found.push(
            absent(message, backfill.dag.span)
                .help("there a backfill is a process of its own, which is not simulated"),
        );
    }
    if !rules.has_all_done_min_one_success {
        for dag in subject.dags() {
            for (task, (name, _)) in deployment.tasks_of(dag.id).zip(&dag.syntax.tasks) {
                if task.1.trigger_rule == TriggerRule::AllDoneMinOneSuccess {
                    let message = "Airflow 2 has no trigger rule `all_done_min_one_success`";
                    found.push(absent(message, name.span));
                }
            }
        }
    }
}

fn absent(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, message).label(span, "")
}
