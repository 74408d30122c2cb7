//! A selection: as a table for people, as one JSON document, or with one case a line.

use std::fmt::Write as _;

use serde::Serialize;

use super::csv::{lines, number, tabbed};
use super::estimate_text::estimate_text;
use super::run::{WindowText, document, mode};
use super::table::table;
use super::warm_up::warm_up_text;
use super::{OutputFormat, duration_text};
use crate::experiment::{Case, Procedure, SelectedCase, Selection, WarmUp};
use crate::scenario::Scenario;
use crate::stats::interval::Interval;
use crate::time::SimDuration;
use crate::trace::MeasurementWindow;

/// The cases that a table shows: those that are left and those that were simulated most; all are in the other formats.
const MAX_CASES: usize = 20;

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
    /// The names of the cases.
    pub names: Vec<String>,
    /// The outcome.
    #[serde(flatten)]
    pub selection: Selection,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
}

impl SelectionReport {
    /// The report of a selection among cases of these names, in their order.
    pub fn new(
        scenario: &Scenario,
        warm_up: Option<WarmUp>,
        names: Vec<String>,
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
            names,
            selection,
            measured,
        }
    }

    fn cases(&self) -> impl Iterator<Item = (&String, &SelectedCase)> {
        self.names.iter().zip(&self.selection.cases)
    }
}

/// The selection in that format; the table is at most `width` columns wide.
pub fn selection(report: &SelectionReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => selection_table(report, width),
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

fn rows(report: &SelectionReport) -> impl Iterator<Item = [String; 9]> {
    let selection = &report.selection;
    let row = |(name, case): (&String, &SelectedCase)| {
        [
            name.clone(),
            if case.is_left { "yes" } else { "no" }.into(),
            selection.kind.into(),
            selection.name.clone(),
            selection.indicator.clone(),
            selection.unit.into(),
            number(case.interval.mean),
            number(case.interval.half_width),
            case.interval.n.to_string(),
        ]
    };
    std::iter::once(COLUMNS.map(String::from)).chain(report.cases().map(row))
}

fn selection_table(report: &SelectionReport, width: u16) -> String {
    let selection = &report.selection;
    let mut cases: Vec<_> = report.cases().collect();
    // A stable sort: what is left first, then what was kept longest, each in the order of the list.
    cases.sort_by_key(|(_, case)| (!case.is_left, std::cmp::Reverse(case.interval.n)));
    let hidden = cases.len().saturating_sub(MAX_CASES);
    let shown = cases.into_iter().take(MAX_CASES).map(|(name, case)| {
        [
            name.clone(),
            if case.is_left { "left" } else { "dropped" }.into(),
            estimate_text(&case.interval, selection.unit),
            case.interval.n.to_string(),
        ]
    });
    let columns = ["policy", "", "mean", "replications"];
    let mut blocks = vec![title(report), table(width, columns, shown)];
    if hidden > 0 {
        blocks.push(format!(
            "and {hidden} more that were dropped; all: `-o plain` or `-o json`"
        ));
    }
    blocks.push(legend(selection));
    blocks.join("\n\n") + "\n"
}

fn title(report: &SelectionReport) -> String {
    let (selection, window) = (&report.selection, &report.measured);
    let span = |span: SimDuration| duration_text(span.as_seconds());
    let mut text = format!(
        "{}: the best of {} policies by {} {}, {}\n{} measured after {} of warm-up, seed {}, {} scheduler",
        report.scenario,
        selection.cases.len(),
        selection.kind,
        selection.name,
        selection.indicator,
        span(window.length()),
        span(window.warm_up_end - window.start),
        report.seed,
        report.mode,
    );
    let warm_up = report.warm_up.as_ref().map(warm_up_text);
    for sentence in warm_up
        .into_iter()
        .chain([verdict(report), cost(selection)])
    {
        text.push('\n');
        text.push_str(&sentence);
    }
    text
}

fn verdict(report: &SelectionReport) -> String {
    let selection = &report.selection;
    let left: Vec<&str> = report
        .cases()
        .filter(|(_, case)| case.is_left)
        .map(|(name, _)| name.as_str())
        .collect();
    match (left.as_slice(), selection.is_decided) {
        ([best], _) => format!("`{best}` is the best."),
        (many, true) => format!(
            "{} of them may be the best: more replications may drop some.",
            many.len()
        ),
        (many, false) => format!(
            "NOT decided: {} are left after the most replications allowed.",
            many.len()
        ),
    }
}

fn cost(selection: &Selection) -> String {
    let Selection {
        spent,
        full,
        rounds,
        ..
    } = selection;
    if spent == full {
        return format!("It took {spent} replications, {rounds} of each.");
    }
    let share = *spent as f64 / *full as f64 * 100.0;
    format!("It took {spent} replications; {rounds} of each would have been {full} ({share:.0} %).")
}

fn legend(selection: &Selection) -> String {
    let percent = selection.plan.level * 100.0;
    let mut text = match selection.plan.procedure {
        Procedure::Subset { .. } => {
            format!(
                "With a confidence of {percent} % the best is among those that are left (subset selection).\n"
            )
        }
        Procedure::KimNelson { indifference, .. } => {
            let zone = Interval::exactly(indifference);
            let zone = estimate_text(&zone, selection.unit);
            format!(
                "With a confidence of {percent} % none is better by {zone} or more than what is left (KN).\n"
            )
        }
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "± is a {percent} % confidence interval of each mean by itself."
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::SelectionPlan;
    use crate::scenario::{NoFiles, read};

    fn report(procedure: Procedure, left: [bool; 3], is_decided: bool) -> SelectionReport {
        let text =
            "horizon: 1d\nwarm_up: 1h\ndags: {etl: {tasks: {load: {duration: {constant: 1m}}}}}";
        let scenario = read(text, &NoFiles).unwrap().value;
        let case = |(is_left, mean, n)| SelectedCase {
            is_left,
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
        let names = ["as_is", "office", "nightly"].map(String::from);
        SelectionReport::new(&scenario, None, names.into(), selection)
    }

    const KN: Procedure = Procedure::KimNelson {
        first_replications: 10,
        indifference: 5.0,
        max_replications: 25,
    };

    #[test]
    fn a_selection_at_eighty_columns() {
        let report = report(KN, [false, false, true], true);
        insta::assert_snapshot!(selection(&report, OutputFormat::Table, 80), @r"
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
    fn every_case_has_a_line_of_its_own() {
        let text =
            String::from_utf8(selection_csv(&report(KN, [false, false, true], true))).unwrap();
        let expected = "policy,left,kind,name,indicator,unit,mean,half_width,n\n\
                        as_is,no,pool,warehouse,pool_wait_p95,s,90,9,10\n";
        assert!(text.starts_with(expected), "{text}");
    }
}
