//! A workflow as the text of a scenario: short lines, names as recorded, durations that a person can read.

use std::fmt::Write;

use super::super::yaml_text::{scalar, span};
use super::Workflow;
use crate::time::SimDuration;

/// Columns that a line of the text has at most, unless one name is longer.
const WIDTH: usize = 120;

/// The whole scenario.
pub(super) fn write(workflow: &Workflow) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = head(&mut text, workflow);
    for task in &workflow.tasks {
        let parents = task
            .parents
            .iter()
            .map(|&at| scalar(&workflow.tasks[at].id));
        text += &task_lines(
            &scalar(&task.id),
            &parents.collect::<Vec<_>>(),
            task.runtime,
        );
    }
    text
}

fn head(text: &mut String, workflow: &Workflow) -> std::fmt::Result {
    let Workflow {
        tasks,
        total_work,
        critical_path,
        ..
    } = workflow;
    let name = scalar(&workflow.name);
    let edges: usize = tasks.iter().map(|task| task.parents.len()).sum();
    writeln!(
        text,
        "# A recorded workflow of {} tasks and {edges} dependencies, run once with nothing beside it.",
        tasks.len()
    )?;
    writeln!(
        text,
        "#\n# Its total work is {}, which one slot needs; its critical path is {}, which any",
        span(*total_work),
        span(*critical_path)
    )?;
    writeln!(
        text,
        "# number of slots needs. `--set pools.workflow.slots=4` asks what four slots would need."
    )?;
    if let Some(makespan) = workflow.makespan {
        writeln!(
            text,
            "# Where it was recorded it took {}, with all queueing and transfers.",
            span(makespan)
        )?;
    }
    writeln!(text, "name: {name}")?;
    writeln!(
        text,
        "description: A recorded workflow of {} tasks\n",
        tasks.len()
    )?;
    writeln!(
        text,
        "horizon: {} # enough for one slot",
        span(horizon(workflow))
    )?;
    writeln!(
        text,
        "scheduler: {{ ideal: {{}} }} # tasks start at once; without this line Airflow's scheduler starts them\n"
    )?;
    writeln!(
        text,
        "pools:\n  workflow: {{ slots: -1, description: Without a bound }}\n"
    )?;
    writeln!(text, "defaults: {{ task: {{ pool: workflow }} }}\n")?;
    writeln!(
        text,
        "dags:\n  {name}:\n    schedule: \"@once\"\n    tasks:"
    )
}

/// Twice the work in one slot, and ten seconds a task for a scheduler, in whole hours.
fn horizon(workflow: &Workflow) -> SimDuration {
    const HOUR: i64 = 3_600_000_000;
    let overhead = 10_000_000 * workflow.tasks.len() as i64;
    let enough = workflow
        .total_work
        .as_micros()
        .saturating_mul(2)
        .saturating_add(overhead);
    SimDuration::from_micros((enough / HOUR + 1).saturating_mul(HOUR))
}

/// One line, or several if it has many parents.
fn task_lines(id: &str, parents: &[String], runtime: SimDuration) -> String {
    let duration = format!("duration: {{ constant: {} }}", span(runtime));
    let upstream = match parents {
        [] => return format!("      {id}: {{ {duration} }}\n"),
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    let line = format!("      {id}: {{ upstream: {upstream}, {duration} }}\n");
    if line.chars().count() <= WIDTH {
        return line;
    }
    let upstream: String = match parents {
        [one] => format!(" {one}\n"),
        many => {
            let parts = many.iter().flat_map(|parent| ["\n          - ", parent]);
            parts.chain(["\n"]).collect()
        }
    };
    format!("      {id}:\n        upstream:{upstream}        {duration}\n")
}
