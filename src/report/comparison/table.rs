//! A comparison as tables for a terminal: what each alternative costs and achieves, then the figures that tell them apart.

use std::fmt::Write as _;

use super::notes::{luck_text, undecided};
use super::recommendation::recommendation;
use super::{Compared, ComparisonReport};
use crate::experiment::{Comparison, DifferenceVerdict, Figure, Pair};
use crate::report::estimate_text::{
    change_text, difference_text, estimate_text, precision_sentence,
};
use crate::report::run::measured_text;
use crate::report::table::table;
use crate::report::warm_up::warm_up_text;

/// The figures that a table may show, the first the most telling; all others are in the other formats.
const TELLING: [(&str, &str, &str); 7] = [
    ("site", "time_to_clear", "time to clear"),
    ("pool", "pool_wait_p95", "wait p95"),
    ("pool", "pool_wait_mean", "wait mean"),
    ("pool", "still_waiting", "still waiting"),
    ("dag", "missed_deadlines", "deadlines missed"),
    ("dag", "makespan_p95", "makespan p95"),
    ("pool", "slot_hours_offered", "slot-hours"),
];

/// A figure and its indicator in words.
pub(super) type Telling<'a> = (&'static str, &'a Figure);

/// The figures that still fit into a look: those that differ most are shown.
const MAX_FIGURES: usize = 10;

/// All pairs are shown of so many figures, if there are not too many pairs for a look.
const MAX_PAIRED_FIGURES: usize = 3;
const MAX_PAIRS: usize = 15;

/// Title, costs, and the telling figures with their differences, in lines of at most `width` columns.
pub fn comparison_table(report: &ComparisonReport, width: u16) -> String {
    let comparison = &report.comparison;
    let mut blocks = vec![title(report), costs(report, width)];
    let telling: Vec<Telling<'_>> = telling(comparison).collect();
    let shown = most_different(&telling);
    if !shown.is_empty() {
        blocks.push(differences(comparison, &shown, width));
    }
    blocks.extend(all_pairs(comparison, &shown, width));
    // What shows nothing at all has no table; that it may one day is told all the same.
    let undecided_of = if shown.is_empty() { &telling } else { &shown };
    blocks.extend(undecided(comparison, undecided_of));
    blocks.push(legend(report, &shown));
    blocks.join("\n\n") + "\n"
}

fn title(report: &ComparisonReport) -> String {
    let (comparison, window) = (&report.comparison, &report.measured);
    let mut text = format!(
        "{}: {}, {} replications on the same luck\n",
        match report.compared {
            Compared::Policies => report.scenario.clone(),
            Compared::Files => names(comparison),
        },
        match comparison.alternatives.len() {
            1 => format!(
                "{} {}",
                report.compared.noun(),
                comparison.alternatives[0].name
            ),
            many => format!("{many} {}", report.compared.plural()),
        },
        comparison.replications,
    );
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{}, seed {}, {} scheduler",
        measured_text(window, report.until_done),
        report.seed,
        report.mode,
    );
    let precision = comparison.precision.as_ref().map(precision_sentence);
    let warm_up = report.warm_up.as_ref().map(warm_up_text);
    let sentences = warm_up.into_iter().chain(precision);
    for sentence in sentences.chain(recommendation(report)) {
        text.push('\n');
        text.push_str(&sentence);
    }
    text
}

/// All names, unless they would fill the line.
fn names(comparison: &Comparison) -> String {
    let names = comparison.alternatives.iter().map(|one| one.name.as_str());
    let all = names.collect::<Vec<_>>().join(", ");
    let baseline = &comparison.alternatives[0].name;
    let fits = all.chars().count() <= 40;
    if fits {
        all
    } else {
        format!("{baseline} and others")
    }
}

/// A line an alternative: the objectives it meets, and what it takes.
fn costs(report: &ComparisonReport, width: u16) -> String {
    let comparison = &report.comparison;
    let site = |indicator: &str, at: usize| {
        let mut figures = comparison.figures.iter();
        let figure = figures.find(|one| one.kind == "site" && one.indicator == indicator)?;
        Some((figure, at))
    };
    let alternatives = comparison.alternatives.iter().enumerate();
    let rows = alternatives.map(|(at, alternative)| {
        let met = alternative.objectives.iter().filter(|one| one.met).count();
        let hours = site("slot_hours_offered", at);
        [
            alternative.name.clone(),
            match alternative.objectives.len() {
                0 => "-".into(),
                all => format!("{met} of {all}"),
            },
            hours.map_or_else(dash, mean),
            hours.map_or_else(dash, change),
            site("resizes", at).map_or_else(dash, mean),
        ]
    });
    let columns = [
        report.compared.noun(),
        "objectives\nmet",
        "slot-hours\nof pools in use",
        "change",
        "resizes",
    ];
    table(width, columns, rows)
}

/// The figures that a table may show, in its order.
fn telling(comparison: &Comparison) -> impl Iterator<Item = Telling<'_>> {
    TELLING.iter().flat_map(|&(kind, indicator, words)| {
        let figures = comparison.figures.iter();
        figures
            .filter(move |figure| figure.kind == kind && figure.indicator == indicator)
            .map(move |figure| (words, figure))
    })
}

/// Those that some alternative is shown to change, the largest changes of all, in the order of the table.
fn most_different<'a>(telling: &[Telling<'a>]) -> Vec<Telling<'a>> {
    let mut ranked: Vec<(usize, f64, Telling<'_>)> = telling
        .iter()
        .enumerate()
        .map(|(place, &telling)| (place, largest_change(telling.1), telling))
        .filter(|&(_, change, _)| change > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(MAX_FIGURES);
    ranked.sort_by_key(|&(place, ..)| place);
    ranked.into_iter().map(|(.., telling)| telling).collect()
}

/// As a share of the baseline's mean; of a single alternative, whether there is anything to tell.
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
        let alternatives = comparison.alternatives.iter().enumerate();
        let lines = alternatives.map(move |(at, alternative)| {
            [
                format!("  {}", alternative.name),
                mean((figure, at)),
                difference(figure, at),
                change((figure, at)),
                verdict(figure, at),
            ]
        });
        std::iter::once(title).chain(lines)
    });
    let against = format!("against {}", comparison.alternatives[0].name);
    table(width, ["", "mean", &against, "change", "verdict"], rows)
}

/// Every two alternatives of which none is the baseline, for the first of the figures.
fn all_pairs(comparison: &Comparison, shown: &[Telling<'_>], width: u16) -> Option<String> {
    let count = comparison.alternatives.len();
    if !(3..=MAX_PAIRS).contains(&(count * count.saturating_sub(1) / 2)) {
        return None;
    }
    let name = |at: usize| &comparison.alternatives[at].name;
    let row = |figure: &Figure, pair: &Pair| {
        let Pair {
            of,
            against,
            difference,
        } = pair;
        [
            format!("  {} against {}", name(*of), name(*against)),
            difference_text(&difference.interval, figure.unit),
            short(difference.verdict).to_owned(),
        ]
    };
    let rows = shown
        .iter()
        .take(MAX_PAIRED_FIGURES)
        .flat_map(|&(words, figure)| {
            let title = [
                format!("{}, {words}", figure.name),
                String::new(),
                String::new(),
            ];
            let others = figure.pairs.iter().filter(|pair| pair.against > 0);
            std::iter::once(title).chain(others.map(move |pair| row(figure, pair)))
        });
    let mut rows = rows.peekable();
    rows.peek()?;
    Some(table(width, ["all pairs", "difference", "verdict"], rows))
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

fn verdict(figure: &Figure, at: usize) -> String {
    let difference = figure.estimates[at].difference;
    difference.map_or_else(String::new, |one| short(one.verdict).into())
}

/// Short enough for its column; the notes say the rest.
const fn short(verdict: DifferenceVerdict) -> &'static str {
    match verdict {
        DifferenceVerdict::NoneShown => "none shown",
        other => other.words(),
    }
}

fn dash() -> String {
    "-".into()
}

fn legend(report: &ComparisonReport, shown: &[Telling<'_>]) -> String {
    let comparison = &report.comparison;
    let (n, all) = (comparison.replications, comparison.figures.len());
    let percent = comparison.level * 100.0;
    let mut text = String::new();
    // Writing to a string cannot fail.
    if shown.is_empty() {
        let _ = writeln!(
            text,
            "No difference in waits, deadlines or slot-hours is shown with n = {n}."
        );
    }
    let estimates = shown.iter().flat_map(|(_, figure)| &figure.estimates);
    if let Some(saved) = luck_text(estimates.filter_map(|one| one.difference.as_ref())) {
        let _ = writeln!(text, "{saved}");
    }
    if comparison.alternatives.len() > 2 && !shown.is_empty() {
        let _ = writeln!(
            text,
            "The verdicts on a figure hold together at {percent} % (Holm)."
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

        all pairs                     difference verdict
        ------------------------------------------------
        warehouse, wait p95
          cautious against office    +1m18s ± 9s   worse
        warehouse, wait mean
          cautious against office      +29s ± 3s   worse
        etl, deadlines missed
          cautious against office +5.0pt ± 2.0pt   worse

        None shown: no difference shown at n = 10. To decide it takes
          warehouse, wait p95, cautious: about 35 more replications
          warehouse, wait mean, cautious: about 35 more replications
          etl, deadlines missed, cautious: about 35 more replications

        Common random numbers: these differences vary 12 times less (variance,
        median) than those of independent runs, which would take as many times more.
        The verdicts on a figure hold together at 95 % (Holm).
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
                difference.outlook = crate::experiment::Outlook::More(35);
            }
        }
        let text = comparison_table(&report, 80);
        assert!(text.contains("No difference in waits"), "{text}");
        assert!(!text.contains("verdict"), "{text}");
        assert!(
            text.contains("  warehouse, wait p95, office: about 35 more replications\n"),
            "{text}"
        );
        assert!(text.contains("\n  and "), "{text}");
    }

    #[test]
    fn long_names_wrap_and_no_line_is_too_wide() {
        let mut report = report();
        report.compared = Compared::Files;
        for alternative in &mut report.comparison.alternatives {
            alternative.name += "_as_the_platform_team_wants_to_have_it_from_next_year_on";
        }
        for width in [80, 100, 140] {
            let text = comparison_table(&report, width);
            // Sentences are no columns.
            let (_, tables) = text.split_once("\n\n").unwrap();
            let (tables, _) = tables.split_once("\n\nNone shown").unwrap();
            let widest = tables.lines().map(|line| line.chars().count()).max();
            assert!(widest.unwrap() <= usize::from(width), "{width}:\n{tables}");
        }
    }

    #[test]
    fn a_policy_alone_is_told_without_differences() {
        let mut report = report();
        report.comparison.alternatives.truncate(1);
        for figure in &mut report.comparison.figures {
            figure.estimates.truncate(1);
            figure.pairs.clear();
        }
        let text = comparison_table(&report, 80);
        assert!(text.contains("api, wait p95"), "{text}");
        assert!(!text.contains("none shown"), "{text}");
    }
}
