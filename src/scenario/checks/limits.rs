//! Limits of zero, which stop everything, and lists that are longer than Airflow allows.

use super::Subject;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{DagSyntax, ExecutorSyntax, MapSyntax, TaskSyntax};

/// `[core] max_map_length` of Airflow 3.
const DEFAULT_MAX_MAP_LENGTH: u32 = 1024;

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let syntax = subject.syntax;
    let airflow = &syntax.airflow;
    let mut limits = vec![
        ("parallelism", &airflow.parallelism),
        (
            "max_dagruns_to_create_per_loop",
            &airflow.max_dagruns_to_create_per_loop,
        ),
        (
            "max_dagruns_per_loop_to_schedule",
            &airflow.max_dagruns_per_loop_to_schedule,
        ),
        (
            "max_active_tasks_per_dag",
            &airflow.max_active_tasks_per_dag,
        ),
        ("max_active_runs_per_dag", &airflow.max_active_runs_per_dag),
        ("triggerer_capacity", &airflow.triggerer_capacity),
    ];
    if let Some(ExecutorSyntax::Tracked(tracked)) =
        syntax.executor.as_ref().map(|executor| &executor.value)
    {
        limits.push(("parallelism", &tracked.parallelism));
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
        {
            let message = format!("`{name}` is 0, so nothing could ever run");
            found.push(Diagnostic::error("limit::zero", message).label(limit.span, ""));
        }
    }
}

fn limits_of_dag(dag: &DagSyntax) -> [(&'static str, &Option<Located<u32>>); 3] {
    [
        ("max_active_runs", &dag.max_active_runs),
        ("max_active_tasks", &dag.max_active_tasks),
        ("count", &dag.count),
    ]
}

fn limits_of_task(task: &TaskSyntax) -> [(&'static str, &Option<Located<u32>>); 3] {
    [
        ("pool_slots", &task.pool_slots),
        ("max_active_tis_per_dag", &task.max_active_tis_per_dag),
        ("max_active_tis_per_dagrun", &task.max_active_tis_per_dagrun),
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
