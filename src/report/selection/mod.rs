//! A selection: as a table for people, as one JSON document, or with one case a line.

mod table;

pub(super) use table::{answer, promise};

use serde::Serialize;

use super::OutputFormat;
use super::csv::{lines, number, tabbed};
use super::run::{WindowText, document, mode};
use crate::experiment::{Case, SelectedCase, Selection, WarmUp};
use crate::scenario::Scenario;
use crate::trace::MeasurementWindow;

/// The columns after those that say what was chosen from.
const COLUMNS: [&str; 9] = [
    "policy",
    "left",
    "kind",
    "name",
    "indicator",
    "unit",
    "mean",
    "half_width",
    "n",
];

/// What a case stands for: a policy, or a point of a sweep under a policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The point of the sweep, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<usize>,
    /// What the point sets, by factor; none where it leaves the scenario as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Option<String>>,
    /// The policy, if any.
    pub policy: Option<String>,
}

/// A selection, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelectionReport {
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario is about.
    pub description: Option<String>,
    /// The seed of all randomness.
    pub seed: u64,
    /// How the scheduler decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// When each replication was measured, as RFC 3339.
    pub window: WindowText,
    /// How the warm-up was found, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// The paths that vary, if the cases are points of a sweep.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    /// What was chosen from, in the order of the cases.
    pub candidates: Vec<Candidate>,
    /// The outcome.
    #[serde(flatten)]
    pub selection: Selection,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
}

impl SelectionReport {
    /// The report of a selection among these candidates, in their order; `factors` are empty unless they are points.
    pub fn new(
        scenario: &Scenario,
        warm_up: Option<WarmUp>,
        factors: Vec<String>,
        candidates: Vec<Candidate>,
        selection: Selection,
    ) -> Self {
        let measured = Case {
            scenario,
            policy: None,
        }
        .replication(0)
        .window();
        Self {
            scenario: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
            mode: mode(&scenario.deployment),
            window: WindowText::of(&measured),
            warm_up,
            factors,
            candidates,
            selection,
            measured,
        }
    }

    /// What is left first, then what was kept longest, each in the order of the list.
    pub(super) fn ranked(&self) -> Vec<(&Candidate, &SelectedCase)> {
        let mut cases: Vec<_> = self.cases().collect();
        cases.sort_by_key(|(_, case)| (!case.is_left, std::cmp::Reverse(case.interval.n)));
        cases
    }

    /// What is chosen from, in a word.
    pub(super) const fn plural(&self) -> &'static str {
        if self.factors.is_empty() {
            "policies"
        } else {
            "points"
        }
    }

    fn cases(&self) -> impl Iterator<Item = (&Candidate, &SelectedCase)> {
        self.candidates.iter().zip(&self.selection.cases)
    }
}

impl Candidate {
    /// A policy of a scenario without a sweep.
    pub fn policy(name: &str) -> Self {
        Self {
            point: None,
            values: Vec::new(),
            policy: Some(name.into()),
        }
    }

    /// What it is called in a sentence.
    pub(super) fn name(&self) -> String {
        match (self.point, &self.policy) {
            (Some(point), None) => format!("point {point}"),
            (Some(point), Some(policy)) => format!("point {point} under `{policy}`"),
            (None, policy) => format!("`{}`", policy.as_deref().unwrap_or_default()),
        }
    }
}

/// The selection in that format; the table is at most `width` columns wide.
pub fn selection(report: &SelectionReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => table::selection_table(report, width),
        OutputFormat::Json => selection_json(report),
        OutputFormat::Plain => tabbed(rows(report)),
    }
}

/// The selection as one JSON document.
pub fn selection_json(report: &SelectionReport) -> String {
    document(report)
}

/// `selection.csv`: every case with what is known of it.
pub fn selection_csv(report: &SelectionReport) -> Vec<u8> {
    lines(rows(report))
}

fn rows(report: &SelectionReport) -> impl Iterator<Item = Vec<String>> {
    let selection = &report.selection;
    let point = (!report.factors.is_empty()).then(|| "point".to_owned());
    let of_point = point.into_iter().chain(report.factors.iter().cloned());
    let header = of_point.chain(COLUMNS.map(String::from)).collect();
    let row = |(candidate, case): (&Candidate, &SelectedCase)| {
        let point = candidate.point.map(|point| point.to_string());
        let values = candidate.values.iter().cloned();
        let of_case = [
            candidate.policy.clone().unwrap_or_default(),
            if case.is_left { "yes" } else { "no" }.into(),
            selection.kind.into(),
            selection.name.clone(),
            selection.indicator.clone(),
            selection.unit.into(),
            number(case.interval.mean),
            number(case.interval.half_width),
            case.interval.n.to_string(),
        ];
        let of_point = point
            .into_iter()
            .chain(values.map(Option::unwrap_or_default));
        of_point.chain(of_case).collect()
    };
    std::iter::once(header).chain(report.cases().map(row))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::experiment::{Procedure, SelectionPlan};
    use crate::report::meaning::plain;
    use crate::scenario::{NoFiles, read};
    use crate::stats::interval::Interval;

    pub(in crate::report) fn report(
        procedure: Procedure,
        left: [bool; 3],
        is_decided: bool,
    ) -> SelectionReport {
        let text =
            "horizon: 1d\nwarm_up: 1h\ndags: {etl: {tasks: {load: {duration: {constant: 1m}}}}}";
        let scenario = read(text, &NoFiles).unwrap().value;
        let case = |(is_left, mean, n)| SelectedCase {
            is_left,
            dropped_after: (!is_left).then_some(n as u64),
            interval: Interval {
                mean,
                half_width: mean / 10.0,
                n,
            },
        };
        let cases = [
            (left[0], 90.0, 10),
            (left[1], 30.0, 25),
            (left[2], 28.0, 25),
        ]
        .map(case);
        let selection = Selection {
            plan: SelectionPlan {
                procedure,
                level: 0.95,
            },
            kind: "pool",
            name: "warehouse".into(),
            indicator: "pool_wait_p95".into(),
            unit: "s",
            rounds: 25,
            is_decided,
            spent: 60,
            full: 75,
            cases: cases.into(),
        };
        let names = ["as_is", "office", "nightly"].map(Candidate::policy);
        SelectionReport::new(&scenario, None, Vec::new(), names.into(), selection)
    }

    pub(in crate::report) const KN: Procedure = Procedure::KimNelson {
        first_replications: 10,
        indifference: 5.0,
        max_replications: 25,
    };

    #[test]
    fn a_selection_at_eighty_columns() {
        let report = report(KN, [false, false, true], true);
        insta::assert_snapshot!(plain(&selection(&report, OutputFormat::Table, 80)), @r"
        scenario: the best of 3 policies by pool warehouse, pool_wait_p95
        23h measured after 1h of warm-up, seed 1, airflow scheduler
        `nightly` is the best.
        It took 60 replications; 25 of each would have been 75 (80 %).

        policy                mean replications
        ---------------------------------------
        nightly    left   28s ± 3s           25
        office  dropped   30s ± 3s           25
        as_is   dropped 1m30s ± 9s           10

        With a confidence of 95 % none is better by 5s or more than what is left (KN).
        ± is a 95 % confidence interval of each mean by itself.
        ");
    }

    #[test]
    fn what_is_not_decided_is_said_loudly() {
        let text = selection(
            &report(KN, [false, true, true], false),
            OutputFormat::Table,
            80,
        );
        assert!(text.contains("NOT decided: 2 are left"), "{text}");
        let subset = Procedure::Subset { replications: 25 };
        let text = selection(
            &report(subset, [false, true, true], true),
            OutputFormat::Table,
            80,
        );
        assert!(text.contains("2 of them may be the best"), "{text}");
    }

    #[test]
    fn a_selection_among_points_shows_what_they_set() {
        let mut report = report(KN, [false, false, true], true);
        report.factors = vec!["pools.warehouse.slots".into(), "scale.durations".into()];
        let point = |(point, slots): (usize, &str)| Candidate {
            point: Some(point),
            values: vec![Some(slots.into()), (point == 2).then(|| "0.5".into())],
            policy: None,
        };
        report.candidates = ["4", "6", "8"].into_iter().enumerate().map(point).collect();
        insta::assert_snapshot!(plain(&selection(&report, OutputFormat::Table, 80)), @r"
        scenario: the best of 3 points by pool warehouse, pool_wait_p95
        23h measured after 1h of warm-up, seed 1, airflow scheduler
        Point 2 is the best.
        It took 60 replications; 25 of each would have been 75 (80 %).

        point     pools.    scale.               mean replications
              warehouse. durations
                   slots
        ----------------------------------------------------------
        2              8       0.5    left   28s ± 3s           25
        1              6         - dropped   30s ± 3s           25
        0              4         - dropped 1m30s ± 9s           10

        With a confidence of 95 % none is better by 5s or more than what is left (KN).
        ± is a 95 % confidence interval of each mean by itself.
        ");
        let text = String::from_utf8(selection_csv(&report)).unwrap();
        let expected = "point,pools.warehouse.slots,scale.durations,policy,left,kind,name,indicator,unit,mean,half_width,n\n\
                        0,4,,,no,pool,warehouse,pool_wait_p95,s,90,9,10\n";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn every_case_has_a_line_of_its_own() {
        let text =
            String::from_utf8(selection_csv(&report(KN, [false, false, true], true))).unwrap();
        let expected = "policy,left,kind,name,indicator,unit,mean,half_width,n\n\
                        as_is,no,pool,warehouse,pool_wait_p95,s,90,9,10\n";
        assert!(text.starts_with(expected), "{text}");
    }
}
