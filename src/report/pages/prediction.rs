//! The page of a prediction: whether recorded days fall inside the intervals as often as they should.

use super::{Assumptions, assumptions};
use crate::report::PredictionReport;
use crate::report::backtest::value_text;
use crate::report::charts::{ChartError, ImageFormat, draw_prediction_intervals};
use crate::report::document::{Cell, Document, Table};

/// The report of a prediction.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn prediction_document(
    report: &PredictionReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let title = format!(
        "{}: the second part, predicted from the first",
        report.scenario
    );
    let mut document = Document::new(&title, None);
    document.answer(&report.answer);
    if let (Some(least), Some(is_met)) = (report.tolerance, report.is_met) {
        let sentence = format!("at least {} % of the figures are inside", least * 100.0);
        document.marked(std::iter::once((is_met, sentence)));
    }
    document.section("Which figures fall inside?");
    if let Some(svg) = draw_prediction_intervals(report, ImageFormat::Svg)? {
        let words = "What was recorded of each day beside its predicted interval, a panel for each wait and makespan.";
        document.figure("prediction_intervals", &svg, words);
    }
    document.table(by_figure(report));
    document.section("All figures, day by day");
    document.table(figures(report));
    let facts = [
        ("Known", format!("{} to {}", report.start, report.split)),
        ("Predicted", format!("{} to {}", report.split, report.end)),
        (
            "Replications",
            format!(
                "{}, so that {} % of further values of the same kind fall inside",
                report.replications,
                report.claimed * 100.0
            ),
        ),
        (
            "Taken as recorded",
            "all that had ended before the split; when runs are triggered by hand after it".into(),
        ),
        (
            "Drawn",
            "all else, from the calibration of what was recorded before the split; each replication has parameters of its \
             own, drawn as far as that leaves them open"
                .into(),
        ),
        (
            "p-value",
            format!(
                "{}: the share of stretches, the recorded one among them, of which no more figures fall inside",
                report.coverage.p_value
            ),
        ),
    ];
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

fn by_figure(report: &PredictionReport) -> Table {
    let mut table = Table::new(
        "Daily figures inside and outside of their intervals",
        &[
            ("figure", "of each pool or DAG"),
            ("days", "how many there are, one a day and pool or DAG"),
            ("inside", "recorded values between the ends"),
            ("below", "the site was quicker"),
            ("above", "the site was slower"),
            (
                "certain",
                "the same in all replications and in the history; not counted before",
            ),
        ],
    );
    for line in &report.by_figure {
        let share = line.inside as f64 / line.figures.max(1) as f64;
        table.row([
            Cell::name(&line.figure.replace('_', " ")),
            Cell::count(line.figures as u64),
            Cell::bar((line.figures > 0).then_some(share)),
            Cell::count(line.below as u64),
            Cell::count(line.above as u64),
            Cell::count(line.certain as u64),
        ]);
    }
    table
}

fn figures(report: &PredictionReport) -> Table {
    let mut table = Table::new(
        "Recorded figures and the intervals that were predicted",
        &[
            ("of", "a pool or a DAG"),
            ("figure", "of the day"),
            ("day", "when it begins"),
            ("recorded", "as it came"),
            ("low", "the lower end of the interval"),
            ("median", "of the replications"),
            ("high", "the upper end of the interval"),
            ("inside", "whether the recorded value is"),
        ],
    );
    for one in &report.figures {
        let value = |value: f64| Cell::sorted(value_text(value, one.unit), value);
        table.row([
            Cell::text(format!("{} {}", one.kind, one.name)),
            Cell::name(&one.figure.replace('_', " ")),
            Cell::text(one.day.chars().take(10).collect()),
            value(one.recorded),
            value(one.low),
            value(one.median),
            value(one.high),
            Cell::name(match (one.is_certain, one.is_inside) {
                (true, _) => "certain",
                (_, true) => "yes",
                (_, false) => "NO",
            }),
        ]);
    }
    table
}
