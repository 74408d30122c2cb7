//! One try a line, and one figure a line.

use super::ReplayReport;
use crate::report::csv::{lines, tabbed};

const TRY_COLUMNS: [&str; 14] = [
    "dag_id",
    "run_id",
    "task_id",
    "map_index",
    "try_number",
    "pool",
    "verdict",
    "waited_for",
    "recorded_scheduled_at",
    "recorded_queued_at",
    "recorded_started_at",
    "simulated_scheduled_at",
    "simulated_queued_at",
    "simulated_started_at",
];

/// `tries.csv`: every try that an executor got, recorded and simulated.
pub fn replay_csv(report: &ReplayReport) -> Vec<u8> {
    let rows = report.tries.iter().map(|line| {
        let names = [
            line.dag_id.clone(),
            line.run_id.clone(),
            line.task_id.clone(),
            line.map_index.to_string(),
            line.try_number.to_string(),
            line.pool.clone(),
            line.verdict.to_owned(),
            line.waited_for.to_owned(),
        ];
        let moments = line.recorded.iter().chain(&line.simulated);
        let moments = moments.map(|moment| moment.clone().unwrap_or_default());
        names.into_iter().chain(moments).collect::<Vec<_>>()
    });
    let header = TRY_COLUMNS.map(String::from).to_vec();
    lines(std::iter::once(header).chain(rows))
}

/// One figure of the site, a pool or a DAG a line, separated by tabs.
pub(super) fn replay_plain(report: &ReplayReport) -> String {
    let header = ["kind", "name", "figure", "value"].map(String::from);
    let rows = report.agreements.iter().flat_map(|one| {
        let counts = [
            ("tries", one.tries),
            ("exact", one.exact),
            ("within_loop", one.within_loop),
            ("not_simulated", one.not_simulated),
            ("not_recorded", one.not_recorded),
        ];
        let waits = [("recorded", &one.recorded), ("simulated", &one.simulated)];
        let waits = waits.into_iter().flat_map(|(which, waits)| {
            let waits = waits.iter();
            waits.flat_map(move |waits| {
                let figures = [
                    ("mean", waits.mean),
                    ("p50", waits.p50),
                    ("p95", waits.p95),
                    ("max", waits.max),
                ];
                figures.map(|(figure, value)| (format!("{which}_wait_{figure}"), value.to_string()))
            })
        });
        let counts = counts.map(|(figure, count)| (figure.to_owned(), count.to_string()));
        let error = one.mean_absolute_error.iter();
        let error = error.map(|error| ("mean_absolute_error".to_owned(), error.to_string()));
        let causes = one.causes.iter();
        let causes = causes.map(|bound| {
            (
                format!("waited_for_{}", bound.cause),
                bound.seconds.to_string(),
            )
        });
        let all = counts.into_iter().chain(error).chain(waits).chain(causes);
        all.map(|(figure, value)| [one.kind.to_owned(), one.name.clone(), figure, value])
            .collect::<Vec<_>>()
    });
    tabbed(std::iter::once(header).chain(rows))
}
