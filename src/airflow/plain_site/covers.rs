//! Which sites are plain: the list names what is allowed, not what is forbidden.

use crate::airflow::plan::Plan;
use crate::airflow::queueing_network::covers::is_plain;
use crate::deployment::{Deployment, LoopPace, Rules, Schedule, SchedulerMode};
use crate::time::SimDuration;

/// The pace of the one scheduler, if instances of this site wait for nothing but upstream tasks, loops, pages, turns
/// and slots, and always succeed.
pub(super) fn pace_of(deployment: &Deployment, plan: &Plan) -> Option<LoopPace> {
    let SchedulerMode::Airflow(pace) = deployment.scheduler else {
        return None;
    };
    // A loop whose time depends on what it handles has reasons of its own to be followed by another.
    let is_steady = match pace {
        LoopPace::Every(_) => true,
        LoopPace::Paced { per_task, .. } => per_task == SimDuration::ZERO,
    };
    let is_plain_site = is_steady
        && deployment.airflow.schedulers <= 1
        && deployment.rules() == Rules::AIRFLOW_3
        && deployment.events.is_empty()
        && deployment.resources.is_empty()
        && deployment.editions.is_empty()
        && deployment.assets.is_empty()
        && deployment
            .tasks
            .iter()
            .all(|task| is_plain(deployment, task))
        && plan.tasks.iter().all(|task| !task.has_limit())
        && deployment.dags.iter().all(|dag| {
            let arrives = matches!(dag.schedule, Schedule::Arrivals(_) | Schedule::Manual);
            // A run of so few tasks never reaches its limit.
            let is_unlimited = dag.max_active_tasks as usize >= dag.task_count;
            arrives && is_unlimited && dag.dagrun_timeout.is_none() && dag.task_count > 0
        });
    is_plain_site.then_some(pace)
}
