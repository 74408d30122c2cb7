//! Recorded scientific workflows: tasks with their runtimes and the tasks before them, as a scenario.
//!
//! Two forms are read, both JSON: `WfFormat` 1.5, in which the instances of `WfCommons` are kept
//! (<https://wfcommons.org/format>), and a compact one that holds nothing else than is needed here:
//!
//! ```json
//! {"instance": "two steps", "makespan_s": 9.5,
//!  "tasks": [{"id": "a", "runtime_s": 3.5, "parents": []}, {"id": "b", "runtime_s": 4, "parents": ["a"]}]}
//! ```

mod graph;
mod recorded;
mod scenario_text;

use crate::scenario::document::parse;
use crate::scenario::{Diagnostic, Diagnostics, Source};
use crate::time::SimDuration;

/// A recorded workflow: a graph without circles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// What the recording calls it.
    pub name: String,
    /// How long it took where it was recorded, with all queueing and transfers.
    pub makespan: Option<SimDuration>,
    /// The tasks in the order of the file.
    pub tasks: Vec<WorkflowTask>,
    /// The sum of all runtimes: how long it takes in one slot.
    pub total_work: SimDuration,
    /// The largest sum of runtimes along a path: how long it takes at least.
    pub critical_path: SimDuration,
}

/// A task of a recorded workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowTask {
    /// Its name, different from all others.
    pub id: String,
    /// How long it ran.
    pub runtime: SimDuration,
    /// The tasks directly before it, by position and in rising order.
    pub parents: Vec<usize>,
}

impl Workflow {
    /// Reads a recording; `name` is what diagnostics call the text.
    ///
    /// # Errors
    /// All that is wrong with it, located: of the syntax the first problem, of tasks and their order every one.
    pub fn read(text: &str, name: &str) -> Result<Self, Diagnostics> {
        let fail = |list: Vec<Diagnostic>| {
            let source = Source {
                name: name.to_owned(),
                text: text.to_owned(),
            };
            let mut problems = Diagnostics {
                list,
                sources: vec![source],
            };
            problems.sort();
            problems
        };
        let tree = parse(text, 0, 0).map_err(|problem| fail(vec![problem]))?;
        let recording = recorded::read(&tree).map_err(|problem| fail(vec![problem]))?;
        graph::build(&recording).map_err(fail)
    }

    /// The scenario that runs it once: exactly as the recording says, in a pool without a bound and without a
    /// scheduler that takes time; both are settings in the text.
    pub fn to_scenario(&self) -> String {
        scenario_text::write(self)
    }
}
