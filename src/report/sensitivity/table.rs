//! The sentences, and a table of all knobs that were turned.

use comfy_table::Cell;

use super::SensitivityReport;
use super::sentences::{indicator_text, knob_text, sentences};
use crate::experiment::{DifferenceVerdict, Effect, KnobEffect};
use crate::report::comparison::luck_text;
use crate::report::estimate_text::{difference_text, estimate_text};
use crate::report::meaning::verdict_cell;
use crate::report::run::measured_text;
use crate::report::table::{table, wrapped};
use crate::report::warm_up::warm_up_text;

/// The knobs that are shown, those that matter most.
const MAX_KNOBS: usize = 20;

/// Title, sentences, table and what was left out, in lines of at most `width` columns but for the sentences.
pub(super) fn sensitivity_table(report: &SensitivityReport, width: u16) -> String {
    let all = &report.sensitivity.knobs;
    let turned: Vec<&KnobEffect> = all
        .iter()
        .filter(|it| it.sides().next().is_some())
        .collect();
    let shown = &turned[..turned.len().min(MAX_KNOBS)];
    let rows = shown.iter().map(|knob| row(knob, report.sensitivity.unit));
    let columns = ["knob", "now", "less", "changes by", "more", "changes by"];
    let mut blocks = vec![title(report, width), table(width, columns, rows)];
    if turned.len() > shown.len() {
        blocks.push(format!(
            "and {} knobs that matter less",
            turned.len() - shown.len()
        ));
    }
    blocks.extend(left_out(report, width));
    blocks.push(legend(report));
    blocks.join("\n\n") + "\n"
}

fn title(report: &SensitivityReport, width: u16) -> String {
    let (heading, found) = (&report.heading, &report.sensitivity);
    let mut lines = vec![
        format!(
            "{}: every knob turned by {}, {} replications each on the same luck",
            heading.scenario, report.step, found.replications
        ),
        format!(
            "{}, seed {}, {} scheduler{}",
            measured_text(&report.measured, heading.until_done),
            heading.seed,
            report.mode,
            heading
                .policy
                .as_ref()
                .map_or_else(String::new, |it| format!(", policy {it}")),
        ),
    ];
    lines.extend(heading.warm_up.as_ref().map(warm_up_text));
    lines.push(match found.as_is.n {
        0 => format!(
            "There is nothing to measure the {} by.",
            indicator_text(found)
        ),
        _ => format!(
            "As it is, the {} is {}.",
            indicator_text(found),
            estimate_text(&found.as_is, found.unit)
        ),
    });
    lines.extend(sentences(report).iter().map(|it| wrapped(it, width)));
    lines.join("\n")
}

fn row(knob: &KnobEffect, unit: &str) -> [Cell; 6] {
    let dash = || Cell::new("-");
    let to = |side: Option<Effect>| side.map_or_else(dash, |it| Cell::new(it.to));
    let by = |side: Option<Effect>| side.map_or_else(dash, |it| effect_cell(&it, unit));
    [
        Cell::new(knob_text(knob)),
        Cell::new(knob.value),
        to(knob.less),
        by(knob.less),
        to(knob.more),
        by(knob.more),
    ]
}

/// What is not shown stands in brackets.
fn effect_cell(effect: &Effect, unit: &str) -> Cell {
    let text = difference_text(&effect.difference.interval, unit);
    let verdict = effect.difference.verdict;
    match verdict {
        DifferenceVerdict::NoneShown => Cell::new(format!("({text})")),
        DifferenceVerdict::Same => Cell::new("nothing"),
        _ => verdict_cell(verdict, text),
    }
}

/// Each note with its knobs.
fn left_out(report: &SensitivityReport, width: u16) -> Option<String> {
    let noted = report.sensitivity.knobs.iter().flat_map(|knob| {
        let notes = knob.notes.iter();
        notes.map(move |note| {
            let text = wrapped(&format!("{}: {note}", knob_text(knob)), width - 2);
            format!("  {}", text.replace('\n', "\n  "))
        })
    });
    let lines: Vec<String> = noted.collect();
    (!lines.is_empty()).then(|| format!("Notes:\n{}", lines.join("\n")))
}

fn legend(report: &SensitivityReport) -> String {
    let found = &report.sensitivity;
    let percent = found.level * 100.0;
    let sides = found.knobs.iter().flat_map(KnobEffect::sides);
    let luck = luck_text(sides.map(|side| &side.difference));
    let mut lines: Vec<String> = luck.into_iter().collect();
    lines.push(format!(
        "± is a {percent} % confidence interval of the paired differences, each by itself.\n\
         In brackets: no difference shown at n = {}; the others hold all together at\n\
         {percent} % (Holm). How many more replications would decide: `-o plain`, `-o json`.",
        found.replications
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Difference, Outlook, Sensitivity};
    use crate::report::RunHeading;
    use crate::report::meaning::plain;
    use crate::report::run::WindowText;
    use crate::stats::interval::Interval;
    use crate::trace::synthetic::first_hour;

    fn effect(to: i64, mean: f64, half_width: f64, verdict: DifferenceVerdict) -> Effect {
        let interval = Interval {
            mean,
            half_width,
            n: 10,
        };
        Effect {
            to,
            difference: Difference {
                interval,
                correlation: None,
                variance_reduction: (half_width > 0.0).then_some(9.0),
                p_value: Some(0.001),
                verdict,
                outlook: Outlook::Decided,
            },
        }
    }

    fn knob(
        (counts, of): (&'static str, &str),
        value: i64,
        [less, more]: [Option<Effect>; 2],
        notes: &[&str],
    ) -> KnobEffect {
        KnobEffect {
            path: format!("pools.{of}.slots"),
            counts,
            of: of.into(),
            value,
            less,
            more,
            notes: notes.iter().map(|&note| note.to_owned()).collect(),
        }
    }

    fn report() -> SensitivityReport {
        use DifferenceVerdict::{Better, NoneShown, Same, Worse};
        let nothing = |to| Some(effect(to, 0.0, 0.0, Same));
        let knobs = vec![
            knob(
                ("slots", "database_pool"),
                6,
                [
                    Some(effect(5, 420.0, 35.0, Worse)),
                    Some(effect(7, -130.0, 12.0, Better)),
                ],
                &[],
            ),
            knob(
                ("max_active_runs", "etl"),
                4,
                [
                    Some(effect(3, 14.0, 20.0, NoneShown)),
                    Some(effect(5, -3.0, 1.5, Better)),
                ],
                &[],
            ),
            knob(
                ("slots", "api_pool"),
                1,
                [None, nothing(2)],
                &["1 is the least it can be"],
            ),
            knob(("parallelism", ""), 32, [nothing(31), nothing(33)], &[]),
            knob(("slots", "free"), -1, [None, None], &["it is unlimited"]),
        ];
        SensitivityReport {
            heading: RunHeading {
                scenario: "busy-week".into(),
                seed: 42,
                ..RunHeading::default()
            },
            mode: "airflow",
            window: WindowText::of(&first_hour()),
            step: "1".into(),
            sensitivity: Sensitivity {
                replications: 10,
                level: 0.95,
                kind: "site",
                name: "busy-week".into(),
                indicator: "pool_wait_p95".into(),
                unit: "s",
                as_is: Interval {
                    mean: 300.0,
                    half_width: 20.0,
                    n: 10,
                },
                knobs,
            },
            measured: first_hour(),
        }
    }

    #[test]
    fn the_knobs_at_eighty_columns() {
        insta::assert_snapshot!(plain(&sensitivity_table(&report(), 80)), @r"
        busy-week: every knob turned by 1, 10 replications each on the same luck
        50m measured after 10m of warm-up, seed 42, airflow scheduler
        As it is, the p95 pool wait is 5m ± 20s.
        One more slot in `database_pool` cuts the p95 pool wait by 2m10s ± 12s.
        One more in `max_active_runs` of `etl` cuts the p95 pool wait by 3.0s ± 1.5s.
        One more changes nothing in any replication: api_pool, parallelism.
        One less costs nothing in any replication: parallelism.

        knob                now less   changes by more   changes by
        -----------------------------------------------------------
        database_pool         6    5    +7m ± 35s    7 -2m10s ± 12s
        etl max_active_runs   4    3 (+14s ± 20s)    5 -3.0s ± 1.5s
        api_pool              1    -            -    2      nothing
        parallelism          32   31      nothing   33      nothing

        Notes:
          api_pool: 1 is the least it can be
          free: it is unlimited

        Common random numbers: these differences vary 9.0 times less (variance,
        median) than those of independent runs, which would take as many times more.
        ± is a 95 % confidence interval of the paired differences, each by itself.
        In brackets: no difference shown at n = 10; the others hold all together at
        95 % (Holm). How many more replications would decide: `-o plain`, `-o json`.
        ");
    }

    #[test]
    fn no_line_is_too_wide() {
        let mut report = report();
        for knob in &mut report.sensitivity.knobs {
            knob.of += "_of_the_reporting_team_in_the_north";
        }
        let text = plain(&sensitivity_table(&report, 80));
        let widest = text
            .lines()
            .max_by_key(|line| line.chars().count())
            .unwrap();
        assert!(widest.chars().count() <= 80, "{widest}");
    }

    #[test]
    fn where_nothing_is_shown_that_is_said() {
        let mut report = report();
        for knob in &mut report.sensitivity.knobs {
            for side in [&mut knob.less, &mut knob.more].into_iter().flatten() {
                side.difference.verdict = DifferenceVerdict::NoneShown;
            }
        }
        let text = plain(&sensitivity_table(&report, 80));
        let said = "No knob is shown to change the p95 pool wait when it is turned up.";
        assert!(text.contains(said), "{text}");
        assert!(text.contains("(-2m10s ± 12s)"), "{text}");
    }
}
