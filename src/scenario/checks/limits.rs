//! Limits of zero, which stop everything, and lists that are longer than Airflow allows.

use super::Subject;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{AutoscaleSyntax, DagSyntax, ExecutorSyntax, MapSyntax, TaskSyntax};

/// `[core] max_map_length`.
const DEFAULT_MAX_MAP_LENGTH: u32 = 1024;

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let syntax = subject.syntax;
    let airflow = &syntax.airflow;
    let may_be_unbounded = subject
        .scenario
        .deployment
        .airflow
        .rules
        .zero_parallelism_is_unbounded;
    let mut limits = vec![
        ("parallelism", airflow.parallelism.as_ref()),
        (
            "max_dagruns_to_create_per_loop",
            airflow.max_dagruns_to_create_per_loop.as_ref(),
        ),
        (
            "max_dagruns_per_loop_to_schedule",
            airflow.max_dagruns_per_loop_to_schedule.as_ref(),
        ),
        (
            "max_active_tasks_per_dag",
            airflow.max_active_tasks_per_dag.as_ref(),
        ),
        (
            "max_active_runs_per_dag",
            airflow.max_active_runs_per_dag.as_ref(),
        ),
        ("triggerer_capacity", airflow.triggerer_capacity.as_ref()),
    ];
    let alone = syntax.executor.iter().map(|executor| &executor.value);
    for executor in alone.chain(syntax.executors.values()) {
        limits_of_executor(executor, &mut limits);
    }
    let dags = std::iter::once(&syntax.defaults.dag).chain(syntax.dags.values());
    for dag in dags {
        limits.extend(limits_of_dag(dag));
    }
    let groups = syntax
        .dags
        .values()
        .flat_map(|dag| dag.mapped_groups.values());
    let mut maps: Vec<_> = groups.collect();
    let own_tasks = syntax.dags.values().flat_map(|dag| dag.tasks.values());
    for task in std::iter::once(&syntax.defaults.task).chain(own_tasks) {
        limits.extend(limits_of_task(task));
        maps.extend(&task.map);
    }
    for map in maps {
        let longest = airflow.max_map_length.unwrap_or(DEFAULT_MAX_MAP_LENGTH);
        map_length(map, longest, found);
    }
    for (name, limit) in limits {
        if let Some(limit) = limit
            && limit.value == 0
            && !(may_be_unbounded && name == "parallelism")
        {
            let message = format!("`{name}` is 0, so nothing could ever run");
            found.push(Diagnostic::error("limit::zero", message).label(limit.span, ""));
        }
    }
}

type Limit<'a> = (&'static str, Option<&'a Located<u32>>);

fn limits_of_executor<'a>(executor: &'a ExecutorSyntax, limits: &mut Vec<Limit<'a>>) {
    limits.push(("parallelism", executor.parallelism()));
    match executor {
        ExecutorSyntax::Tracked(_) | ExecutorSyntax::Local(_) => {}
        ExecutorSyntax::Kubernetes(kubernetes) => limits.push((
            "worker_pods_creation_batch_size",
            kubernetes.worker_pods_creation_batch_size.as_ref(),
        )),
        ExecutorSyntax::Celery(celery) => {
            limits.push(("workers", celery.workers.as_ref()));
            limits.push(("worker_concurrency", celery.worker_concurrency.as_ref()));
            let max = |autoscale: &'a Option<Located<AutoscaleSyntax>>| {
                let autoscale = autoscale.as_ref();
                autoscale.and_then(|autoscale| autoscale.max_workers.as_ref())
            };
            limits.push(("max_workers", max(&celery.autoscale)));
            for group in celery.worker_groups.values() {
                limits.push(("max_workers", max(&group.autoscale)));
                limits.push(("workers", group.workers.as_ref()));
                limits.push(("worker_concurrency", group.worker_concurrency.as_ref()));
            }
        }
    }
}

fn limits_of_dag(dag: &DagSyntax) -> [Limit<'_>; 3] {
    [
        ("max_active_runs", dag.max_active_runs.as_ref()),
        ("max_active_tasks", dag.max_active_tasks.as_ref()),
        ("count", dag.count.as_ref()),
    ]
}

fn limits_of_task(task: &TaskSyntax) -> [Limit<'_>; 3] {
    [
        ("pool_slots", task.pool_slots.as_ref()),
        (
            "max_active_tis_per_dag",
            task.max_active_tis_per_dag.as_ref(),
        ),
        (
            "max_active_tis_per_dagrun",
            task.max_active_tis_per_dagrun.as_ref(),
        ),
    ]
}

fn map_length(map: &Located<MapSyntax>, longest: u32, found: &mut Vec<Diagnostic>) {
    if let MapSyntax::Length(length) = map.value
        && length > longest
    {
        let message =
            format!("the task is mapped over {length} items, `max_map_length` is {longest}");
        found.push(
            Diagnostic::error("task::map_too_long", message)
                .label(map.span, "")
                .help("raise `airflow.max_map_length`"),
        );
    }
}
