//! What is derived from observations: the figures of a scenario, each with what it rests on.

use indexmap::IndexMap;

use super::durations::{Fitted, fit};
use super::observations::{DagSeen, Observations, Sample, TaskSeen};
use super::pace::Pace;
use super::run_size::RunSize;
use super::sensing::{self, Waits};
use super::site::{Site, SiteDag, SiteMap, SiteTask};
use super::start_delay::{self, StartDelays};
use crate::deployment::TaskInstanceState;

/// The figures of a site.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The pace of the scheduler's loop.
    pub pace: Pace,
    /// Start delays, cleaned.
    pub delays: StartDelays,
    /// Their distribution.
    pub start_delay: Option<Fitted>,
    /// DAGs by name.
    pub dags: IndexMap<String, DagFigures>,
}

/// The figures of a DAG.
#[derive(Clone, Debug)]
pub struct DagFigures {
    /// The common factor of the durations of a run, if there is one.
    pub run_size: Option<RunSize>,
    /// Tasks by name.
    pub tasks: IndexMap<String, TaskFigures>,
}

/// The figures of a task.
#[derive(Clone, Debug, Default)]
pub struct TaskFigures {
    /// How long a try runs that ends well; of a sensor in reschedule mode a poke.
    pub duration: Option<Fitted>,
    /// Whose durations these are, if there were too few of its own.
    pub borrowed: Option<&'static str>,
    /// Tries that ended well.
    pub succeeded: usize,
    /// Tries that failed.
    pub failed: usize,
    /// How long they ran on average, in seconds.
    pub failed_mean: Option<f64>,
    /// Failures after which no try was left, though `retries` would have allowed one.
    pub fatal: usize,
    /// Tries that ended as skipped.
    pub skipped: usize,
    /// How long a sensor, or a trigger, waits.
    pub waits: Option<Waits>,
    /// How many instances a mapped task had, run by run.
    pub lengths: Vec<f64>,
    /// How often each task directly after a branch was followed, in this many runs.
    pub branches: Option<(IndexMap<String, usize>, usize)>,
}

/// With fewer successes than this a task borrows.
pub const ENOUGH: usize = 10;

impl Figures {
    /// Derives the figures of a site.
    pub(super) fn of(site: &Site, seen: &Observations) -> Self {
        let delays = start_delay::clean(&seen.spans);
        let unseen = DagSeen::default();
        let lenders = Lenders::of(site, seen);
        let dags = site.dags.iter().map(|(name, dag)| {
            let seen_dag = seen.dags.get(name).unwrap_or(&unseen);
            (
                name.clone(),
                DagFigures::of(name, dag, seen_dag, seen, &lenders),
            )
        });
        Self {
            pace: Pace::of(seen.spans.iter().map(|span| span.queued).collect()),
            start_delay: fit(&delays.clean, &[]),
            dags: dags.collect(),
            delays,
        }
    }
}

impl DagFigures {
    fn of(
        name: &str,
        dag: &SiteDag,
        seen: &DagSeen,
        all: &Observations,
        lenders: &Lenders,
    ) -> Self {
        // How long a sensor polls or waits is not how much there is to do.
        let is_sensor = |task: &str| dag.tasks.get(task).is_none_or(|task| task.sensor.is_some());
        let run_size = RunSize::of(seen, &is_sensor);
        let unseen = TaskSeen::default();
        let figures = dag.tasks.iter().map(|(task_name, task)| {
            let seen_task = seen.tasks.get(task_name).unwrap_or(&unseen);
            let mut figures = TaskFigures::of(task, seen_task, all);
            let shrunk = run_size.filter(|_| task.sensor.is_none());
            figures.set_duration(name, task, seen_task, all, lenders, shrunk);
            if task.is_branch() {
                figures.branches = branches(task, seen, seen_task);
            }
            if dag.groups.is_empty() && !matches!(task.map, Some(SiteMap::Over(_) | SiteMap::Other))
            {
                figures.lengths.clear();
            }
            (task_name.clone(), figures)
        });
        let tasks = figures.collect();
        Self { run_size, tasks }
    }
}

impl TaskFigures {
    fn of(task: &SiteTask, seen: &TaskSeen, all: &Observations) -> Self {
        let retries = match task.field("retries") {
            Some(super::SiteValue::Number(retries)) => *retries,
            _ => 0,
        };
        let is_fatal = |number: &&u32| i64::from(**number) <= retries;
        let failed_sum: f64 = seen
            .failed
            .iter()
            .map(|sample| sample.ran as f64 / 1e6)
            .sum();
        let lengths = seen.map_indices.values();
        Self {
            succeeded: seen.succeeded.len(),
            failed: seen.failed.len(),
            failed_mean: (!seen.failed.is_empty()).then(|| failed_sum / seen.failed.len() as f64),
            fatal: seen.last_failures.iter().filter(is_fatal).count(),
            skipped: seen.skipped as usize,
            waits: sensing::waits(task, seen, all.end),
            lengths: lengths.map(|highest| f64::from(*highest) + 1.0).collect(),
            ..Self::default()
        }
    }

    fn set_duration(
        &mut self,
        dag: &str,
        task: &SiteTask,
        seen: &TaskSeen,
        all: &Observations,
        lenders: &Lenders,
        run_size: Option<RunSize>,
    ) {
        if task.is_empty {
            return;
        }
        let own = sensing::works(task, seen);
        let (mut samples, borrowed) = match own.len() {
            enough if enough >= ENOUGH => (own, None),
            _ => lenders.lend(dag, task, own),
        };
        if let Some(size) = run_size {
            shrink(&mut samples, size);
        }
        let censored = seen
            .running
            .iter()
            .map(|started| all.end.as_micros() - started);
        let censored: Vec<f64> = censored.map(|micros| micros as f64 / 1e6).collect();
        self.duration = fit(&samples, &censored);
        self.borrowed = borrowed;
    }
}

/// Takes the common factor out of durations: their logarithms keep their mean and lose its variance; then they get the
/// mean that they had, because the factor has mean 1.
fn shrink(samples: &mut [f64], size: RunSize) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let log = |x: &f64| libm::log(x.max(1e-6));
    let center = samples.iter().map(log).sum::<f64>() / n;
    let spread = |x: &f64| (log(x) - center) * (log(x) - center);
    let variance = samples.iter().map(spread).sum::<f64>() / n;
    if n < 2.0 || variance <= 0.0 {
        return;
    }
    let factor = (1.0 - size.log_variance / variance).max(0.0).sqrt();
    for sample in samples.iter_mut() {
        *sample = libm::exp(center + (log(sample) - center) * factor);
    }
    let rescale = mean / (samples.iter().sum::<f64>() / n);
    for sample in samples {
        *sample *= rescale;
    }
}

/// Samples of like tasks, for those that have too few of their own.
struct Lenders {
    by_dag: IndexMap<(String, String), Loans>,
    by_operator: IndexMap<String, Loans>,
    all: Loans,
}

/// Durations of several tasks.
#[derive(Clone, Default)]
struct Loans {
    /// In seconds.
    durations: Vec<f64>,
    /// Each divided by the mean of its task.
    shapes: Vec<f64>,
}

impl Loans {
    fn extend(&mut self, samples: &[f64]) {
        let mean = samples.iter().sum::<f64>() / samples.len().max(1) as f64;
        self.durations.extend(samples);
        if mean > 0.0 {
            self.shapes
                .extend(samples.iter().map(|sample| sample / mean));
        }
    }
}

impl Lenders {
    /// Each lends at most so many samples a task, so that a frequent task does not drown the others.
    const MOST: usize = 200;

    fn of(site: &Site, seen: &Observations) -> Self {
        let mut lenders = Self {
            by_dag: IndexMap::new(),
            by_operator: IndexMap::new(),
            all: Loans::default(),
        };
        for (dag_name, dag) in &site.dags {
            for (name, task) in dag.tasks.iter().filter(|(_, task)| task.sensor.is_none()) {
                let seen = seen.dags.get(dag_name).and_then(|dag| dag.tasks.get(name));
                let samples = seen
                    .map(|seen| sensing::works(task, seen))
                    .unwrap_or_default();
                let lent = &samples[..samples.len().min(Self::MOST)];
                let of_dag = (dag_name.clone(), task.operator.clone());
                lenders.by_dag.entry(of_dag).or_default().extend(lent);
                let of_operator = lenders.by_operator.entry(task.operator.clone());
                of_operator.or_default().extend(lent);
                lenders.all.extend(lent);
            }
        }
        lenders
    }

    /// From the tasks of its operator in its DAG; if these have too few, in all DAGs; if these have, from all tasks. A task
    /// with some samples keeps their mean and borrows the shape alone; one without any borrows the durations.
    fn lend(&self, dag: &str, task: &SiteTask, own: Vec<f64>) -> (Vec<f64>, Option<&'static str>) {
        let of_dag = self.by_dag.get(&(dag.to_owned(), task.operator.clone()));
        let of_operator = self.by_operator.get(&task.operator);
        let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
        for (loans, whose) in [
            (of_dag, "the tasks of its operator in this DAG"),
            (of_operator, "all tasks of its operator"),
            (Some(&self.all), "all tasks"),
        ] {
            let Some(loans) = loans.filter(|loans| loans.shapes.len() >= ENOUGH) else {
                continue;
            };
            let samples = if own.is_empty() {
                loans.durations.clone()
            } else {
                loans.shapes.iter().map(|shape| shape * mean).collect()
            };
            return (samples, Some(whose));
        }
        (own, None)
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
pub(super) fn in_seconds(samples: &[Sample]) -> impl Iterator<Item = f64> {
    samples.iter().map(|sample| sample.ran as f64 / 1e6)
}
