//! What is one more worth? What each turn of each knob changes, with its interval.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::interval_rows::{IntervalRow, IntervalRows};
use super::legend::LegendEntry;
use super::page::head;
use super::point::of_verdict;
use super::{ChartError, Page};
use crate::experiment::{Effect, KnobEffect};
use crate::report::SensitivityReport;
use crate::report::estimate_text::{difference_text, mean_text};
use crate::report::sensitivity::{indicator_text, knob_text};

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 130;
/// More turns are not looked at one by one; all are in the table.
const MAX_ROWS: usize = 24;

/// A page with a row for each turn of a knob.
pub(super) struct KnobChart<'a>(pub(super) &'a SensitivityReport);

impl KnobChart<'_> {
    /// The turns with their names, the knob that matters most first.
    fn turns(&self) -> Vec<(String, Effect)> {
        let knobs = self.0.sensitivity.knobs.iter();
        let named = |knob: &KnobEffect| {
            let name = knob_text(knob).replace('`', "");
            let sides: Vec<Effect> = knob.sides().copied().collect();
            let turns = sides.into_iter();
            turns
                .map(move |side| (format!("{name} to {}", side.to), side))
                .collect::<Vec<_>>()
        };
        knobs.flat_map(named).take(MAX_ROWS).collect()
    }
}

impl Page for KnobChart<'_> {
    fn size(&self) -> (u32, u32) {
        let rows = self.turns().len();
        (WIDTH, HEAD_HEIGHT + IntervalRows::height(rows) as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let found = &self.0.sensitivity;
        let turns = self.turns();
        let mut legend: Vec<LegendEntry> = Vec::new();
        for (_, effect) in &turns {
            let (shape, color, words) = of_verdict(effect.difference.verdict);
            if legend.iter().all(|entry| entry.label != words) {
                legend.push(LegendEntry::point(words, color, shape));
            }
        }
        let subtitle = format!(
            "{}, {} replications of each turn on the same luck, lines are {} % confidence intervals",
            self.0.heading.scenario,
            found.replications,
            found.level * 100.0
        );
        let place = head(root, "What does each turn change?", &subtitle, &legend)?;
        let row = |(name, effect): &'_ (String, Effect)| {
            let (shape, color, _) = of_verdict(effect.difference.verdict);
            let interval = effect.difference.interval;
            (name.clone(), interval, shape, color)
        };
        let rows: Vec<_> = turns.iter().map(row).collect();
        let rows = IntervalRows {
            caption: format!(
                "Change of the {}, {} as it is",
                indicator_text(found).replace('`', ""),
                mean_text(&found.as_is, found.unit)
            ),
            unit: found.unit,
            rows: rows
                .iter()
                .map(|(name, interval, shape, color)| IntervalRow {
                    name,
                    interval: *interval,
                    shape: *shape,
                    color: *color,
                    words: difference_text(interval, found.unit),
                })
                .collect(),
        };
        rows.draw(&place)
    }
}
