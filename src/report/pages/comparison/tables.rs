//! The tables of a comparison: what each takes, its objectives, what differs, every two of them, and what is open.

use crate::experiment::{Comparison, DifferenceVerdict, Figure, Verdict};
use crate::report::ComparisonReport;
use crate::report::comparison::{
    Block, Telling, all, most_different, name, outlook_text, short, shown,
};
use crate::report::document::{Cell, Document, Table};
use crate::report::estimate_text::{difference_text, estimate_text};
use crate::scenario::Bound;
use crate::stats::interval::Interval;

/// A site may have an objective for each of its DAGs; all of them are in `comparison.json`.
const MAX_OBJECTIVES: usize = 12;
/// All pairs are shown of so many figures.
const MAX_PAIRED_FIGURES: usize = 3;

/// All tables, the most telling first.
pub(super) fn write(document: &mut Document, report: &ComparisonReport) {
    let comparison = &report.comparison;
    document.section("What does each take?");
    document.table(scoreboard(report));
    let asked = asked(comparison);
    if !asked.is_empty() {
        document.table(objectives(comparison, &asked));
    }
    let groups = all(comparison);
    let telling: Vec<Telling<'_>> = groups.iter().flatten().flatten().copied().collect();
    let blocks = most_different(groups);
    if !blocks.is_empty() {
        document.section("The figures that tell them apart");
    }
    for block in &blocks {
        document.table(of_block(comparison, block));
    }
    let told: Vec<Telling<'_>> = blocks.into_iter().flatten().collect();
    let with_pairs = |one: &Telling<'_>| one.1.pairs.iter().any(|pair| pair.against > 0);
    if told.iter().any(with_pairs) {
        document.section("Every two of them");
        document.table(pairs(comparison, &told));
    }
    let looked_at = if told.is_empty() { &telling } else { &told };
    undecided(document, comparison, looked_at);
}

pub(in crate::report::pages) fn scoreboard(report: &ComparisonReport) -> Table {
    let comparison = &report.comparison;
    let figures = shown(comparison);
    let mut columns = vec![plain(report.compared.noun(), "its name")];
    let mut alternatives = comparison.alternatives.iter();
    let is_asked = alternatives.any(|one| !one.objectives.is_empty());
    if is_asked {
        columns.push(plain("objectives met", "surely, with the whole interval"));
    }
    columns.extend(figures.iter().map(|(figure, words)| {
        let mut words = words.replace('\n', " ").trim().to_owned();
        if words == "used" {
            words = "slot-hours used".into();
        }
        if let ("cost", Some(currency)) = (figure.indicator.as_str(), &report.currency) {
            words = format!("{words}, {currency}");
        }
        plain(&words, "of the whole site, mean and confidence interval")
    }));
    let mut table = Table::owned("The whole site", columns);
    for (at, alternative) in comparison.alternatives.iter().enumerate() {
        let met = alternative.objectives.iter().filter(|one| one.met).count();
        let text = format!("{met} of {}", alternative.objectives.len());
        let mut first = vec![Cell::name(&alternative.name)];
        first.extend(is_asked.then(|| Cell::sorted(text, met as f64)));
        let values = figures
            .iter()
            .map(|(figure, _)| Cell::interval(&figure.estimates[at].interval, figure.unit));
        table.row(first.into_iter().chain(values));
    }
    table
}

/// What any of them is asked for; files may ask for different things.
fn asked(comparison: &Comparison) -> Vec<&Verdict> {
    let mut asked: Vec<&Verdict> = Vec::new();
    for one in comparison
        .alternatives
        .iter()
        .flat_map(|one| &one.objectives)
    {
        if asked.len() < MAX_OBJECTIVES && !asked.iter().any(|known| same(known, one)) {
            asked.push(one);
        }
    }
    asked
}

fn same(one: &Verdict, other: &Verdict) -> bool {
    one.what == other.what && one.bound == other.bound
}

fn objectives(comparison: &Comparison, asked: &[&Verdict]) -> Table {
    let heading = |objective: &&Verdict| {
        let (words, bound) = match objective.bound {
            Bound::AtMost(most) => ("at most", most),
            Bound::AtLeast(least) => ("at least", least),
        };
        let bound = estimate_text(&Interval::exactly(bound), objective.unit);
        plain(
            &format!("{} {words} {bound}", objective.what),
            "the value, and whether the whole interval keeps the bound",
        )
    };
    let mut columns = vec![plain("objective", "who is asked")];
    columns.extend(asked.iter().map(heading));
    let mut table = Table::owned("Objectives", columns);
    for alternative in &comparison.alternatives {
        let cell = |objective: &&Verdict| {
            let mut all = alternative.objectives.iter();
            let found = all.find(|one| same(one, objective));
            let Some((found, value)) = found.and_then(|one| Some((one, one.value.as_ref()?)))
            else {
                return Cell::nothing();
            };
            let mark = if found.met { "✓" } else { "✗" };
            let text = format!("{} {mark}", estimate_text(value, found.unit));
            Cell::sorted(text, value.mean)
        };
        let name = std::iter::once(Cell::name(&alternative.name));
        table.row(name.chain(asked.iter().map(cell)));
    }
    table
}

fn of_block(comparison: &Comparison, block: &Block<'_>) -> Table {
    let is_compared = comparison.alternatives.len() > 1;
    let mut columns = vec![plain("", "what is compared")];
    for (words, _) in block {
        columns.push(plain(words, "mean and confidence interval"));
        if is_compared {
            columns.push(plain(
                "difference",
                "from the first, replication by replication",
            ));
            columns.push(plain("verdict", "what the difference comes to"));
        }
    }
    let caption = match block[0].1.kind {
        "site" => "The whole site".to_owned(),
        kind => format!("{kind} `{}`", name(block[0].1)),
    };
    let mut table = Table::owned(&caption, columns);
    for (at, alternative) in comparison.alternatives.iter().enumerate() {
        let cells = block.iter().flat_map(|(_, figure)| {
            let estimate = &figure.estimates[at];
            let mut cells = vec![Cell::interval(&estimate.interval, figure.unit)];
            match estimate.difference {
                Some(one) => cells.extend(difference(&one.interval, one.verdict, figure)),
                None if is_compared => cells.extend([Cell::nothing(), Cell::name("baseline")]),
                None => {}
            }
            cells
        });
        let first = std::iter::once(Cell::name(&alternative.name));
        table.row(first.chain(cells));
    }
    table
}

fn pairs(comparison: &Comparison, told: &[Telling<'_>]) -> Table {
    let columns = [
        ("figure", "what is looked at"),
        ("of", "an alternative"),
        ("against", "another one"),
        ("difference", "the first minus the second"),
        ("verdict", "all pairs of a figure hold together"),
    ];
    let mut table = Table::new("Differences between all but the baseline", &columns);
    let name_of = |at: usize| Cell::name(&comparison.alternatives[at].name);
    for (words, figure) in told.iter().take(MAX_PAIRED_FIGURES) {
        for pair in figure.pairs.iter().filter(|pair| pair.against > 0) {
            let first = [
                Cell::text(format!("{}, {words}", name(figure))),
                name_of(pair.of),
                name_of(pair.against),
            ];
            let interval = &pair.difference.interval;
            let second = difference(interval, pair.difference.verdict, figure);
            table.row(first.into_iter().chain(second));
        }
    }
    table
}

/// What is not decided, and what it would take.
fn undecided(document: &mut Document, comparison: &Comparison, told: &[Telling<'_>]) {
    let columns = [
        ("figure", "what is looked at"),
        ("of", "an alternative, against the baseline"),
        ("difference", "so far"),
        (
            "to decide it takes",
            "if mean and spread stay what they are",
        ),
    ];
    let caption = format!("Not shown with n = {}", comparison.replications);
    let mut table = Table::new(&caption, &columns);
    let mut is_empty = true;
    for (words, figure) in told {
        for (alternative, estimate) in comparison.alternatives.iter().zip(&figure.estimates) {
            let Some(one) = estimate.difference else {
                continue;
            };
            let Some(takes) = outlook_text(one.outlook) else {
                continue;
            };
            is_empty = false;
            let text = difference_text(&one.interval, figure.unit);
            table.row([
                Cell::text(format!("{}, {words}", name(figure))),
                Cell::name(&alternative.name),
                Cell::sorted(text, one.interval.mean),
                Cell::text(takes),
            ]);
        }
    }
    if !is_empty {
        document.section("What is open?");
        document.table(table);
    }
}

fn difference(interval: &Interval, verdict: DifferenceVerdict, figure: &Figure) -> [Cell; 2] {
    [
        Cell::sorted(difference_text(interval, figure.unit), interval.mean),
        Cell::name(short(verdict)),
    ]
}

fn plain(name: &str, meaning: &str) -> (String, String) {
    (name.to_owned(), meaning.to_owned())
}
