//! The page of replications: every figure with its confidence interval.

use super::{Assumptions, assumptions, confidence, objectives};
use crate::experiment::Estimated;
use crate::report::EstimationReport;
use crate::report::charts::{ChartError, ImageFormat, draw_interval_width, draw_wait_estimates};
use crate::report::document::{Cell, Document, Table};
use crate::report::estimate_text::{estimate_text, precision_sentence};
use crate::report::estimation::outstanding;
use crate::report::run::measured_text;
use crate::report::warm_up::warm_up_text;

const POOL: [(&str, &str); 7] = [
    ("used", "utilisation"),
    ("full", "time_full"),
    ("queue mean", "queue_mean"),
    ("wait mean", "pool_wait_mean"),
    ("wait p95", "pool_wait_p95"),
    ("wait max", "pool_wait_max"),
    ("still waiting", "still_waiting"),
];

const DAG: [(&str, &str); 6] = [
    ("deadlines missed", "missed_deadlines"),
    ("makespan mean", "makespan_mean"),
    ("makespan p95", "makespan_p95"),
    ("wait p95", "pool_wait_p95"),
    ("failed runs", "failed_runs"),
    ("open at the end", "unfinished"),
];

const TASK: [(&str, &str); 5] = [
    ("wait mean", "pool_wait_mean"),
    ("wait p95", "pool_wait_p95"),
    ("runs for mean", "duration_mean"),
    ("tries", "started"),
    ("fails", "failed"),
];

/// The report of replications.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn estimation_document(
    report: &EstimationReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let (heading, estimation) = (&report.heading, &report.estimation);
    let mut document = Document::new(&heading.scenario, heading.description.as_deref());
    document.answer(&outstanding(report));
    objectives(&mut document, &estimation.objectives);
    if let Some(svg) = draw_wait_estimates(report, ImageFormat::Svg)? {
        document.section("Is it enough?");
        let waits = estimation
            .estimates
            .iter()
            .filter(|one| matches!(one.kind, "pool" | "dag") && one.indicator == "pool_wait_p95");
        let words = waits.map(|one| {
            let text = estimate_text(&one.interval, one.unit);
            format!("{} {}: {text}", one.kind, one.name)
        });
        let words = words.collect::<Vec<_>>().join(", ");
        document.figure("wait_estimates", &svg, &format!("p95 wait, {words}"));
        let next = "What another size would change, and what one more slot is worth, says the page of `slotwise run` without \
                    `--replications`, or `slotwise sensitivity`; which policy wins, `slotwise compare`.";
        document.paragraph(next);
    }
    if let Some(svg) = draw_interval_width(report, ImageFormat::Svg)? {
        document.section("Is it trustworthy?");
        let words = report
            .narrowing
            .as_ref()
            .map_or_else(String::new, |course| {
                let each = course.steps.iter().map(|(n, interval)| {
                    format!("{n} replications {}", estimate_text(interval, course.unit))
                });
                format!("{}: {}", course.what, each.collect::<Vec<_>>().join(", "))
            });
        document.figure("interval_width", &svg, &words);
    }
    document.section("The figures");
    document.table(estimates(report, "pool", "Pools", &POOL));
    document.table(estimates(report, "dag", "DAGs", &DAG));
    document.table(estimates(report, "task", "Tasks", &TASK));
    document.paragraph("Every other figure is in `estimates.csv`.");
    let policy = heading.policy.as_ref();
    let mut facts = vec![
        (
            "Policy",
            policy.map_or_else(|| "none".into(), |name| format!("`{name}`")),
        ),
        (
            "Measured",
            measured_text(&report.measured, heading.until_done),
        ),
    ];
    if let Some(warm_up) = &heading.warm_up {
        facts.push(("Warm-up", warm_up_text(warm_up)));
    }
    facts.push(("Replications", estimation.replications.to_string()));
    if let Some(precise) = &estimation.precision {
        facts.push(("Precision", precision_sentence(precise)));
    }
    facts.push(("±", confidence(estimation.level, false)));
    facts.push(("Seed", heading.seed.to_string()));
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

/// The indicators of a kind of thing as columns, a line for each of them.
fn estimates(
    report: &EstimationReport,
    kind: &str,
    caption: &str,
    shown: &[(&str, &str)],
) -> Table {
    let columns = shown.iter().map(|&(words, indicator)| (words, indicator));
    let columns: Vec<_> = std::iter::once((kind, "its name")).chain(columns).collect();
    let mut table = Table::new(caption, &columns);
    let all = report
        .estimation
        .estimates
        .iter()
        .filter(|one| one.kind == kind);
    let all: Vec<&Estimated> = all.collect();
    for of_one in all.chunk_by(|a, b| a.name == b.name) {
        let cell = |&(_, indicator): &(&str, &str)| {
            let found = of_one.iter().find(|one| one.indicator == indicator);
            found.map_or_else(Cell::nothing, |one| Cell::interval(&one.interval, one.unit))
        };
        let name = std::iter::once(Cell::name(&of_one[0].name));
        table.row(name.chain(shown.iter().map(cell)));
    }
    table
}
