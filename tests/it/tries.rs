//! How tries end without success: for good, cut off by their time limit, or with a lost worker. A loop begins every
//! second, and nothing takes time but the tasks.

use crate::sites::{EVERY_SECOND, add_dag, moments, once, rows, site, task, trace};
use slotwise::deployment::{RetryPolicy, Task, TaskInstanceState};
use slotwise::time::SimDuration;

fn retried(retries: u32) -> RetryPolicy {
    RetryPolicy {
        retries,
        retry_delay: SimDuration::from_seconds(10),
        ..RetryPolicy::default()
    }
}

#[test]
fn a_fatal_failure_leaves_no_try() {
    for (fatal_share, tries) in [(0.0, 4), (1.0, 1)] {
        let mut site = site(EVERY_SECOND, &[("pool", 1)]);
        let fails = Task {
            failure_rate: 1.0,
            fatal_share,
            retry: retried(3),
            ..task("fails", 5.0)
        };
        add_dag(&mut site, once("etl"), vec![fails]);
        let trace = trace(&site, 120.0);
        let rows = rows(&trace, 0);
        assert_eq!(rows.len(), tries, "with a share of {fatal_share}");
        assert_eq!(rows[tries - 1].state, TaskInstanceState::Failed);
        assert_eq!(rows[0].duration(), Some(SimDuration::from_seconds(5)));
    }
}

#[test]
fn a_try_is_cut_off_by_its_execution_timeout() {
    let mut site = site(EVERY_SECOND, &[("pool", 1)]);
    let limited = |name, seconds| Task {
        execution_timeout: Some(SimDuration::from_seconds(20)),
        retry: retried(1),
        ..task(name, seconds)
    };
    let tasks = vec![limited("long", 30.0), limited("just", 20.0)];
    add_dag(&mut site, once("etl"), tasks);
    let trace = trace(&site, 120.0);
    // `just` takes the slot that the cut makes free; the second try of `long` is ready after 30 s and waits for it.
    assert_eq!(
        moments(&rows(&trace, 0), |row| row.ended_at),
        [20.0, 60.0].map(Some)
    );
    assert_eq!(rows(&trace, 0)[1].state, TaskInstanceState::Failed);
    let just = rows(&trace, 1);
    assert_eq!(moments(&just, |row| row.ended_at), [Some(40.0)]);
    assert_eq!(just[0].state, TaskInstanceState::Success);
}

#[test]
fn a_lost_task_holds_its_slot_until_its_heartbeat_is_missed() {
    let mut site = site(EVERY_SECOND, &[("pool", 1)]);
    let lost = Task {
        lost_rate: 1.0,
        priority_weight: 10,
        ..task("lost", 10.0)
    };
    add_dag(&mut site, once("etl"), vec![lost, task("next", 5.0)]);
    let trace = trace(&site, 600.0);
    let lost = rows(&trace, 0);
    assert_eq!(lost[0].state, TaskInstanceState::Failed);
    // It is lost within 10 s, silent for 300 s, and looked for every 10 s, at the end of a loop.
    let end = moments(&lost, |row| row.ended_at)[0].unwrap();
    assert!(end > 300.0 && end <= 321.0, "{end}");
    let next = moments(&rows(&trace, 1), |row| row.queued_at)[0].unwrap();
    assert!(
        next >= end && next <= end + 1.0,
        "{next} after the end at {end}"
    );
}
