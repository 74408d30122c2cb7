//! A selection as a table: what is left, and what it took to find it.

use comfy_table::Cell;

use super::{Candidate, SelectionReport};
use crate::experiment::{Procedure, SelectedCase, Selection};
use crate::report::duration_text;
use crate::report::estimate_text::estimate_text;
use crate::report::meaning::Meaning;
use crate::report::table::{paragraph, table};
use crate::report::warm_up::warm_up_text;
use crate::stats::interval::Interval;
use crate::time::SimDuration;

/// The cases that a table shows: those that are left and those that were simulated most; all are in the other formats.
const MAX_CASES: usize = 20;

/// So many of those that are left are told one by one.
const MAX_TOLD: usize = 3;

/// More factors than that leave no room for what was found.
const MAX_FACTORS: usize = 3;

/// What was selected, at most `width` columns wide.
pub(super) fn selection_table(report: &SelectionReport, width: u16) -> String {
    let selection = &report.selection;
    let cases = report.ranked();
    let hidden = cases.len().saturating_sub(MAX_CASES);
    let has_policies = report.candidates.iter().any(|one| one.policy.is_some());
    let shown = cases.into_iter().take(MAX_CASES);
    let shown = shown.map(|(candidate, case)| row(candidate, has_policies, case, selection.unit));
    let columns = columns(report, has_policies);
    let mut blocks = vec![title(report, width), table(width, columns, shown)];
    if hidden > 0 {
        blocks.push(format!(
            "and {hidden} more that were dropped; all: `-o plain` or `-o json`"
        ));
    }
    blocks.push(legend(selection));
    blocks.join("\n\n") + "\n"
}

fn columns(report: &SelectionReport, has_policies: bool) -> Vec<String> {
    let mut columns = Vec::new();
    if !report.factors.is_empty() {
        columns.push("point".to_owned());
        let factors = report.factors.iter().take(MAX_FACTORS);
        columns.extend(factors.map(|path| path.replace('.', ".\n")));
    }
    columns.extend(has_policies.then(|| "policy".to_owned()));
    columns.extend(["", "mean", "replications"].map(String::from));
    columns
}

fn row(candidate: &Candidate, has_policies: bool, case: &SelectedCase, unit: &str) -> Vec<Cell> {
    let dash = || "-".to_owned();
    let mut row: Vec<Cell> = candidate.point.iter().map(Cell::new).collect();
    let values = candidate.values.iter().take(MAX_FACTORS);
    row.extend(values.map(|value| Cell::new(value.clone().unwrap_or_else(dash))));
    let policy = || Cell::new(candidate.policy.clone().unwrap_or_else(dash));
    row.extend(has_policies.then(policy));
    let fate = if case.is_left { "left" } else { "dropped" };
    row.extend([
        Meaning::Good.cell_if(case.is_left, fate),
        Cell::new(estimate_text(&case.interval, unit)),
        Cell::new(case.interval.n),
    ]);
    row
}

fn title(report: &SelectionReport, width: u16) -> String {
    let (selection, window) = (&report.selection, &report.measured);
    let span = |span: SimDuration| duration_text(span.as_seconds());
    let title = format!(
        "{}: the best of {} {} by {} {}, {}",
        report.scenario,
        selection.cases.len(),
        report.plural(),
        selection.kind,
        selection.name,
        selection.indicator,
    );
    let window = format!(
        "{} measured after {} of warm-up, seed {}, {} scheduler",
        span(window.length()),
        span(window.warm_up_end - window.start),
        report.seed,
        report.mode,
    );
    let warm_up = report.warm_up.as_ref().map(warm_up_text);
    let sentences = [title, window].into_iter().chain(warm_up);
    paragraph(sentences.chain([verdict(report), cost(selection)]), width)
}

fn verdict(report: &SelectionReport) -> String {
    let selection = &report.selection;
    let left: Vec<String> = report
        .cases()
        .filter(|(_, case)| case.is_left)
        .map(|(candidate, _)| candidate.name())
        .collect();
    match (left.as_slice(), selection.is_decided) {
        ([best], _) => format!("{} is the best.", in_front(best)),
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

/// As the first word of a sentence.
fn in_front(name: &str) -> String {
    name.strip_prefix("point")
        .map_or_else(|| name.to_owned(), |rest| format!("Point{rest}"))
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
    let how = match selection.plan.procedure {
        Procedure::Subset { .. } => "subset selection",
        Procedure::KimNelson { .. } => "KN",
    };
    format!(
        "{} ({how}).\n± is a {percent} % confidence interval of each mean by itself.",
        promise(selection)
    )
}

/// What is guaranteed of what is left, without a full stop.
pub(in crate::report) fn promise(selection: &Selection) -> String {
    let percent = selection.plan.level * 100.0;
    match selection.plan.procedure {
        Procedure::Subset { .. } => {
            format!("With a confidence of {percent} % the best is among those that are left")
        }
        Procedure::KimNelson { indifference, .. } => {
            let zone = estimate_text(&Interval::exactly(indifference), selection.unit);
            format!(
                "With a confidence of {percent} % none is better by {zone} or more than what is left"
            )
        }
    }
}

/// What it comes to, in sentences: the best, how surely, and what it took.
pub(in crate::report) fn answer(report: &SelectionReport) -> Vec<String> {
    let selection = &report.selection;
    let left: Vec<_> = report
        .ranked()
        .into_iter()
        .filter(|(_, case)| case.is_left)
        .collect();
    let mut sentences = vec![verdict(report)];
    for (candidate, case) in left.iter().take(MAX_TOLD) {
        let mean = estimate_text(&case.interval, selection.unit);
        let name = in_front(&candidate.name());
        sentences.push(format!(
            "{name}: {} of {} `{}` is {mean}.",
            selection.indicator, selection.kind, selection.name
        ));
    }
    if selection.is_decided {
        sentences.push(format!("{}.", promise(selection)));
    }
    sentences.push(cost(selection));
    sentences
}
