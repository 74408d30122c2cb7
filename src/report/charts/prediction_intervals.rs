//! Did the second part come as it was foretold? What was recorded of each day beside its interval, a panel for each wait and
//! makespan.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{BETTER, FAINT_TEXT, GRID, SKY, TEXT, WORSE};
use super::point::{Shape, draw_point};
use super::shortened::shortened;
use super::value_axis::ValueAxis;
use super::{ChartError, Page};
use crate::experiment::PredictedFigure;
use crate::report::PredictionReport;

/// More panels are not looked at; the table has all figures.
const MOST_PANELS: usize = 15;
const COLUMNS: usize = 3;
const WIDTH: u32 = 1_000;
const PANEL_HEIGHT: u32 = 190;
const HEAD: u32 = 100;
const LEFT: i32 = 58;
const RIGHT: i32 = 14;
const TOP: i32 = 26;
const BOTTOM: i32 = 30;
/// Half of the width of an interval, in pixels.
const HALF_WIDTH: i32 = 5;
/// So many days have names.
const MOST_LABELS: usize = 7;
/// More letters do not fit above a panel.
const MOST_LETTERS: usize = 36;

/// A page with the figures that are measured in seconds.
pub(super) struct PredictionIntervals<'a> {
    report: &'a PredictionReport,
    panels: Vec<Vec<&'a PredictedFigure>>,
    all: usize,
}

impl<'a> PredictionIntervals<'a> {
    /// None where there is nothing uncertain to show.
    pub(super) fn of(report: &'a PredictionReport) -> Option<Self> {
        let mut figures: Vec<&PredictedFigure> = report.figures.iter().collect();
        let key = |one: &PredictedFigure| (one.kind, one.name.clone(), one.figure);
        // Pools come before DAGs, as waits come before what is made of them.
        figures.sort_by_key(|one| (one.kind != "pool", key(one), one.day.clone()));
        let panels = figures.chunk_by(|a, b| key(a) == key(b));
        let told = |panel: &&[&PredictedFigure]| {
            panel[0].unit == "s" && panel.iter().any(|one| !one.is_certain)
        };
        let mut panels: Vec<Vec<&PredictedFigure>> =
            panels.filter(told).map(<[_]>::to_vec).collect();
        let all = panels.len();
        if all > MOST_PANELS {
            let outside =
                |panel: &Vec<&PredictedFigure>| panel.iter().filter(|one| !one.is_inside).count();
            panels.sort_by_key(|panel| std::cmp::Reverse(outside(panel)));
            panels.truncate(MOST_PANELS);
        }
        (!panels.is_empty()).then_some(Self {
            report,
            panels,
            all,
        })
    }

    fn rows(&self) -> usize {
        self.panels.len().div_ceil(COLUMNS)
    }
}

impl Page for PredictionIntervals<'_> {
    fn size(&self) -> (u32, u32) {
        (WIDTH, HEAD + PANEL_HEIGHT * self.rows() as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let shown = match self.panels.len() {
            shown if shown < self.all => {
                format!("; {shown} of {} panels, most outside first", self.all)
            }
            _ => String::new(),
        };
        let subtitle = format!(
            "{}: each day as it was recorded, and the interval that the days before {} foretell{shown}",
            self.report.scenario,
            &self.report.split[..10]
        );
        let interval = format!(
            "predicted: {:.0} % interval and median",
            self.report.claimed * 100.0
        );
        let legend = [
            LegendEntry::point(&interval, SKY, Shape::Bar),
            LegendEntry::point("recorded, inside", BETTER, Shape::Disc),
            LegendEntry::point("recorded, outside", WORSE, Shape::Triangle),
        ];
        let title = "Did the second part come as it was foretold?";
        let place = head(root, title, &subtitle, &legend)?;
        let areas = place.split_evenly((self.rows(), COLUMNS));
        for (panel, area) in self.panels.iter().zip(&areas) {
            draw_panel(area, panel)?;
        }
        Ok(())
    }
}

fn draw_panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    days: &[&PredictedFigure],
) -> Result<(), ChartError> {
    let (width, height) = area.dim_in_pixel();
    let across = (LEFT, width as i32 - RIGHT);
    let up = (height as i32 - BOTTOM, TOP);
    area.draw_text(&heading(days[0]), &text(13, TEXT), (LEFT, 2))?;
    let values = days.iter().flat_map(|one| [one.recorded, one.high]);
    let highest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    let axis = ValueAxis::new("s", if highest > 0.0 { 1.05 * highest } else { 1.0 });
    let style = |horizontal, vertical| text(11, FAINT_TEXT).pos(Pos::new(horizontal, vertical));
    for tick in axis.key_points(BoldPoints(10)) {
        let y = axis.map(&tick, up);
        area.draw(&PathElement::new([(across.0, y), (across.1, y)], GRID))?;
        let label = axis.format_ext(&tick);
        area.draw_text(&label, &style(HPos::Right, VPos::Center), (across.0 - 6, y))?;
    }
    // What never ends lies beyond the axis.
    let y = |value: f64| axis.map(&value.min(axis.range().end), up);
    let step = (across.1 - across.0) / days.len() as i32;
    let labelled = days.len().div_ceil(MOST_LABELS);
    for (at, one) in days.iter().enumerate() {
        let x = across.0 + step / 2 + at as i32 * step;
        let interval = [
            (x - HALF_WIDTH, y(one.high)),
            (x + HALF_WIDTH, y(one.low).max(y(one.high) + 1)),
        ];
        area.draw(&Rectangle::new(interval, SKY.mix(0.45).filled()))?;
        let median = [
            (x - HALF_WIDTH, y(one.median)),
            (x + HALF_WIDTH, y(one.median)),
        ];
        area.draw(&PathElement::new(median, TEXT))?;
        let (shape, color) = if one.is_inside {
            (Shape::Disc, BETTER)
        } else {
            (Shape::Triangle, WORSE)
        };
        draw_point(area, (x, y(one.recorded)), shape, color)?;
        if at % labelled == 0 {
            let label = &one.day[5..10];
            area.draw_text(label, &style(HPos::Center, VPos::Top), (x, up.0 + 6))?;
        }
    }
    Ok(())
}

/// What a panel shows, as far as it fits.
fn heading(of: &PredictedFigure) -> String {
    let figure = match of.figure {
        "makespan_mean" => "mean makespan".to_owned(),
        other => other.replace("pool_", "").replace('_', " "),
    };
    let room = MOST_LETTERS - figure.len().min(MOST_LETTERS);
    format!("{}, {figure}", shortened(&of.name, room))
}

#[cfg(test)]
mod tests {
    use super::super::{ImageFormat, draw_prediction_intervals};
    use super::*;
    use crate::report::backtest::tests::prediction;

    #[test]
    fn every_wait_and_makespan_has_a_panel_and_names_cannot_break_out() {
        let mut report = prediction();
        report.figures[0].name = "</svg><b>".into();
        report.figures[1].high = f64::INFINITY;
        let svg = draw_prediction_intervals(&report, ImageFormat::Svg).unwrap();
        let text = String::from_utf8(svg.unwrap()).unwrap();
        assert_eq!(text.matches("</svg>").count(), 1);
        for shown in ["&lt;/svg&gt;", "etl, mean makespan", "03-10", "outside"] {
            assert!(text.contains(shown), "{shown}\n{text}");
        }
        assert!(!text.contains("misses"), "numbers have no panel");
        let png = draw_prediction_intervals(&report, ImageFormat::Png).unwrap();
        assert!(png.unwrap().starts_with(b"\x89PNG"));
        report.figures.clear();
        assert!(
            draw_prediction_intervals(&report, ImageFormat::Png)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn of_very_many_the_worst_are_shown() {
        let mut report = prediction();
        let outside = report
            .figures
            .iter()
            .find(|one| !one.is_inside)
            .unwrap()
            .clone();
        let inside = PredictedFigure {
            is_inside: true,
            ..outside.clone()
        };
        let of = |at: usize, one: &PredictedFigure| PredictedFigure {
            name: format!("dag_{at:02}"),
            ..one.clone()
        };
        report.figures = (0..30).map(|at| of(at, &inside)).collect();
        report.figures.push(of(99, &outside));
        let svg = draw_prediction_intervals(&report, ImageFormat::Svg).unwrap();
        let text = String::from_utf8(svg.unwrap()).unwrap();
        assert!(
            text.contains("15 of 31 panels") && text.contains("dag_99"),
            "{text}"
        );
    }
}
