//! The calibration of what was imported: the fits of the scenario, as its report takes them.

use indexmap::IndexMap;

use super::figures::{DagFigures, Figures, TaskFigures};
use super::observations::{DagSeen, Observations, TaskSeen};
use super::sensing;
use super::site::Site;
use crate::calibrate::{Calibration, Counts, Rules, TaskCalibration};
use crate::deployment::DEFAULT_POOL;

/// What was fitted to the tasks that executors had, by DAG and name.
pub(super) fn calibration(site: &Site, seen: &Observations, figures: &Figures) -> Calibration {
    let (unseen, no_dag) = (TaskSeen::default(), DagSeen::default());
    let mut tasks = Vec::new();
    for (dag_id, dag) in &site.dags {
        let seen = seen.dags.get(dag_id).unwrap_or(&no_dag);
        for (task_id, task) in dag.tasks.iter().filter(|(_, task)| !task.is_empty) {
            let seen = seen.tasks.get(task_id).unwrap_or(&unseen);
            if !had_executor(seen) {
                continue;
            }
            let figures = &figures.dags[dag_id].tasks[task_id];
            tasks.push(TaskCalibration {
                dag_id: dag_id.clone(),
                task_id: task_id.clone(),
                pool: task.name("pool", DEFAULT_POOL).to_owned(),
                ..calibrated(seen, figures)
            });
        }
    }
    let name = |task: &TaskCalibration| (task.dag_id.clone(), task.task_id.clone());
    tasks.sort_by_cached_key(name);
    Calibration {
        rules: Rules::default(),
        tasks,
        run_sizes: run_sizes(&figures.dags),
        start_delay: figures.start_delay.clone(),
    }
}

fn run_sizes(dags: &IndexMap<String, DagFigures>) -> Vec<(String, crate::calibrate::CommonFactor)> {
    let factor = |(dag_id, dag): (&String, &DagFigures)| Some((dag_id.clone(), dag.run_size?));
    dags.iter().filter_map(factor).collect()
}

fn had_executor(seen: &TaskSeen) -> bool {
    let ended = seen.succeeded.seen() + seen.failed.seen() + seen.resumed.seen();
    ended + seen.running.len() + seen.impossible as usize > 0
}

fn calibrated(seen: &TaskSeen, figures: &TaskFigures) -> TaskCalibration {
    let pokes = seen.sensings.values().map(|sensing| sensing.pokes);
    // Where clocks disagree, a few tries began before they were queued.
    let resumed = if sensing::is_deferrable(seen) {
        0
    } else {
        seen.resumed.seen()
    };
    TaskCalibration {
        dag_id: String::new(),
        task_id: String::new(),
        pool: String::new(),
        duration: figures.duration.clone(),
        values: figures.values.clone(),
        outcomes: seen.outcomes.clone(),
        failed_duration: figures.failed_duration.clone(),
        lengths: figures.lengths.clone(),
        pokes: Counts::new(pokes.collect()),
        wait: figures.waits.as_ref().map(|waits| waits.wait.clone()),
        effects: figures.effects.clone(),
        impossible: seen.impossible as usize + resumed,
    }
}
