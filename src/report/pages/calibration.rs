//! The page of a calibration: what durations are drawn from, how well that goes with what was recorded, and what nobody knows.

use crate::calibrate::{Basis, Calibration, Rhythm, TaskCalibration};
use crate::report::calibration::{
    LEVEL, accepted, moments, name, p_text, sentences, tested, worst_first,
};
use crate::report::charts::{ChartError, ImageFormat, draw_duration_quantiles};
use crate::report::document::{Cell, Document, Table};
use crate::report::duration_text;
use crate::report::headline::percent;

/// The report of a calibration.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn calibration_document(calibration: &Calibration) -> Result<Document, ChartError> {
    let mut document = Document::new("What durations are drawn from", None);
    document.answer(&sentences(calibration));
    if !calibration.tasks.is_empty() {
        document.section("Do the laws go with what was recorded?");
        if let Some(svg) = draw_duration_quantiles(calibration, ImageFormat::Svg)? {
            let words = "Recorded durations against the quantiles of what is drawn, a panel for each task, the worst fits first.";
            document.figure("duration_quantiles", &svg, words);
        }
        document.table(laws(calibration));
        document.table(failures(calibration));
    }
    let changing = changes(calibration);
    if !changing.rows.is_empty() {
        document.section("What changes with time?");
        document.paragraph(
            "Laws stay the same. What is told here is not in them, and not averaged away unsaid.",
        );
        document.table(changing);
    }
    document.section("What was assumed");
    document.facts(&assumed(calibration));
    document.section("What could not be known");
    document.facts(&unknown(calibration));
    Ok(document)
}

fn laws(calibration: &Calibration) -> Table {
    let mut table = Table::new(
        "Durations of tasks, the worst fits first",
        &[
            ("task", "and its DAG"),
            ("tries", "that succeeded"),
            ("censored", "tries that still ran when the record ends"),
            ("family", "of what is drawn"),
            (
                "because",
                "it is the best of those accepted, none is, durations never vary, or few borrow the spread of like tasks",
            ),
            ("mean", "of what is drawn"),
            ("sd", "standard deviation of what is drawn"),
            (
                "A² p",
                "Anderson–Darling, of the family taken or the nearest; it decides",
            ),
            ("D p", "Kolmogorov–Smirnov, of the same family"),
            (
                "accepted",
                "families that may be those of the durations, best first",
            ),
        ],
    );
    for task in worst_first(calibration) {
        let Some(fit) = &task.duration else {
            let unknown = std::iter::repeat_with(Cell::nothing).take(7);
            let known = [
                Cell::text(name(task)),
                Cell::count(0),
                Cell::text("never succeeded".into()),
            ];
            table.row(known.into_iter().chain(unknown));
            continue;
        };
        let goodness = tested(task).map(|candidate| candidate.goodness);
        let p = |p: Option<f64>| p.map_or_else(Cell::nothing, |p| Cell::sorted(p_text(p), p));
        let moments = moments(fit);
        table.row([
            Cell::text(name(task)),
            Cell::count(fit.n as u64),
            Cell::count(fit.censored as u64),
            Cell::name(fit.law.family()),
            Cell::name(because(fit.basis)),
            Cell::seconds(moments.map(|(mean, _)| mean)),
            Cell::seconds(moments.map(|(_, sd)| sd)),
            p(goodness.map(|goodness| goodness.anderson_darling.p)),
            p(goodness.map(|goodness| goodness.kolmogorov_smirnov.p)),
            Cell::text(accepted(fit).collect::<Vec<_>>().join(", ")),
        ]);
    }
    table
}

const fn because(basis: Basis) -> &'static str {
    match basis {
        Basis::Likelihood => "accepted",
        Basis::NoSpread => "never varies",
        Basis::NothingElse => "none accepted",
        Basis::Borrowed(_) => "few: borrowed",
    }
}

fn failures(calibration: &Calibration) -> Table {
    let mut table = Table::new(
        "How often tries fail",
        &[
            ("task", "and its DAG"),
            ("ended", "tries that succeeded or failed"),
            ("failed", "of these"),
            ("share", "that failed"),
            ("at least", "lower end of the interval (Wilson, 95 %)"),
            ("at most", "upper end of the interval"),
            (
                "a failed try takes",
                "on average, where durations of failed tries are shown to be others",
            ),
        ],
    );
    let mut tasks: Vec<&TaskCalibration> = calibration.tasks.iter().collect();
    tasks.retain(|task| task.outcomes.failed > 0);
    let share = |task: &TaskCalibration| task.outcomes.failures().share();
    tasks.sort_by(|a, b| share(b).total_cmp(&share(a)));
    for task in tasks {
        let failures = task.outcomes.failures();
        let (low, high) = failures.interval(LEVEL);
        table.row([
            Cell::text(name(task)),
            Cell::count(failures.of as u64),
            Cell::count(failures.count as u64),
            Cell::bar(Some(share(task))),
            Cell::share(Some(low)),
            Cell::share(Some(high)),
            Cell::seconds(
                task.failed_duration
                    .as_ref()
                    .map(crate::calibrate::Fit::mean),
            ),
        ]);
    }
    table
}

fn changes(calibration: &Calibration) -> Table {
    let mut table = Table::new(
        "Durations that change with time",
        &[
            ("task", "and its DAG"),
            (
                "second half to first",
                "mean durations over the window, where they drift",
            ),
            (
                "hours",
                "the hour (UTC) of the longest and of the shortest durations, as shares of the mean",
            ),
            ("days", "the same of the days of the week"),
        ],
    );
    for task in &calibration.tasks {
        let effects = &task.effects;
        if effects.drift.is_none() && effects.hours.is_none() && effects.weekdays.is_none() {
            continue;
        }
        let drift = effects.drift.map_or_else(Cell::nothing, |drift| {
            let ratio = drift.second_half_to_first;
            Cell::sorted(format!("{ratio:.2}"), ratio)
        });
        let hour = |hour: u32| format!("{hour:02}:00");
        let day = |day: u32| DAYS[day as usize % DAYS.len()].to_owned();
        table.row([
            Cell::text(name(task)),
            drift,
            rhythm(effects.hours.as_ref(), &hour),
            rhythm(effects.weekdays.as_ref(), &day),
        ]);
    }
    table
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn rhythm(rhythm: Option<&Rhythm>, group: &dyn Fn(u32) -> String) -> Cell {
    let groups = rhythm.map(|rhythm| rhythm.groups.iter());
    let Some(groups) = groups else {
        return Cell::nothing();
    };
    let by_share = |a: &&(u32, usize, f64), b: &&(u32, usize, f64)| a.2.total_cmp(&b.2);
    let (Some(longest), Some(shortest)) =
        (groups.clone().max_by(by_share), groups.min_by(by_share))
    else {
        return Cell::nothing();
    };
    let text = |&(at, _, share): &(u32, usize, f64)| format!("{} {}", group(at), percent(share));
    Cell::sorted(
        format!("{}, {}", text(longest), text(shortest)),
        longest.2 / shortest.2,
    )
}

fn assumed(calibration: &Calibration) -> Vec<(&'static str, String)> {
    let rules = &calibration.rules;
    let mut facts = vec![
        (
            "A duration",
            "from start to end of a try that an executor had and that succeeded; waiting is no part of it, and the time of a \
             deferred task in its trigger counts as work"
                .into(),
        ),
        (
            "A family is accepted",
            format!("if the p-value of Anderson–Darling is at least {}", rules.level),
        ),
        (
            "Of those, one is taken",
            "by the smallest AICc of its most likely member; where none is accepted, the recorded durations with an exponential tail"
                .into(),
        ),
        (
            "Few values",
            format!("fewer than {}: the mean is the task's own, the spread mostly that of like tasks", rules.few),
        ),
        (
            "The same at all times",
            "each law holds for the whole window and beyond; tries are independent of each other but for what runs have in common"
                .into(),
        ),
        ("Seed of the bootstrap", rules.seed.to_string()),
    ];
    if !calibration.run_sizes.is_empty() {
        facts.push((
            "Common to a run",
            "durations of DAGs with a common factor are divided by an estimate of it; what the estimate left open is taken out of \
             the spread of the law, so points may lie somewhat wider than the line"
                .into(),
        ));
    }
    facts
}

fn unknown(calibration: &Calibration) -> Vec<(&'static str, String)> {
    let tasks = &calibration.tasks;
    let fits = tasks.iter().filter_map(|task| task.duration.as_ref());
    let censored: usize = fits.map(|fit| fit.censored).sum();
    let impossible: usize = tasks.iter().map(|task| task.impossible).sum();
    let never = tasks.iter().filter(|task| task.duration.is_none()).count();
    let delay = &calibration.start_delay;
    let mean = delay.fit.as_ref().map_or_else(
        || "unknown, because no try is left".into(),
        |fit| format!("{} on average", duration_text(fit.mean())),
    );
    vec![
        (
            "How long tries went on that ran at the end",
            format!("{censored}; they count as longer than they had lasted"),
        ),
        (
            "When tries ran whose times contradict each other",
            format!("{impossible}; they are left out"),
        ),
        ("How long tasks take that never succeeded", never.to_string()),
        (
            "How many workers there are",
            format!(
                "at most {} tries ran at a time; {} starts, which may have waited for a worker, are left out of the delay of starts, \
                 which is {mean}",
                delay.most_running, delay.left_out
            ),
        ),
        (
            "What was never recorded",
            "a duration longer than any in the window comes from the tail of a law, which no test knows well".into(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::calibration::tests::calibration;

    #[test]
    fn the_worst_fit_is_named_and_shown_first() {
        let document = calibration_document(&calibration()).unwrap();
        let answers: Vec<&str> = document.answers().collect();
        assert!(
            answers[0].starts_with("Of 3 tasks that executors had, 1 have durations of a family"),
            "{answers:?}"
        );
        assert!(answers[1].contains("`etl.two kinds`"), "{answers:?}");
        let figures: Vec<(&str, &str)> = document.figures().collect();
        assert_eq!(figures.len(), 1);
        assert!(figures[0].1.contains("two kinds"));
        let text = document.markdown();
        let at = |name: &str| text.find(&format!("| etl.{name} |")).expect(&text);
        assert!(at("two kinds") < at("plain") && at("plain") < at("new"));
        assert!(text.contains("What could not be known"));
    }

    #[test]
    fn a_site_without_work_is_told_of_without_a_picture() {
        let mut nothing = calibration();
        nothing.tasks.clear();
        let document = calibration_document(&nothing).unwrap();
        assert_eq!(document.figures().count(), 0);
        assert!(document.answers().next().unwrap().starts_with("No task"));
    }
}
