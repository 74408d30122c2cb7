//! The part of a page that says what other sizes and policies would change.

use super::comparison::{tables, told};
use super::sensitivity::knobs;
use crate::experiment::{Figure, Verdict};
use crate::report::charts::{ChartError, ComparisonChart, ImageFormat, draw_comparison};
use crate::report::comparison::of_site;
use crate::report::document::{Cell, Document, Table};
use crate::report::estimate_text::difference_text;
use crate::report::{AdviceReport, ComparisonReport, SizesReport};

/// What of the pool is told at each size, and how it is called.
const FIGURES: [(&str, &str); 4] = [
    ("pool_wait_mean", "wait mean"),
    ("pool_wait_p95", "wait p95"),
    ("time_full", "full"),
    ("utilisation", "used"),
];

/// The charts and tables of larger sizes, of a slot more and less everywhere, and of the policies.
pub(super) fn write(document: &mut Document, advice: &AdviceReport) -> Result<(), ChartError> {
    if let Some(sizes) = &advice.sizes {
        document.section(&format!(
            "What would another size of {} change?",
            sizes.pool
        ));
        picture(document, ComparisonChart::TradeOff, &sizes.report, "sizes")?;
        document.table(table(sizes));
    }
    if let Some(policies) = &advice.policies {
        document.section("Which policy wins?");
        for chart in ComparisonChart::ALL {
            picture(document, chart, policies, "policies")?;
        }
        document.table(tables::scoreboard(policies));
    }
    if advice
        .slots
        .knobs
        .iter()
        .any(|knob| knob.sides().next().is_some())
    {
        document.section("What is one slot worth?");
        document.table(knobs(&advice.slots));
    }
    Ok(())
}

fn picture(
    document: &mut Document,
    chart: ComparisonChart,
    report: &ComparisonReport,
    of: &str,
) -> Result<(), ChartError> {
    if let Some(svg) = draw_comparison(chart, report, ImageFormat::Svg)? {
        let name = format!("{of}_{}", chart.file_stem());
        document.figure(&name, &svg, &told(chart, report).1);
    }
    Ok(())
}

/// The pool at each of its sizes.
fn table(sizes: &SizesReport) -> Table {
    let comparison = &sizes.report.comparison;
    let of_pool = |indicator: &str| {
        let mut figures = comparison.figures.iter();
        figures
            .find(|one| one.kind == "pool" && one.name == sizes.pool && one.indicator == indicator)
    };
    let told: Vec<(&Figure, &str)> = FIGURES
        .iter()
        .filter_map(|(indicator, words)| Some((of_pool(indicator)?, *words)))
        .collect();
    let hours = of_site(comparison, "slot_hours_offered");
    let mut columns = vec![("slots", "the size of the pool")];
    columns.extend(
        told.iter()
            .map(|(_, words)| (*words, "mean and confidence interval")),
    );
    columns.push((
        "p95 changes by",
        "against the size as it is, on the same luck",
    ));
    columns.push(("slot-hours", "offered by all pools in use"));
    columns.push(("objectives", "those that are missed, or that all are met"));
    let mut table = Table::new(&format!("`{}` at larger sizes", sizes.pool), &columns);
    for (at, slots) in sizes.slots.iter().enumerate() {
        let mut row = vec![Cell::sorted(slots.to_string(), *slots as f64)];
        let cell = |(figure, _): &(&Figure, &str)| {
            Cell::interval(&figure.estimates[at].interval, figure.unit)
        };
        row.extend(told.iter().map(cell));
        let change = sizes.wait().and_then(|wait| {
            let difference = wait.estimates[at].difference?;
            let text = difference_text(&difference.interval, wait.unit);
            let words = difference.verdict.words();
            Some(Cell::sorted(
                format!("{text} {words}"),
                difference.interval.mean,
            ))
        });
        row.push(change.unwrap_or_else(|| Cell::name("as it is")));
        row.push(hours.map_or_else(Cell::nothing, |hours| {
            Cell::interval(&hours.estimates[at].interval, hours.unit)
        }));
        row.push(Cell::text(objectives(
            &comparison.alternatives[at].objectives,
        )));
        table.row(row);
    }
    table
}

fn objectives(verdicts: &[Verdict]) -> String {
    let missed: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.met)
        .map(|verdict| format!("✗ {}", verdict.what))
        .collect();
    match (verdicts.len(), missed.len()) {
        (0, _) => "–".into(),
        (1, 0) => "✓ met".into(),
        (all, 0) => format!("✓ all {all} met"),
        _ => missed.join("; "),
    }
}
