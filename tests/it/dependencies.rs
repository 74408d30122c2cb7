//! Dependencies of which a part is drawn: how long a list is, and which way a branch goes. What follows from an outcome
//! that is given is told by the recordings.

use crate::sites::{EVERY_SECOND, add_dag, at, every, moments, once, rows, site, task, trace};
use slotwise::deployment::{
    Branch, DagRunState, Mapping, ShortCircuit, Task, TaskInstanceState, TaskKind,
};
use slotwise::ids::TaskId;
use slotwise::random::Distribution;
use slotwise::time::SimTime;
use slotwise::trace::{FullTrace, TaskInstanceRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The first task of the story.
const FIRST: TaskId = TaskId::new(0);

fn after_first(task: Task) -> Task {
    Task {
        upstream: vec![FIRST],
        ..task
    }
}

/// A task that pushes a list, and after it one that is mapped over the list.
fn list_and_mapped(lengths: Distribution) -> Vec<Task> {
    let list = Task {
        pushes: Some(lengths),
        ..task("list", 5.5)
    };
    let mapped = Task {
        mapping: Some(Mapping::Over(FIRST)),
        ..after_first(task("mapped", 3.0))
    };
    vec![list, mapped]
}

fn by_run<'a>(rows: &[&'a TaskInstanceRecord]) -> Vec<Vec<&'a TaskInstanceRecord>> {
    let mut runs: BTreeMap<SimTime, Vec<&TaskInstanceRecord>> = BTreeMap::new();
    for row in rows {
        runs.entry(row.logical_date).or_default().push(row);
    }
    runs.into_values().collect()
}

#[test]
fn a_list_of_drawn_length_becomes_so_many_instances() {
    let mut site = site(EVERY_SECOND, &[("pool", -1)]);
    let lengths = Distribution::from_parameters("uniform", &[("low", 0.5), ("high", 3.5)]);
    add_dag(
        &mut site,
        every("etl", 60),
        list_and_mapped(lengths.unwrap()),
    );
    let trace = trace(&site, 3_599.0);
    let runs = by_run(&rows(&trace, 1));
    assert_eq!(runs.len(), 60);
    for run in &runs {
        let indices: BTreeSet<i32> = run.iter().map(|row| row.map_index).collect();
        assert!(indices.into_iter().eq(0..run.len() as i32), "{run:?}");
        // They are expanded and promoted in one pass.
        let promoted: BTreeSet<_> = run.iter().map(|row| row.scheduled_at).collect();
        assert_eq!(promoted.len(), 1, "{run:?}");
    }
    let lengths: BTreeSet<usize> = runs.iter().map(Vec::len).collect();
    assert!(lengths.into_iter().eq(1..=3));
}

#[test]
fn an_empty_list_skips_the_task_mapped_over_it() {
    let mut site = site(EVERY_SECOND, &[("pool", -1)]);
    let mut tasks = list_and_mapped(Distribution::ZERO);
    tasks.push(Task {
        upstream: vec![TaskId::new(1)],
        ..task("after", 1.0)
    });
    add_dag(&mut site, once("etl"), tasks);
    let trace = trace(&site, 60.0);
    // Nothing is written about when an empty list is skipped; what comes after follows a loop later.
    for (task, second) in [(1, None), (2, Some(7.0))] {
        let rows = rows(&trace, task);
        assert_eq!(moments(&rows, |row| row.ended_at), [second]);
        let (state, index) = (rows[0].state, rows[0].map_index);
        assert_eq!((state, index), (TaskInstanceState::Skipped, -1));
    }
    let run = trace.dag_runs[0];
    let end = (run.state, run.ended_at);
    assert_eq!(end, (DagRunState::Success, Some(at(8.0))));
}

/// In how many of a thousand runs each of the two tasks after the first has run; the others must be skipped.
fn followed(first: TaskKind) -> (FullTrace, [usize; 2]) {
    let mut site = site(EVERY_SECOND, &[("pool", -1)]);
    let first = Task {
        kind: first,
        ..task("first", 1.0)
    };
    let ways = ["left", "right"].map(|name| after_first(task(name, 1.0)));
    let tasks = [first].into_iter().chain(ways).collect();
    add_dag(&mut site, every("etl", 60), tasks);
    let trace = trace(&site, 59_999.0);
    let times = [1, 2].map(|task| {
        let rows = rows(&trace, task);
        let ran = |row: &&TaskInstanceRecord| row.state == TaskInstanceState::Success;
        let skipped = |row: &&TaskInstanceRecord| row.state == TaskInstanceState::Skipped;
        let count = rows.iter().copied().filter(ran).count();
        let rest = rows.iter().copied().filter(skipped).count();
        assert_eq!(count + rest, 1_000);
        count
    });
    (trace, times)
}

#[test]
fn a_branch_goes_each_way_as_often_as_its_probability_says() {
    let ways = vec![(TaskId::new(1), 0.3), (TaskId::new(2), 0.5)];
    let (trace, [left, right]) = followed(TaskKind::Branch(Branch { ways }));
    // Four standard deviations: 4 · √(1000 · p · (1 − p)).
    assert!(left.abs_diff(300) <= 58, "{left}");
    assert!(right.abs_diff(500) <= 64, "{right}");
    for run in by_run(&trace.task_instances.iter().collect::<Vec<_>>()) {
        let ran = run
            .iter()
            .filter(|row| row.state == TaskInstanceState::Success);
        assert!(ran.count() <= 2, "at most one way: {run:?}");
    }
}

#[test]
fn a_short_circuit_stops_as_often_as_its_rate_says() {
    let (_, [left, right]) = followed(TaskKind::ShortCircuit(ShortCircuit {
        stop_rate: 0.2,
        ignore_downstream_trigger_rules: true,
    }));
    assert_eq!(left, right, "both or none");
    // Four standard deviations: 4 · √(1000 · 0.8 · 0.2).
    assert!(left.abs_diff(800) <= 51, "{left}");
}
