//! The first look at a comparison: a line an alternative, with what it achieves and what it takes, in the mean.

use comfy_table::Cell;

use super::ComparisonReport;
use crate::experiment::{Comparison, Figure};
use crate::report::estimate_text::{change_text, mean_text};
use crate::report::meaning::Meaning;
use crate::report::table::table;

/// The figures of the site that the table has room for, with their headings, if they are not nothing everywhere.
const COLUMNS: [(&str, &str); 6] = [
    ("cost", "cost"),
    ("slot_hours_offered", "slot-hours\noffered"),
    ("slot_hours_used", "\nused"),
    ("resizes", "resizes"),
    ("direction_changes", "turns"),
    ("time_over_budget", "over\nbudget"),
];

/// After which of them its change against the first alternative stands, in percent.
const CHANGES: &str = "slot_hours_offered";

/// The table, in lines of at most `width` columns.
pub(super) fn scoreboard(report: &ComparisonReport, width: u16) -> String {
    let comparison = &report.comparison;
    let with_objectives = comparison
        .alternatives
        .iter()
        .any(|one| !one.objectives.is_empty());
    let is_compared = comparison.alternatives.len() > 1;
    let shown = shown(comparison);
    let mut headings = vec![report.compared.noun().to_owned()];
    if with_objectives {
        headings.push("objectives\nmet".into());
    }
    for (figure, heading) in &shown {
        headings.push(match (figure.indicator.as_str(), &report.currency) {
            ("cost", Some(currency)) => format!("{heading}\n{currency}"),
            _ => (*heading).to_owned(),
        });
        if figure.indicator == CHANGES && is_compared {
            headings.push("\nchange".into());
        }
    }
    let alternatives = comparison.alternatives.iter().enumerate();
    let rows = alternatives.map(|(at, alternative)| {
        let mut row = vec![Cell::new(&alternative.name)];
        if with_objectives {
            let all = alternative.objectives.len();
            let met = alternative.objectives.iter().filter(|one| one.met).count();
            row.push(Meaning::of(met == all).cell(format!("{met} of {all}")));
        }
        for (figure, _) in &shown {
            let mean = mean_text(&figure.estimates[at].interval, figure.unit);
            row.push(Cell::new(mean));
            if figure.indicator == CHANGES && is_compared {
                row.push(Cell::new(change(figure, at)));
            }
        }
        row
    });
    table(width, headings, rows)
}

/// The figures of the site that have a column, with their headings.
pub(in crate::report) fn shown(comparison: &Comparison) -> Vec<(&Figure, &'static str)> {
    let of_site = |indicator: &str| {
        let mut figures = comparison.figures.iter();
        figures.find(|one| one.kind == "site" && one.indicator == indicator)
    };
    let found = COLUMNS
        .iter()
        .filter_map(|&(indicator, heading)| Some((of_site(indicator)?, heading)));
    found.filter(|(figure, _)| is_something(figure)).collect()
}

fn is_something(figure: &Figure) -> bool {
    figure
        .estimates
        .iter()
        .any(|one| one.interval.mean.abs() > 0.0)
}

fn change(figure: &Figure, at: usize) -> String {
    let difference = figure.estimates[at].difference;
    difference.map_or_else(String::new, |one| {
        change_text(one.interval.mean, figure.estimates[0].interval.mean)
    })
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;
    use crate::report::meaning::plain;

    #[test]
    fn there_is_a_column_for_what_is_not_nothing() {
        insta::assert_snapshot!(plain(&scoreboard(&report(), 80)), @r"
        policy   objectives cost slot-hours        resizes
                        met  EUR    offered change
        --------------------------------------------------
        as_is        0 of 1  412        864              0
        office       1 of 1  380       1134   +31%      12
        cautious     0 of 1  412        864     0%       0
        ");
    }

    #[test]
    fn without_prices_and_objectives_there_is_no_column_for_them() {
        let mut report = report();
        report
            .comparison
            .figures
            .retain(|one| one.indicator != "cost");
        for alternative in &mut report.comparison.alternatives {
            alternative.objectives.clear();
        }
        let table = plain(&scoreboard(&report, 80));
        assert!(
            !table.contains("cost") && !table.contains("objectives"),
            "{table}"
        );
    }
}
