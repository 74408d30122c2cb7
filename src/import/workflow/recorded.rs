//! The two forms of a recording, and what is taken from them.

use serde::Deserialize;

use crate::scenario::document::{Fault, Located, Node, Value};
use crate::scenario::{Diagnostic, Span};

/// What a recording says, before its names are resolved.
pub(super) struct Recording {
    pub(super) name: Located<String>,
    pub(super) makespan: Option<Located<f64>>,
    pub(super) tasks: Vec<RecordedTask>,
}

/// A task as it was recorded.
pub(super) struct RecordedTask {
    pub(super) id: Located<String>,
    /// Seconds; none if the recording has the task but no execution of it.
    pub(super) runtime: Option<Located<f64>>,
    pub(super) parents: Vec<Located<String>>,
    pub(super) children: Vec<Located<String>>,
}

/// Tells the form by its keys.
pub(super) fn read(tree: &Node) -> Result<Recording, Diagnostic> {
    let key = |key: &str| match &tree.value {
        Value::Map(entries) => entries.get(key).map(|entry| entry.key),
        _ => None,
    };
    if let Some(workflow) = key("workflow") {
        let instance = WfFormat::deserialize(tree).map_err(Fault::into_diagnostic)?;
        instance.into_recording(workflow)
    } else if key("tasks").is_some() {
        let compact = Compact::deserialize(tree).map_err(Fault::into_diagnostic)?;
        Ok(compact.into_recording())
    } else {
        let problem = Diagnostic::error("workflow::form", "this is no recorded workflow");
        Err(problem
            .label(first_byte(tree), "")
            .help("WfFormat 1.5 has `workflow`, the compact form has `instance` and `tasks`"))
    }
}

/// Where a value begins; an excerpt of the whole would show the whole file.
fn first_byte(node: &Node) -> Span {
    let end = node.span.start + 1;
    Span { end, ..node.span }
}

/// The compact form.
#[derive(Deserialize)]
struct Compact {
    instance: Located<String>,
    makespan_s: Option<Located<f64>>,
    tasks: Vec<CompactTask>,
}

#[derive(Deserialize)]
struct CompactTask {
    id: Located<String>,
    runtime_s: Located<f64>,
    #[serde(default)]
    parents: Vec<Located<String>>,
}

impl Compact {
    fn into_recording(self) -> Recording {
        let task = |task: CompactTask| RecordedTask {
            id: task.id,
            runtime: Some(task.runtime_s),
            parents: task.parents,
            children: Vec::new(),
        };
        Recording {
            name: self.instance,
            makespan: self.makespan_s,
            tasks: self.tasks.into_iter().map(task).collect(),
        }
    }
}

/// `WfFormat` 1.5, as far as it is used: what is asked for in `specification`, what came of it in `execution`.
#[derive(Deserialize)]
struct WfFormat {
    name: Located<String>,
    workflow: WfWorkflow,
}

#[derive(Deserialize)]
struct WfWorkflow {
    /// None before version 1.5, which kept everything in one list.
    specification: Option<WfSpecification>,
    execution: Option<WfExecution>,
}

#[derive(Deserialize)]
struct WfSpecification {
    tasks: Vec<WfTask>,
}

#[derive(Deserialize)]
struct WfTask {
    id: Located<String>,
    #[serde(default)]
    parents: Vec<Located<String>>,
    #[serde(default)]
    children: Vec<Located<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WfExecution {
    makespan_in_seconds: Option<Located<f64>>,
    tasks: Vec<WfExecuted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WfExecuted {
    id: Located<String>,
    runtime_in_seconds: Located<f64>,
}

impl WfFormat {
    fn into_recording(self, key: Span) -> Result<Recording, Diagnostic> {
        let (Some(specification), Some(execution)) =
            (self.workflow.specification, self.workflow.execution)
        else {
            let message = "the workflow has no `specification` or no `execution`";
            let problem = Diagnostic::error("workflow::form", message).label(key, "");
            return Err(problem.help(
                "this is WfFormat before 1.5, or was never run; WfCommons converts older files",
            ));
        };
        let mut ran: Vec<(String, Located<f64>)> = execution
            .tasks
            .into_iter()
            .map(|task| (task.id.value, task.runtime_in_seconds))
            .collect();
        ran.sort_by(|a, b| a.0.cmp(&b.0));
        let runtime = |id: &str| {
            let at = ran.binary_search_by(|(known, _)| known.as_str().cmp(id));
            at.ok().map(|at| ran[at].1.clone())
        };
        let task = |task: WfTask| RecordedTask {
            runtime: runtime(&task.id),
            id: task.id,
            parents: task.parents,
            children: task.children,
        };
        Ok(Recording {
            name: self.name,
            makespan: execution.makespan_in_seconds,
            tasks: specification.tasks.into_iter().map(task).collect(),
        })
    }
}
