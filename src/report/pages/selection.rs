//! The report of a selection: which one is best, how surely, and what it took to find out.

use super::{Assumptions, assumptions, confidence};
use crate::experiment::Procedure;
use crate::report::SelectionReport;
use crate::report::charts::{ChartError, ImageFormat, draw_selection};
use crate::report::document::{Cell, Document, Table};
use crate::report::run::measured_text;
use crate::report::selection::{answer, promise};
use crate::report::warm_up::warm_up_text;

/// The report of a selection.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn selection_document(
    report: &SelectionReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let selection = &report.selection;
    let (count, noun) = (selection.cases.len(), report.plural());
    let title = format!("{}: the best of {count} {noun}", report.scenario);
    let mut document = Document::new(&title, report.description.as_deref());
    document.answer(&answer(report));
    document.section("How far are they apart?");
    let rows = report.ranked().into_iter().map(|(candidate, case)| {
        let state = if case.is_left { "left" } else { "dropped" };
        format!("{} {state}", candidate.name().replace('`', ""))
    });
    let words = format!(
        "The mean {} of each with its interval: {}.",
        selection.indicator,
        rows.collect::<Vec<_>>().join(", ")
    );
    document.figure(
        "selection",
        &draw_selection(report, ImageFormat::Svg)?,
        &words,
    );
    document.section("How long was each looked at?");
    document.table(cases(report));
    let procedure = match selection.plan.procedure {
        Procedure::Subset { .. } => "subset selection (Gupta 1965; Nelson et al. 2001)",
        Procedure::KimNelson { .. } => "KN (Kim and Nelson 2001)",
    };
    let mut facts = vec![
        ("Workload", assumed.workload()),
        ("Scheduler", assumed.scheduler.to_owned()),
        (
            "Decided by",
            format!(
                "{} `{}`, {}",
                selection.kind, selection.name, selection.indicator
            ),
        ),
        ("Procedure", procedure.to_owned()),
        ("Guarantee", promise(selection)),
        (
            "Luck",
            "the same for all of them, replication by replication".into(),
        ),
        ("Measured", measured_text(&report.measured, false)),
        ("±", confidence(selection.plan.level, false)),
    ];
    if let Some(warm_up) = &report.warm_up {
        facts.push(("Warm-up", warm_up_text(warm_up)));
    }
    facts.push(("Seed", report.seed.to_string()));
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

/// Every candidate, those that are left first.
fn cases(report: &SelectionReport) -> Table {
    let plain = |name: &str, meaning: &str| (name.to_owned(), meaning.to_owned());
    let selection = &report.selection;
    let most = selection.cases.iter().map(|case| case.interval.n).max();
    let mut columns = vec![plain("candidate", "its name")];
    let factors = report.factors.iter();
    columns.extend(factors.map(|path| plain(path, "what the point sets")));
    columns.push(plain("outcome", "whether it is, or may be, the best"));
    columns.push(plain(
        "dropped after",
        "complete replications of each that showed it to be worse",
    ));
    columns.push(plain("mean", "with a confidence interval by itself"));
    columns.push(plain("replications", "how often it was simulated"));
    columns.push(plain("share", "of those of the one simulated most"));
    let mut table = Table::owned("All candidates", columns);
    for (candidate, case) in report.ranked() {
        let dash = || "–".to_owned();
        let mut row = vec![Cell::text(candidate.name().replace('`', ""))];
        let values = candidate.values.iter();
        row.extend(values.map(|value| Cell::text(value.clone().unwrap_or_else(dash))));
        row.push(Cell::name(if case.is_left { "left" } else { "dropped" }));
        row.push(case.dropped_after.map_or_else(Cell::nothing, Cell::count));
        row.push(Cell::interval(&case.interval, selection.unit));
        row.push(Cell::count(case.interval.n as u64));
        row.push(Cell::bar(
            most.map(|most| case.interval.n as f64 / most.max(1) as f64),
        ));
        table.row(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::selection::tests::{KN, report};

    #[test]
    fn the_answer_comes_first_and_names_cannot_break_out() {
        let mut report = report(KN, [false, false, true], true);
        report.candidates[2].policy = Some("<script>alert(1)</script>".into());
        let html = selection_document(&report, &Assumptions::default());
        let html = html.unwrap().html();
        assert!(!html.contains("<script>alert"), "{html}");
        let answer = "<code>&lt;script&gt;alert(1)&lt;/script&gt;</code> is the best.";
        let places = [
            answer,
            "none is better by 5s",
            "<svg",
            "<table",
            "What was assumed",
        ];
        let found = places.map(|text| html.find(text).expect(text));
        assert!(found.is_sorted(), "{found:?}");
        assert!(
            html.contains("<td class=\"number\" data-value=\"10\">10</td>"),
            "{html}"
        );
    }
}
