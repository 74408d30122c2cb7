//! The points of a sweep, one after the other, as lines and as JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{SweepHeading, window};
use crate::experiment::{AtPoint, Estimated, PointEstimation, Verdict};
use crate::report::csv::lines;
use crate::report::estimation::{COLUMNS, fields};
use crate::report::run::WindowText;

/// The first line of `points.csv`: `point` and the factors by their paths.
pub fn points_csv_header(factors: &[String]) -> Vec<u8> {
    let first = std::iter::once("point".to_owned());
    lines(std::iter::once(first.chain(factors.iter().cloned())))
}

/// A line of `points.csv`: what a point sets, with nothing where it leaves the scenario as it is.
pub fn points_csv_line(point: usize, values: &[Option<String>]) -> Vec<u8> {
    let values = values.iter().cloned().map(Option::unwrap_or_default);
    lines(std::iter::once(
        std::iter::once(point.to_string()).chain(values),
    ))
}

/// The first line of `estimates.csv`: the point with its factors, the policy, and the columns of any estimate.
pub fn sweep_csv_header(factors: &[String]) -> Vec<u8> {
    let first = std::iter::once("point".to_owned()).chain(factors.iter().cloned());
    let last = std::iter::once("policy").chain(COLUMNS).map(String::from);
    lines(std::iter::once(first.chain(last)))
}

/// The lines of `estimates.csv` of a policy at a point.
pub fn sweep_csv(values: &[Option<String>], found: &PointEstimation) -> Vec<u8> {
    let row = |one: &Estimated| {
        let point = std::iter::once(found.point.to_string());
        let values = values.iter().cloned().map(Option::unwrap_or_default);
        let policy = std::iter::once(found.policy.clone().unwrap_or_default());
        point.chain(values).chain(policy).chain(fields(one))
    };
    lines(found.estimation.estimates.iter().map(row))
}

/// The lines of `estimates.csv` with tabs instead of commas.
pub fn sweep_plain(csv: &str) -> String {
    let mut text = String::new();
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes());
    for record in reader.records().flatten() {
        // A pool's name may hold anything; the field must stay one.
        let fields = record
            .iter()
            .map(|field| field.replace(char::is_control, " "));
        text.push_str(&fields.collect::<Vec<_>>().join("\t"));
        text.push('\n');
    }
    text
}

/// The beginning of `sweep.json`: the heading, and the list of points, which is still open.
pub fn sweep_json_begin(heading: &SweepHeading) -> String {
    // A plain struct without maps becomes a string without fail.
    let text = serde_json::to_string(heading).unwrap_or_default();
    let inside = text.strip_suffix('}').unwrap_or(&text);
    format!("{inside},\"points\":[")
}

/// A policy at a point, on a line of its own.
#[derive(Serialize)]
struct PointDocument<'a> {
    point: usize,
    values: Value,
    policy: Option<&'a str>,
    window: WindowText,
    replications: u32,
    objectives: &'a [Verdict],
    estimates: &'a [Estimated],
}

/// A policy at a point in `sweep.json`; `is_first` says that no other one stands before it.
pub fn sweep_json_point(
    at: &AtPoint,
    factors: &[String],
    values: &[Option<String>],
    found: &PointEstimation,
    is_first: bool,
) -> String {
    let set = factors.iter().zip(values);
    let set = set.filter_map(|(factor, value)| Some((factor.clone(), typed(value.as_ref()?))));
    let document = PointDocument {
        point: found.point,
        values: Value::Object(set.collect::<Map<_, _>>()),
        policy: found.policy.as_deref(),
        window: WindowText::of(&window(&at.scenario)),
        replications: found.estimation.replications,
        objectives: &found.estimation.objectives,
        estimates: &found.estimation.estimates,
    };
    let text = serde_json::to_string(&document).unwrap_or_default();
    let comma = if is_first { "" } else { "," };
    format!("{comma}\n{text}")
}

/// The end of `sweep.json`.
pub const fn sweep_json_end() -> &'static str {
    "\n]}\n"
}

/// A number where it is one, else a text.
fn typed(value: &str) -> Value {
    if let Ok(whole) = value.parse::<i64>() {
        return json!(whole);
    }
    match value.parse::<f64>() {
        Ok(number) if number.is_finite() => json!(number),
        _ => json!(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_where_they_are_written_as_such() {
        assert_eq!(typed("4"), json!(4));
        assert_eq!(typed("0.75"), json!(0.75));
        assert_eq!(typed("30s"), json!("30s"));
        assert_eq!(typed("inf"), json!("inf"));
    }

    #[test]
    fn a_field_with_a_comma_stays_one() {
        let values = [Some("{constant: 1s, x: 2}".to_owned()), None];
        let line = String::from_utf8(points_csv_line(3, &values)).unwrap();
        assert_eq!(line, "3,\"{constant: 1s, x: 2}\",\n");
    }
}
