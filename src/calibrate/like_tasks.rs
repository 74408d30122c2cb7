//! Few values know their mean better than their spread; the spread is borrowed from like tasks.
//!
//! Like are the tasks of the same DAG and pool; if these have not twenty degrees of freedom (values less their means) together,
//! those of the same pool, then all of the site; pokes of sensors and work are never like each other. A task without any value
//! has the mean of the means of like tasks. The squared coefficient of variation is averaged, the own one by its degrees of
//! freedom, the like ones as if they were twenty more values. The family is that of lognormal, gamma and Weibull under which the
//! durations of the like tasks, each over its own mean, are most likely.

use super::durations::DurationSamples;
use super::families::Family;
use super::fit::{Basis, Fit, Like, Rules};
use super::law::Law;
use super::samples::Samples;

/// A task as far as it can lend or borrow.
pub(super) struct Lender<'a> {
    task: &'a DurationSamples,
    values: &'a [f64],
    /// NaN of a task without values.
    mean: f64,
    /// The sum of (x / mean - 1)².
    squares: f64,
}

/// The families whose mean and spread can be told apart.
const FAMILIES: [Family; 3] = [Family::Lognormal, Family::Gamma, Family::Weibull];

/// A task lends the shape of at most so many values, evenly taken, so that a frequent one does not drown the others.
const MOST_LENT: usize = 200;

/// The fit of the task at `own` with a borrowed spread; none if it has enough values, or nobody to borrow from.
pub(super) fn borrowed(
    tasks: &[Lender],
    own: usize,
    fit: Option<&Fit>,
    rules: &Rules,
) -> Option<Fit> {
    let borrower = &tasks[own];
    if borrower.values.len() >= rules.few {
        return None;
    }
    let few = rules.few as f64;
    let (like, lenders) = lenders(tasks, own, few)?;
    let mean = if borrower.values.is_empty() {
        mean(&lenders.iter().map(|task| task.mean).collect::<Vec<_>>())
    } else {
        borrower.mean
    };
    let (squares, freedom) = spread(&lenders);
    let (own_squares, own_freedom) = spread(&[borrower]);
    let squared_cv = (own_squares + few * squares / freedom) / (own_freedom + few);
    let law = if squared_cv.sqrt() < 1e-3 {
        Law::constant(mean)
    } else {
        Law::of_mean_and_cv(likeliest(&lenders)?, mean, squared_cv.sqrt())?
    };
    law.distribution().ok()?;
    Some(Fit {
        n: borrower.values.len(),
        censored: borrower.task.running.len(),
        law,
        basis: Basis::Borrowed(like),
        candidates: fit.map_or(Vec::new(), |fit| fit.candidates.clone()),
    })
}

impl<'a> Lender<'a> {
    pub(super) fn new(task: &'a DurationSamples, samples: &'a Samples) -> Self {
        let values = samples.observed();
        let mean = mean(values);
        let from_mean = values.iter().map(|x| x / mean - 1.0);
        Self {
            task,
            values,
            mean,
            squares: from_mean.map(|x| x * x).sum(),
        }
    }
}

/// The nearest circle of other tasks with values that has enough degrees of freedom.
fn lenders<'t, 'a>(
    tasks: &'t [Lender<'a>],
    own: usize,
    enough: f64,
) -> Option<(Like, Vec<&'t Lender<'a>>)> {
    let borrower = tasks[own].task;
    [Like::DagAndPool, Like::Pool, Like::Site]
        .into_iter()
        .find_map(|like| {
            let is_like = |other: &DurationSamples| {
                let (dag, pool) = (other.dag_id == borrower.dag_id, other.pool == borrower.pool);
                other.is_sensor == borrower.is_sensor
                    && match like {
                        Like::DagAndPool => dag && pool,
                        Like::Pool => pool,
                        Like::Site => true,
                    }
            };
            let others = tasks.iter().enumerate().filter(|&(at, _)| at != own);
            let others = others.map(|(_, other)| other);
            let lenders: Vec<&Lender> = others
                .filter(|other| !other.values.is_empty() && is_like(other.task))
                .collect();
            (spread(&lenders).1 >= enough).then_some((like, lenders))
        })
}

/// The sum of (x / mean - 1)² over all tasks, and its degrees of freedom.
fn spread(tasks: &[&Lender]) -> (f64, f64) {
    let squares = tasks.iter().map(|task| task.squares).sum();
    let freedom = tasks
        .iter()
        .map(|task| task.values.len().saturating_sub(1) as f64);
    (squares, freedom.sum())
}

fn likeliest(lenders: &[&Lender]) -> Option<Family> {
    let relative = lenders.iter().flat_map(|task| {
        let lent = task.values.iter();
        let lent = lent.step_by(task.values.len().div_ceil(MOST_LENT).max(1));
        lent.map(|x| x / task.mean)
    });
    let relative = Samples::complete(relative.collect());
    let likelihoods = FAMILIES.iter().filter_map(|&family| {
        let model = family.fit(&relative)?;
        Some((family, model.log_likelihood(&relative)))
    });
    likelihoods
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(family, _)| family)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
