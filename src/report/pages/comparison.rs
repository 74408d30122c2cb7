//! The report of a comparison: which alternative will do, what it wins and costs, and which differences are real.

pub(super) mod tables;

use super::{Assumptions, assumptions, confidence};
use crate::experiment::Alternative;
use crate::report::charts::{ChartError, ComparisonChart, ImageFormat, draw_comparison};
use crate::report::comparison::{answer, charted, luck_text, plainly};
use crate::report::document::Document;
use crate::report::estimate_text::{difference_text, precision_sentence};
use crate::report::run::measured_text;
use crate::report::warm_up::warm_up_text;
use crate::report::{Compared, ComparisonReport};

/// Objectives that are missed are named up to this number; all are in the table.
const MAX_MISSED: usize = 3;

/// The report of a comparison.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn comparison_document(
    report: &ComparisonReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let comparison = &report.comparison;
    let count = comparison.alternatives.len();
    let title = match (report.compared, comparison.alternatives.as_slice()) {
        (_, [one]) => format!("{}: {}", report.scenario, one.name),
        (Compared::Policies | Compared::Sizes, _) => {
            format!("{}: {count} {}", report.scenario, report.compared.plural())
        }
        (Compared::Files, [first, ..]) => {
            format!("{} against {} other files", first.name, count - 1)
        }
        (Compared::Files, []) => report.scenario.clone(),
    };
    let mut document = Document::new(&title, report.description.as_deref());
    document.answer(&answer(report));
    objectives(&mut document, &comparison.alternatives);
    for chart in ComparisonChart::ALL {
        if let Some(svg) = draw_comparison(chart, report, ImageFormat::Svg)? {
            let (heading, words) = told(chart, report);
            document.section(heading);
            document.figure(chart.file_stem(), &svg, &words);
        }
    }
    tables::write(&mut document, report);
    let every = format!(
        "All {} figures are in `comparison.csv`.",
        comparison.figures.len()
    );
    document.paragraph(&every);
    assumptions(&mut document, &facts(report, assumed), assumed);
    Ok(document)
}

/// Who meets what, in a sentence each.
fn objectives(document: &mut Document, alternatives: &[Alternative]) {
    if alternatives.iter().all(|one| one.objectives.is_empty()) {
        return;
    }
    document.section("Which objectives does each meet?");
    document.marked(alternatives.iter().map(|one| {
        let missed = one.objectives.iter().filter(|verdict| !verdict.met);
        let missed: Vec<String> = missed.map(super::sentence).collect();
        let all = one.objectives.len();
        let mut parts = vec![format!("`{}`: {} of {all}", one.name, all - missed.len())];
        parts.extend(missed.iter().take(MAX_MISSED).cloned());
        if missed.len() > MAX_MISSED {
            parts.push(format!("and {} others", missed.len() - MAX_MISSED));
        }
        (missed.is_empty(), parts.join("; "))
    }));
}

/// The question that a chart answers, and what it shows for those who do not see it.
pub(super) fn told(chart: ComparisonChart, report: &ComparisonReport) -> (&'static str, String) {
    let comparison = &report.comparison;
    match chart {
        ComparisonChart::Differences => {
            let figures = charted(comparison);
            let each = figures.iter().map(|telling| {
                let named = comparison.alternatives.iter().zip(&telling.1.estimates);
                let values = named.filter_map(|(one, estimate)| {
                    let difference = estimate.difference?;
                    let text = difference_text(&difference.interval, telling.1.unit);
                    Some(format!("{} {text}", one.name))
                });
                let values: Vec<String> = values.collect();
                format!("{}: {}.", plainly(telling), values.join(", "))
            });
            let words: Vec<String> = each.collect();
            ("Which differences are real?", words.join(" "))
        }
        ComparisonChart::TradeOff => (
            "What does a shorter wait cost?",
            "What each alternative spends, against how long work waits for a slot under it; the values are in the tables."
                .into(),
        ),
    }
}

fn facts(report: &ComparisonReport, assumed: &Assumptions) -> Vec<(&'static str, String)> {
    let comparison = &report.comparison;
    let names = comparison.alternatives.iter();
    let names: Vec<String> = names.map(|one| format!("`{}`", one.name)).collect();
    let mut facts = vec![
        ("Workload", assumed.workload()),
        ("Scheduler", assumed.scheduler.to_owned()),
        ("Compared", names.join(", ")),
        (
            "Measured",
            measured_text(&report.measured, report.until_done),
        ),
    ];
    if let Some(warm_up) = &report.warm_up {
        facts.push(("Warm-up", warm_up_text(warm_up)));
    }
    facts.push((
        "Replications",
        format!("{} of each, all on the same luck", comparison.replications),
    ));
    if let Some(precise) = &comparison.precision {
        facts.push(("Precision", precision_sentence(precise)));
    }
    facts.push(("±", confidence(comparison.level, false)));
    if comparison.alternatives.len() > 1 {
        let percent = comparison.level * 100.0;
        facts.push((
            "Verdicts",
            format!(
                "paired differences, replication by replication; the verdicts on a figure hold all together at {percent} % (Holm)"
            ),
        ));
        let told = charted(comparison);
        let estimates = told.iter().flat_map(|(_, figure)| &figure.estimates);
        let differences = estimates.filter_map(|one| one.difference.as_ref());
        facts.extend(luck_text(differences).map(|text| ("Luck", text)));
    }
    facts.push(("Seed", report.seed.to_string()));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::busy_week::report;

    #[test]
    fn the_answer_comes_first_and_names_cannot_break_out() {
        let mut report = report();
        report.comparison.alternatives[1].name = "<script>alert(1)</script>".into();
        let document = comparison_document(&report, &Assumptions::default());
        let html = document.unwrap().html();
        assert!(!html.contains("<script>alert"), "{html}");
        let answer =
            "Only <code>&lt;script&gt;alert(1)&lt;/script&gt;</code> meets every objective.";
        let places = [
            answer,
            "Which objectives",
            "<svg",
            "<table",
            "What was assumed",
        ];
        let found = places.map(|text| html.find(text).expect(text));
        assert!(found.is_sorted(), "{found:?}");
    }

    #[test]
    fn a_policy_alone_has_a_page_without_differences() {
        let mut report = report();
        report.comparison.alternatives.truncate(1);
        for figure in &mut report.comparison.figures {
            figure.estimates.truncate(1);
            figure.pairs.clear();
        }
        let document = comparison_document(&report, &Assumptions::default());
        let html = document.unwrap().html();
        assert!(!html.contains("Which differences") && html.contains("<table"));
    }
}
