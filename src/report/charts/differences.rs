//! Which differences are real? Paired differences from the baseline with their intervals, a panel for each telling figure.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::interval_rows::{IntervalRow, IntervalRows};
use super::legend::LegendEntry;
use super::page::head;
use super::point::of_verdict;
use super::{ChartError, Page};
use crate::experiment::{Difference, DifferenceVerdict};
use crate::report::ComparisonReport;
use crate::report::comparison::{Telling, charted, name};
use crate::report::estimate_text::{difference_text, mean_text};

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 140;
const COLUMNS: usize = 2;
/// Between two columns.
const GUTTER: u32 = 24;
/// More rows than that are not looked at one by one; all are in the tables.
const MAX_ROWS: usize = 20;

const VERDICTS: [DifferenceVerdict; 5] = [
    DifferenceVerdict::Better,
    DifferenceVerdict::Worse,
    DifferenceVerdict::Higher,
    DifferenceVerdict::NoneShown,
    DifferenceVerdict::Same,
];

/// A page with the figures that tell the alternatives apart.
pub(super) struct DifferenceChart<'a> {
    report: &'a ComparisonReport,
    figures: Vec<Telling<'a>>,
    rows: usize,
}

impl<'a> DifferenceChart<'a> {
    /// None where nothing can be compared.
    pub(super) fn of(report: &'a ComparisonReport) -> Option<Self> {
        let others = report.comparison.alternatives.len().saturating_sub(1);
        let figures = charted(&report.comparison);
        (others > 0 && !figures.is_empty()).then(|| Self {
            report,
            figures,
            rows: others.min(MAX_ROWS),
        })
    }

    fn subtitle(&self) -> String {
        let comparison = &self.report.comparison;
        let all = comparison.alternatives.len() - 1;
        let part = if all > self.rows {
            format!(", the first {} of {all}", self.rows)
        } else {
            String::new()
        };
        format!(
            "{}, {} replications on the same luck, lines are {} % confidence intervals{part}",
            self.report.scenario,
            comparison.replications,
            comparison.level * 100.0
        )
    }

    fn panel(&self, (words, figure): &Telling<'a>) -> IntervalRows<'a> {
        let alternatives = &self.report.comparison.alternatives;
        let baseline = &figure.estimates[0].interval;
        let named = alternatives.iter().zip(&figure.estimates);
        let row = |(name, difference): (&'a str, Difference)| {
            let (shape, color, _) = of_verdict(difference.verdict);
            IntervalRow {
                name,
                interval: difference.interval,
                shape,
                color,
                words: difference_text(&difference.interval, figure.unit),
            }
        };
        let rows =
            named.filter_map(|(one, estimate)| Some((one.name.as_str(), estimate.difference?)));
        IntervalRows {
            caption: format!(
                "{}, {words} ({}: {})",
                name(figure),
                alternatives[0].name,
                mean_text(baseline, figure.unit)
            ),
            unit: figure.unit,
            rows: rows.take(self.rows).map(row).collect(),
        }
    }

    /// Only what occurs is explained.
    fn legend(&self) -> Vec<LegendEntry> {
        let estimates = self
            .figures
            .iter()
            .flat_map(|(_, figure)| &figure.estimates);
        let seen: Vec<_> = estimates
            .filter_map(|one| Some(of_verdict(one.difference?.verdict)))
            .collect();
        let known = VERDICTS.into_iter().map(of_verdict);
        known
            .filter(|one| seen.contains(one))
            .map(|(shape, color, words)| LegendEntry::point(words, color, shape))
            .collect()
    }
}

impl Page for DifferenceChart<'_> {
    fn size(&self) -> (u32, u32) {
        let lines = self.figures.len().div_ceil(COLUMNS) as u32;
        let height = IntervalRows::height(self.rows) as u32;
        (WIDTH, HEAD_HEIGHT + lines * height)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let baseline = &self.report.comparison.alternatives[0].name;
        let title = format!("What differs from {baseline}?");
        let below = head(root, &title, &self.subtitle(), &self.legend())?;
        let lines = self.figures.len().div_ceil(COLUMNS);
        let places = below.split_evenly((lines, COLUMNS));
        for (at, (telling, place)) in self.figures.iter().zip(&places).enumerate() {
            let is_right = at % COLUMNS > 0;
            let (left, right) = if is_right { (GUTTER, 0) } else { (0, GUTTER) };
            self.panel(telling).draw(&place.margin(0, 0, left, right))?;
        }
        Ok(())
    }
}
