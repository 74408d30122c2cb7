//! What is derived from observations: the figures of a scenario, each with what it rests on.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rayon::prelude::*;

use super::observations::{DagSeen, Observations, Sample, TaskSeen};
use super::pace::Pace;
use super::sensing::{self, Waits};
use super::site::{Site, SiteDag, SiteMap, SiteTask};
use crate::calibrate::{
    Chosen, CommonFactor, Counts, DurationSamples, Fit, Outcomes, Proportion, Rules, StartDelay,
    TimeEffects, durations, time_effects,
};
use crate::deployment::{DEFAULT_POOL, TaskInstanceState};
use crate::random::StreamKey;
use crate::time::SimTime;

/// The figures of a site.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The pace of the scheduler's loop.
    pub pace: Pace,
    /// From queued to running.
    pub start_delay: StartDelay,
    /// DAGs by name.
    pub dags: IndexMap<String, DagFigures>,
}

/// The figures of a DAG.
#[derive(Clone, Debug)]
pub struct DagFigures {
    /// The common factor of the durations of a run, if there is one.
    pub run_size: Option<CommonFactor>,
    /// Tasks by name.
    pub tasks: IndexMap<String, TaskFigures>,
}

/// The figures of a task.
#[derive(Clone, Debug, Default)]
pub struct TaskFigures {
    /// How long a try runs that ends well; of a sensor in reschedule mode a poke.
    pub duration: Option<Fit>,
    /// Tries that tell how long a worker works on it; of more than [`MOST_CHOSEN`](crate::calibrate::MOST_CHOSEN) so many are
    /// fitted.
    pub worked: usize,
    /// What was fitted, in rising order.
    pub values: Vec<f64>,
    /// What durations do with time.
    pub effects: TimeEffects,
    /// How long a try runs that fails, if that is shown to be another time.
    pub failed_duration: Option<Fit>,
    /// How tries ended.
    pub outcomes: Outcomes,
    /// How long those ran on average that failed, in seconds.
    pub failed_mean: Option<f64>,
    /// Failures after which no try was left, though `retries` would have allowed one.
    pub fatal: Proportion,
    /// How long a sensor, or a trigger, waits.
    pub waits: Option<Waits>,
    /// How many instances a mapped task had, run by run.
    pub lengths: Counts,
    /// How often each task directly after a branch was followed, in this many runs.
    pub branches: Option<(IndexMap<String, usize>, usize)>,
}

impl Figures {
    /// Derives the figures of a site.
    pub(super) fn of(site: &Site, seen: &Observations) -> Self {
        let rules = Rules::default();
        let root = StreamKey::root(rules.seed, 0);
        let samples = duration_samples(site, seen);
        let effects = effects(site, seen, rules.level);
        let (run_sizes, durations) = durations(&samples, &rules, root);
        let run_sizes: BTreeMap<String, CommonFactor> = run_sizes.into_iter().collect();
        let unseen = DagSeen::default();
        // The waits of sensors are fitted side by side.
        let dags: Vec<(&String, &SiteDag)> = site.dags.iter().collect();
        let dags = dags.into_par_iter().map(|(name, dag)| {
            let key = root.with(StreamKey::name(name));
            let seen_dag = seen.dags.get(name).unwrap_or(&unseen);
            let tasks = task_figures(dag, seen_dag, seen.end, key);
            let run_size = run_sizes.get(name).copied();
            (name.clone(), DagFigures { run_size, tasks })
        });
        let dags: Vec<(String, DagFigures)> = dags.collect();
        let mut dags: IndexMap<String, DagFigures> = dags.into_iter().collect();
        for ((task, fitted), effects) in samples.iter().zip(durations).zip(effects) {
            let figures = &mut dags[&task.dag_id].tasks[&task.task_id];
            figures.duration = fitted.succeeded;
            figures.values = fitted.values;
            figures.effects = effects;
            figures.failed_duration = fitted.failed;
        }
        let key = root.with(StreamKey::name("start delay"));
        Self {
            pace: Pace::of(&seen.queued),
            start_delay: seen.starts.delay(&rules, key),
            dags,
        }
    }
}

/// The tasks that executors get, with what was seen of them, if anything.
fn tasks<'s>(
    site: &'s Site,
    seen: &'s Observations,
) -> impl Iterator<Item = (&'s String, &'s String, &'s SiteTask, Option<&'s TaskSeen>)> {
    site.dags.iter().flat_map(|(dag_id, dag)| {
        let of_dag = seen.dags.get(dag_id);
        let tasks = dag.tasks.iter().filter(|(_, task)| !task.is_empty);
        tasks.map(move |(task_id, task)| {
            let of_task = of_dag.and_then(|dag| dag.tasks.get(task_id));
            (dag_id, task_id, task, of_task)
        })
    })
}

/// What durations do with time, task by task.
fn effects(site: &Site, seen: &Observations, level: f64) -> Vec<TimeEffects> {
    let series = tasks(site, seen).map(|(_, _, task, of_task)| {
        let mut tries = of_task.map_or(Vec::new(), |of_task| sensing::series(task, of_task));
        tries.sort_unstable_by_key(|try_| (try_.started, try_.run, try_.ran));
        let tries = tries.iter();
        tries
            .map(|sample| {
                (
                    SimTime::from_micros(sample.started),
                    sample.ran as f64 / 1e6,
                )
            })
            .collect()
    });
    time_effects(&series.collect::<Vec<_>>(), level)
}

/// What the tasks that executors get tell of their durations.
fn duration_samples(site: &Site, seen: &Observations) -> Vec<DurationSamples> {
    let unseen = TaskSeen::default();
    let samples = tasks(site, seen).map(|(dag_id, task_id, task, of_task)| {
        let of_task = of_task.unwrap_or(&unseen);
        let succeeded = sensing::works(task, of_task);
        let is_told = !succeeded.is_empty();
        let end = seen.end.as_micros();
        let running = of_task
            .running
            .iter()
            .filter(|_| is_told || task.sensor.is_none());
        DurationSamples {
            dag_id: dag_id.clone(),
            task_id: task_id.clone(),
            pool: task.name("pool", DEFAULT_POOL).to_owned(),
            is_sensor: task.sensor.is_some(),
            succeeded,
            failed: in_seconds(&of_task.failed).collect(),
            running: running
                .map(|started| (end - started) as f64 / 1e6)
                .collect(),
        }
    });
    samples.collect()
}

/// All figures of the tasks of a DAG but their durations.
fn task_figures(
    dag: &SiteDag,
    seen: &DagSeen,
    end: SimTime,
    key: StreamKey,
) -> IndexMap<String, TaskFigures> {
    let unseen = TaskSeen::default();
    let figures = dag.tasks.iter().map(|(task_name, task)| {
        let key = key.with(StreamKey::name(task_name));
        let seen_task = seen.tasks.get(task_name).unwrap_or(&unseen);
        let waits = sensing::waits(task, seen_task, end, key.with(StreamKey::name("wait")));
        let mut figures = TaskFigures::of(task, seen_task);
        figures.waits = waits;
        figures.worked = sensing::worked(task, seen_task);
        if task.is_branch() {
            figures.branches = branches(task, seen, seen_task);
        }
        if dag.groups.is_empty() && !matches!(task.map, Some(SiteMap::Over(_) | SiteMap::Other)) {
            figures.lengths = Counts::default();
        }
        (task_name.clone(), figures)
    });
    figures.collect()
}

impl TaskFigures {
    fn of(task: &SiteTask, seen: &TaskSeen) -> Self {
        let retries = match task.field("retries") {
            Some(super::SiteValue::Number(retries)) => u32::try_from(*retries).unwrap_or(0),
            _ => 0,
        };
        let failed_sum: f64 = in_seconds(&seen.failed).sum();
        let kept = seen.failed.values().len();
        let lengths = seen.map_indices.values();
        Self {
            outcomes: seen.outcomes.clone(),
            failed_mean: (kept > 0).then(|| failed_sum / kept as f64),
            fatal: seen.outcomes.fatal(retries),
            lengths: Counts::new(lengths.map(|highest| *highest as u32 + 1).collect()),
            ..Self::default()
        }
    }
}

/// How often each task after a branch was followed.
fn branches(
    task: &SiteTask,
    dag: &DagSeen,
    seen: &TaskSeen,
) -> Option<(IndexMap<String, usize>, usize)> {
    let succeeded = |(run, state): &(u32, TaskInstanceState)| {
        (*state == TaskInstanceState::Success).then_some(*run)
    };
    let runs: std::collections::BTreeSet<u32> = seen.states.iter().filter_map(succeeded).collect();
    let mut followed = IndexMap::new();
    let mut taken = std::collections::BTreeSet::new();
    for name in &task.downstream {
        let states = dag.tasks.get(name).map(|task| task.states.as_slice());
        let mut times = 0;
        for (run, state) in states.unwrap_or_default() {
            // A run counts once, for the first that it followed: a scenario follows one.
            if *state != TaskInstanceState::Skipped && runs.contains(run) && taken.insert(*run) {
                times += 1;
            }
        }
        followed.insert(name.clone(), times);
    }
    (!runs.is_empty()).then_some((followed, runs.len()))
}

/// Durations of samples in seconds.
pub(super) fn in_seconds(samples: &Chosen<Sample>) -> impl Iterator<Item = f64> {
    samples.values().map(|sample| sample.ran as f64 / 1e6)
}
