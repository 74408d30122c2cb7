//! The findings of a prediction, ready to be shown.

use serde::Serialize;

use super::share_text;
use crate::experiment::{Coverage, Daily, PredictedFigure, Prediction};
use crate::report::run::document;
use crate::scenario::Scenario;
use crate::stats::quantile::binomial_quantile;

/// A p-value below this is taken for a sign that the model is too narrow, or wrong.
const SIGNIFICANT: f64 = 0.05;

/// A p-value below this is worth a word: of right models, one in five has one.
const NARROW: f64 = 0.2;

/// How a prediction came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionReport {
    /// The scenario's name.
    pub scenario: String,
    /// `predict`.
    pub backtest: &'static str,
    /// Where the known part begins, as RFC 3339.
    pub start: String,
    /// Where it ends, and the predicted part begins.
    pub split: String,
    /// Where that ends.
    pub end: String,
    /// How often it was simulated.
    pub replications: u32,
    /// The share of figures that should fall inside the intervals.
    pub claimed: f64,
    /// The share that must, if one was asked for.
    pub tolerance: Option<f64>,
    /// Whether it does; none if none was asked for.
    pub is_met: Option<bool>,
    /// Whether the recorded days fall inside as the model's own days do.
    pub covers: bool,
    /// Whether as many other replications would hardly say otherwise.
    pub is_settled: bool,
    /// The findings in words.
    pub answer: Vec<String>,
    /// The share inside.
    pub coverage: Coverage,
    /// The share inside by kind of figure.
    pub by_figure: Vec<CoverageLine>,
    /// Figures that were recorded, and that some replication does not have.
    pub unpredicted: usize,
    /// Tasks of which the first part says nothing: they are as the scenario says.
    pub unknown_tasks: Vec<String>,
    /// All figures.
    pub figures: Vec<PredictedFigure>,
}

/// How many figures of a kind are inside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageLine {
    /// The figure.
    pub figure: &'static str,
    /// How many there are, one a day and pool or DAG.
    pub figures: usize,
    /// Those that are inside.
    pub inside: usize,
    /// Those below the interval: the site was quicker.
    pub below: usize,
    /// Those above it: the site was slower.
    pub above: usize,
    /// Those that were the same in all replications and in the history; they are not counted before.
    pub certain: usize,
}

impl PredictionReport {
    /// The report; `tolerance` is the share of figures that must be inside.
    pub fn new(scenario: &Scenario, prediction: &Prediction, tolerance: Option<f64>) -> Self {
        let deployment = &scenario.deployment;
        let share = prediction.coverage.share();
        let task_name = |id: &crate::ids::TaskId| {
            let task = &deployment.tasks[id.index()];
            let dag = &deployment.dags[task.dag.index()];
            format!("{}.{}", dag.dag_id, task.task_id)
        };
        let mut report = Self {
            scenario: scenario.name.clone(),
            backtest: "predict",
            start: scenario.start.to_string(),
            split: prediction.plan.split.to_string(),
            end: (scenario.start + scenario.horizon).to_string(),
            replications: prediction.plan.replications,
            claimed: prediction.claimed,
            tolerance,
            is_met: tolerance.map(|least| share.is_some_and(|share| share >= least)),
            covers: prediction.coverage.p_value >= SIGNIFICANT,
            is_settled: is_settled(&prediction.coverage, prediction.plan.replications),
            answer: Vec::new(),
            coverage: prediction.coverage,
            by_figure: Daily::ALL.map(|figure| line(prediction, figure)).into(),
            unpredicted: prediction.unpredicted,
            unknown_tasks: prediction.unknown.iter().map(task_name).collect(),
            figures: prediction.figures.clone(),
        };
        report
            .by_figure
            .retain(|line| line.figures + line.certain > 0);
        report.answer = sentences(&report);
        report
    }
}

/// Whether a p-value, a share of so many replications, is more than three of its standard errors away from where the verdict changes.
/// Two would do for the share alone; with few replications the ends of intervals vary, too.
fn is_settled(coverage: &Coverage, replications: u32) -> bool {
    let p = coverage.p_value;
    let error = (p * (1.0 - p) / f64::from(replications + 1)).sqrt();
    (p - SIGNIFICANT).abs() > 3.0 * error
}

fn line(prediction: &Prediction, figure: Daily) -> CoverageLine {
    let all = prediction.figures.iter();
    let of_kind = all.filter(|one| one.figure == figure.name());
    let (certain, told): (Vec<_>, Vec<&PredictedFigure>) = of_kind.partition(|one| one.is_certain);
    let count = |holds: fn(&PredictedFigure) -> bool| told.iter().filter(|one| holds(one)).count();
    CoverageLine {
        figure: figure.name(),
        figures: told.len(),
        inside: count(|one| one.is_inside),
        below: count(|one| one.recorded < one.low),
        above: count(|one| one.recorded > one.high),
        certain: certain.len(),
    }
}

/// The verdict first.
fn sentences(report: &PredictionReport) -> Vec<String> {
    let coverage = &report.coverage;
    let Some(share) = coverage.share() else {
        return vec!["Nothing was recorded after the split that could be compared.".into()];
    };
    let claimed = share_text(report.claimed);
    let verdict = if !report.covers {
        "The prediction does NOT cover as it claims"
    } else if coverage.p_value < NARROW {
        "The prediction covers as it claims, though narrowly"
    } else {
        "The prediction covers as it claims"
    };
    let mut told = vec![
        format!(
            "{verdict}: {} of {} recorded daily figures ({}) fall inside their {claimed} intervals.",
            coverage.inside,
            coverage.figures,
            share_text(share),
        ),
        expected(report),
    ];
    if !report.is_settled {
        told.push(format!(
            "That is near to where the verdict changes (0.05): other luck of {} replications may say otherwise, and `--replications {}` \
             tells more surely.",
            report.replications,
            4 * report.replications + 3
        ));
    }
    let sum = |of: fn(&CoverageLine) -> usize| report.by_figure.iter().map(of).sum::<usize>();
    let (above, below) = (sum(|line| line.above), sum(|line| line.below));
    if above + below > 0 {
        let than = match above.cmp(&below) {
            std::cmp::Ordering::Greater => "more often slower",
            std::cmp::Ordering::Less => "more often quicker",
            std::cmp::Ordering::Equal => "as often slower as quicker",
        };
        told.push(format!(
            "{above} lie above their interval and {below} below: where it was not as foretold, the site was {than}."
        ));
    }
    if let Some(least) = report.tolerance {
        let is = if report.is_met == Some(true) {
            "are"
        } else {
            "only are"
        };
        told.push(format!(
            "At least {} inside were wanted, and {} {is}.",
            share_text(least),
            share_text(share)
        ));
    }
    told.extend(left_out(report));
    told
}

/// What is not compared, or not predicted.
fn left_out(report: &PredictionReport) -> Vec<String> {
    let mut told = Vec::new();
    if report.unpredicted > 0 {
        told.push(format!(
            "{} recorded figures are not compared, because some replication has none.",
            report.unpredicted
        ));
    }
    if !report.unknown_tasks.is_empty() {
        told.push(format!(
            "{} tasks did not end once before the split and are as the scenario says, such as `{}`.",
            report.unknown_tasks.len(),
            report.unknown_tasks[0]
        ));
    }
    told
}

/// How many would be inside if all is well, and how far the recorded share is from that.
fn expected(report: &PredictionReport) -> String {
    let coverage = &report.coverage;
    let alone = [0.05, 0.95].map(|level| {
        let inside = binomial_quantile(coverage.figures, report.claimed, level);
        share_text(inside as f64 / coverage.figures as f64)
    });
    format!(
        "Of replications that are held against each other, nine of ten have {} to {} inside, and a share of {:.2} (the p-value) has \
         no more than was recorded. It would be {} to {} if figures were independent; those of a day, and of a task from day to \
         day, are not.",
        share_text(coverage.usual_low),
        share_text(coverage.usual_high),
        coverage.p_value,
        alone[0],
        alone[1],
    )
}

/// The report as one JSON document.
pub fn prediction_json(report: &PredictionReport) -> String {
    document(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_settled_where_other_luck_would_hardly_change_it() {
        let settled = |p_value, replications| {
            let coverage = Coverage {
                figures: 75,
                inside: 63,
                usual_low: 0.8,
                usual_high: 1.0,
                p_value,
            };
            is_settled(&coverage, replications)
        };
        for (p, replications) in [(0.4, 39), (0.01, 99), (0.2, 99), (0.11, 399), (0.09, 999)] {
            assert!(settled(p, replications), "{p} of {replications}");
        }
        for (p, replications) in [(0.025, 39), (0.15, 39), (0.03, 99), (0.1, 99), (0.06, 999)] {
            assert!(!settled(p, replications), "{p} of {replications}");
        }
    }
}
