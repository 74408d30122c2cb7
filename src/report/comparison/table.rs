//! A comparison as text for a terminal: the scoreboard, the figures that tell alternatives apart, and what to make of them.

use std::fmt::Write as _;

use super::blocks::{self, Telling, block_table, most_different, short};
use super::notes::{luck_text, undecided};
use super::objectives::objectives;
use super::recommendation::recommendation;
use super::scoreboard::scoreboard;
use super::{Compared, ComparisonReport};
use crate::experiment::{Comparison, Figure, Pair};
use crate::report::estimate_text::{difference_text, precision_sentence};
use crate::report::run::measured_text;
use crate::report::table::{paragraph, table};
use crate::report::warm_up::warm_up_text;

/// All pairs are shown of so many figures, if there are not too many pairs for a look.
const MAX_PAIRED_FIGURES: usize = 3;
const MAX_PAIRS: usize = 15;

/// Title, scoreboard, and the telling figures with their differences, in lines of at most `width` columns.
pub fn comparison_table(report: &ComparisonReport, width: u16) -> String {
    let comparison = &report.comparison;
    let mut parts = vec![title(report, width), scoreboard(report, width)];
    parts.extend(objectives(comparison, width));
    let all = blocks::all(comparison);
    let telling: Vec<Telling<'_>> = all.iter().flatten().flatten().copied().collect();
    let blocks = most_different(all);
    let tables = blocks
        .iter()
        .map(|block| block_table(comparison, block, width));
    parts.extend(tables);
    let shown: Vec<Telling<'_>> = blocks.into_iter().flatten().collect();
    parts.extend(all_pairs(comparison, &shown, width));
    // What shows nothing at all has no table; that it may one day is told all the same.
    let undecided_of = if shown.is_empty() { &telling } else { &shown };
    parts.extend(undecided(comparison, undecided_of));
    parts.push(legend(report, &shown));
    parts.join("\n\n") + "\n"
}

fn title(report: &ComparisonReport, width: u16) -> String {
    let (comparison, window) = (&report.comparison, &report.measured);
    let title = format!(
        "{}: {}, {} replications on the same luck",
        match report.compared {
            Compared::Policies | Compared::Sizes => report.scenario.clone(),
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
    let how = format!(
        "{}, seed {}, {} scheduler",
        measured_text(window, report.until_done),
        report.seed,
        report.mode,
    );
    let precision = comparison.precision.as_ref().map(precision_sentence);
    let warm_up = report.warm_up.as_ref().map(warm_up_text);
    let sentences = warm_up.into_iter().chain(precision);
    let sentences = sentences.chain(recommendation(report));
    paragraph([title, how].into_iter().chain(sentences), width)
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
                format!("{}, {words}", blocks::name(figure)),
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
    let baseline = &comparison.alternatives[0].name;
    if comparison.alternatives.len() > 1 && !shown.is_empty() {
        let _ = writeln!(
            text,
            "Differences are from {baseline}, replication by replication."
        );
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
    use crate::experiment::DifferenceVerdict;
    use crate::report::meaning::plain;

    #[test]
    fn a_comparison_at_eighty_columns() {
        insta::assert_snapshot!(plain(&comparison_table(&report(), 80)), @r"
        busy-week: 3 policies, 10 replications on the same luck
        50m measured after 10m of warm-up, seed 42, airflow scheduler
        Only `office` meets every objective.

        policy   objectives cost slot-hours        resizes
                        met  EUR    offered change
        --------------------------------------------------
        as_is        0 of 1  412        864              0
        office       1 of 1  380       1134   +31%      12
        cautious     0 of 1  412        864     0%       0

                  wait                        wait
        warehouse mean     difference          p95   difference
        --------------------------------------------------------------
        as_is      31s                       1m31s
        office    2.1s      -29s ± 3s better   13s  -1m18s ± 9s better
        cautious   31s +320ms ± 640ms   open 1m31s +0.9s ± 1.8s   open

        site     cost   difference
        ---------------------------------
        as_is     412
        office    380 -32.2 ± 24.0 better
        cautious  412 +3.10 ± 6.20   open

                 deadlines
        etl         missed     difference
        ----------------------------------------
        as_is          12%
        office          7% -5.0pt ± 2.0pt better
        cautious       12% +0.3pt ± 0.6pt   open

                 slot-hours
        site        offered difference
        ------------------------------------
        as_is           864
        office         1134       +270 worse
        cautious        864          0  open

        site     resizes difference
        ---------------------------------
        as_is          0
        office        12        +12 worse
        cautious       0          0  open

        all pairs                   difference verdict
        ----------------------------------------------
        warehouse, wait mean
          cautious against office    +29s ± 3s   worse
        warehouse, wait p95
          cautious against office  +1m18s ± 9s   worse
        site, cost
          cautious against office +32.2 ± 24.0   worse

        Open: no difference is shown at n = 10. To decide it takes
          warehouse, wait mean, cautious: about 35 more replications
          warehouse, wait p95, cautious: about 35 more replications
          site, cost, cautious: about 35 more replications
          etl, deadlines missed, cautious: about 35 more replications
          site, slot-hours offered, cautious: about 35 more replications
          site, resizes, cautious: about 35 more replications

        Common random numbers: these differences vary 12 times less (variance,
        median) than those of independent runs, which would take as many times more.
        Differences are from as_is, replication by replication.
        The verdicts on a figure hold together at 95 % (Holm).
        ± is a 95 % confidence interval of each figure by itself.
        Shown is what differs most; all 8 figures: `-o plain` or `-o json`.
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
        let text = plain(&comparison_table(&report, 80));
        assert!(text.contains("No difference in waits"), "{text}");
        assert!(!text.contains("difference\n"), "{text}");
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
            let text = plain(&comparison_table(&report, width));
            // Sentences are no columns.
            let (_, tables) = text.split_once("\n\n").unwrap();
            let (tables, _) = tables.split_once("\n\nOpen:").unwrap();
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
        let text = plain(&comparison_table(&report, 80));
        assert!(text.contains("\nwarehouse     mean        p95\n"), "{text}");
        assert!(!text.contains("difference"), "{text}");
    }
}
