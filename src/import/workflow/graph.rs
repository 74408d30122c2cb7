//! From names to a graph without circles, with its total work and its critical path.

use indexmap::IndexMap;

use super::recorded::{RecordedTask, Recording};
use super::{Workflow, WorkflowTask};
use crate::scenario::Diagnostic;
use crate::scenario::document::Located;
use crate::time::SimDuration;

/// A name that a scenario can hold.
const LONGEST_NAME: usize = 250;
/// A hundred years, which no duration of a scenario exceeds; so no sum of ten thousand of them overflows.
const LONGEST_SECONDS: f64 = 100.0 * 365.0 * 86_400.0;

/// The workflow, or all that is wrong with it.
pub(super) fn build(recording: &Recording) -> Result<Workflow, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let known = positions(&recording.tasks, &mut problems);
    let tasks = tasks(&recording.tasks, &known, &mut problems);
    check_name(&recording.name, &mut problems);
    if recording.tasks.is_empty() {
        let problem = Diagnostic::error("workflow::empty", "the workflow has no task");
        problems.push(problem.label(recording.name.span, ""));
    }
    let makespan = recording.makespan.as_ref();
    let makespan = makespan.and_then(|seconds| duration(seconds, "makespan", &mut problems));
    // A circle among tasks of which some are broken already may be no circle at all.
    if problems.is_empty() {
        match critical_path(&tasks) {
            Ok(critical_path) => {
                return Ok(Workflow {
                    name: recording.name.trim_end_matches(".json").to_owned(),
                    makespan,
                    total_work: tasks
                        .iter()
                        .fold(SimDuration::ZERO, |sum, task| sum + task.runtime),
                    critical_path,
                    tasks,
                });
            }
            Err(stuck) => problems.push(circle(&recording.tasks, &tasks, &stuck)),
        }
    }
    Err(problems)
}

fn check_name(name: &Located<String>, problems: &mut Vec<Diagnostic>) {
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME {
        let message = format!("a name has 1 to {LONGEST_NAME} characters, this one {length}");
        problems.push(Diagnostic::error("workflow::name", message).label(name.span, ""));
    }
}

/// Where each task stands in the list.
fn positions<'r>(
    tasks: &'r [RecordedTask],
    problems: &mut Vec<Diagnostic>,
) -> IndexMap<&'r str, usize> {
    let mut known = IndexMap::new();
    for (at, task) in tasks.iter().enumerate() {
        check_name(&task.id, problems);
        if let Some(first) = known.insert(task.id.as_str(), at) {
            let message = format!("two tasks are called `{}`", task.id.value);
            let problem = Diagnostic::error("workflow::duplicate_task", message)
                .label(task.id.span, "the second")
                .label(tasks[first].id.span, "the first");
            problems.push(problem);
        }
    }
    known
}

fn tasks(
    recorded: &[RecordedTask],
    known: &IndexMap<&str, usize>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<WorkflowTask> {
    let mut tasks: Vec<WorkflowTask> = recorded
        .iter()
        .map(|task| WorkflowTask {
            id: task.id.value.clone(),
            runtime: runtime(task, problems).unwrap_or_default(),
            parents: Vec::new(),
        })
        .collect();
    let mut find = |name: &Located<String>| {
        let position = known.get(name.as_str()).copied();
        if position.is_none() {
            let message = format!("there is no task `{}`", name.value);
            problems
                .push(Diagnostic::error("workflow::unknown_task", message).label(name.span, ""));
        }
        position
    };
    // Either side may tell of an edge, and often both do.
    for (at, task) in recorded.iter().enumerate() {
        let parents = task.parents.iter().filter_map(&mut find);
        tasks[at].parents.extend(parents);
        for child in task.children.iter().filter_map(&mut find) {
            tasks[child].parents.push(at);
        }
    }
    for task in &mut tasks {
        task.parents.sort_unstable();
        task.parents.dedup();
    }
    tasks
}

fn runtime(task: &RecordedTask, problems: &mut Vec<Diagnostic>) -> Option<SimDuration> {
    let Some(seconds) = &task.runtime else {
        let message = format!("task `{}` has no recorded runtime", task.id.value);
        let problem = Diagnostic::error("workflow::no_runtime", message)
            .label(task.id.span, "")
            .help("`execution` must have a task of this id with `runtimeInSeconds`");
        problems.push(problem);
        return None;
    };
    duration(seconds, "runtime", problems)
}

fn duration(
    seconds: &Located<f64>,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<SimDuration> {
    if (0.0..=LONGEST_SECONDS).contains(&seconds.value) {
        return Some(SimDuration::from_seconds_f64(seconds.value));
    }
    let message = format!(
        "a {what} lies between 0 and {LONGEST_SECONDS} seconds, not at {}",
        seconds.value
    );
    problems.push(Diagnostic::error("workflow::runtime", message).label(seconds.span, ""));
    None
}

/// The largest sum of runtimes along a path, or the tasks that wait for themselves and those behind them.
///
/// Source: Kahn, "Topological sorting of large networks" (CACM 5, 1962).
fn critical_path(tasks: &[WorkflowTask]) -> Result<SimDuration, Vec<usize>> {
    let mut children = vec![Vec::new(); tasks.len()];
    let mut missing: Vec<usize> = tasks.iter().map(|task| task.parents.len()).collect();
    for (at, task) in tasks.iter().enumerate() {
        for &parent in &task.parents {
            children[parent].push(at);
        }
    }
    let mut start = vec![SimDuration::ZERO; tasks.len()];
    let mut ready: Vec<usize> = (0..tasks.len()).filter(|&at| missing[at] == 0).collect();
    let mut longest = SimDuration::ZERO;
    let mut done = 0;
    while let Some(at) = ready.pop() {
        done += 1;
        let end = start[at] + tasks[at].runtime;
        longest = longest.max(end);
        for &child in &children[at] {
            start[child] = start[child].max(end);
            missing[child] -= 1;
            if missing[child] == 0 {
                ready.push(child);
            }
        }
    }
    if done == tasks.len() {
        return Ok(longest);
    }
    Err((0..tasks.len()).filter(|&at| missing[at] > 0).collect())
}

/// One circle among the tasks that never get ready: each of them has a parent that does not either.
fn circle(recorded: &[RecordedTask], tasks: &[WorkflowTask], stuck: &[usize]) -> Diagnostic {
    let before = |at: usize| {
        let parents = tasks[at].parents.iter();
        let parent = parents.copied().find(|at| stuck.binary_search(at).is_ok());
        parent.unwrap_or(at)
    };
    // After as many steps as there are tasks, the walk is on the circle.
    let on_circle = (0..stuck.len()).fold(stuck[0], |at, _| before(at));
    let mut names = vec![tasks[on_circle].id.as_str()];
    let mut at = before(on_circle);
    while at != on_circle {
        names.push(&tasks[at].id);
        at = before(at);
    }
    names.push(&tasks[on_circle].id);
    let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("tasks wait for each other: {}", shown.join(" after "));
    Diagnostic::error("workflow::cycle", message).label(recorded[on_circle].id.span, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(runtime: i64, parents: &[usize]) -> WorkflowTask {
        WorkflowTask {
            id: String::new(),
            runtime: SimDuration::from_seconds(runtime),
            parents: parents.to_vec(),
        }
    }

    #[test]
    fn the_critical_path_is_the_longest_one() {
        let diamond = [
            task(1, &[]),
            task(5, &[0]),
            task(2, &[0]),
            task(3, &[1, 2]),
            task(8, &[]),
        ];
        assert_eq!(critical_path(&diamond), Ok(SimDuration::from_seconds(9)));
        assert_eq!(critical_path(&[]), Ok(SimDuration::ZERO));
    }

    #[test]
    fn what_waits_for_itself_never_gets_ready() {
        let tasks = [task(1, &[]), task(1, &[2]), task(1, &[1]), task(1, &[2])];
        assert_eq!(critical_path(&tasks), Err(vec![1, 2, 3]));
    }
}
