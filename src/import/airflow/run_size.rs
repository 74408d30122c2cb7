//! The common factor of all durations of a run: a big day is big for every task.

use indexmap::IndexMap;

use super::observations::DagSeen;

/// How much the durations of a run vary together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSize {
    /// The variance of the logarithm of the common factor.
    pub log_variance: f64,
    /// Runs that were looked at.
    pub runs: usize,
}

/// Tasks with fewer successes are left out.
const ENOUGH: usize = 20;
/// The covariance must be so many times its standard error.
const SURE: f64 = 4.0;
/// A factor that varies by less than five per cent is none.
const LEAST: f64 = 0.05 * 0.05;

impl RunSize {
    /// The common factor of a DAG; none if its tasks vary independently of each other.
    ///
    /// With x the logarithm of a duration less its mean for the task, the covariance of two tasks of a run is the variance
    /// of the common factor: the mean over all runs of the mean of x·y over the pairs of a run, which is
    /// ((Σx)² − Σx²) / (m (m − 1)). Its standard error is that of the mean over the runs.
    pub(super) fn of(dag: &DagSeen, is_left_out: &dyn Fn(&str) -> bool) -> Option<Self> {
        let mut runs: IndexMap<u32, (f64, f64, u32)> = IndexMap::new();
        for (name, task) in &dag.tasks {
            if task.succeeded.len() < ENOUGH || is_left_out(name) {
                continue;
            }
            let logs = task
                .succeeded
                .iter()
                .map(|sample| libm::log(sample.ran.max(1) as f64));
            let mean = logs.clone().sum::<f64>() / task.succeeded.len() as f64;
            for (sample, log) in task.succeeded.iter().zip(logs) {
                let (sum, squares, count) = runs.entry(sample.run).or_default();
                let x = log - mean;
                *sum += x;
                *squares += x * x;
                *count += 1;
            }
        }
        let pairs = runs.values().filter(|(_, _, count)| *count >= 2);
        let products: Vec<f64> = pairs
            .map(|(sum, squares, count)| {
                let pairs = f64::from(*count) * (f64::from(*count) - 1.0);
                (sum * sum - squares) / pairs
            })
            .collect();
        let runs = products.len();
        if runs < ENOUGH {
            return None;
        }
        let mean = products.iter().sum::<f64>() / runs as f64;
        let variance = products
            .iter()
            .map(|p| (p - mean) * (p - mean))
            .sum::<f64>();
        let error = (variance / (runs as f64 * (runs as f64 - 1.0))).sqrt();
        (mean >= LEAST && mean > SURE * error).then_some(Self {
            log_variance: mean,
            runs,
        })
    }

    /// The coefficient of variation of the factor, taken as lognormal.
    pub fn cv(&self) -> f64 {
        libm::expm1(self.log_variance).sqrt()
    }
}
