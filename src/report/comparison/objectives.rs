//! Each objective under each alternative: its value and whether it is met. With a single objective the scoreboard says it.

use comfy_table::Cell;

use crate::experiment::{Comparison, Verdict};
use crate::report::estimate_text::{estimate_text, mean_text};
use crate::report::meaning::Meaning;
use crate::report::table::table;
use crate::scenario::Bound;
use crate::stats::interval::Interval;

/// So many objectives have a column each; a site with more has them in the other formats.
const MAX_OBJECTIVES: usize = 4;

/// The table, in lines of at most `width` columns; none if there are too few objectives for one, or too many.
pub(super) fn objectives(comparison: &Comparison, width: u16) -> Option<String> {
    let asked = &comparison.alternatives[0].objectives;
    // Files may ask for different things, so that there are no columns.
    let same = |one: &Verdict, other: &Verdict| one.what == other.what && one.bound == other.bound;
    let alike = comparison.alternatives.iter().all(|alternative| {
        let pairs = alternative.objectives.iter().zip(asked);
        alternative.objectives.len() == asked.len() && pairs.into_iter().all(|(a, b)| same(a, b))
    });
    if !alike || !(2..=MAX_OBJECTIVES).contains(&asked.len()) {
        return None;
    }
    let headings = std::iter::once("objective".to_owned()).chain(asked.iter().map(heading));
    let rows = comparison.alternatives.iter().map(|alternative| {
        let cells = alternative.objectives.iter().map(cell);
        std::iter::once(Cell::new(&alternative.name)).chain(cells)
    });
    Some(table(width, headings, rows))
}

fn heading(objective: &Verdict) -> String {
    let (words, bound) = match objective.bound {
        Bound::AtMost(most) => ("at most", most),
        Bound::AtLeast(least) => ("at least", least),
    };
    let what = objective.what.replace(", ", "\n");
    let bound = mean_text(&Interval::exactly(bound), objective.unit);
    format!("{what}\n{words} {bound}")
}

fn cell(objective: &Verdict) -> Cell {
    let value = objective.value.as_ref();
    let value = value.map_or_else(|| "-".into(), |value| estimate_text(value, objective.unit));
    let verdict = if objective.met { "met" } else { "NOT met" };
    Meaning::of(objective.met).cell(format!("{value} {verdict}"))
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;
    use crate::report::meaning::plain;

    #[test]
    fn every_objective_has_a_column_if_there_are_several() {
        let mut comparison = report().comparison;
        assert_eq!(objectives(&comparison, 80), None);
        for alternative in &mut comparison.alternatives {
            alternative.objectives.push(Verdict {
                what: "site, cost".into(),
                unit: "currency",
                value: Some(Interval::exactly(395.0)),
                bound: Bound::AtMost(400.0),
                met: true,
            });
        }
        insta::assert_snapshot!(plain(&objectives(&comparison, 80).unwrap()), @r"
        objective     pool warehouse        site
                       pool_wait_p95        cost
                          at most 1m at most 400
        ----------------------------------------
        as_is     1m31s ± 9s NOT met     395 met
        office          13s ± 2s met     395 met
        cautious  1m31s ± 9s NOT met     395 met
        ");
        comparison.alternatives[1].objectives.pop();
        assert_eq!(objectives(&comparison, 80), None);
    }
}
