//! The calibration of a site: its history taken apart, and every part fitted.

use rayon::prelude::*;

use super::counts::Counts;
use super::empirical;
use super::fit::{Basis, Fit, Rules, fit};
use super::law::Law;
use super::like_tasks::{Lender, borrowed};
use super::proportion::Proportion;
use super::ranks::kruskal_wallis;
use super::recorded::{RecordedTask, recorded_tasks};
use super::run_size::{CommonFactor, Member, common_factor, without_factor};
use super::samples::Samples;
use super::start_delay::{StartDelay, start_delay};
use super::time_effects::{TimeEffects, time_effects};
use crate::random::StreamKey;
use crate::stats::holm::holm;
use crate::time::SimTime;
use crate::trace::History;

/// What a site's history says.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What was gone by.
    pub rules: Rules,
    /// The tasks that executors had, by DAG and name.
    pub tasks: Vec<TaskCalibration>,
    /// The factors that the durations of a run have in common, by DAG, where they are shown.
    pub run_sizes: Vec<(String, CommonFactor)>,
    /// The delay of starts.
    pub start_delay: StartDelay,
}

/// What is known of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCalibration {
    /// Its DAG.
    pub dag_id: String,
    /// Its name.
    pub task_id: String,
    /// The pool of its newest try.
    pub pool: String,
    /// The durations of tries that succeeded, without the factor of their run if there is one; none if no try ended.
    pub duration: Option<Fit>,
    /// The durations that were fitted, in rising order: what a quantile plot sets beside the law.
    pub values: Vec<f64>,
    /// Tries that failed among those that ended.
    pub failures: Proportion,
    /// The durations of tries that failed, if these are shown to be others.
    pub failed_duration: Option<Fit>,
    /// Instances that were skipped among those that came to an end.
    pub skipped: Proportion,
    /// How many instances each run made of it; empty if it is not mapped.
    pub lengths: Counts,
    /// Pokes in vain before each success; empty if there were none ever.
    pub pokes: Counts,
    /// From the beginning of the first poke until what was waited for was there; none without pokes in vain.
    pub wait: Option<Law>,
    /// What the durations do with time.
    pub effects: TimeEffects,
    /// Tries whose times contradict each other; they are left out.
    pub impossible: usize,
}

/// Failed tries say nothing of their durations if there are fewer of them.
const LEAST_FAILED: usize = 5;

/// Fits everything that can be fitted to a history.
///
/// The bootstrap draws from streams that are keyed by `rules.seed` and the names of DAG and task, so that neither threads nor
/// other tasks change a digit.
pub fn site(history: &History, rules: &Rules) -> Calibration {
    let mut recorded = recorded_tasks(history);
    recorded.retain(|task| task.attempts() > 0);
    let root = StreamKey::root(rules.seed, 0);
    let series: Vec<Vec<(SimTime, f64)>> = recorded.iter().map(RecordedTask::series).collect();
    let effects = time_effects(&series, rules.level);
    let (run_sizes, parts) = split_by_runs(&recorded, rules.level);
    let fits: Vec<Option<Fit>> = recorded
        .par_iter()
        .zip(&parts)
        .map(|(task, part)| {
            let fit = fit(&part.samples, rules, key(root, task))?;
            Some(part.narrowed(fit))
        })
        .collect();
    let lenders: Vec<Lender> = recorded
        .iter()
        .zip(&parts)
        .map(|(task, part)| Lender {
            dag_id: &task.dag_id,
            pool: &task.pool,
            values: &part.samples,
        })
        .collect();
    let durations = fits.iter().enumerate().map(|(at, fit)| {
        let fit = fit.as_ref()?;
        borrowed(&lenders, at, fit, rules).or_else(|| Some(fit.clone()))
    });
    let durations: Vec<Option<Fit>> = durations.collect();
    let failed: Vec<Option<Fit>> = recorded
        .par_iter()
        .map(|task| failed_duration(task, rules, key(root, task)))
        .collect();
    let each = recorded.into_iter().zip(parts).zip(durations);
    let tasks = each.zip(failed).zip(effects).map(
        |((((task, part), duration), failed_duration), effects)| TaskCalibration {
            failures: Proportion {
                count: task.failed.len(),
                of: task.failed.len() + task.succeeded.len(),
            },
            wait: empirical::law(&Samples::complete(task.waits)),
            dag_id: task.dag_id,
            task_id: task.task_id,
            pool: task.pool,
            duration,
            values: part.samples.observed().to_vec(),
            failed_duration,
            skipped: task.skipped,
            lengths: task.lengths,
            pokes: task.pokes,
            effects,
            impossible: task.impossible,
        },
    );
    Calibration {
        rules: *rules,
        tasks: tasks.collect(),
        run_sizes,
        start_delay: start_delay(history, rules, root.with(StreamKey::name("start delay"))),
    }
}

fn key(root: StreamKey, task: &RecordedTask) -> StreamKey {
    let dag = root.with(StreamKey::name(&task.dag_id));
    dag.with(StreamKey::name(&task.task_id))
}

/// The durations of a task without the factor of their runs.
struct Part {
    samples: Samples,
    /// The mean variance that is left in their logarithms because the factors are estimates.
    left_open: f64,
}

impl Part {
    /// The law without the spread that estimated factors have added.
    fn narrowed(&self, mut fit: Fit) -> Fit {
        if self.left_open > 0.0
            && fit.basis == Basis::Likelihood
            && let Some(law) = fit.law.narrowed(self.left_open)
        {
            fit.law = law;
        }
        fit
    }
}

/// The factors of the runs of each DAG, as far as they are shown over all DAGs; and what is left of the durations.
fn split_by_runs(tasks: &[RecordedTask], level: f64) -> (Vec<(String, CommonFactor)>, Vec<Part>) {
    let mut dags: Vec<(&str, Vec<Member>)> = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        if dags.last().is_none_or(|dag| dag.0 != task.dag_id) {
            dags.push((&task.dag_id, Vec::new()));
        }
        let positive = task
            .succeeded
            .iter()
            .filter(|(_, _, seconds)| *seconds > 0.0);
        let members = positive.map(|&(run, _, seconds)| (at, run, seconds));
        if let Some((_, dag)) = dags.last_mut() {
            dag.extend(members);
        }
    }
    let factors: Vec<Option<CommonFactor>> = dags
        .iter()
        .map(|(_, members)| common_factor(members))
        .collect();
    let p_values: Vec<f64> = factors.iter().flatten().map(|factor| factor.p).collect();
    let mut adjusted = holm(&p_values).into_iter();
    let mut run_sizes = Vec::new();
    let mut parts: Vec<Part> = tasks.iter().map(whole).collect();
    for ((dag_id, members), factor) in dags.iter().zip(factors) {
        let Some(factor) = factor else { continue };
        let p = adjusted.next().unwrap_or(f64::NAN);
        if p <= level && factor.log_variance > 0.0 {
            let factor = CommonFactor { p, ..factor };
            divide_out(members, &factor, tasks, &mut parts);
            run_sizes.push(((*dag_id).to_owned(), factor));
        }
    }
    (run_sizes, parts)
}

fn whole(task: &RecordedTask) -> Part {
    let seconds = task.succeeded.iter().map(|&(_, _, seconds)| seconds);
    Part {
        samples: Samples::new(seconds.collect(), task.running.clone()),
        left_open: 0.0,
    }
}

fn divide_out(
    members: &[Member],
    factor: &CommonFactor,
    tasks: &[RecordedTask],
    parts: &mut [Part],
) {
    let left = without_factor(members, factor);
    let mut at = 0;
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        let task = group[0].0;
        let own = &left[at..at + group.len()];
        at += group.len();
        let seconds = own.iter().map(|value| value.0).collect();
        parts[task] = Part {
            samples: Samples::new(seconds, tasks[task].running.clone()),
            left_open: own.iter().map(|value| value.1).sum::<f64>() / own.len() as f64,
        };
    }
}

/// The fit of failed tries, if the test by Kruskal and Wallis tells them from those that succeeded.
fn failed_duration(task: &RecordedTask, rules: &Rules, key: StreamKey) -> Option<Fit> {
    if task.failed.len() < LEAST_FAILED || task.succeeded.len() < LEAST_FAILED {
        return None;
    }
    let succeeded = task
        .succeeded
        .iter()
        .map(|&(_, _, seconds)| seconds)
        .collect();
    let p = kruskal_wallis(&[succeeded, task.failed.clone()])?;
    let differ = p < rules.level;
    let samples = differ.then(|| Samples::complete(task.failed.clone()))?;
    fit(&samples, rules, key.with(StreamKey::name("failed")))
}
