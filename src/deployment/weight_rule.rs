//! Effective priority weights: what the scheduler sorts by.

use super::{Rules, Task};

/// How the effective weight of a task is made from the tasks around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightRule {
    /// Its own weight and those of all distinct transitive downstream tasks.
    #[default]
    Downstream,
    /// Its own weight and those of all distinct transitive upstream tasks.
    Upstream,
    /// Its own weight alone.
    Absolute,
}

/// The weight that Airflow keeps of a declared one: version 3 clamps each own weight to 32 bits, but not the sums; version 2
/// clamps nothing.
pub fn own_weight(declared: i64, rules: &Rules) -> i64 {
    if rules.clamps_weights {
        declared.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
    } else {
        declared
    }
}

/// The effective weights of the tasks of one DAG, in their order.
///
/// A diamond counts each task once, a mapped task counts once, and the sum is not clamped. `tasks`
/// are the tasks of one DAG as they stand together in the deployment; their graph has no cycle.
pub fn effective_weights(tasks: &[Task], first_task: usize) -> Vec<i64> {
    let position = |id: &crate::ids::TaskId| id.index() - first_task;
    let upstream: Vec<Vec<usize>> = tasks
        .iter()
        .map(|task| task.upstream.iter().map(position).collect())
        .collect();
    let mut downstream = vec![Vec::new(); tasks.len()];
    for (at, above) in upstream.iter().enumerate() {
        for &task in above {
            downstream[task].push(at);
        }
    }
    (0..tasks.len())
        .map(|at| match tasks[at].weight_rule {
            WeightRule::Absolute => tasks[at].priority_weight,
            WeightRule::Downstream => sum_of_reachable(tasks, &downstream, at),
            WeightRule::Upstream => sum_of_reachable(tasks, &upstream, at),
        })
        .collect()
}

fn sum_of_reachable(tasks: &[Task], next: &[Vec<usize>], from: usize) -> i64 {
    let mut seen = vec![false; tasks.len()];
    let mut waiting = vec![from];
    seen[from] = true;
    let mut sum = 0;
    while let Some(at) = waiting.pop() {
        sum += tasks[at].priority_weight;
        for &task in &next[at] {
            if !seen[task] {
                seen[task] = true;
                waiting.push(task);
            }
        }
    }
    sum
}
