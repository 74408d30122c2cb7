//! Comma-separated values: one value a line, and the pools over time.

use std::fmt::Write as _;

use super::RunReport;
use super::number_text::{push_number, push_whole};
use crate::metrics::Entity;
use crate::trace::{Indicator, PoolSignal};

const SUMMARY_COLUMNS: [&str; 5] = ["kind", "name", "indicator", "value", "unit"];

/// The columns of each signal in `pools.csv`.
const SIGNALS: [(&str, PoolSignal); 5] = [
    ("slots", PoolSignal::Slots),
    ("running", PoolSignal::Running),
    ("queued", PoolSignal::Queued),
    ("scheduled", PoolSignal::Scheduled),
    ("deferred", PoolSignal::Deferred),
];

/// `summary.csv`: every indicator of every pool, DAG and task that has a value.
pub fn summary_csv(report: &RunReport) -> Vec<u8> {
    lines(std::iter::once(SUMMARY_COLUMNS.map(String::from)).chain(summary_lines(report)))
}

/// The same separated by tabs, with a line of column names, as `airflow -o plain` prints.
pub(super) fn summary_plain(report: &RunReport) -> String {
    tabbed(std::iter::once(SUMMARY_COLUMNS.map(String::from)).chain(summary_lines(report)))
}

/// Lines of fields that are separated by tabs.
pub(super) fn tabbed<R: IntoIterator<Item = String>>(rows: impl Iterator<Item = R>) -> String {
    let mut text = String::new();
    for fields in rows {
        let fields = fields.into_iter();
        // A pool's name may hold anything; the field must stay one.
        let fields = fields.map(|field| field.replace(char::is_control, " "));
        text.push_str(&fields.collect::<Vec<_>>().join("\t"));
        text.push('\n');
    }
    text
}

/// `pools.csv`: the course of each pool in equal bins, one line a pool and bin, the warm-up included.
///
/// Each signal has its time-weighted mean, minimum and maximum; sizes of -1 mean unlimited.
pub fn pools_csv(report: &RunReport) -> Vec<u8> {
    let mut text = "time,pool".to_owned();
    for (name, _) in SIGNALS {
        for figure in ["mean", "min", "max"] {
            // Writing to a string cannot fail.
            let _ = write!(text, ",{name}_{figure}");
        }
    }
    text.push('\n');
    for course in &report.courses {
        let pool = next_field(&course.pool);
        for (at, bin) in course.timed_bins(report.measured.start) {
            let _ = write!(text, "{at}{pool}");
            for (_, signal) in SIGNALS {
                text.push(',');
                push_number(&mut text, bin.mean(signal));
                text.push(',');
                push_whole(&mut text, bin.min(signal));
                text.push(',');
                push_whole(&mut text, bin.max(signal));
            }
            text.push('\n');
        }
    }
    text.into_bytes()
}

/// `hours_of_week.csv`: what each pool does in each hour of the week, from Monday at midnight, UTC, to Sunday.
pub fn hours_of_week_csv(report: &RunReport) -> Vec<u8> {
    let header = [
        "pool",
        "hour",
        "hours_measured",
        "utilisation",
        "queue_mean",
    ]
    .map(String::from);
    let rows = report.metrics.pools.iter().zip(&report.hours_of_week);
    let rows = rows.flat_map(|(pool, hours)| {
        let seen = hours.iter().enumerate().filter(|(_, hour)| hour.time > 0);
        seen.map(|(at, hour)| {
            let text = |value: Option<f64>| value.map_or_else(String::new, |it| it.to_string());
            [
                pool.pool.clone(),
                at.to_string(),
                (hour.time as f64 / 3.6e9).to_string(),
                text(hour.utilisation()),
                text(hour.queue()),
            ]
        })
    });
    lines(std::iter::once(header).chain(rows))
}

/// `wait_distribution.csv`: for each pool and DAG how many instances waited how long for their slots.
pub fn wait_distribution_csv(report: &RunReport) -> Vec<u8> {
    let header = ["kind", "name", "from_seconds", "to_seconds", "count"].map(String::from);
    let pools = report
        .courses
        .iter()
        .map(|pool| ("pool", &pool.pool, &pool.waits));
    let dags = report.metrics.dags.iter().zip(&report.dag_waits);
    let dags = dags.map(|(dag, waits)| ("dag", &dag.dag_id, waits));
    let rows = pools.chain(dags).flat_map(|(kind, name, waits)| {
        waits.buckets().map(move |(low, width, count)| {
            let seconds = |micros: u64| (micros as f64 / 1e6).to_string();
            [
                kind.to_owned(),
                name.clone(),
                seconds(low),
                seconds(low + width),
                count.to_string(),
            ]
        })
    });
    lines(std::iter::once(header).chain(rows))
}

/// `resizes.csv`: every kept change of a pool's size with its reason.
pub fn resizes_csv(report: &RunReport) -> Vec<u8> {
    let header = ["time", "pool", "from", "to", "reason"].map(String::from);
    let rows = report.resizes.iter().cloned().map(|resize| {
        [
            resize.at,
            resize.pool,
            resize.from.to_string(),
            resize.to.to_string(),
            resize.reason,
        ]
    });
    lines(std::iter::once(header).chain(rows))
}

fn summary_lines(report: &RunReport) -> impl Iterator<Item = [String; 5]> {
    let metrics = &report.metrics;
    metrics.entities().flat_map(move |entity| {
        Indicator::all().filter_map(move |indicator| {
            let value = metrics.value(indicator, entity)?;
            Some([
                entity.kind().name().into(),
                match entity {
                    Entity::Site => report.heading.scenario.clone(),
                    _ => metrics.name(entity),
                },
                indicator.to_string(),
                value.to_string(),
                indicator.unit().into(),
            ])
        })
    })
}

/// Lines of comma-separated values.
pub(super) fn lines<R: IntoIterator<Item = String>>(rows: impl Iterator<Item = R>) -> Vec<u8> {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail.
        let _ = out.write_record(row);
    }
    out.into_inner().unwrap_or_default()
}

/// A comma and the field after it, in quotes where it needs them.
fn next_field(field: &str) -> String {
    let line = lines(std::iter::once([String::new(), field.to_owned()]));
    let mut text = String::from_utf8(line).unwrap_or_default();
    // The end of the line.
    text.pop();
    text
}

/// All digits; nothing for what is not defined.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn every_value_has_a_line_of_its_own() {
        let text = String::from_utf8(summary_csv(&busy_report())).unwrap();
        let has = |line: &str| assert!(text.lines().any(|found| found == line), "{text}");
        has("kind,name,indicator,value,unit");
        has("pool,database_pool,utilisation,1,share");
        has("dag,etl,unfinished,1,count");
        has("task,etl.extract,still_waiting,11,count");
        assert!(
            !text.contains("api_pool,utilisation"),
            "an unlimited pool has none"
        );
    }

    #[test]
    fn plain_lines_keep_their_five_fields() {
        let mut report = busy_report();
        report.metrics.pools[0].pool = "two\twords\nand more".into();
        let text = summary_plain(&report);
        assert!(
            text.lines().all(|line| line.split('\t').count() == 5),
            "{text}"
        );
    }

    #[test]
    fn a_pool_may_be_called_anything() {
        let mut report = busy_report();
        let name = "a, \"b\"\nand c";
        report.courses[0].pool = name.into();
        let text = pools_csv(&report);
        let mut reader = ::csv::Reader::from_reader(text.as_slice());
        let first = reader.records().next().unwrap().unwrap();
        assert_eq!(first.get(1), Some(name));
        assert_eq!(first.len(), 2 + 3 * SIGNALS.len());
    }

    #[test]
    fn the_course_of_a_pool_covers_the_run() {
        let text = String::from_utf8(pools_csv(&busy_report())).unwrap();
        let first = text.lines().nth(1).unwrap();
        assert!(
            first.starts_with("1970-01-01T00:00:00.000000Z,database_pool,2,2,2,"),
            "{first}"
        );
        let bins = text
            .lines()
            .filter(|line| line.contains(",database_pool,"))
            .count();
        assert_eq!(bins, 1_800, "3,600 s in bins of 2 s");
    }
}
