//! Whether scenario files can be set side by side: replication r must be the same luck over the same time in all of them.

use super::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use super::document::{self, Value};
use super::{Scenario, sources};

/// A scenario that has been read, with the name and the text of its file.
#[derive(Clone, Copy, Debug)]
pub struct ReadFile<'a> {
    /// What diagnostics call the file.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What it says, with all settings.
    pub scenario: &'a Scenario,
}

/// What must be alike: its field, a word for it, what it takes to make it so, and its value.
struct Alike {
    code: &'static str,
    field: &'static str,
    words: &'static str,
    help: &'static str,
    value: fn(&Scenario) -> String,
}

const ALIKE: [Alike; 4] = [
    Alike {
        code: "compare::seed",
        field: "seed",
        words: "seed",
        help: "with another seed it is other luck that makes the difference: `--seed N` gives all files the same",
        value: |scenario| scenario.seed.to_string(),
    },
    Alike {
        code: "compare::start",
        field: "start",
        words: "start",
        help: "other days have other schedules: `--set start=...` gives all files the same",
        value: |scenario| scenario.start.to_string(),
    },
    Alike {
        code: "compare::horizon",
        field: "horizon",
        words: "horizon",
        help: "counts and maxima grow with the time that is simulated: `--horizon DURATION` gives all files the same",
        value: |scenario| {
            if scenario.until_done {
                return "until_done".into();
            }
            format!("{} s", scenario.horizon.as_seconds())
        },
    },
    Alike {
        code: "compare::warm_up",
        field: "warm_up",
        words: "warm-up",
        help: "the same time must be measured: `--set warm_up=...` gives all files the same",
        value: |scenario| {
            if scenario.auto_warm_up {
                return "auto".into();
            }
            format!("{} s", scenario.warm_up.as_seconds())
        },
    },
];

/// Whether the files can be compared with the first.
///
/// # Errors
/// Another seed, start, horizon or warm-up than the first file has, or nothing of the same name, each with its places.
pub fn comparable(files: &[ReadFile<'_>]) -> Result<(), Diagnostics> {
    let Some((first, others)) = files.split_first() else {
        return Ok(());
    };
    let mut list = Vec::new();
    for (at, other) in (1..).zip(others) {
        let differing = ALIKE.iter();
        let differing =
            differing.filter(|it| (it.value)(first.scenario) != (it.value)(other.scenario));
        list.extend(differing.map(|alike| alike.complain([first, other], at)));
        if !share_a_dag(first.scenario, other.scenario) {
            list.push(nothing_in_common([first, other], at));
        }
    }
    if list.is_empty() {
        return Ok(());
    }
    let sources = files
        .iter()
        .flat_map(|file| sources(file.text, file.name, &[]));
    Err(Diagnostics {
        list,
        sources: sources.collect::<Vec<Source>>(),
    })
}

/// The pools, DAGs and tasks of a scenario that another one has none of by that name, in words.
pub fn without_counterpart(scenario: &Scenario, other: &Scenario) -> Vec<String> {
    let theirs: std::collections::BTreeSet<String> = named(other).collect();
    named(scenario)
        .filter(|one| !theirs.contains(one))
        .collect()
}

/// Whether a DAG of one scenario is a DAG of the other, which takes part in every comparison of tasks.
fn share_a_dag(scenario: &Scenario, other: &Scenario) -> bool {
    let mut dags = scenario.deployment.dags.iter();
    dags.any(|dag| other.deployment.dag_named(&dag.dag_id).is_some())
}

/// Everything that has a name of its own: `pool api`, `dag etl`, `task etl.load`.
fn named(scenario: &Scenario) -> impl Iterator<Item = String> + use<'_> {
    let deployment = &scenario.deployment;
    let pools = deployment
        .pools
        .iter()
        .map(|pool| format!("pool {}", pool.name));
    let dags = deployment
        .dags
        .iter()
        .map(|dag| format!("dag {}", dag.dag_id));
    let tasks = deployment.tasks.iter().map(|task| {
        let dag = &deployment.dags[task.dag.index()];
        format!("task {}.{}", dag.dag_id, task.task_id)
    });
    pools.chain(dags).chain(tasks)
}

impl Alike {
    fn complain(&self, [first, other]: [&ReadFile<'_>; 2], at: u32) -> Diagnostic {
        let [theirs, own] = [first, other].map(|file| (self.value)(file.scenario));
        let message = format!(
            "the {} of `{}` is {own}, that of `{}` is {theirs}",
            self.words, other.name, first.name
        );
        let mut problem = Diagnostic::error(self.code, message).help(self.help);
        // A file that does not say has no place; its default stands in the message.
        for (file, at, text) in [(other, at, ""), (first, 0, "the baseline's")] {
            if let Some(span) = place_of(file.text, self.field, at) {
                problem = problem.label(span, text);
            }
        }
        problem
    }
}

fn nothing_in_common([first, other]: [&ReadFile<'_>; 2], at: u32) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` have no DAG of the same name, so there is nothing to compare",
        first.name, other.name
    );
    let problem = Diagnostic::error("compare::nothing_in_common", message)
        .help("what has the same name is compared, and meets the same luck");
    match place_of(other.text, "dags", at) {
        Some(span) => problem.label(
            Span {
                end: span.start,
                ..span
            },
            "",
        ),
        None => problem,
    }
}

/// Where the file says it.
fn place_of(text: &str, field: &str, source: u32) -> Option<Span> {
    let tree = document::parse(text, source, 0).ok()?;
    match tree.value {
        Value::Map(entries) => entries.get(field).map(|entry| entry.node.span),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Color, NoFiles, read};
    use super::*;

    const DAGS: &str =
        "dags: {etl: {schedule: '@hourly', tasks: {t: {duration: {constant: 1s}}}}}\n";

    fn problems(first: &str, second: &str) -> String {
        let texts = [first, second].map(str::to_owned);
        let scenarios = [first, second].map(|text| read(text, &NoFiles).unwrap().value);
        let files = [0, 1].map(|at| ReadFile {
            name: ["a.yaml", "b.yaml"][at],
            text: &texts[at],
            scenario: &scenarios[at],
        });
        match comparable(&files) {
            Ok(()) => String::new(),
            Err(problems) => problems.render(Color::Plain),
        }
    }

    #[test]
    fn other_luck_and_other_times_are_refused_at_their_places() {
        let first = format!("horizon: 1d\nseed: 4\n{DAGS}");
        assert_eq!(problems(&first, &first), "");
        let other = format!("horizon: 2d\nwarm_up: 1h\n{DAGS}");
        insta::assert_snapshot!(problems(&first, &other), @r"
        error[compare::seed]: the seed of `b.yaml` is 1, that of `a.yaml` is 4
         --> a.yaml:2:7
          |
        2 | seed: 4
          |       ^ the baseline's
          |
          = help: with another seed it is other luck that makes the difference: `--seed N` gives all files the same

        error[compare::horizon]: the horizon of `b.yaml` is 172800 s, that of `a.yaml` is 86400 s
         --> a.yaml:1:10
          |
        1 | horizon: 1d
          |          -- the baseline's
          |
         ::: b.yaml:1:10
          |
        1 | horizon: 2d
          |          ^^
          |
          = help: counts and maxima grow with the time that is simulated: `--horizon DURATION` gives all files the same

        error[compare::warm_up]: the warm-up of `b.yaml` is 3600 s, that of `a.yaml` is 0 s
         --> b.yaml:2:10
          |
        2 | warm_up: 1h
          |          ^^
          |
          = help: the same time must be measured: `--set warm_up=...` gives all files the same
        ");
    }

    #[test]
    fn what_has_no_name_in_common_is_no_comparison() {
        let first = format!("horizon: 1d\n{DAGS}");
        let other = first.replace("etl", "elt");
        assert!(problems(&first, &other).contains("error[compare::nothing_in_common]"));
        let [first, other] = [&first, &other].map(|text| read(text, &NoFiles).unwrap().value);
        assert_eq!(
            without_counterpart(&first, &other),
            ["dag etl", "task etl.t"]
        );
    }
}
