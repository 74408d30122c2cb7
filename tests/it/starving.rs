//! The gauge `pool.starving_tasks` in tiny stories with exact numbers: a loop begins every second.

use crate::sites::{EVERY_SECOND, START, add_dag, at, once, simulation, site, task};
use slotwise::deployment::{Deployment, Task};
use slotwise::trace::{MeasurementWindow, StarvingTasks};

/// The gauge of the pool of the story in each of the first seconds; a bin is as long.
fn starving(site: &Deployment, seconds: usize) -> Vec<f64> {
    let end = at(seconds as f64);
    let window = MeasurementWindow {
        start: START,
        warm_up_end: START,
        end,
    };
    let mut simulation = simulation(site, None, 1, StarvingTasks::new(site.pools.len(), window));
    simulation.run_until(end);
    let course = simulation.finish().into_courses().swap_remove(1);
    let bins = course.bins.iter().map(|bin| bin.mean(0_usize));
    bins.collect()
}

/// A pool of so many slots, and a run of these tasks.
fn story(slots: i64, tasks: Vec<Task>) -> Deployment {
    let mut site = site(EVERY_SECOND, &[("pool", slots)]);
    add_dag(&mut site, once("dag"), tasks);
    site
}

fn wide(task_id: &str, pool_slots: u32, seconds: f64) -> Task {
    Task {
        pool_slots,
        ..task(task_id, seconds)
    }
}

#[test]
fn who_finds_no_slot_on_the_page_starves_until_a_page_says_otherwise() {
    // The first two take the slots; three are left. The pool is full until the fifth second, so no page has any of it, and
    // the gauge stays. Then two more are taken, and one starves, then none.
    let tasks = ["a", "b", "c", "d", "e"].map(|name| task(name, 4.5));
    let site = story(2, tasks.into());
    let gauge = starving(&site, 12);
    assert_eq!(gauge[1..5], [3.0; 4], "{gauge:?}");
    assert_eq!(gauge[7..10], [1.0; 3], "{gauge:?}");
    assert_eq!(gauge[11..12], [0.0], "{gauge:?}");
}

#[test]
fn who_is_too_wide_for_what_is_open_starves() {
    let site = story(
        3,
        vec![
            wide("narrow", 2, 4.5),
            wide("wide", 2, 1.0),
            wide("too_wide", 9, 1.0),
        ],
    );
    let gauge = starving(&site, 12);
    assert_eq!(gauge[2..5], [2.0; 3], "{gauge:?}");
    assert_eq!(
        gauge[8..12],
        [1.0; 4],
        "wider than the whole pool: {gauge:?}"
    );
}
