//! A DAG as the text of a scenario.

use std::fmt::Write;

use super::arrivals::Arrivals;
use super::figures::DagFigures;
use super::observations::DagSeen;
use super::site::{SiteDag, SiteMap};
use super::task_text;
use crate::import::yaml_text::{scalar, span};
use crate::time::SimTime;

/// The lines of a DAG.
pub(super) fn lines(
    text: &mut String,
    name: &str,
    dag: &SiteDag,
    seen: &DagSeen,
    figures: &DagFigures,
    arrivals: &Arrivals,
) -> std::fmt::Result {
    writeln!(text, "  {}: # {} runs", scalar(name), seen.arrivals.len())?;
    let words = match arrivals.words.as_str() {
        "" => String::new(),
        words => format!(" # {words}"),
    };
    writeln!(text, "    schedule: {}{words}", arrivals.schedule)?;
    schedule_lines(text, dag, seen, arrivals)?;
    limit_lines(text, dag)?;
    if let Some(size) = figures.run_size {
        writeln!(
            text,
            "    run_size: {} # durations of a run vary together, in {} runs",
            size.law().plain_text(),
            size.runs
        )?;
    }
    if !dag.groups.is_empty() {
        writeln!(text, "    mapped_groups:")?;
        for (group, map) in &dag.groups {
            writeln!(text, "      {}: {}", scalar(group), group_map(dag, map))?;
        }
    }
    writeln!(text, "    tasks:")?;
    for (task_name, task) in &dag.tasks {
        text.push_str(&task_text::lines(
            dag,
            task_name,
            task,
            &figures.tasks[task_name],
        ));
        if let Some(pushes) = pushes(dag, task_name, figures) {
            writeln!(text, "        pushes: {pushes}")?;
        }
    }
    Ok(())
}

fn schedule_lines(
    text: &mut String,
    dag: &SiteDag,
    seen: &DagSeen,
    arrivals: &Arrivals,
) -> std::fmt::Result {
    if let Some(zone) = dag.timezone.as_ref().filter(|zone| *zone != "UTC") {
        writeln!(text, "    timezone: {}", scalar(zone))?;
    }
    if arrivals.is_timetable {
        // Runs before the first one that is imported are over.
        if let Some(first) = seen.first_scheduled.or(dag.start_date) {
            writeln!(
                text,
                "    start_date: {} # the first run that was imported",
                whole(first)
            )?;
        }
        if let Some(end) = dag.end_date {
            writeln!(text, "    end_date: {}", whole(end))?;
        }
        if let Some(catchup) = dag.catchup {
            writeln!(text, "    catchup: {catchup}")?;
        }
    }
    Ok(())
}

fn limit_lines(text: &mut String, dag: &SiteDag) -> std::fmt::Result {
    for (field, value) in [
        ("max_active_runs", dag.max_active_runs),
        ("max_active_tasks", dag.max_active_tasks),
        (
            "max_consecutive_failed_dag_runs",
            Some(dag.max_consecutive_failed_dag_runs).filter(|runs| *runs > 0),
        ),
    ] {
        if let Some(value) = value {
            writeln!(text, "    {field}: {value}")?;
        }
    }
    if let Some(timeout) = dag.dagrun_timeout {
        writeln!(text, "    dagrun_timeout: {}", span(timeout))?;
    }
    Ok(())
}

fn group_map(dag: &SiteDag, map: &SiteMap) -> String {
    match map {
        SiteMap::Length(length) => length.to_string(),
        SiteMap::Over(task) if dag.tasks.contains_key(task) => {
            format!("{{ over: {} }}", scalar(task))
        }
        _ => "1 # what it is mapped over is not known".into(),
    }
}

/// The lengths of the lists that a task pushes, as many as were seen.
fn pushes(dag: &SiteDag, name: &str, figures: &DagFigures) -> Option<String> {
    let is_over = |map: &SiteMap| *map == SiteMap::Over(name.to_owned());
    let over = dag.tasks.iter().find(|(_, task)| {
        let group = task.group.as_ref().and_then(|group| dag.groups.get(group));
        task.map.as_ref().is_some_and(is_over) || group.is_some_and(is_over)
    });
    let lengths = &figures.tasks[over?.0].lengths;
    let runs = lengths.values().len();
    Some(match lengths.law() {
        Some(law) => format!("{} # {runs} runs", law.plain_text()),
        None => "{ constant: 1 } # ASSUMED: never seen".into(),
    })
}

/// A moment without decimals that are zero.
pub(super) fn whole(at: SimTime) -> String {
    at.to_timestamp().to_string()
}
