//! A task as the text of a scenario: what is declared, what was seen, and on what that rests.

use std::fmt::Write;

use super::figures::TaskFigures;
use super::fit_words::{seconds, words};
use super::site::{SiteDag, SiteMap, SiteTask, SiteValue};
use super::time_words::time_words;
use crate::import::yaml_text::{scalar, span};

/// How long a poke or a task takes of which nothing is known.
const UNKNOWN: &str = "{ constant: 1s }";

/// The lines of a task.
pub(super) fn lines(dag: &SiteDag, name: &str, task: &SiteTask, figures: &TaskFigures) -> String {
    let mut text = format!("      {}: # {}\n", scalar(name), task.operator);
    let mut line = |field: &str, value: &str, words: &str| {
        let words = match words {
            "" => String::new(),
            words => format!(" # {words}"),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "        {field}: {value}{words}");
    };
    if let Some((kind, words)) = kind(task, figures) {
        line("kind", &kind, &words);
    }
    let upstream = dag
        .tasks
        .iter()
        .filter(|(_, before)| before.downstream.iter().any(|to| to == name));
    let upstream: Vec<String> = upstream.map(|(before, _)| scalar(before)).collect();
    match upstream.as_slice() {
        [] => {}
        [one] => line("upstream", one, ""),
        many => line("upstream", &format!("[{}]", many.join(", ")), ""),
    }
    for (field, value) in &task.fields {
        line(field, &written(value), "");
    }
    if let Some(group) = &task.group {
        line("group", &scalar(group), "");
    } else if let Some(map) = &task.map {
        let (value, words) = mapped(dag, map, figures);
        line("map", &value, &words);
    }
    if !task.outlets.is_empty() {
        let outlets: Vec<String> = task.outlets.iter().map(|asset| scalar(asset)).collect();
        line("outlets", &format!("[{}]", outlets.join(", ")), "");
    }
    if !task.is_empty {
        duration(figures, &mut line);
        rates(figures, &mut line);
        for words in time_words(&figures.effects) {
            let _ = writeln!(text, "        # {words}");
        }
    }
    text
}

fn written(value: &SiteValue) -> String {
    match value {
        SiteValue::Name(name) => scalar(name),
        SiteValue::Number(number) => number.to_string(),
        SiteValue::Real(number) => number.to_string(),
        SiteValue::Span(of) => span(*of),
        SiteValue::True => "true".into(),
    }
}

fn kind(task: &SiteTask, figures: &TaskFigures) -> Option<(String, String)> {
    if task.is_empty {
        return Some(("empty".into(), String::new()));
    }
    // A sensor may be deferrable, and only its times say so.
    if let Some(waits) = figures.waits.as_ref().filter(|waits| waits.is_deferred) {
        let words = format!(
            "deferred and resumed; wait: {}",
            words(&waits.wait, waits.of)
        );
        return Some((
            format!("{{ deferrable: {{ wait: {} }} }}", waits.wait.law),
            words,
        ));
    }
    if let Some(sensor) = &task.sensor {
        let mut fields = Vec::new();
        if sensor.is_rescheduled {
            fields.push("mode: reschedule".to_owned());
        }
        let waits = figures.waits.as_ref();
        let interval = sensor
            .poke_interval
            .or(waits.and_then(|waits| waits.poke_interval));
        fields.extend(interval.map(|interval| format!("poke_interval: {}", span(interval))));
        fields.extend(
            sensor
                .timeout
                .map(|timeout| format!("timeout: {}", span(timeout))),
        );
        fields.extend(sensor.soft_fail.then(|| "soft_fail: true".into()));
        let backoff = sensor.exponential_backoff && sensor.is_rescheduled;
        fields.extend(backoff.then(|| "exponential_backoff: true".into()));
        let wait = waits.map_or(UNKNOWN.to_owned(), |waits| waits.wait.law.to_string());
        fields.push(format!("wait: {wait}"));
        let words = match waits {
            Some(waits) if sensor.is_rescheduled => {
                format!(
                    "wait: {}; {} pokes in vain",
                    words(&waits.wait, waits.of),
                    waits.pokes
                )
            }
            Some(waits) => format!("wait: {}", words(&waits.wait, waits.of)),
            None => "never seen: how long it waits is assumed".into(),
        };
        return Some((format!("{{ sensor: {{ {} }} }}", fields.join(", ")), words));
    }
    if let Some((followed, runs)) = &figures.branches {
        let share = |(name, times): (&String, &usize)| {
            format!("{}: {}", scalar(name), share(*times, *runs))
        };
        let shares: Vec<String> = followed.iter().map(share).collect();
        let words = format!("branches taken in {runs} runs");
        return Some((format!("{{ branch: {{ {} }} }}", shares.join(", ")), words));
    }
    if task.is_short_circuit() {
        let words = "how often it stops is not recorded; look at the states after it".to_owned();
        return Some(("{ short_circuit: { stop_rate: 0 } }".into(), words));
    }
    None
}

/// A share with four decimals, rounded down, so that shares never sum to more than 1.
fn share(part: usize, whole: usize) -> String {
    let share = part * 10_000 / whole.max(1);
    format!("{}", share as f64 / 10_000.0)
}

fn mapped(dag: &SiteDag, map: &SiteMap, figures: &TaskFigures) -> (String, String) {
    let mean = figures.lengths.mean();
    let seen = match figures.lengths.values().len() {
        0 => "never seen".to_owned(),
        runs => format!("{mean:.1} instances on average in {runs} runs"),
    };
    match map {
        SiteMap::Length(length) => (length.to_string(), String::new()),
        SiteMap::Over(task) if dag.tasks.contains_key(task) => {
            (format!("{{ over: {} }}", scalar(task)), seen)
        }
        _ => {
            // Rounded to the nearest whole number; at least one.
            let length = (mean + 0.5).max(1.0) as u32;
            (
                length.to_string(),
                format!("what it is mapped over is not known; {seen}"),
            )
        }
    }
}

fn duration(figures: &TaskFigures, line: &mut impl FnMut(&str, &str, &str)) {
    match &figures.duration {
        Some(fit) => line(
            "duration",
            &fit.law.to_string(),
            &words(fit, figures.worked),
        ),
        None => line("duration", UNKNOWN, "ASSUMED: nothing like it was seen"),
    }
}

fn rates(figures: &TaskFigures, line: &mut impl FnMut(&str, &str, &str)) {
    let (failures, skips) = (figures.outcomes.failures(), figures.outcomes.skips());
    if failures.count > 0 {
        let mean = figures.failed_mean.map(seconds);
        let mean = mean.map_or_else(String::new, |mean| format!(", after {mean} on average"));
        let differ = match &figures.failed_duration {
            Some(fit) => format!(", not as those that succeeded but {}", fit.law.family()),
            None => String::new(),
        };
        let words = format!("{} of {} tries{mean}{differ}", failures.count, failures.of);
        line("failure_rate", &share(failures.count, failures.of), &words);
    }
    if figures.fatal.count > 0 {
        let words = format!("{} failures were not tried again", figures.fatal.count);
        line(
            "fatal_share",
            &share(figures.fatal.count, figures.fatal.of),
            &words,
        );
    }
    if skips.count > 0 {
        let words = format!("{} of {} tries that did not fail", skips.count, skips.of);
        line("skip_rate", &share(skips.count, skips.of), &words);
    }
}
