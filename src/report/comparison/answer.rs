//! What a comparison comes to in sentences: which alternative will do, what it wins and costs, and what is still open.

use super::ComparisonReport;
use super::blocks::{Telling, charted, name};
use super::recommendation::{recommendation, recommended};
use crate::experiment::{Comparison, DifferenceVerdict};
use crate::report::estimate_text::{difference_text, estimate_text};

/// Alternatives that a sentence names one by one.
const MAX_NAMED: usize = 3;

/// The sentences, the most important one first.
pub(in crate::report) fn answer(report: &ComparisonReport) -> Vec<String> {
    let comparison = &report.comparison;
    let count = comparison.alternatives.len();
    let figures = charted(comparison);
    let mut sentences: Vec<String> = recommendation(report).into_iter().collect();
    if count == 1 {
        sentences.extend(figures.iter().map(alone));
        return sentences;
    }
    if sentences.is_empty() {
        sentences.push(format!(
            "Without objectives and prices none of the {count} {} is simply the best: here is what each wins and takes.",
            report.compared.plural()
        ));
    }
    // Of two, one sentence says it all.
    let told = recommended(comparison).filter(|&at| at > 0);
    let told = told.or((count == 2).then_some(1));
    sentences.extend(told.and_then(|at| against_baseline(comparison, &figures, at)));
    if count > 2 {
        let winners = figures.iter().filter_map(|one| winner(comparison, one));
        sentences.extend(winners);
    }
    sentences.extend(open(comparison, &figures));
    sentences
}

/// What a figure is in a sentence: `` `etl`, deadlines missed ``.
pub(in crate::report) fn plainly((words, figure): &Telling<'_>) -> String {
    match figure.kind {
        "site" => (*words).to_owned(),
        _ => format!("`{}`, {words}", name(figure)),
    }
}

fn alone(telling: &Telling<'_>) -> String {
    let value = estimate_text(&telling.1.estimates[0].interval, telling.1.unit);
    format!("{}: {value}.", in_front(&plainly(telling)))
}

/// What an alternative wins and what it costs.
fn against_baseline(comparison: &Comparison, figures: &[Telling<'_>], at: usize) -> Option<String> {
    let part = |telling: &Telling<'_>| {
        let estimate = &telling.1.estimates[at];
        let difference = estimate.difference.filter(|one| one.verdict.is_shown())?;
        Some(format!(
            "{} {} ({}, {})",
            plainly(telling),
            estimate_text(&estimate.interval, telling.1.unit),
            difference_text(&difference.interval, telling.1.unit),
            difference.verdict.words()
        ))
    };
    let parts: Vec<String> = figures.iter().filter_map(part).collect();
    let [of, from] = [at, 0].map(|at| &comparison.alternatives[at].name);
    (!parts.is_empty()).then(|| format!("`{of}` against `{from}`: {}.", parts.join("; ")))
}

/// Who is best in a figure, or that nobody is better than the baseline.
fn winner(comparison: &Comparison, telling: &Telling<'_>) -> Option<String> {
    let figure = telling.1;
    let what = in_front(&plainly(telling));
    let baseline = &comparison.alternatives[0].name;
    let judged = |verdict: DifferenceVerdict| {
        let named = comparison.alternatives.iter().zip(&figure.estimates);
        let found = named.filter_map(|(one, estimate)| Some((one, estimate, estimate.difference?)));
        let mut found: Vec<_> = found.filter(|(.., it)| it.verdict == verdict).collect();
        let by = |difference: f64| difference.abs();
        found.sort_by(|a, b| by(b.2.interval.mean).total_cmp(&by(a.2.interval.mean)));
        found
    };
    if let Some((best, estimate, difference)) = judged(DifferenceVerdict::Better).first() {
        return Some(format!(
            "{what}: best in the mean is `{}` with {}, {} against `{baseline}`.",
            best.name,
            estimate_text(&estimate.interval, figure.unit),
            difference_text(&difference.interval, figure.unit),
        ));
    }
    let worse = judged(DifferenceVerdict::Worse);
    if worse.is_empty() {
        return None;
    }
    let named = worse.iter().take(MAX_NAMED).map(|(one, _, difference)| {
        let change = difference_text(&difference.interval, figure.unit);
        format!("`{}` {change}", one.name)
    });
    let mut named: Vec<String> = named.collect();
    if worse.len() > MAX_NAMED {
        named.push(format!("{} others", worse.len() - MAX_NAMED));
    }
    Some(format!(
        "{what}: none is better than `{baseline}` with {}; worse: {}.",
        estimate_text(&figure.estimates[0].interval, figure.unit),
        named.join(", ")
    ))
}

/// How much of what is told is not decided.
fn open(comparison: &Comparison, figures: &[Telling<'_>]) -> Option<String> {
    let estimates = figures.iter().flat_map(|(_, figure)| &figure.estimates);
    let all: Vec<_> = estimates.filter_map(|one| one.difference).collect();
    let is_open = |verdict| verdict == DifferenceVerdict::NoneShown;
    let open = all.iter().filter(|one| is_open(one.verdict)).count();
    (open > 0).then(|| {
        format!(
            "Open: {open} of these {} differences are not shown with n = {}.",
            all.len(),
            comparison.replications
        )
    })
}

/// As the first words of a sentence.
fn in_front(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + rest.as_str()
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;

    #[test]
    fn the_answer_tells_who_wins_what_and_what_it_costs() {
        insta::assert_snapshot!(answer(&report()).join("\n"), @r"
        Only `office` meets every objective.
        `office` against `as_is`: `warehouse`, wait p95 13s ± 2s (-1m18s ± 9s, better); cost 380 ± 12 (-32.2 ± 24.0, better); `etl`, deadlines missed 7% ± 2% (-5.0pt ± 2.0pt, better); slot-hours offered 1134 (+270, worse); resizes 12 (+12, worse).
        `warehouse`, wait p95: best in the mean is `office` with 13s ± 2s, -1m18s ± 9s against `as_is`.
        Cost: best in the mean is `office` with 380 ± 12, -32.2 ± 24.0 against `as_is`.
        `etl`, deadlines missed: best in the mean is `office` with 7% ± 2%, -5.0pt ± 2.0pt against `as_is`.
        Slot-hours offered: none is better than `as_is` with 864; worse: `office` +270.
        Resizes: none is better than `as_is` with 0; worse: `office` +12.
        Open: 5 of these 10 differences are not shown with n = 10.
        ");
    }

    #[test]
    fn a_policy_alone_is_told_by_its_figures() {
        let mut report = report();
        report.comparison.alternatives.truncate(1);
        for figure in &mut report.comparison.figures {
            figure.estimates.truncate(1);
            figure.pairs.clear();
        }
        let told = answer(&report).join("\n");
        assert!(
            told.contains("`warehouse`, wait p95: 1m31s ± 9s."),
            "{told}"
        );
        assert!(!told.contains("against"), "{told}");
    }
}
