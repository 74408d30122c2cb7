//! The page of a replay: whether the scheduler model does what the site did, and where it does not.

use super::{Assumptions, assumptions};
use crate::experiment::{Agreement, Waits};
use crate::report::ReplayReport;
use crate::report::charts::{ChartError, ImageFormat, draw_wait_quantiles};
use crate::report::document::{Cell, Document, Table};
use crate::report::duration_text;

/// The report of a replay.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn replay_document(
    report: &ReplayReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let title = format!("{}: replay of what was recorded", report.scenario);
    let mut document = Document::new(&title, None);
    document.answer(&report.answer);
    if let (Some(least), Some(is_met)) = (report.tolerance, report.is_met) {
        let sentence = format!(
            "at least {} % of the tries are queued within a loop of the recorded moment",
            least * 100.0
        );
        document.marked(std::iter::once((is_met, sentence)));
    }
    document.section("Does it wait as the site did?");
    let svg = draw_wait_quantiles(report, ImageFormat::Svg)?;
    let words = "Percentiles of simulated waits for a slot against those of recorded ones, a colour for each pool.";
    document.figure("wait_quantiles", &svg, words);
    document.table(agreements(report));
    document.section("What do the simulated waits consist of?");
    document.table(causes(report));
    if !report.differing.is_empty() {
        document.section("Which tries differ?");
        document.table(differing(report));
        document.paragraph("All tries are in `tries.csv`.");
    }
    if !report.set_aside.is_empty() {
        document.section("What is not compared?");
        document.table(set_aside(report));
    }
    let facts = [
        ("Compared", format!("{} to {}", report.start, report.end)),
        (
            "A loop",
            format!(
                "{}; a site and a simulation that differ in its phase alone differ by no more",
                duration_text(report.loop_seconds)
            ),
        ),
        (
            "Taken as recorded",
            "when runs were triggered; how long tries ran, how they ended and how long executors took to start them; \
             when pokes of sensors that found nothing ended"
                .into(),
        ),
        (
            "Simulated",
            "when scheduled runs are created and all runs start and end; when tries are scheduled and queued".into(),
        ),
        ("Never given to an executor", report.never_executed.to_string()),
        ("Not ended when the history ends", report.unfinished.to_string()),
    ];
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

fn agreements(report: &ReplayReport) -> Table {
    let mut table = Table::new(
        "Recorded and simulated waits for a slot, from scheduled to queued",
        &[
            ("of", "the site, a pool or a DAG"),
            ("tries", "recorded ones that are compared"),
            (
                "exact",
                "queued and started at the recorded moments, to the microsecond",
            ),
            (
                "within a loop",
                "queued at most a loop before or after the recorded moment",
            ),
            (
                "not simulated",
                "recorded, but no executor got it in the simulation",
            ),
            ("not recorded", "simulated, but unknown to the history"),
            (
                "error",
                "mean of how far simulated waits are from recorded ones",
            ),
            ("recorded mean", "wait as recorded"),
            ("simulated mean", "wait as simulated"),
            ("recorded p95", "wait as recorded"),
            ("simulated p95", "wait as simulated"),
        ],
    );
    let figure = |waits: &Option<Waits>, figure: fn(&Waits) -> f64| {
        Cell::seconds(waits.as_ref().map(figure))
    };
    for one in &report.agreements {
        table.row([
            Cell::name(&name(one)),
            Cell::count(one.tries as u64),
            Cell::bar(one.share_exact()),
            Cell::bar(one.share_within_loop()),
            Cell::count(one.not_simulated as u64),
            Cell::count(one.not_recorded as u64),
            Cell::seconds(one.mean_absolute_error),
            figure(&one.recorded, |waits| waits.mean),
            figure(&one.simulated, |waits| waits.mean),
            figure(&one.recorded, |waits| waits.p95),
            figure(&one.simulated, |waits| waits.p95),
        ]);
    }
    table
}

fn causes(report: &ReplayReport) -> Table {
    let mut table = Table::new(
        "Simulated waiting time by cause, over all tries",
        &[
            ("of", "the site, a pool or a DAG"),
            ("cause", "what kept tries from being queued"),
            ("time", "of all tries together"),
        ],
    );
    for one in &report.agreements {
        for bound in &one.causes {
            table.row([
                Cell::name(&name(one)),
                Cell::name(bound.cause),
                Cell::seconds(Some(bound.seconds)),
            ]);
        }
    }
    table
}

fn differing(report: &ReplayReport) -> Table {
    let mut table = Table::new(
        "The first tries that differ",
        &[
            ("task", "and its DAG"),
            ("run", "its id"),
            ("try", "counts from 1"),
            ("pool", "that the task asks for"),
            ("verdict", "how they differ"),
            ("waited for", "the longest cause in the simulation"),
            ("recorded", "when it was queued"),
            ("simulated", "when it was queued"),
        ],
    );
    let moment = |moment: &Option<String>| Cell::name(moment.as_deref().unwrap_or("–"));
    for line in &report.differing {
        table.row([
            Cell::text(format!("{}.{}", line.dag_id, line.task_id)),
            Cell::name(&line.run_id),
            Cell::count(line.try_number.into()),
            Cell::name(&line.pool),
            Cell::name(&line.verdict.replace('_', " ")),
            Cell::name(&line.waited_for.replace('_', " ")),
            moment(&line.recorded[1]),
            moment(&line.simulated[1]),
        ]);
    }
    table
}

fn set_aside(report: &ReplayReport) -> Table {
    let mut table = Table::new(
        "Recorded tries that are not compared",
        &[
            ("reason", "why"),
            ("tries", "how many"),
            ("which", "the first of them"),
        ],
    );
    for aside in &report.set_aside {
        let first = aside.named.iter().take(10).cloned().collect::<Vec<_>>();
        table.row([
            Cell::name(aside.reason),
            Cell::count(aside.tries as u64),
            Cell::text(first.join("; ").replace('`', "")),
        ]);
    }
    table
}

fn name(one: &Agreement) -> String {
    match one.kind {
        "site" => "all".into(),
        kind => format!("{kind} {}", one.name),
    }
}
