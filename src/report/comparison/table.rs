//! A comparison as tables for a terminal: what each policy costs and achieves, then the figures that tell them apart.

use std::fmt::Write as _;

use super::ComparisonReport;
use super::recommendation::recommendation;
use crate::experiment::{Comparison, DifferenceVerdict, Figure};
use crate::report::duration_text;
use crate::report::estimate_text::{
    change_text, difference_text, estimate_text, precision_sentence,
};
use crate::report::table::table;
use crate::report::warm_up::warm_up_text;
use crate::time::SimDuration;

/// The figures that a table may show, the first the most telling; all others are in the other formats.
const TELLING: [(&str, &str, &str); 6] = [
    ("pool", "pool_wait_p95", "wait p95"),
    ("pool", "pool_wait_mean", "wait mean"),
    ("pool", "still_waiting", "still waiting"),
    ("dag", "missed_deadlines", "deadlines missed"),
    ("dag", "makespan_p95", "makespan p95"),
    ("pool", "slot_hours_offered", "slot-hours"),
];

/// A figure and its indicator in words.
type Telling<'a> = (&'static str, &'a Figure);

/// The figures that still fit into a look: those that differ most are shown.
const MAX_FIGURES: usize = 10;

/// Title, costs, and the telling figures with their differences, in lines of at most `width` columns.
pub fn comparison_table(report: &ComparisonReport, width: u16) -> String {
    let comparison = &report.comparison;
    let mut blocks = vec![title(report), costs(comparison, width)];
    let shown = most_different(comparison);
    if !shown.is_empty() {
        blocks.push(differences(comparison, &shown, width));
    }
    blocks.push(legend(comparison, &shown));
    blocks.join("\n\n") + "\n"
}

fn title(report: &ComparisonReport) -> String {
    let (comparison, window) = (&report.comparison, &report.measured);
    let span = |span: SimDuration| duration_text(span.as_seconds());
    let mut text = format!(
        "{}: {}, {} replications on the same luck\n",
        report.scenario,
        match comparison.policies.len() {
            1 => format!("policy {}", comparison.policies[0].name),
            many => format!("{many} policies"),
        },
        comparison.replications,
    );
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{} measured after {} of warm-up, seed {}, {} scheduler",
        span(window.length()),
        span(window.warm_up_end - window.start),
        report.seed,
        report.mode,
    );
    let precision = comparison.precision.as_ref().map(precision_sentence);
    let warm_up = report.warm_up.as_ref().map(warm_up_text);
    let sentences = warm_up.into_iter().chain(precision);
    for sentence in sentences.chain(recommendation(comparison)) {
        text.push('\n');
        text.push_str(&sentence);
    }
    text
}

/// A line a policy: the objectives it meets, and what it takes.
fn costs(comparison: &Comparison, width: u16) -> String {
    let site = |indicator: &str, at: usize| {
        let mut figures = comparison.figures.iter();
        let figure = figures.find(|one| one.kind == "site" && one.indicator == indicator)?;
        Some((figure, at))
    };
    let rows = comparison.policies.iter().enumerate().map(|(at, policy)| {
        let met = policy.objectives.iter().filter(|one| one.met).count();
        let hours = site("slot_hours_offered", at);
        [
            policy.name.clone(),
            match policy.objectives.len() {
                0 => "-".into(),
                all => format!("{met} of {all}"),
            },
            hours.map_or_else(dash, mean),
            hours.map_or_else(dash, change),
            site("resizes", at).map_or_else(dash, mean),
        ]
    });
    let columns = [
        "policy",
        "objectives\nmet",
        "slot-hours\nof pools in use",
        "change",
        "resizes",
    ];
    table(width, columns, rows)
}

/// The telling figures that some policy is shown to change, the largest changes of all, in the order of the table.
fn most_different(comparison: &Comparison) -> Vec<Telling<'_>> {
    let telling = TELLING.iter().flat_map(|&(kind, indicator, words)| {
        let figures = comparison.figures.iter();
        figures
            .filter(move |figure| figure.kind == kind && figure.indicator == indicator)
            .map(move |figure| (words, figure))
    });
    let mut ranked: Vec<(usize, f64, Telling<'_>)> = telling
        .enumerate()
        .map(|(place, telling)| (place, largest_change(telling.1), telling))
        .filter(|&(_, change, _)| change > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(MAX_FIGURES);
    ranked.sort_by_key(|&(place, ..)| place);
    ranked.into_iter().map(|(.., telling)| telling).collect()
}

/// As a share of the first policy's mean; of a single policy, whether there is anything to tell.
fn largest_change(figure: &Figure) -> f64 {
    let (first, others) = (&figure.estimates[0], &figure.estimates[1..]);
    if others.is_empty() {
        return f64::from(u8::from(first.interval.mean > 0.0));
    }
    let shown = others
        .iter()
        .filter_map(|other| other.difference)
        .filter(|difference| difference.verdict.is_shown());
    shown
        .map(|difference| (difference.interval.mean / first.interval.mean).abs())
        .fold(0.0, f64::max)
}

fn differences(comparison: &Comparison, shown: &[Telling<'_>], width: u16) -> String {
    let rows = shown.iter().flat_map(|&(words, figure)| {
        let title = [
            format!("{}, {words}", figure.name),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        let policies = comparison.policies.iter().enumerate();
        let lines = policies.map(move |(at, policy)| {
            [
                format!("  {}", policy.name),
                mean((figure, at)),
                difference(figure, at),
                change((figure, at)),
                verdict(figure, at),
            ]
        });
        std::iter::once(title).chain(lines)
    });
    let against = format!("against {}", comparison.policies[0].name);
    table(width, ["", "mean", &against, "change", "verdict"], rows)
}

fn mean((figure, at): (&Figure, usize)) -> String {
    estimate_text(&figure.estimates[at].interval, figure.unit)
}

fn difference(figure: &Figure, at: usize) -> String {
    let difference = figure.estimates[at].difference;
    difference.map_or_else(String::new, |one| {
        difference_text(&one.interval, figure.unit)
    })
}

fn change((figure, at): (&Figure, usize)) -> String {
    let [first, this] = [0, at].map(|at| figure.estimates[at]);
    let difference = this.difference;
    difference.map_or_else(String::new, |one| {
        change_text(one.interval.mean, first.interval.mean)
    })
}

/// Short enough for its column; the legend says the rest.
fn verdict(figure: &Figure, at: usize) -> String {
    let words = |verdict: DifferenceVerdict| match verdict {
        DifferenceVerdict::NoneShown => "none shown",
        other => other.words(),
    };
    let difference = figure.estimates[at].difference;
    difference.map_or_else(String::new, |one| words(one.verdict).into())
}

fn dash() -> String {
    "-".into()
}

fn legend(comparison: &Comparison, shown: &[Telling<'_>]) -> String {
    let (n, all) = (comparison.replications, comparison.figures.len());
    let percent = comparison.level * 100.0;
    let mut text = String::new();
    if shown.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "No difference in waits, deadlines or slot-hours is shown with n = {n}."
        );
    }
    let estimates = shown.iter().flat_map(|(_, figure)| &figure.estimates);
    let mut verdicts = estimates.filter_map(|one| one.difference.map(|one| one.verdict));
    if verdicts.any(|verdict| verdict == DifferenceVerdict::NoneShown) {
        let _ = writeln!(
            text,
            "none shown: no difference shown with n = {n}; more replications may show one."
        );
    }
    let _ = write!(
        text,
        "± is a {percent} % confidence interval of each figure by itself.\n\
         Shown is what differs most; all {all} figures: `-o plain` or `-o json`."
    );
    text
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;

    #[test]
    fn a_comparison_at_eighty_columns() {
        insta::assert_snapshot!(comparison_table(&report(), 80), @r"
        busy-week: 3 policies, 10 replications on the same luck
        50m measured after 10m of warm-up, seed 42, airflow scheduler
        Only `office` meets every objective.

        policy   objectives      slot-hours change resizes
                        met of pools in use
        --------------------------------------------------
        as_is        0 of 1             864              0
        office       1 of 1            1134   +31%      12
        cautious     0 of 1             864     0%       0

                                     mean  against as_is change    verdict
        ------------------------------------------------------------------
        warehouse, wait p95
          as_is                1m31s ± 9s
          office                 13s ± 2s    -1m18s ± 9s   -86%     better
          cautious             1m31s ± 9s   +0.9s ± 1.8s    +1% none shown
        warehouse, wait mean
          as_is                  31s ± 3s
          office              2.1s ± 0.4s      -29s ± 3s   -93%     better
          cautious               31s ± 3s +320ms ± 640ms    +1% none shown
        etl, deadlines missed
          as_is                  12% ± 3%
          office                  7% ± 2% -5.0pt ± 2.0pt   -42%     better
          cautious               12% ± 3% +0.3pt ± 0.6pt    +3% none shown

        none shown: no difference shown with n = 10; more replications may show one.
        ± is a 95 % confidence interval of each figure by itself.
        Shown is what differs most; all 7 figures: `-o plain` or `-o json`.
        ");
    }

    #[test]
    fn only_what_tells_policies_apart_is_shown() {
        let mut report = report();
        for figure in &mut report.comparison.figures {
            for difference in figure
                .estimates
                .iter_mut()
                .filter_map(|one| one.difference.as_mut())
            {
                difference.verdict = DifferenceVerdict::NoneShown;
            }
        }
        let text = comparison_table(&report, 80);
        assert!(text.contains("No difference in waits"), "{text}");
        assert!(!text.contains("wait p95"), "{text}");
    }

    #[test]
    fn a_policy_alone_is_told_without_differences() {
        let mut report = report();
        report.comparison.policies.truncate(1);
        for figure in &mut report.comparison.figures {
            figure.estimates.truncate(1);
        }
        let text = comparison_table(&report, 80);
        assert!(text.contains("api, wait p95"), "{text}");
        assert!(!text.contains("none shown"), "{text}");
    }
}
