//! What is not shown and what it would take, and what common random numbers save: the sentences below the tables.

use std::fmt::Write as _;

use super::blocks::{Telling, name};
use crate::experiment::{Comparison, Difference, Outlook};

/// The undecided differences that are told one by one.
const MAX_UNDECIDED: usize = 6;

/// For each of these figures and alternatives that is undecided, how many more replications would decide it.
pub(super) fn undecided(comparison: &Comparison, figures: &[Telling<'_>]) -> Option<String> {
    let of_figure = |&(words, figure): &Telling<'_>| {
        let named = comparison.alternatives.iter().zip(&figure.estimates);
        let told = named.filter_map(|(alternative, estimate)| {
            let what_it_takes = outlook_text(estimate.difference.as_ref()?.outlook)?;
            Some(format!(
                "  {}, {words}, {}: {what_it_takes}",
                name(figure),
                alternative.name
            ))
        });
        told.collect::<Vec<_>>()
    };
    let all: Vec<String> = figures.iter().flat_map(of_figure).collect();
    if all.is_empty() {
        return None;
    }
    let n = comparison.replications;
    let mut text = format!("Open: no difference is shown at n = {n}. To decide it takes");
    for line in all.iter().take(MAX_UNDECIDED) {
        text.push('\n');
        text.push_str(line);
    }
    if all.len() > MAX_UNDECIDED {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  and {} others", all.len() - MAX_UNDECIDED);
    }
    Some(text)
}

/// What it takes to decide, in words; none where it is decided.
pub(in crate::report) fn outlook_text(outlook: Outlook) -> Option<String> {
    match outlook {
        Outlook::Decided => None,
        Outlook::More(more) => Some(format!("about {more} more replications")),
        Outlook::Hopeless => Some("hopelessly many: as good as no difference".into()),
        Outlook::Unknown => Some("at least two replications with a value".into()),
    }
}

/// What common random numbers save in these differences, in the median.
pub(in crate::report) fn luck_text<'a>(
    differences: impl Iterator<Item = &'a Difference>,
) -> Option<String> {
    let mut saved: Vec<f64> = differences
        .filter_map(|one| one.variance_reduction)
        .collect();
    saved.sort_by(f64::total_cmp);
    let median = *saved.get(saved.len() / 2)?;
    let decimals = usize::from(median < 9.95);
    Some(if median >= 1.05 {
        format!(
            "Common random numbers: these differences vary {median:.decimals$} times less (variance,\n\
             median) than those of independent runs, which would take as many times more."
        )
    } else if median > 0.95 {
        "Common random numbers save no replications in these differences.".into()
    } else {
        format!(
            "Common random numbers do harm here: these differences vary {:.1} times as much\n\
             (variance, median) as those of independent runs.",
            1.0 / median
        )
    })
}
