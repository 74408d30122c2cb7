//! Tasks that wait for each other in a circle.

use super::Subject;
use crate::deployment::Task;
use crate::scenario::diagnostic::Diagnostic;

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    for dag in subject.dags() {
        let first = deployment.dags[dag.id.index()].first_task.index();
        let count = dag.syntax.tasks.len();
        let Some(cycle) = cycle(&deployment.tasks[first..first + count], first) else {
            continue;
        };
        let name = |at: &usize| deployment.tasks[first + at].task_id.as_str();
        let way: Vec<&str> = cycle.iter().chain(cycle.first()).map(name).collect();
        let message = format!(
            "the tasks of DAG `{}` wait for each other: {}",
            dag.name.value,
            way.join(" -> ")
        );
        let mut problem = Diagnostic::error("dag::cycle", message);
        for at in &cycle {
            if let Some((task, _)) = dag.syntax.tasks.get_index(*at) {
                problem = problem.label(task.span, "");
            }
        }
        found.push(problem);
    }
}

/// The positions of the tasks of one cycle, each upstream of the next; none if there is no cycle.
///
/// Tasks whose upstream tasks are all done are taken away until none is left (Kahn, 1962). If some stay, each of
/// them has an upstream task that stays, so going upstream from any must come round.
fn cycle(tasks: &[Task], first: usize) -> Option<Vec<usize>> {
    let mut waits_for: Vec<usize> = tasks.iter().map(|task| task.upstream.len()).collect();
    let mut below = vec![Vec::new(); tasks.len()];
    for (at, task) in tasks.iter().enumerate() {
        for above in &task.upstream {
            below[above.index() - first].push(at);
        }
    }
    let mut free: Vec<usize> = (0..tasks.len()).filter(|&at| waits_for[at] == 0).collect();
    while let Some(at) = free.pop() {
        for &next in &below[at] {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                free.push(next);
            }
        }
    }
    let mut at = waits_for.iter().position(|&count| count > 0)?;
    let mut way = Vec::new();
    let mut seen = vec![usize::MAX; tasks.len()];
    while seen[at] == usize::MAX {
        seen[at] = way.len();
        way.push(at);
        let stuck = tasks[at].upstream.iter().map(|above| above.index() - first);
        at = stuck.into_iter().find(|&above| waits_for[above] > 0)?;
    }
    way.drain(..seen[at]);
    way.reverse();
    Some(way)
}
