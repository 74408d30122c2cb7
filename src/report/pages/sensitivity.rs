//! The page of a sensitivity analysis: what one more slot is worth, and what one less costs.

use super::{Assumptions, assumptions, confidence};
use crate::experiment::{DifferenceVerdict, Effect, KnobEffect, Sensitivity};
use crate::report::SensitivityReport;
use crate::report::charts::{ChartError, ImageFormat, draw_knobs};
use crate::report::document::{Cell, Document, Table};
use crate::report::estimate_text::{difference_text, estimate_text};
use crate::report::run::measured_text;
use crate::report::sensitivity::{indicator_text, knob_text, sentences};

/// The report of a sensitivity analysis.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn sensitivity_document(
    report: &SensitivityReport,
    assumed: &Assumptions,
) -> Result<Document, ChartError> {
    let (heading, found) = (&report.heading, &report.sensitivity);
    let title = format!("{}: what is one more worth?", heading.scenario);
    let mut document = Document::new(&title, heading.description.as_deref());
    let mut told = sentences(report);
    if found.as_is.n > 0 {
        let value = estimate_text(&found.as_is, found.unit);
        told.insert(
            1.min(told.len()),
            format!("As it is, the {} is {value}.", indicator_text(found)),
        );
    }
    document.answer(&told);
    document.section("Every knob, turned a little");
    let words = format!(
        "Change of the {} with each turn of each knob; the values are in the table below.",
        indicator_text(found)
    );
    document.figure("knobs", &draw_knobs(report, ImageFormat::Svg)?, &words);
    document.table(knobs(found));
    let notes = found.knobs.iter().flat_map(|knob| {
        let notes = knob.notes.iter();
        notes.map(|note| format!("{}: {note}", knob_text(knob)))
    });
    for note in notes {
        document.paragraph(&note);
    }
    let facts = [
        ("Turned by", report.step.clone()),
        (
            "Replications",
            format!("{} of each turn, all on the same luck", found.replications),
        ),
        ("± and verdicts", confidence(found.level, true)),
        (
            "Measured",
            measured_text(&report.measured, heading.until_done),
        ),
        ("Seed", heading.seed.to_string()),
    ];
    assumptions(&mut document, &facts, assumed);
    Ok(document)
}

/// Every knob that was turned, and what that changed.
pub(super) fn knobs(found: &Sensitivity) -> Table {
    let caption = format!(
        "Change of the {}, the knob that matters most first",
        indicator_text(found)
    );
    let mut table = Table::new(
        &caption,
        &[
            ("knob", "what was turned"),
            ("now", "its value in the scenario"),
            ("less", "a little less"),
            (
                "changes by",
                "the indicator with it, minus the indicator as it is",
            ),
            ("shown", "whether the difference is real"),
            ("more", "a little more"),
            (
                "changes by",
                "the indicator with it, minus the indicator as it is",
            ),
            ("shown", "whether the difference is real"),
        ],
    );
    let number = |value: i64| Cell::sorted(value.to_string(), value as f64);
    for knob in found
        .knobs
        .iter()
        .filter(|knob| knob.sides().next().is_some())
    {
        let side = |effect: Option<Effect>| match effect {
            None => [Cell::nothing(), Cell::nothing(), Cell::name("not turned")],
            Some(effect) => {
                let interval = effect.difference.interval;
                let text = difference_text(&interval, found.unit);
                [
                    number(effect.to),
                    Cell::sorted(text, interval.mean),
                    Cell::name(words(effect.difference.verdict)),
                ]
            }
        };
        let KnobEffect { less, more, .. } = knob;
        let first = [
            Cell::name(&knob_text(knob).replace('`', "")),
            number(knob.value),
        ];
        table.row(first.into_iter().chain(side(*less)).chain(side(*more)));
    }
    table
}

const fn words(verdict: DifferenceVerdict) -> &'static str {
    match verdict {
        DifferenceVerdict::Same => "changes nothing",
        DifferenceVerdict::NoneShown => "not at this n",
        _ => "yes",
    }
}
