//! The answer in sentences: what one more of something is worth, and where one less costs nothing.

use super::SensitivityReport;
use crate::experiment::{DifferenceVerdict, Effect, KnobEffect, Sensitivity};
use crate::report::estimate_text::estimate_text;
use crate::stats::interval::Interval;
use crate::trace::{Indicator, Statistic};

/// The knobs that are told one by one.
const MAX_TOLD: usize = 4;

/// One sentence a line, the most valuable first.
pub(in crate::report) fn sentences(report: &SensitivityReport) -> Vec<String> {
    let found = &report.sensitivity;
    let more = |knob: &'_ KnobEffect| knob.more;
    let less = |knob: &'_ KnobEffect| knob.less;
    let mut told: Vec<String> = shown(found, more).take(MAX_TOLD).collect();
    if told.is_empty() {
        told.push(format!(
            "No knob is shown to change the {} when it is turned up.",
            indicator_text(found)
        ));
        told.extend(shown(found, less).take(MAX_TOLD));
    }
    told.extend(list(
        "One more changes nothing in any replication:",
        found,
        more,
    ));
    told.extend(list(
        "One less costs nothing in any replication:",
        found,
        less,
    ));
    told
}

/// What is shown to matter, as sentences.
fn shown(
    found: &Sensitivity,
    side: impl Fn(&KnobEffect) -> Option<Effect>,
) -> impl Iterator<Item = String> {
    found.knobs.iter().filter_map(move |knob| {
        let effect = side(knob)?;
        let interval = effect.difference.interval;
        let change = Interval {
            mean: interval.mean.abs(),
            ..interval
        };
        let verb = if interval.mean < 0.0 {
            "cuts"
        } else {
            "raises"
        };
        effect.difference.verdict.is_shown().then(|| {
            format!(
                "{} {verb} the {} by {}.",
                capitalised(&turn_text(knob, &effect)),
                indicator_text(found),
                points(estimate_text(&change, found.unit), found.unit),
            )
        })
    })
}

/// A difference of shares is in percentage points.
fn points(text: String, unit: &str) -> String {
    if unit == "share" {
        text.replace('%', " points")
    } else {
        text
    }
}

/// The knobs of which a turn changed nothing in any replication.
fn list(
    begin: &str,
    found: &Sensitivity,
    side: impl Fn(&KnobEffect) -> Option<Effect>,
) -> Option<String> {
    let is_same = |knob: &&KnobEffect| {
        side(knob).is_some_and(|it| it.difference.verdict == DifferenceVerdict::Same)
    };
    let names: Vec<String> = found.knobs.iter().filter(is_same).map(knob_text).collect();
    (!names.is_empty()).then(|| format!("{begin} {}.", names.join(", ")))
}

/// A turn in words, such as "one more slot in" and the pool.
fn turn_text(knob: &KnobEffect, effect: &Effect) -> String {
    let by = (effect.to - knob.value).abs();
    let count = match by {
        1 => "one".to_owned(),
        by => by.to_string(),
    };
    let plural = if by == 1 { "" } else { "s" };
    let is_more = effect.to > knob.value;
    let KnobEffect { counts, of, .. } = knob;
    let thing = match *counts {
        "slots" => "slot",
        "workers" => "worker",
        limit => {
            let direction = if is_more { "more" } else { "less" };
            let whose = if of.is_empty() {
                String::new()
            } else {
                format!(" of `{of}`")
            };
            return format!("{count} {direction} in `{limit}`{whose}");
        }
    };
    let place = if of.is_empty() {
        String::new()
    } else {
        format!(" in `{of}`")
    };
    if is_more {
        format!("{count} more {thing}{plural}{place}")
    } else {
        format!("{count} {thing}{plural} less{place}")
    }
}

/// A knob in short: the pool, or what is counted and of what.
pub(in crate::report) fn knob_text(knob: &KnobEffect) -> String {
    match (knob.counts, knob.of.as_str()) {
        ("slots", pool) => pool.to_owned(),
        (counts, "") => counts.to_owned(),
        (counts, of) => format!("{of} {counts}"),
    }
}

/// The indicator in words, and of what it is unless it is of the whole.
pub(in crate::report) fn indicator_text(found: &Sensitivity) -> String {
    let words = match found.indicator.parse() {
        Ok(Indicator::Span(kind, statistic)) => {
            let kind = kind.name().replace('_', " ");
            match statistic {
                Statistic::Max => format!("longest {kind}"),
                other => format!("{} {kind}", other.name()),
            }
        }
        _ => found.indicator.replace('_', " "),
    };
    if found.kind == "site" {
        words
    } else {
        format!("{words} of `{}`", found.name)
    }
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}
