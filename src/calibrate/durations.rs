//! The durations of tasks: freed of what their runs have in common, fitted, and borrowed where there are few.

use rayon::prelude::*;

use super::fit::{Basis, Fit, Rules, fit};
use super::like_tasks::{Lender, borrowed};
use super::ranks::kruskal_wallis;
use super::run_size::{CommonFactor, Member, common_factor, without_factor};
use super::samples::Samples;
use crate::random::StreamKey;
use crate::stats::holm::holm;

/// How long the tries of a task took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurationSamples {
    /// Its DAG.
    pub dag_id: String,
    /// Its name.
    pub task_id: String,
    /// Its pool.
    pub pool: String,
    /// Whether these are pokes of a sensor, which are like those of other sensors alone, and know nothing of the size of a run.
    pub is_sensor: bool,
    /// The run and the seconds of each try that succeeded.
    pub succeeded: Vec<(usize, f64)>,
    /// The seconds of tries that failed.
    pub failed: Vec<f64>,
    /// How long tries had run that ran when the record ended.
    pub running: Vec<f64>,
}

/// What is known of the durations of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedDurations {
    /// Those of tries that succeeded, without the factor of their run if there is one.
    pub succeeded: Option<Fit>,
    /// What was fitted, in rising order.
    pub values: Vec<f64>,
    /// Those of tries that failed, if these are shown to be others.
    pub failed: Option<Fit>,
}

/// Failed tries say nothing of their durations if there are fewer of them.
const LEAST_FAILED: usize = 5;

/// The durations of each task, and the factors that the durations of a run have in common, by DAG, where they are shown.
///
/// Tasks of a DAG must stand together. The streams of `root`, and the names of DAG and task, decide the bootstrap, so that
/// neither threads nor other tasks change a digit.
pub fn durations(
    tasks: &[DurationSamples],
    rules: &Rules,
    root: StreamKey,
) -> (Vec<(String, CommonFactor)>, Vec<FittedDurations>) {
    let (run_sizes, parts) = split_by_runs(tasks, rules.level);
    let fits: Vec<Option<Fit>> = tasks
        .par_iter()
        .zip(&parts)
        .map(|(task, part)| {
            let fit = fit(&part.samples, rules, key(root, task))?;
            Some(part.narrowed(fit))
        })
        .collect();
    let lenders = tasks.iter().zip(&parts);
    let lenders: Vec<Lender> = lenders
        .map(|(task, part)| Lender::new(task, &part.samples))
        .collect();
    let failed: Vec<Option<Fit>> = tasks
        .par_iter()
        .map(|task| failed_duration(task, rules, key(root, task)))
        .collect();
    let each = fits.into_iter().zip(failed).enumerate();
    let fitted = each.map(|(at, (fit, failed))| FittedDurations {
        succeeded: borrowed(&lenders, at, fit.as_ref(), rules).or(fit),
        values: parts[at].samples.observed().to_vec(),
        failed,
    });
    let fitted = fitted.collect();
    (run_sizes, fitted)
}

fn key(root: StreamKey, task: &DurationSamples) -> StreamKey {
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
            for candidate in &mut fit.candidates {
                if let Some(law) = candidate.law.narrowed(self.left_open) {
                    candidate.law = law;
                }
            }
        }
        fit
    }
}

/// The factors of the runs of each DAG, as far as they are shown over all DAGs; and what is left of the durations.
fn split_by_runs(
    tasks: &[DurationSamples],
    level: f64,
) -> (Vec<(String, CommonFactor)>, Vec<Part>) {
    let mut dags: Vec<(&str, Vec<Member>)> = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        if dags.last().is_none_or(|dag| dag.0 != task.dag_id) {
            dags.push((&task.dag_id, Vec::new()));
        }
        let tries = task.succeeded.iter().filter(|_| !task.is_sensor);
        let positive = tries.filter(|(_, seconds)| *seconds > 0.0);
        let members = positive.map(|&(run, seconds)| (at, run, seconds));
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

fn whole(task: &DurationSamples) -> Part {
    let seconds = task.succeeded.iter().map(|&(_, seconds)| seconds);
    Part {
        samples: Samples::new(seconds.collect(), task.running.clone()),
        left_open: 0.0,
    }
}

fn divide_out(
    members: &[Member],
    factor: &CommonFactor,
    tasks: &[DurationSamples],
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
fn failed_duration(task: &DurationSamples, rules: &Rules, key: StreamKey) -> Option<Fit> {
    if task.failed.len() < LEAST_FAILED || task.succeeded.len() < LEAST_FAILED {
        return None;
    }
    let succeeded = task.succeeded.iter().map(|&(_, seconds)| seconds);
    let p = kruskal_wallis(&[succeeded.collect(), task.failed.clone()])?;
    let differ = p < rules.level;
    let samples = differ.then(|| Samples::complete(task.failed.clone()))?;
    fit(&samples, rules, key.with(StreamKey::name("failed")))
}
