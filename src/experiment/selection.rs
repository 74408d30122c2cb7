//! Choosing the best of many cases without running each of them to the end: those that are surely worse are dropped on the
//! way.
//!
//! The cases are a plain list: policies of a scenario, or points of a design. Replication r brings the same luck to each
//! of them, and both procedures look at differences. Decisions fall after complete rounds of one replication of every
//! case that is still in, so the number of threads changes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::case::Case;
use super::measure::Measure;
use super::plan::Progress;
use crate::airflow::DynamicPoolError;
use crate::stats::interval::{Interval, mean_interval};
use crate::stats::selection::{KimNelson, SelectionError, check, subset};
use crate::trace::Better;

/// So many replications are simulated at a time, and all threads have work when few cases are left: a number of its own,
/// because what is simulated must not depend on the threads.
const BATCH: usize = 32;

/// How the best is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// So many replications of each; kept is what may be the best.
    Subset {
        /// The rounds.
        replications: u32,
    },
    /// Until one is left (KN).
    KimNelson {
        /// Rounds before any case is dropped.
        first_replications: u32,
        /// Smaller differences do not matter: in the unit of the indicator.
        indifference: f64,
        /// Where it ends all the same.
        max_replications: u32,
    },
}

/// How the best is found, and how surely.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SelectionPlan {
    /// How.
    pub procedure: Procedure,
    /// The probability of a correct selection, such as 0.95.
    pub level: f64,
}

/// Why nothing can be selected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SelectError {
    /// More is neither better nor worse.
    #[error("`{0}` has no better direction to select by")]
    NoDirection(String),
    /// Nothing happened to measure it by.
    #[error("`{indicator}` has no value in replication {replication} of case {case}")]
    NoValue {
        /// The indicator.
        indicator: String,
        /// The number of the replication, from 0.
        replication: u64,
        /// The position of the case.
        case: usize,
    },
    /// There is nothing to measure.
    #[error("case {case} has no {measure}")]
    NoMeasure {
        /// What is missing, such as a pool.
        measure: String,
        /// The position of the case.
        case: usize,
    },
    /// The procedure refuses.
    #[error(transparent)]
    Procedure(#[from] SelectionError),
    /// A policy cannot be attached to its pools.
    #[error(transparent)]
    Policy(#[from] DynamicPoolError),
}

/// What a selection came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// How it was made.
    #[serde(flatten)]
    pub plan: SelectionPlan,
    /// `pool`, `dag`, `task` or `site`, the name, and the indicator that decided.
    pub kind: &'static str,
    /// The name of the pool, DAG, task or scenario.
    pub name: String,
    /// The indicator that decided.
    pub indicator: String,
    /// Its unit.
    pub unit: &'static str,
    /// Complete rounds that were looked at.
    pub rounds: u64,
    /// Whether the procedure came to its end; else the most replications were reached before.
    pub is_decided: bool,
    /// Replications that were simulated, of all cases together.
    pub spent: u64,
    /// Replications that it would take to simulate every case as often as the last one.
    pub full: u64,
    /// The cases, in the order of the list.
    pub cases: Vec<SelectedCase>,
}

/// A case that took part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelectedCase {
    /// Whether it is left: the best, or one that may be.
    pub is_left: bool,
    /// The complete rounds that showed it to be worse; none of what is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_after: Option<u64>,
    /// The mean over its replications with a confidence interval by itself; `n` says how many there were.
    #[serde(flatten)]
    pub interval: Interval,
}

/// Selects among cases by a measure that all of them have; `measure` is that of the first one.
///
/// The outcome is the same to the last byte for any number of threads; `progress` is called from all of them, in no
/// particular order.
///
/// # Errors
/// A measure without direction or without a value, and a plan that can promise nothing.
pub fn select(
    cases: &[Case<'_>],
    measure: &Measure,
    plan: &SelectionPlan,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Selection, SelectError> {
    plan.check(cases.len(), measure)?;
    let of_case = |(at, case): (usize, &Case<'_>)| {
        let found = measure.counterpart(case.scenario);
        found.ok_or_else(|| SelectError::NoMeasure {
            measure: format!("{} `{}`", measure.kind, measure.name),
            case: at,
        })
    };
    let measures: Vec<Measure> = cases
        .iter()
        .enumerate()
        .map(of_case)
        .collect::<Result<_, _>>()?;
    let mut field = Field {
        cases,
        measures: &measures,
        values: vec![Vec::new(); cases.len()],
        dropped_after: vec![None; cases.len()],
        spent: 0,
        progress,
    };
    let error = 1.0 - plan.level;
    let (left, rounds, is_decided) = match plan.procedure {
        Procedure::Subset { replications } => field.subset(replications, error)?,
        Procedure::KimNelson {
            first_replications,
            indifference,
            max_replications,
        } => {
            let first = first_replications as usize;
            let procedure = KimNelson::new(cases.len(), first, indifference, error)?;
            field.kim_nelson(procedure, first, u64::from(max_replications))?
        }
    };
    let cases = field
        .values
        .iter()
        .enumerate()
        .map(|(at, values)| SelectedCase {
            is_left: left.contains(&at),
            dropped_after: (!left.contains(&at)).then(|| field.dropped_after[at].unwrap_or(rounds)),
            interval: mean_interval(values, plan.level),
        });
    Ok(Selection {
        plan: *plan,
        kind: measure.kind,
        name: measure.name.clone(),
        indicator: measure.indicator.clone(),
        unit: measure.unit,
        rounds,
        is_decided,
        spent: field.spent,
        full: rounds * field.values.len() as u64,
        cases: cases.collect(),
    })
}

impl SelectionPlan {
    /// Whether it can be carried out: before anything is simulated.
    ///
    /// # Errors
    /// A measure without direction, and a plan that can promise nothing.
    pub fn check(&self, cases: usize, measure: &Measure) -> Result<(), SelectError> {
        if measure.better == Better::Neither {
            return Err(SelectError::NoDirection(measure.indicator.clone()));
        }
        let error = 1.0 - self.level;
        match self.procedure {
            Procedure::Subset { replications } => check(cases, replications as usize, error)?,
            Procedure::KimNelson {
                first_replications,
                indifference,
                ..
            } => {
                KimNelson::new(cases, first_replications as usize, indifference, error)?;
            }
        }
        Ok(())
    }
}

/// The cases, and what is known of them.
struct Field<'a> {
    cases: &'a [Case<'a>],
    /// What decides, by case: the same of each, but cases number their pools and tasks differently.
    measures: &'a [Measure],
    /// By case, then by replication.
    values: Vec<Vec<f64>>,
    /// By case, the rounds after which it was dropped on the way.
    dropped_after: Vec<Option<u64>>,
    spent: u64,
    progress: &'a (dyn Fn(Progress) + Sync),
}

/// Who is left, after how many rounds, and whether that is the end.
type Ending = (Vec<usize>, u64, bool);

impl Field<'_> {
    fn subset(&mut self, replications: u32, error: f64) -> Result<Ending, SelectError> {
        let all: Vec<usize> = (0..self.cases.len()).collect();
        let rounds = self.simulate(&all, 0, replications as usize)?;
        let left = subset(&rounds, error)?;
        Ok((left, replications.into(), true))
    }

    fn kim_nelson(
        &mut self,
        mut procedure: KimNelson,
        first: usize,
        at_most: u64,
    ) -> Result<Ending, SelectError> {
        while !procedure.is_decided() {
            let before = procedure.survivors().to_vec();
            let done = procedure.rounds() as u64;
            let more = if done == 0 {
                first
            } else {
                BATCH.div_ceil(before.len())
            };
            let more = more.min(at_most.saturating_sub(done) as usize);
            if more == 0 {
                break;
            }
            for round in self.simulate(&before, done, more)? {
                // Some of them may have been dropped in this very batch.
                let survivors = procedure.survivors().iter();
                let place = |case: &usize| before.binary_search(case).ok();
                let round: Vec<f64> = survivors.filter_map(place).map(|at| round[at]).collect();
                procedure.observe(&round)?;
                let survivors = procedure.survivors();
                for &case in before.iter().filter(|case| !survivors.contains(case)) {
                    self.dropped_after[case].get_or_insert(procedure.rounds() as u64);
                }
                if procedure.is_decided() {
                    break;
                }
            }
        }
        Ok((
            procedure.survivors().to_vec(),
            procedure.rounds() as u64,
            procedure.is_decided(),
        ))
    }

    /// Simulates that many replications of these cases, from this number on: by round, the smaller the better.
    fn simulate(
        &mut self,
        cases: &[usize],
        from: u64,
        rounds: usize,
    ) -> Result<Vec<Vec<f64>>, SelectError> {
        let (before, done) = (self.spent as usize, AtomicUsize::new(0));
        let total = before + rounds * cases.len();
        let tell = |done| {
            (self.progress)(Progress {
                done: before + done,
                total,
            });
        };
        tell(0);
        let one = |at: usize| {
            let (case, replication) = (cases[at % cases.len()], from + (at / cases.len()) as u64);
            let outcome = self.cases[case].outcome(replication)?;
            tell(1 + done.fetch_add(1, Ordering::Relaxed));
            let measure = &self.measures[case];
            measure.value(&outcome).ok_or_else(|| SelectError::NoValue {
                indicator: measure.indicator.clone(),
                replication,
                case,
            })
        };
        let all: Vec<_> = (0..rounds * cases.len()).into_par_iter().map(one).collect();
        // The first error in this order is the same for any number of threads.
        let all: Vec<f64> = all.into_iter().collect::<Result<_, _>>()?;
        self.spent += all.len() as u64;
        let is_more_better = self.measures.iter().any(|one| one.better == Better::Higher);
        let sign = if is_more_better { -1.0 } else { 1.0 };
        let round = |round: &[f64]| {
            for (&case, &value) in cases.iter().zip(round) {
                self.values[case].push(value);
            }
            round.iter().map(|value| sign * value).collect()
        };
        Ok(all.chunks(cases.len().max(1)).map(round).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Scenario, Setting, read_with};

    const TEXT: &str = "
horizon: 6h
pools: {warehouse: 3}
dags:
  reports:
    schedule: {poisson: {rate: 40 per hour}}
    tasks: {serve: {pool: warehouse, duration: {exponential: {mean: 4m}}}}
";

    /// One scenario for each size of the pool.
    fn scenarios(sizes: &[&str]) -> Vec<Scenario> {
        let of = |value: &&str| {
            let setting = Setting {
                path: "pools.warehouse",
                value,
            };
            read_with(TEXT, "sizes", &[setting], &NoFiles)
                .unwrap()
                .value
        };
        sizes.iter().map(of).collect()
    }

    fn selection(
        sizes: &[&str],
        indicator: &str,
        procedure: Procedure,
    ) -> Result<Selection, SelectError> {
        let scenarios = scenarios(sizes);
        let case = |scenario| Case {
            scenario,
            policy: None,
        };
        let cases: Vec<Case<'_>> = scenarios.iter().map(case).collect();
        let measures = Measure::all(&scenarios[0]);
        let measure = measures
            .iter()
            .find(|one| one.name == "warehouse" && one.indicator == indicator);
        select(
            &cases,
            measure.unwrap(),
            &SelectionPlan {
                procedure,
                level: 0.95,
            },
            &|_| {},
        )
    }

    const KN: Procedure = Procedure::KimNelson {
        first_replications: 5,
        indifference: 60.0,
        max_replications: 1_000,
    };

    fn left(selection: &Selection) -> Vec<usize> {
        let cases = selection.cases.iter().enumerate();
        cases
            .filter(|(_, case)| case.is_left)
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn the_largest_pool_has_the_shortest_waits_and_few_replications_show_it() {
        let found = selection(&["3", "9", "4", "5", "3"], "pool_wait_mean", KN).unwrap();
        assert!(found.is_decided);
        assert_eq!(left(&found), [1]);
        assert!(found.spent < 5 * 30, "{}", found.spent);
        assert!(found.cases.iter().all(|case| case.interval.n >= 5));
        assert_eq!(found.unit, "s");
    }

    #[test]
    fn where_more_is_better_the_largest_wins() {
        let throughput = Procedure::Subset { replications: 6 };
        let found = selection(&["1", "6", "2"], "throughput", throughput).unwrap();
        assert_eq!(left(&found), [1]);
        assert_eq!((found.rounds, found.spent, found.full), (6, 18, 18));
    }

    #[test]
    fn twins_may_both_be_the_best() {
        let both = Procedure::Subset { replications: 5 };
        let found = selection(&["4", "4", "3"], "pool_wait_mean", both).unwrap();
        assert_eq!(left(&found), [0, 1]);
        assert_eq!(
            left(&selection(&["4", "4", "3"], "pool_wait_mean", KN).unwrap()),
            [0]
        );
    }

    #[test]
    fn the_most_replications_are_kept_to() {
        let fine = Procedure::KimNelson {
            first_replications: 5,
            indifference: 0.001,
            max_replications: 7,
        };
        let found = selection(&["4", "5"], "pool_wait_mean", fine).unwrap();
        assert!(!found.is_decided);
        assert_eq!((found.rounds, found.spent, found.full), (7, 14, 14));
        assert_eq!(left(&found), [0, 1]);
    }

    #[test]
    fn any_number_of_threads_selects_the_same_to_the_last_byte() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let found = pool.install(|| selection(&["3", "5", "4"], "pool_wait_mean", KN));
            serde_json::to_string(&found.unwrap()).unwrap()
        };
        let alone = with(1);
        assert_eq!(alone, with(2));
        assert_eq!(alone, with(8));
    }

    #[test]
    fn what_cannot_decide_is_refused() {
        let refused = |indicator| {
            selection(&["3", "4"], indicator, KN)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused("utilisation"),
            "`utilisation` has no better direction to select by"
        );
        let unlimited = selection(&["3", "-1"], "slot_hours_offered", KN).unwrap_err();
        assert_eq!(
            unlimited.to_string(),
            "`slot_hours_offered` has no value in replication 0 of case 1"
        );
    }
}
