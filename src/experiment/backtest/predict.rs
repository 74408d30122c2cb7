//! A prediction: the first part of a history says what tasks are like, the second is simulated many times, and what was
//! recorded of it is held against the intervals. It tests the whole.
//!
//! With n replications in rising order, a further value of the same kind lies between the k-th from below and the k-th
//! from above in n + 1 − 2k of n + 1 cases (a prediction interval from order statistics: David and Nagaraja, "Order
//! Statistics", third edition, section 7.3). Figures of the same day depend on each other, so their number says little of
//! how surely the share that falls inside is known. Therefore every replication is held against the others in the same way as
//! the recorded days are against all: if the model is right, the recorded share is one of n + 1 alike, and its rank among them
//! is the p-value.

use rayon::prelude::*;
use serde::Serialize;

use super::arrivals::recorded_arrivals;
use super::calibrated::Calibrated;
use super::daily::{Daily, DailyFigures, DailyName, Days, Of};
use super::foreseen::Foreseen;
use super::names::Names;
use super::remembered::Remembered;
use crate::airflow::Simulation;
use crate::deployment::Deployment;
use crate::ids::TaskId;
use crate::random::StreamKey;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::trace::{FullTrace, History};

/// How a prediction is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictionPlan {
    /// What lies before was recorded, what comes after is predicted.
    pub split: SimTime,
    /// How often the second part is simulated.
    pub replications: u32,
    /// The share of recorded figures that should fall inside the intervals, such as 0.9.
    pub level: f64,
}

/// Why nothing can be predicted.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PredictionError {
    /// One of the parts is empty.
    #[error("the split at {0} does not lie within the scenario's time")]
    Split(SimTime),
    /// The tails beyond the interval hold not even one replication each.
    #[error("an interval of {} % takes at least {least} replications, not {given}", level * 100.0)]
    Replications {
        /// The share that should fall inside.
        level: f64,
        /// How many it takes.
        least: u32,
        /// How many there are.
        given: u32,
    },
    /// No interval has this level.
    #[error("the level of an interval lies between 0 % and 100 %, not at {} %", .0 * 100.0)]
    Level(f64),
}

/// The second part of a history as it was predicted and as it came.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// How it was made.
    pub plan: PredictionPlan,
    /// The share of figures that falls inside of such intervals if all is well; the level, rounded to what the replications
    /// can tell.
    pub claimed: f64,
    /// All figures that both sides have.
    pub figures: Vec<PredictedFigure>,
    /// Figures that were recorded, and are missing in some replication.
    pub unpredicted: usize,
    /// The shares inside.
    pub coverage: Coverage,
    /// Tasks of which the first part says nothing: they draw from what the scenario says.
    pub unknown: Vec<TaskId>,
}

/// A figure of a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictedFigure {
    /// `pool` or `dag`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Which figure.
    pub figure: &'static str,
    /// The unit: seconds, or `1` for numbers.
    pub unit: &'static str,
    /// When the day begins, as RFC 3339.
    pub day: String,
    /// As it was recorded.
    pub recorded: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The median of the replications.
    pub median: f64,
    /// The upper end of the interval; infinite for a makespan if so many replications end none of the day's runs.
    pub high: f64,
    /// Whether the recorded value lies between the ends.
    pub is_inside: bool,
    /// Whether all replications and the recorded value are the same: it tells nothing and is not counted.
    pub is_certain: bool,
}

/// How many of the figures fall inside their intervals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Figures that are counted.
    pub figures: usize,
    /// Those inside.
    pub inside: usize,
    /// The share inside of a replication that is held against the others: one of twenty has less.
    pub usual_low: f64,
    /// One of twenty has more.
    pub usual_high: f64,
    /// The share of replications, the recorded days among them, of which no more fall inside: small if the model is too
    /// narrow or wrong.
    pub p_value: f64,
}

impl Coverage {
    /// The share of recorded figures inside; none if nothing is counted.
    pub fn share(&self) -> Option<f64> {
        (self.figures > 0).then(|| self.inside as f64 / self.figures as f64)
    }
}

/// Predicts the second part of a history from the first.
///
/// Until the split the site does what it did; whatever begins afterwards is drawn. Runs come as they came.
///
/// # Errors
/// A plan by which nothing could be told.
pub fn predict(
    scenario: &Scenario,
    history: &History,
    plan: PredictionPlan,
    done: &(dyn Fn() + Sync),
) -> Result<Prediction, PredictionError> {
    let end = scenario.start + scenario.horizon;
    if plan.split <= scenario.start || plan.split >= end {
        return Err(PredictionError::Split(plan.split));
    }
    let tail = tail(&plan)?;
    let names = Names::new(&scenario.deployment);
    let deployment = recorded_arrivals(scenario, &names, history);
    let days = Days {
        from: plan.split,
        to: end,
    };
    let remembered = Remembered::new(&deployment, &names, history);
    let calibrated = Calibrated::new(&deployment, &names, history, &remembered, plan.split);
    let one = |number: u32| {
        let key = StreamKey::root(scenario.seed, number.into());
        let parameters = calibrated.parameters(key);
        let outcomes = Foreseen::new(remembered.clone(), &parameters, plan.split);
        let mut simulation = Simulation::new(
            &deployment,
            scenario.start,
            key,
            outcomes,
            FullTrace::default(),
        );
        simulation.run_until(end);
        let figures = days.simulated(&deployment, &simulation.finish());
        done();
        figures
    };
    let simulated: Vec<DailyFigures> = (0..plan.replications).into_par_iter().map(one).collect();
    let recorded = days.recorded(&deployment, &names, history);
    let compared = Compared::new(&recorded, &simulated, tail);
    let all = f64::from(plan.replications + 1);
    Ok(Prediction {
        plan,
        claimed: (all - 2.0 * tail as f64) / all,
        figures: compared.figures(&deployment, plan.split),
        unpredicted: recorded.len() - compared.rows.len(),
        coverage: compared.coverage(),
        unknown: calibrated.unknown(),
    })
}

/// How many replications lie beyond each end of the interval, the end included.
fn tail(plan: &PredictionPlan) -> Result<usize, PredictionError> {
    if !(plan.level > 0.0 && plan.level < 1.0) {
        return Err(PredictionError::Level(plan.level));
    }
    let beyond = (1.0 - plan.level) / 2.0;
    // The slack is for levels that no binary fraction hits, such as 90 % of 99 replications.
    let tail = (f64::from(plan.replications + 1) * beyond + 1e-9).floor() as usize;
    if tail == 0 {
        return Err(PredictionError::Replications {
            level: plan.level,
            least: (1.0 / beyond - 1e-9).ceil() as u32 - 1,
            given: plan.replications,
        });
    }
    Ok(tail)
}

/// Figures that are known of the recorded days and of every replication.
struct Compared {
    /// The recorded value comes first, then those of the replications.
    rows: Vec<(DailyName, Vec<f64>)>,
    tail: usize,
}

impl Compared {
    fn new(recorded: &DailyFigures, simulated: &[DailyFigures], tail: usize) -> Self {
        let rows = recorded.iter().filter_map(|(&name, &value)| {
            // A day of which no run ends is longer than any other.
            let none = (name.figure == Daily::Makespan).then_some(f64::INFINITY);
            let others = simulated
                .iter()
                .map(|figures| figures.get(&name).copied().or(none));
            let values: Option<Vec<f64>> = std::iter::once(Some(value)).chain(others).collect();
            Some((name, values?))
        });
        Self {
            rows: rows.collect(),
            tail,
        }
    }

    fn figures(&self, deployment: &Deployment, from: SimTime) -> Vec<PredictedFigure> {
        let figure = |(name, values): &(DailyName, Vec<f64>)| {
            let mut sorted = values[1..].to_vec();
            sorted.sort_by(f64::total_cmp);
            let (kind, called) = match name.of {
                Of::Pool(pool) => ("pool", &deployment.pools[pool.index()].name),
                Of::Dag(dag) => ("dag", &deployment.dags[dag.index()].dag_id),
            };
            let (low, high) = (sorted[self.tail - 1], sorted[sorted.len() - self.tail]);
            let recorded = values[0];
            PredictedFigure {
                kind,
                name: called.clone(),
                figure: name.figure.name(),
                unit: name.figure.unit(),
                day: (from + SimDuration::from_seconds(name.day * 86_400)).to_string(),
                recorded,
                low,
                median: sorted[sorted.len() / 2],
                high,
                is_inside: (low..=high).contains(&recorded),
                is_certain: is_certain(values),
            }
        };
        self.rows.iter().map(figure).collect()
    }

    fn coverage(&self) -> Coverage {
        let uncertain = self.rows.iter().filter(|(_, values)| !is_certain(values));
        let members = self.rows.first().map_or(0, |(_, values)| values.len());
        let mut inside = vec![0_usize; members];
        let mut figures = 0;
        for (_, values) in uncertain {
            figures += 1;
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for (count, &value) in inside.iter_mut().zip(values) {
                *count += usize::from(is_inside_others(&sorted, value, self.tail));
            }
        }
        let Some((&recorded, replications)) = inside.split_first() else {
            return Coverage {
                figures: 0,
                inside: 0,
                usual_low: 0.0,
                usual_high: 0.0,
                p_value: 1.0,
            };
        };
        let share = |count: usize| count as f64 / figures.max(1) as f64;
        let mut sorted = replications.to_vec();
        sorted.sort_unstable();
        let twentieth = sorted.len() / 20;
        let no_more = replications.iter().filter(|&&count| count <= recorded);
        Coverage {
            figures,
            inside: recorded,
            usual_low: share(sorted[twentieth]),
            usual_high: share(sorted[sorted.len() - 1 - twentieth]),
            p_value: (1 + no_more.count()) as f64 / members as f64,
        }
    }
}

fn is_certain(values: &[f64]) -> bool {
    values
        .iter()
        .all(|&value| value.total_cmp(&values[0]).is_eq())
}

/// Whether a value, which is one of `sorted`, lies between the ends of the interval that the others make.
fn is_inside_others(sorted: &[f64], value: f64, tail: usize) -> bool {
    // Without the value the k-th of the others is the k-th of all, or the one after it if the value comes no later.
    let nth_of_others = |at: usize| {
        let place = sorted.partition_point(|other| other.total_cmp(&value).is_lt());
        if place <= at {
            sorted[at + 1]
        } else {
            sorted[at]
        }
    };
    let others = sorted.len() - 1;
    value >= nth_of_others(tail - 1) && value <= nth_of_others(others - tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_of_alike_values_are_inside() {
        // A hundred different values, each held against the ninety-nine others: five on each side are outside.
        let sorted: Vec<f64> = (0..100).map(f64::from).collect();
        let inside = |&&value: &&f64| is_inside_others(&sorted, value, 5);
        assert_eq!(sorted.iter().filter(inside).count(), 90);
        assert!(!is_inside_others(&sorted, 4.0, 5) && is_inside_others(&sorted, 5.0, 5));
        assert!(is_inside_others(&sorted, 94.0, 5) && !is_inside_others(&sorted, 95.0, 5));
        // Of values that are all the same none is outside.
        assert!(is_inside_others(&[1.0; 20], 1.0, 1));
    }

    #[test]
    fn a_plan_that_can_tell_nothing_is_refused() {
        let plan = |replications, level| PredictionPlan {
            split: SimTime::default(),
            replications,
            level,
        };
        assert_eq!(tail(&plan(99, 0.9)), Ok(5));
        assert_eq!(tail(&plan(19, 0.9)), Ok(1));
        assert_eq!(
            tail(&plan(18, 0.9)).unwrap_err().to_string(),
            "an interval of 90 % takes at least 19 replications, not 18"
        );
        assert!(tail(&plan(99, 1.0)).is_err() && tail(&plan(99, f64::NAN)).is_err());
    }
}
