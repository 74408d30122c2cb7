//! Few values know their mean better than their spread; the spread is borrowed from like tasks.
//!
//! Like are the tasks of the same DAG and pool; if these have not twenty degrees of freedom (values less their means) together,
//! those of the same pool, then all of the site. The squared coefficient of variation is averaged, the own one by its degrees of
//! freedom, the like ones as if they were twenty more values. The family is that of lognormal, gamma and Weibull under which the
//! durations of the like tasks, each over its own mean, are most likely.

use super::families::Family;
use super::fit::{Basis, Fit, Rules};
use super::law::Law;
use super::samples::Samples;

/// A task as far as it can lend or borrow.
pub(super) struct Lender<'a> {
    pub(super) dag_id: &'a str,
    pub(super) pool: &'a str,
    pub(super) values: &'a Samples,
}

/// The families whose mean and spread can be told apart.
const FAMILIES: [Family; 3] = [Family::Lognormal, Family::Gamma, Family::Weibull];

/// The fit of the task at `own` with a borrowed spread; none if it has enough values, none at all, or nobody to borrow from.
pub(super) fn borrowed(tasks: &[Lender], own: usize, fit: &Fit, rules: &Rules) -> Option<Fit> {
    let values = tasks[own].values.observed();
    if values.is_empty() || fit.n >= rules.few {
        return None;
    }
    let mean = mean(values);
    let lenders = lenders(tasks, own, rules.few as f64)?;
    let (squares, freedom) = spread(lenders.iter().copied());
    let (own_squares, own_freedom) = spread([tasks[own].values].into_iter());
    let few = rules.few as f64;
    let squared_cv = (own_squares + few * squares / freedom) / (own_freedom + few);
    let law = if squared_cv.sqrt() < 1e-3 {
        Law::constant(mean)
    } else {
        Law::of_mean_and_cv(likeliest(&lenders)?, mean, squared_cv.sqrt())?
    };
    law.distribution().ok()?;
    Some(Fit {
        law,
        basis: Basis::Borrowed,
        ..fit.clone()
    })
}

/// The values of the nearest circle of other tasks that has enough degrees of freedom.
fn lenders<'a>(tasks: &[Lender<'a>], own: usize, enough: f64) -> Option<Vec<&'a Samples>> {
    let borrower = &tasks[own];
    let circles: [&dyn Fn(&Lender) -> bool; 3] = [
        &|other| other.dag_id == borrower.dag_id && other.pool == borrower.pool,
        &|other| other.pool == borrower.pool,
        &|_| true,
    ];
    circles.iter().find_map(|is_like| {
        let others = tasks.iter().enumerate().filter(|&(at, _)| at != own);
        let like = others.filter(|(_, other)| is_like(other));
        let like: Vec<&Samples> = like.map(|(_, other)| other.values).collect();
        (spread(like.iter().copied()).1 >= enough).then_some(like)
    })
}

/// The sum of (x / mean - 1)² over all tasks, and its degrees of freedom.
fn spread<'a>(tasks: impl Iterator<Item = &'a Samples>) -> (f64, f64) {
    tasks.fold((0.0, 0.0), |(squares, freedom), task| {
        let values = task.observed();
        if values.is_empty() {
            return (squares, freedom);
        }
        let mean = mean(values);
        let own: f64 = values
            .iter()
            .map(|x| (x / mean - 1.0) * (x / mean - 1.0))
            .sum();
        (squares + own, freedom + (values.len() - 1) as f64)
    })
}

fn likeliest(lenders: &[&Samples]) -> Option<Family> {
    let relative = lenders.iter().flat_map(|task| {
        let mean = mean(task.observed());
        task.observed().iter().map(move |x| x / mean)
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
