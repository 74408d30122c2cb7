//! Which point does what is wanted with the fewest slot-hours, in words.

use super::{SweepLine, SweepReport};
use crate::report::estimate_text::estimate_text;

/// The loads for which the best point is told; of more nobody reads.
const MAX_LOADS: usize = 6;

/// More factors than this make a sentence that nobody reads; they are in the table.
const MAX_FACTORS: usize = 3;

/// Lines under the same load.
struct Load<'a> {
    /// What is set below `scale`.
    values: Vec<Option<&'a str>>,
    lines: Vec<&'a SweepLine>,
}

/// A sentence for each load, which is nobody's choice; nothing without objectives.
pub(in crate::report) fn recommendations(report: &SweepReport) -> Vec<String> {
    if report.lines.iter().all(|line| line.objectives.1 == 0) {
        return Vec::new();
    }
    let factors = &report.heading.factors;
    let scales: Vec<usize> = (0..factors.len())
        .filter(|&at| factors[at].starts_with("scale."))
        .collect();
    let mut loads: Vec<Load<'_>> = Vec::new();
    for line in &report.lines {
        let values: Vec<_> = scales
            .iter()
            .map(|&at| line.values[at].as_deref())
            .collect();
        if let Some(load) = loads.iter_mut().find(|load| load.values == values) {
            load.lines.push(line);
        } else {
            let lines = vec![line];
            loads.push(Load { values, lines });
        }
    }
    if loads.len() > MAX_LOADS {
        return Vec::new();
    }
    let sentence = |load: &Load<'_>| {
        let set = scales.iter().zip(&load.values);
        let set = set.filter_map(|(&at, value)| Some(format!("`{}` {}", factors[at], (*value)?)));
        let set = set.collect::<Vec<_>>().join(", ");
        cheapest(report, &load.lines, &set)
    };
    loads.iter().map(sentence).collect()
}

/// The cheapest of the lines that meet every objective; of several that cost the same, the first.
fn cheapest(report: &SweepReport, lines: &[&SweepLine], load: &str) -> String {
    let subject = |capital: &str, small: &str| match load {
        "" => capital.to_owned(),
        load => format!("At {load} {small}"),
    };
    let costs = |line: &SweepLine| line.slot_hours.map_or(f64::INFINITY, |hours| hours.mean);
    let good = lines
        .iter()
        .filter(|line| line.objectives.0 == line.objectives.1);
    let Some(best) = good.min_by(|a, b| costs(a).total_cmp(&costs(b))) else {
        return format!("{} meets every objective.", subject("No point", "no point"));
    };
    let policy = best.policy.as_ref().filter(|_| report.has_policies());
    let policy = policy.map_or_else(String::new, |policy| format!(" with `{policy}`"));
    let hours = best.slot_hours.map_or_else(String::new, |hours| {
        let hours = estimate_text(&hours, "slot-hours");
        format!(" with the fewest slot-hours, {hours}")
    });
    let (subject, point) = (subject("Point", "point"), best.point);
    let set = set_by(report, best);
    format!("{subject} {point}{set}{policy} meets every objective{hours}.")
}

/// What a point sets besides the load, in words.
fn set_by(report: &SweepReport, line: &SweepLine) -> String {
    let set = report.heading.factors.iter().zip(&line.values);
    let chosen = set.filter(|(path, _)| !path.starts_with("scale."));
    let words = chosen.filter_map(|(path, value)| Some(format!("`{path}` {}", value.as_ref()?)));
    let words: Vec<String> = words.collect();
    if words.is_empty() || words.len() > MAX_FACTORS {
        return String::new();
    }
    format!(" ({})", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::tests::report;

    #[test]
    fn the_cheapest_good_point_is_told() {
        let mut slots = report(&["pools.a.slots"], &[(&["2"], 0), (&["4"], 1), (&["8"], 1)]);
        let told = recommendations(&slots);
        assert_eq!(
            told,
            ["Point 1 (`pools.a.slots` 4) meets every objective with the fewest slot-hours, 40."]
        );
        slots.lines.truncate(1);
        assert_eq!(recommendations(&slots), ["No point meets every objective."]);
        slots.lines[0].objectives = (0, 0);
        assert_eq!(recommendations(&slots), [""; 0]);
    }

    #[test]
    fn every_load_has_its_own_best_point() {
        let points: [(&[&str], usize); 4] = [
            (&["1", "2"], 1),
            (&["1", "4"], 1),
            (&["2", "2"], 0),
            (&["2", "4"], 1),
        ];
        let loads = report(&["scale.arrivals", "pools.a.slots"], &points);
        assert_eq!(
            recommendations(&loads),
            [
                "At `scale.arrivals` 1 point 0 (`pools.a.slots` 2) meets every objective with the fewest slot-hours, 20.",
                "At `scale.arrivals` 2 point 3 (`pools.a.slots` 4) meets every objective with the fewest slot-hours, 40.",
            ]
        );
    }
}
