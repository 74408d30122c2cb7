//! Sweeps: the estimates of every point as lines and as JSON, and what the table and the chart show of them.
//!
//! A sweep may have more points than fit into memory, so points come one after the other; only a few telling figures of
//! each are kept.

mod curves;
mod recommendation;
mod rows;
mod table;

pub(super) use curves::{Curve, Curves, values_of};
pub(super) use recommendation::recommendations;
pub use rows::{
    points_csv_header, points_csv_line, sweep_csv, sweep_csv_header, sweep_json_begin,
    sweep_json_end, sweep_json_point, sweep_plain,
};
pub use table::sweep_table;

use serde::Serialize;

use super::run::mode;
use crate::experiment::{AtPoint, Case, Design, Estimated, PointEstimation, Verdict};
use crate::scenario::Scenario;
use crate::stats::interval::Interval;
use crate::trace::MeasurementWindow;

/// What a table or a chart may show of a point, the most telling first.
const TELLING: [(&str, &str, &str); 3] = [
    ("pool", "pool_wait_p95", "wait p95"),
    ("dag", "missed_deadlines", "deadlines missed"),
    ("dag", "makespan_p95", "makespan p95"),
];

/// What a point costs.
const SLOT_HOURS: (&str, &str) = ("site", "slot_hours_offered");

/// So many of them are kept of each point.
const MAX_FIGURES: usize = 64;

/// What is swept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweepHeading {
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario is about.
    pub description: Option<String>,
    /// The seed of all randomness.
    pub seed: u64,
    /// How the scheduler decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// How often each policy was to be simulated at each point.
    pub replications: u32,
    /// The confidence level of each interval by itself, such as 0.95.
    pub level: f64,
    /// The paths that vary.
    pub factors: Vec<String>,
}

/// The points of a sweep, as far as a table or a chart shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepReport {
    /// What is swept.
    pub heading: SweepHeading,
    /// What is known of each line.
    pub figures: Vec<SweepFigure>,
    /// One a point and policy.
    pub lines: Vec<SweepLine>,
    /// When each replication was measured, if that is the same at all points.
    pub measured: Option<MeasurementWindow>,
}

/// A figure that points may differ in.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepFigure {
    /// What it is of.
    pub name: String,
    /// The indicator in words.
    pub words: String,
    /// The indicator's unit.
    pub unit: &'static str,
    /// Whether an objective is about it.
    pub is_wanted: bool,
}

/// A policy at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepLine {
    /// The point, counted from 0.
    pub point: usize,
    /// What it sets, by factor.
    pub values: Vec<Option<String>>,
    /// The policy, if any.
    pub policy: Option<String>,
    /// How many objectives are met, of how many.
    pub objectives: (usize, usize),
    /// The slot-hours of the pools in use, unless they are unlimited.
    pub slot_hours: Option<Interval>,
    /// By figure; none where there is no value.
    pub figures: Vec<Option<Interval>>,
}

impl SweepHeading {
    /// The heading of a sweep of `scenario`.
    pub fn new(scenario: &Scenario, design: &Design, factors: Vec<String>) -> Self {
        Self {
            scenario: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
            mode: mode(&scenario.deployment),
            replications: design.replications(),
            level: design.level(),
            factors,
        }
    }
}

impl SweepReport {
    /// A report without points.
    pub const fn new(heading: SweepHeading) -> Self {
        Self {
            heading,
            figures: Vec::new(),
            lines: Vec::new(),
            measured: None,
        }
    }

    /// Adds a policy at a point; `values` is what the point sets.
    pub fn add(&mut self, at: &AtPoint, values: Vec<Option<String>>, found: &PointEstimation) {
        let window = window(&at.scenario);
        if self.lines.is_empty() {
            self.measured = Some(window);
        }
        self.measured = self.measured.filter(|measured| *measured == window);
        let estimation = &found.estimation;
        let mut figures = vec![None; MAX_FIGURES];
        for one in &estimation.estimates {
            if let Some(figure) = SweepFigure::of(one, &estimation.objectives)
                && let Some(place) = self.place(figure)
            {
                figures[place] = Some(one.interval);
            }
        }
        figures.truncate(self.figures.len());
        let is_hours = |one: &&Estimated| (one.kind, &*one.indicator) == SLOT_HOURS;
        let met = estimation.objectives.iter().filter(|one| one.met).count();
        self.lines.push(SweepLine {
            point: found.point,
            values,
            policy: found.policy.clone(),
            objectives: (met, estimation.objectives.len()),
            slot_hours: estimation
                .estimates
                .iter()
                .find(is_hours)
                .map(|one| one.interval),
            figures,
        });
    }

    /// Where a figure stands in each line; none if there are too many.
    fn place(&mut self, figure: SweepFigure) -> Option<usize> {
        let is_it =
            |known: &SweepFigure| (&known.name, &known.words) == (&figure.name, &figure.words);
        if let Some(place) = self.figures.iter().position(is_it) {
            return Some(place);
        }
        (self.figures.len() < MAX_FIGURES).then(|| {
            self.figures.push(figure);
            self.figures.len() - 1
        })
    }

    /// Whether there are several policies to tell apart.
    pub(in crate::report) fn has_policies(&self) -> bool {
        let policies = self.lines.windows(2);
        policies
            .into_iter()
            .any(|two| two[0].policy != two[1].policy)
    }

    /// The figures that tell the points apart, at most so many: those that an objective is about, then those that differ
    /// most over the points.
    pub(super) fn most_different(&self, most: usize) -> Vec<usize> {
        let mut ranked: Vec<(bool, f64, usize)> = (0..self.figures.len())
            .map(|at| (self.figures[at].is_wanted, self.spread(at), at))
            .filter(|&(is_wanted, spread, _)| is_wanted || spread > 0.0)
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        ranked.truncate(most);
        let mut chosen: Vec<usize> = ranked.into_iter().map(|(.., at)| at).collect();
        chosen.sort_unstable();
        chosen
    }

    /// How far the means of a figure lie apart, as a share of the largest.
    fn spread(&self, figure: usize) -> f64 {
        let means = || {
            let intervals = self
                .lines
                .iter()
                .filter_map(|line| *line.figures.get(figure)?);
            intervals.map(|interval| interval.mean)
        };
        let most = means().fold(f64::NEG_INFINITY, f64::max);
        let least = means().fold(f64::INFINITY, f64::min);
        if most > least {
            (most - least) / most.abs().max(least.abs())
        } else {
            0.0
        }
    }
}

impl SweepFigure {
    /// The figure of an estimate that is worth a look.
    fn of(one: &Estimated, objectives: &[Verdict]) -> Option<Self> {
        let what = || format!("{} {}, {}", one.kind, one.name, one.indicator);
        let is_wanted = objectives.iter().any(|objective| objective.what == what());
        let telling = TELLING
            .iter()
            .find(|(kind, indicator, _)| (*kind, *indicator) == (one.kind, &one.indicator));
        let words = match telling {
            Some((.., words)) => (*words).to_owned(),
            None if is_wanted => one.indicator.clone(),
            None => return None,
        };
        Some(Self {
            name: one.name.clone(),
            words,
            unit: one.unit,
            is_wanted,
        })
    }
}

fn window(scenario: &Scenario) -> MeasurementWindow {
    let policy = None;
    Case { scenario, policy }.replication(0).window()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::meaning::plain;

    /// A report of points that set these values and meet so many of one objective. The last value is that of slots, which
    /// cost ten hours each and shorten waits.
    pub(in crate::report) fn report(factors: &[&str], points: &[(&[&str], usize)]) -> SweepReport {
        let figure = |name: &str| SweepFigure {
            name: name.into(),
            words: "wait p95".into(),
            unit: "s",
            is_wanted: false,
        };
        let interval = |mean, half_width| Interval {
            mean,
            half_width,
            n: 5,
        };
        let line = |(point, (values, met)): (usize, &(&[&str], usize))| {
            let slots: f64 = values[values.len() - 1].parse().unwrap();
            SweepLine {
                point,
                values: values
                    .iter()
                    .map(|value| Some((*value).to_owned()))
                    .collect(),
                policy: None,
                objectives: (*met, 1),
                slot_hours: Some(interval(10.0 * slots, 0.0)),
                figures: vec![
                    Some(interval(7.0, 1.0)),
                    Some(interval(600.0 / slots, 30.0)),
                ],
            }
        };
        let factors = factors.iter().map(|path| (*path).to_owned()).collect();
        SweepReport {
            heading: SweepHeading {
                scenario: "site".into(),
                description: None,
                seed: 1,
                mode: "airflow",
                replications: 5,
                level: 0.95,
                factors,
            },
            figures: vec![figure("same"), figure("changing")],
            lines: points.iter().enumerate().map(line).collect(),
            measured: None,
        }
    }

    #[test]
    fn the_table_shows_what_tells_points_apart() {
        let report = report(&["pools.a.slots"], &[(&["2"], 0), (&["4"], 1)]);
        let table = plain(&sweep_table(&report, 80));
        insta::assert_snapshot!(table, @r"
        site: 2 points, 5 replications of each on the same luck
        seed 1, airflow scheduler
        Point 1 (`pools.a.slots` 4) meets every objective with the fewest slot-hours,
          40.

        point pools. objectives slot-hours    changing
                  a.        met                   wait
               slots                               p95
        ----------------------------------------------
        0          2     0 of 1         20    5m ± 30s
        1          4     1 of 1         40 2m30s ± 30s

        ± is a 95 % confidence interval of each figure by itself.
        All figures of all points: `estimates.csv`, or `-o plain` or `-o json`.
        ");
    }

    #[test]
    fn a_table_of_many_factors_keeps_to_the_width() {
        let long = ["dags.a_long_name.tasks.another_long_name.duration.lognormal.mean"; 5];
        let values: &[&str] = &["30m", "30m", "30m", "30m", "8"];
        let report = report(&long, &[(values, 1); 60]);
        let table = plain(&sweep_table(&report, 80));
        assert!(
            table.lines().all(|line| line.chars().count() <= 80),
            "{table}"
        );
        assert!(table.contains("and 20 more lines"), "{table}");
        assert!(
            table.contains("1 more factors are in `points.csv`"),
            "{table}"
        );
    }
}
