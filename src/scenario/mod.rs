//! Scenario files: text, to typed syntax with places, to checks, to a [`Scenario`].
//!
//! Reading has two steps. The syntax (an unknown key, a wrong type, broken YAML) stops at the first problem; the
//! checks of meaning (unknown pools, cycles, tasks that can never run) report all problems at once. Everything is a
//! function: files beside the scenario are asked for through [`Files`].

mod build;
mod checks;
mod comparable;
mod diagnostic;
pub(crate) mod document;
mod knobs;
pub(crate) mod near;
mod objective;
mod points;
mod render;
mod schema;
mod syntax;

pub use comparable::{ReadFile, comparable, without_counterpart};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, Source, Span};
pub use knobs::{Knob, KnobKind, knobs};
pub use objective::{Bound, Objective, ObjectiveTarget, Precision};
pub use points::Points;
pub use render::Color;
pub use schema::schema;
pub(crate) use syntax::Amount;

use indexmap::IndexMap;

use crate::deployment::Deployment;
use crate::policy::PolicyPlan;
use crate::time::{SimDuration, SimTime};
use document::Node;

/// Everything that a scenario file says, checked and with all defaults filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name; results are filed under it.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where simulated time begins.
    pub start: SimTime,
    /// How long is simulated, at most if it is until all is done.
    pub horizon: SimDuration,
    /// Whether the simulation ends as soon as all runs are done and no more come.
    pub until_done: bool,
    /// How much of the beginning is left out of the results.
    pub warm_up: SimDuration,
    /// Whether that is still to be found, by pilot replications; `warm_up` is nothing until then.
    pub auto_warm_up: bool,
    /// The seed of all random numbers.
    pub seed: u64,
    /// How often the simulation is repeated, if the file says.
    pub replications: Option<u32>,
    /// How precise an estimate must be before no more replications are simulated.
    pub precision: Option<Precision>,
    /// The confidence level of intervals, such as 0.95, if the file says.
    pub level: Option<f64>,
    /// The site.
    pub deployment: Deployment,
    /// The policies to compare, in the order of the file; the first is the one to use if none is asked for.
    pub policies: IndexMap<String, PolicyPlan>,
    /// What the site must achieve.
    pub objectives: Vec<Objective>,
    /// How many points its `sweep` has, if it has one: see [`Points`].
    pub points: Option<usize>,
}

/// A usable value, and what is doubtful about it.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    /// The value.
    pub value: T,
    /// Warnings, never errors; empty for a scenario without doubts.
    pub warnings: Diagnostics,
}

/// The files beside a scenario; the rim implements it, and a test may do so from memory.
pub trait Files: Sync {
    /// The text of a file, by a path relative to the folder of the scenario that never leaves it.
    ///
    /// # Errors
    /// The reason in words, when the file cannot be read.
    fn read(&self, relative: &str) -> Result<String, String>;
}

/// No files: a scenario that stands alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<String, String> {
        Err("there are no files beside this scenario".into())
    }
}

/// One `--set PATH=VALUE`: a dotted path and a value in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// Where, such as `pools.database_pool.slots`; names that hold dots stand in quotes.
    pub path: &'a str,
    /// What, as YAML.
    pub value: &'a str,
}

/// Reads a scenario.
///
/// # Errors
/// All that is wrong with it, located.
///
/// # Examples
/// ```
/// use slotwise::scenario::{self, NoFiles};
///
/// let text = "
/// horizon: 1d
/// pools: {database_pool: 4}
/// dags:
///   etl:
///     schedule: '@hourly'
///     tasks: {load: {pool: database_pol, duration: {constant: 2m}}}
/// ";
/// let problems = scenario::read(text, &NoFiles).unwrap_err();
/// assert_eq!(problems.list[0].code, "pool::unknown");
/// assert!(problems.to_string().contains("did you mean `database_pool` (line 3)?"));
/// ```
pub fn read(text: &str, files: &dyn Files) -> Result<Checked<Scenario>, Diagnostics> {
    read_with(text, "scenario.yaml", &[], files)
}

/// Reads a scenario after some of its values were replaced; `name` is what diagnostics call the text.
///
/// # Errors
/// All that is wrong with it, located in the text or in a setting.
pub fn read_with(
    text: &str,
    name: &str,
    settings: &[Setting<'_>],
    files: &dyn Files,
) -> Result<Checked<Scenario>, Diagnostics> {
    let mut sources = sources(text, name, settings);
    let (scenario, list) = match tree(text, settings) {
        Ok(tree) => {
            let evaluated = evaluate(&tree, &sources, files);
            sources.extend(evaluated.files_read);
            (evaluated.scenario, evaluated.found)
        }
        Err(problem) => (None, vec![problem]),
    };
    checked(scenario, Diagnostics { list, sources })
}

/// What a tree means.
struct Evaluated {
    scenario: Option<Scenario>,
    /// What is wrong with it or doubtful.
    found: Vec<Diagnostic>,
    /// The files beside it that problems may point into, by position after the texts that were given.
    files_read: Vec<Source>,
}

fn evaluate(tree: &Node, sources: &[Source], files: &dyn Files) -> Evaluated {
    let syntax = match typed(tree) {
        Ok(syntax) => syntax,
        Err(problem) => {
            return Evaluated {
                scenario: None,
                found: vec![problem],
                files_read: Vec::new(),
            };
        }
    };
    let mut built = build::build(&syntax, sources, files);
    let files_read = std::mem::take(&mut built.files_read);
    let (scenario, mut found) = checks::check(&syntax, built);
    found.extend(points::unknown_paths(tree));
    Evaluated {
        scenario,
        found,
        files_read,
    }
}

/// The document as types.
fn typed(tree: &Node) -> Result<syntax::ScenarioSyntax, Diagnostic> {
    serde::Deserialize::deserialize(tree).map_err(document::Fault::into_diagnostic)
}

/// The value if there is no error.
fn checked<T>(value: Option<T>, mut found: Diagnostics) -> Result<Checked<T>, Diagnostics> {
    found.sort();
    match value {
        Some(value) if !found.has_errors() => Ok(Checked {
            value,
            warnings: found,
        }),
        _ => Err(found),
    }
}

/// A commented scenario to start from, as `slotwise init` writes it.
pub fn starter() -> &'static str {
    include_str!("starter.yaml")
}

fn sources(text: &str, name: &str, settings: &[Setting<'_>]) -> Vec<Source> {
    let file = Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let settings = settings.iter().map(|setting| Source {
        name: "--set".into(),
        text: format!("{}={}", setting.path, setting.value),
    });
    std::iter::once(file).chain(settings).collect()
}

/// The document with its settings.
fn tree(text: &str, settings: &[Setting<'_>]) -> Result<Node, Diagnostic> {
    let mut tree = document::parse(text, 0, 0)?;
    for (at, setting) in settings.iter().enumerate() {
        document::apply(&mut tree, setting.path, setting.value, at as u32 + 1)?;
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A large site is read in milliseconds; the bound is on the work, not on the clock: no list grows faster than
    /// the site does.
    #[test]
    fn two_hundred_dags_are_read() {
        use std::fmt::Write;
        let mut text =
            String::from("horizon: 1d\npools: {p: 4000}\nairflow: {parallelism: 4000}\ndags:\n");
        for dag in 0..200 {
            writeln!(text, "  dag_{dag}:\n    schedule: '@daily'\n    tasks:").unwrap();
            for task in 0..20 {
                let upstream = if task == 0 {
                    String::new()
                } else {
                    format!("upstream: t{}, ", task - 1)
                };
                writeln!(text, "      t{task}: {{pool: p, {upstream}duration: {{lognormal: {{mean: 3m, sd: 90s}}}}}}").unwrap();
            }
        }
        let checked = read(&text, &NoFiles).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(checked.value.deployment.tasks.len(), 4000);
        assert!(checked.warnings.list.is_empty(), "{}", checked.warnings);
    }
}
