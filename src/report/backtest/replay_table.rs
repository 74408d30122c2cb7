//! The verdict and a table of pools and DAGs for a terminal.

use super::ReplayReport;
use crate::experiment::{Agreement, Waits};
use crate::report::duration_text;
use crate::report::table::{table, wrapped};

/// Title, sentences and table, in lines of at most `width` columns.
pub(super) fn replay_table(report: &ReplayReport, width: u16) -> String {
    let mut lines = vec![format!(
        "{}: replay of {} to {}",
        report.scenario, report.start, report.end
    )];
    let told = report.answer.iter();
    lines.extend(told.map(|sentence| wrapped(sentence, width)));
    let columns = [
        "",
        "tries",
        "exact",
        "in a loop",
        "error",
        "recorded",
        "p95",
        "simulated",
        "p95",
    ];
    let rows = report.agreements.iter().map(row);
    let legend = "error: the mean of how far simulated waits for a slot are from the recorded ones; \
                  recorded, simulated: their means.";
    [
        lines.join("\n"),
        table(width, columns, rows),
        wrapped(legend, width),
    ]
    .join("\n\n")
        + "\n"
}

fn row(one: &Agreement) -> [String; 9] {
    let name = match one.kind {
        "site" => "all".into(),
        kind => format!("{kind} {}", one.name),
    };
    let figure = |waits: &Option<Waits>, figure: fn(&Waits) -> f64| {
        let waits = waits.as_ref();
        waits.map_or_else(|| "-".into(), |waits| duration_text(figure(waits)))
    };
    [
        name,
        one.tries.to_string(),
        one.exact.to_string(),
        one.within_loop.to_string(),
        one.mean_absolute_error
            .map_or_else(|| "-".into(), duration_text),
        figure(&one.recorded, |waits| waits.mean),
        figure(&one.recorded, |waits| waits.p95),
        figure(&one.simulated, |waits| waits.mean),
        figure(&one.simulated, |waits| waits.p95),
    ]
}
