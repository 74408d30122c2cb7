//! Edits of a DAG's file while its runs are running, each as a tiny story with a loop every second.

use crate::sites::{EVERY_SECOND, POOL, add_dag, at, every, once, site, task, trace};
use slotwise::deployment::{Deployment, EditError, Mapping, Task, TaskInstanceState};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::trace::{FullTrace, TaskInstanceRecord};

const OTHER: PoolId = PoolId::new(2);

fn two_pools(slots: i64) -> Deployment {
    site(EVERY_SECOND, &[("warehouse", slots), ("rescue", 8)])
}

/// Each row of these tasks as text: task, run, try, pool, slots, weight, scheduled, started, ended, state.
fn told(site: &Deployment, trace: &FullTrace) -> Vec<String> {
    let tell = |row: &TaskInstanceRecord| {
        let seconds = |moment: Option<slotwise::time::SimTime>| {
            moment.map_or("-".to_owned(), |moment| {
                (moment - at(0.0)).as_seconds().to_string()
            })
        };
        format!(
            "{} of {}, try {}: {}/{} weight {}, {} {} {} {}",
            site.tasks[row.task.index()].task_id,
            seconds(Some(row.logical_date)),
            row.try_number,
            site.pools[row.pool.index()].name,
            row.pool_slots,
            row.priority_weight,
            seconds(row.scheduled_at),
            seconds(row.started_at),
            seconds(row.ended_at),
            row.state,
        )
    };
    trace.task_instances.iter().map(tell).collect()
}

fn edit(site: &mut Deployment, second: f64, tasks: &[Task]) {
    let file = site.dags[0].clone();
    site.edit(at(second), DagId::new(0), &file, tasks).unwrap();
}

fn after(task: Task, upstream: usize) -> Task {
    Task {
        upstream: vec![TaskId::new(upstream)],
        ..task
    }
}

#[test]
fn rows_keep_pool_slots_and_weight_also_for_later_tries() {
    let mut site = two_pools(8);
    let mut failing = task("load", 3.0);
    failing.failure_rate = 1.0;
    failing.retry.retries = 1;
    failing.retry.retry_delay = slotwise::time::SimDuration::from_seconds(4);
    let edited = Task {
        pool: OTHER,
        pool_slots: 2,
        priority_weight: 5,
        ..failing.clone()
    };
    add_dag(&mut site, every("etl", 20), vec![failing]);
    edit(&mut site, 1.5, &[edited]);
    let expected = [
        "load of 0, try 1: warehouse/1 weight 1, 0 0 3 up_for_retry",
        "load of 0, try 2: warehouse/1 weight 1, 8 8 11 failed",
        "load of 20, try 1: rescue/2 weight 5, 20 20 23 up_for_retry",
        "load of 20, try 2: rescue/2 weight 5, 28 28 31 failed",
    ];
    assert_eq!(told(&site, &trace(&site, 35.0)), expected);
}

#[test]
fn an_added_task_joins_running_runs_and_weighs_on_those_before_it_in_new_ones_only() {
    let mut site = two_pools(8);
    let extract = || task("extract", 5.0);
    let load = || after(task("load", 2.0), 0);
    add_dag(&mut site, every("etl", 20), vec![extract(), load()]);
    let check = after(task("check", 1.0), 0);
    edit(&mut site, 2.5, &[extract(), load(), check]);
    let expected = [
        "extract of 0, try 1: warehouse/1 weight 2, 0 0 5 success",
        "check of 0, try 1: warehouse/1 weight 1, 5 5 6 success",
        "load of 0, try 1: warehouse/1 weight 1, 5 5 7 success",
        "extract of 20, try 1: warehouse/1 weight 3, 20 20 25 success",
        "check of 20, try 1: warehouse/1 weight 1, 25 25 26 success",
        "load of 20, try 1: warehouse/1 weight 1, 25 25 27 success",
    ];
    assert_eq!(told(&site, &trace(&site, 30.0)), expected);
}

#[test]
fn a_task_added_when_the_last_one_has_ended_keeps_the_run_from_ending() {
    let mut site = two_pools(8);
    let extract = || task("extract", 1.5);
    add_dag(&mut site, once("etl"), vec![extract()]);
    let check = after(task("check", 1.0), 0);
    // The task ends at 1.5 s and the file is read at 1.7 s; the loop of 2 s sees both.
    edit(&mut site, 1.7, &[extract(), check]);
    let trace = trace(&site, 10.0);
    let expected = [
        "extract of 0, try 1: warehouse/1 weight 1, 0 0 1.5 success",
        "check of 0, try 1: warehouse/1 weight 1, 2 2 3 success",
    ];
    assert_eq!(told(&site, &trace), expected);
    // The loop of 3 s finds nothing left.
    assert_eq!(trace.dag_runs[0].ended_at, Some(at(3.0)));
}

#[test]
fn a_run_that_has_ended_is_not_begun_again() {
    let mut site = two_pools(8);
    let extract = || task("extract", 1.5);
    add_dag(&mut site, once("etl"), vec![extract()]);
    let check = after(task("check", 1.0), 0);
    edit(&mut site, 2.5, &[extract(), check]);
    let trace = trace(&site, 10.0);
    assert_eq!(trace.dag_runs[0].ended_at, Some(at(2.0)));
    assert_eq!(trace.task_instances.len(), 1);
}

#[test]
fn what_waits_goes_on_waiting_under_the_new_limits() {
    let mut site = two_pools(1);
    let tasks = |limit: Option<u32>| {
        ["a", "b", "c"].map(|name| Task {
            max_active_tis_per_dag: limit,
            ..task(name, 4.0)
        })
    };
    add_dag(&mut site, once("etl"), tasks(None).into());
    // One slot until the second edit's pool is larger: the limit of the first edit closes the tasks for good.
    edit(&mut site, 1.5, &tasks(Some(0)));
    edit(&mut site, 9.5, &tasks(Some(1)));
    let expected = [
        "a of 0, try 1: warehouse/1 weight 1, 0 0 4 success",
        "b of 0, try 1: warehouse/1 weight 1, 0 10 14 success",
        "c of 0, try 1: warehouse/1 weight 1, 0 14 18 success",
    ];
    let trace = trace(&site, 30.0);
    assert_eq!(told(&site, &trace), expected);
    for row in &trace.task_instances {
        let waited = row.queued_at.unwrap() - row.scheduled_at.unwrap();
        assert_eq!(row.wait.total(), waited);
    }
}

#[test]
fn the_rows_of_a_removed_task_become_removed_and_its_worker_is_refused() {
    let mut site = two_pools(8);
    let extract = || task("extract", 3.0);
    let long = task("long", 9.0);
    let load = after(task("load", 1.0), 1);
    add_dag(&mut site, once("etl"), vec![extract(), long, load]);
    edit(&mut site, 1.5, &[extract(), after(task("check", 1.0), 0)]);
    let trace = trace(&site, 20.0);
    let removed: Vec<_> = trace
        .task_instances
        .iter()
        .filter(|row| row.state == TaskInstanceState::Removed && !row.refused)
        .map(|row| site.tasks[row.task.index()].task_id.as_str())
        .collect();
    assert_eq!(removed, ["long", "load"]);
    let refused = trace.task_instances.iter().filter(|row| row.refused);
    let refused: Vec<_> = refused.map(|row| row.ended_at).collect();
    assert_eq!(refused, [Some(at(9.0))]);
    // Its slot is free from the examination on, and the run ends with the tasks that are left.
    let open = trace
        .pools
        .iter()
        .rfind(|row| row.at <= at(2.0) && row.pool == POOL);
    assert_eq!(open.map(|row| row.running), Some(1));
    assert_eq!(trace.dag_runs[0].ended_at, Some(at(4.0)));
}

#[test]
fn limits_of_the_dag_hold_from_the_parse_on() {
    let mut site = two_pools(8);
    let tasks = || ["a", "b", "c", "d"].map(|name| task(name, 3.0)).to_vec();
    add_dag(&mut site, every("etl", 1), tasks());
    site.dags[0].max_active_runs = 1;
    site.dags[0].max_active_tasks = 1;
    let mut file = site.dags[0].clone();
    file.max_active_tasks = 4;
    site.edit(at(4.5), DagId::new(0), &file, &tasks()).unwrap();
    let trace = trace(&site, 20.0);
    let started: Vec<_> = trace.task_instances[..5]
        .iter()
        .map(|row| (row.started_at.unwrap() - at(0.0)).as_seconds())
        .collect();
    assert_eq!(started, [0.0, 3.0, 5.0, 5.0, 9.0]);
}

#[test]
fn several_edits_reach_each_run_as_it_meets_them() {
    let mut site = two_pools(8);
    let chain = |pools: &[PoolId]| -> Vec<Task> {
        let names = ["a", "b", "c"];
        pools
            .iter()
            .enumerate()
            .map(|(at, &pool)| Task {
                pool,
                upstream: at.checked_sub(1).map(TaskId::new).into_iter().collect(),
                ..task(names[at], 4.0)
            })
            .collect()
    };
    add_dag(&mut site, every("etl", 6), chain(&[POOL]));
    edit(&mut site, 1.5, &chain(&[OTHER, POOL]));
    edit(&mut site, 7.5, &chain(&[OTHER, OTHER, OTHER]));
    let expected = [
        "a of 0, try 1: warehouse/1 weight 1, 0 0 4 success",
        "b of 0, try 1: warehouse/1 weight 1, 4 4 8 success",
        "a of 6, try 1: rescue/1 weight 2, 6 6 10 success",
        "c of 0, try 1: rescue/1 weight 1, 8 8 12 success",
        "b of 6, try 1: warehouse/1 weight 1, 10 10 14 success",
        "a of 12, try 1: rescue/1 weight 3, 12 12 16 success",
        "c of 6, try 1: rescue/1 weight 1, 14 14 18 success",
    ];
    assert_eq!(told(&site, &trace(&site, 18.5))[..7], expected);
}

#[test]
fn edits_that_are_not_simulated_are_refused() {
    let mut site = two_pools(8);
    add_dag(&mut site, once("etl"), vec![task("a", 1.0), task("b", 1.0)]);
    let file = site.dags[0].clone();
    let mapped = Task {
        mapping: Some(Mapping::Fixed(2)),
        ..task("a", 1.0)
    };
    let refused = site.edit(at(1.0), DagId::new(0), &file, &[mapped]);
    assert_eq!(refused, Err(EditError::Map("a".into())));
    edit(&mut site, 1.0, &[task("b", 1.0)]);
    let back = site.edit(at(2.0), DagId::new(0), &file, &[task("a", 1.0)]);
    assert_eq!(back, Err(EditError::Returns("a".into())));
}
