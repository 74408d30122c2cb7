//! A workflow as the text of a scenario: short lines, names as recorded, durations that a person can read.

use std::fmt::Write;

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

/// A text as YAML: as it is if nothing can take it for anything else, otherwise in quotes as in JSON.
fn scalar(text: &str) -> String {
    const OTHER: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = text.starts_with(letter)
        && text
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || "-.".contains(c))
        && !OTHER.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Exactly this span, such as `1h2m3.5s`.
fn span(span: SimDuration) -> String {
    let micros = span.as_micros();
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    let (seconds, fraction) = (micros / 1_000_000 % 60, micros % 1_000_000);
    let large = |number: i64, unit: &str| match number {
        0 => String::new(),
        _ => format!("{number}{unit}"),
    };
    let large = large(hours, "h") + large(minutes, "m").as_str();
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        format!("{large}{seconds}.{}s", digits.trim_end_matches('0'))
    } else if seconds > 0 || large.is_empty() {
        format!("{large}{seconds}s")
    } else {
        large
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_exact_and_short() {
        for (micros, text) in [
            (0, "0s"),
            (53_600_000, "53.6s"),
            (54_023, "0.054023s"),
            (60_000_000, "1m"),
            (3_723_500_000, "1h2m3.5s"),
            (3_600_000_001, "1h0.000001s"),
        ] {
            assert_eq!(span(SimDuration::from_micros(micros)), text);
        }
    }

    #[test]
    fn names_that_yaml_would_take_for_something_else_are_quoted() {
        for plain in [
            "a",
            "split_fasta_ID000001",
            "bowtie2-build",
            "A.B.C_2",
            "nothing",
        ] {
            assert_eq!(scalar(plain), plain);
        }
        for quoted in [
            "1000genome",
            "No",
            "null",
            "-a",
            "a: b",
            "a b",
            "über",
            "",
            "~",
            ".inf",
        ] {
            assert_eq!(scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(scalar("a\"b\n"), r#""a\"b\n""#);
    }
}
