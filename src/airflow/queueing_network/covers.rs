//! Which sites are open queueing networks.

use crate::deployment::{
    Deployment, ExecutorKind, Schedule, SchedulerMode, ScopeRole, Task, TaskKind, TriggerRule,
};

/// Whether instances of this site wait for nothing but upstream tasks and slots, and always succeed.
pub(super) fn covers(deployment: &Deployment) -> bool {
    let SchedulerMode::Ideal { head_of_line } = deployment.scheduler else {
        return false;
    };
    deployment.events.is_empty()
        && deployment.resources.is_empty()
        && deployment.editions.is_empty()
        && (!head_of_line || deployment.tasks.iter().all(|task| task.pool_slots == 1))
        && deployment
            .tasks
            .iter()
            .all(|task| is_plain(deployment, task))
        && deployment.dags.iter().all(|dag| {
            let arrives = matches!(dag.schedule, Schedule::Arrivals(_) | Schedule::Manual);
            arrives && dag.dagrun_timeout.is_none() && dag.task_count > 0
        })
}

/// Whether its one instance runs once, as soon as its upstream has ended and there are slots.
pub(in crate::airflow) fn is_plain(deployment: &Deployment, task: &Task) -> bool {
    let executor = &deployment.executors[task.executor];
    let is_at_once = executor.kind == ExecutorKind::Tracked && executor.start_delay.is_zero();
    let always_succeeds = task.failure_rate <= 0.0
        && task.skip_rate <= 0.0
        && task.lost_rate <= 0.0
        && task.execution_timeout.is_none();
    let stands_alone = task.mapping.is_none()
        && task.group.is_none()
        && task.outlets.is_empty()
        && !task.looks_back();
    is_at_once
        && always_succeeds
        && stands_alone
        && task.kind == TaskKind::Work
        && task.scope == ScopeRole::Work
        && task.trigger_rule == TriggerRule::AllSuccess
}
