//! Charts, one file each, drawn alike as SVG and PNG.
//!
//! PNG text is set in the font that ships with the library, so no system library is needed; SVG names a generic
//! family, and the browser chooses.

mod columns;
mod differences;
mod duration_quantiles;
mod factor_axis;
mod frontier;
mod heat_map;
mod hours_of_week;
mod interval_rows;
mod interval_width;
mod knobs;
mod labels;
mod legend;
mod longest_run;
mod occupancy;
mod page;
mod palette;
mod panels;
mod png;
mod point;
mod prediction_intervals;
mod queue_length;
mod resizes;
mod response;
mod run_chart;
mod selection;
mod shortened;
mod sweep_map;
mod time_axis;
mod trade_off;
mod value_axis;
mod wait_axis;
mod wait_causes;
mod wait_distribution;
mod wait_estimates;
mod wait_percentiles;
mod wait_quantiles;
mod welch;

pub(super) use columns::columns;
pub(super) use palette::THEMED;
pub(super) use panels::{PlotFrame, shown_courses};

pub use run_chart::Chart;

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;

use super::{
    ComparisonReport, EstimationReport, PredictionReport, ReplayReport, RunReport, SelectionReport,
    SensitivityReport, SweepReport,
};
use crate::calibrate::Calibration;
use crate::experiment::WarmUp;

/// How a chart is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// Scalable, for browsers and documents.
    Svg,
    /// Pixels.
    Png,
}

/// A chart that could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The bundled font could not be read.
    #[error("the bundled font could not be read")]
    Font,
    /// The drawing library gave up.
    #[error("could not draw the chart: {0}")]
    Drawing(String),
}

impl ImageFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Svg, Self::Png];

    /// The extension of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// The bytes of an image file with this chart of a run.
///
/// # Errors
/// [`ChartError`] when the drawing library fails, which no content of a report should bring about.
pub fn draw(chart: Chart, report: &RunReport, format: ImageFormat) -> Result<Vec<u8>, ChartError> {
    paint(&(chart, report), format)
}

/// The bytes of an image file with Welch's plot of a warm-up: how the pools filled, and where the cut is.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_warm_up(warm_up: &WarmUp, format: ImageFormat) -> Result<Vec<u8>, ChartError> {
    paint(&welch::WelchPlot(warm_up), format)
}

/// The bytes of an image file with the telling figures of a sweep against a factor.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_response(report: &SweepReport, format: ImageFormat) -> Result<Vec<u8>, ChartError> {
    paint(&response::ResponseChart(report), format)
}

/// The bytes of an image file with the telling figures of a sweep over both of its factors; none unless there are two.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_sweep_map(
    report: &SweepReport,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    paint_if_any(sweep_map::SweepMap::of(report).as_ref(), format)
}

/// The bytes of an image file with what each turn of each knob changes.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_knobs(report: &SensitivityReport, format: ImageFormat) -> Result<Vec<u8>, ChartError> {
    paint(&knobs::KnobChart(report), format)
}

/// The bytes of an image file with the course of an estimate over replications; none where nothing is waited for.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_interval_width(
    report: &EstimationReport,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    paint_if_any(interval_width::IntervalWidth::of(report).as_ref(), format)
}

/// The bytes of an image file with the wait of every pool and DAG and its interval; none where nothing is waited for.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_wait_estimates(
    report: &EstimationReport,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    paint_if_any(wait_estimates::WaitEstimates::of(report).as_ref(), format)
}

/// A chart of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonChart {
    /// How the alternatives differ from the baseline in the figures that tell them apart.
    Differences,
    /// What a shorter wait costs.
    TradeOff,
}

impl ComparisonChart {
    /// Every chart of a comparison.
    pub const ALL: [Self; 2] = [Self::Differences, Self::TradeOff];

    /// The name of its file without the extension.
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Differences => "differences",
            Self::TradeOff => "trade_off",
        }
    }
}

/// The bytes of an image file with this chart of a comparison; none where there is nothing to compare or to trade.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_comparison(
    chart: ComparisonChart,
    report: &ComparisonReport,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    match chart {
        ComparisonChart::Differences => {
            paint_if_any(differences::DifferenceChart::of(report).as_ref(), format)
        }
        ComparisonChart::TradeOff => {
            paint_if_any(trade_off::TradeOffChart::of(report).as_ref(), format)
        }
    }
}

/// The bytes of an image file with the mean of every candidate of a selection.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_selection(
    report: &SelectionReport,
    format: ImageFormat,
) -> Result<Vec<u8>, ChartError> {
    paint(&selection::SelectionChart(report), format)
}

/// The bytes of an image file with the quantiles of simulated waits against those of recorded ones.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_wait_quantiles(
    report: &ReplayReport,
    format: ImageFormat,
) -> Result<Vec<u8>, ChartError> {
    paint(&wait_quantiles::WaitQuantilesChart(report), format)
}

/// The bytes of an image file with the recorded days of a prediction beside their intervals; none where nothing is uncertain.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_prediction_intervals(
    report: &PredictionReport,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    paint_if_any(
        prediction_intervals::PredictionIntervals::of(report).as_ref(),
        format,
    )
}

/// The bytes of an image file with recorded durations against the quantiles of their laws; none where no duration varies.
///
/// # Errors
/// [`ChartError`] when the drawing library fails.
pub fn draw_duration_quantiles(
    calibration: &Calibration,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    paint_if_any(
        duration_quantiles::DurationQuantiles::of(calibration).as_ref(),
        format,
    )
}

/// Something that fills a page.
trait Page {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError>;
}

/// Paints a page where there is something to show.
fn paint_if_any(
    page: Option<&impl Page>,
    format: ImageFormat,
) -> Result<Option<Vec<u8>>, ChartError> {
    page.map(|page| paint(page, format)).transpose()
}

fn paint(page: &impl Page, format: ImageFormat) -> Result<Vec<u8>, ChartError> {
    register_font("sans-serif", FontStyle::Normal, FONT).map_err(|_| ChartError::Font)?;
    let size = page.size();
    match format {
        ImageFormat::Svg => {
            let mut text = String::new();
            let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
            root.fill(&WHITE)?;
            finish(page, &root)?;
            drop(root);
            Ok(text.into_bytes())
        }
        ImageFormat::Png => {
            // White from the beginning, without being filled again.
            let bytes = size.0 as usize * size.1 as usize * png::CHANNELS;
            let mut pixels = vec![u8::MAX; bytes];
            let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
            finish(page, &root)?;
            drop(root);
            Ok(png::encode(&pixels, size)?)
        }
    }
}

fn finish<DB: DrawingBackend>(
    page: &impl Page,
    root: &DrawingArea<DB, Shift>,
) -> Result<(), ChartError> {
    page.draw_on(root)?;
    Ok(root.present()?)
}

/// `DejaVu` Sans cut down to the Latin letters; its licence stands beside it.
const FONT: &[u8] = include_bytes!("../fonts/DejaVuSans-Latin.ttf");

impl From<::png::EncodingError> for ChartError {
    fn from(error: ::png::EncodingError) -> Self {
        Self::Drawing(error.to_string())
    }
}

impl<E: Error + Send + Sync> From<DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self::Drawing(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;
    use crate::report::{LongestRunReport, ResizeLine, RunTry};
    use crate::time::SimDuration;
    use crate::trace::{HOURS_OF_WEEK, HourOfWeek};

    /// A busy hour with all that only charts show.
    fn detailed_report() -> RunReport {
        let mut report = busy_report();
        report.metrics.pools[0].task_instances.waited_for.pool = 60.0;
        let hour = HourOfWeek {
            time: 3_600_000_000,
            offered: 7_200_000_000,
            used: 3_600_000_000,
            waiting: 0,
        };
        report.hours_of_week = vec![vec![hour; HOURS_OF_WEEK]; report.metrics.pools.len()];
        let at =
            |seconds: i64| report.measured.start + SimDuration::from_micros(seconds * 1_000_000);
        let one = |task: usize, name: &str, from: i64| RunTry {
            name: name.into(),
            task,
            pool: "database_pool".into(),
            scheduled: at(from),
            queued: at(from + 300),
            started: at(from + 310),
            ended: at(from + 900),
            is_critical: true,
        };
        report.longest_run = Some(LongestRunReport {
            dag_id: "etl of database_pool".into(),
            run_id: "manual__1970".into(),
            due: at(0),
            ended: at(1_900),
            waited: 600.0,
            tries: vec![one(0, "extract[0]", 0), one(1, "load", 900)],
        });
        report.resizes = vec![ResizeLine {
            at: at(600).to_string(),
            pool: "database_pool".into(),
            from: 2,
            to: 3,
            reason: "by the time of day".into(),
        }];
        report
    }

    #[test]
    fn every_chart_is_drawn_in_both_formats_and_twice_alike() {
        let report = detailed_report();
        assert_eq!(Chart::told_of(&report).count(), Chart::ALL.len());
        for chart in Chart::ALL {
            let svg = draw(chart, &report, ImageFormat::Svg).unwrap();
            let text = String::from_utf8(svg.clone()).unwrap();
            assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
            assert!(text.contains("database_pool"), "{}", chart.file_stem());
            assert_eq!(draw(chart, &report, ImageFormat::Svg).unwrap(), svg);
            let png = draw(chart, &report, ImageFormat::Png).unwrap();
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
            assert!(png.len() < 200_000, "{} bytes", png.len());
        }
    }

    #[test]
    fn what_only_some_runs_have_is_not_drawn_of_others() {
        let told: Vec<Chart> = Chart::told_of(&busy_report()).collect();
        let others = [Chart::LongestRun, Chart::HoursOfWeek, Chart::Resizes];
        assert!(others.iter().all(|chart| !told.contains(chart)), "{told:?}");
    }

    #[test]
    fn the_reasons_of_resizes_and_the_values_of_cells_can_be_read() {
        let report = detailed_report();
        let text =
            |chart| String::from_utf8(draw(chart, &report, ImageFormat::Svg).unwrap()).unwrap();
        assert!(text(Chart::Resizes).contains("database_pool: 2 → 3, by the time of day"));
        assert!(text(Chart::HoursOfWeek).contains("busiest Mon 00:00, 50 % used"));
        assert!(text(Chart::LongestRun).contains("extract[0]"));
    }

    #[test]
    fn a_warm_up_is_drawn_in_both_formats() {
        let warm_up = crate::report::warm_up::tests::filling();
        let svg = String::from_utf8(draw_warm_up(&warm_up, ImageFormat::Svg).unwrap()).unwrap();
        assert!(
            svg.contains("warehouse") && svg.contains("left out"),
            "{svg}"
        );
        let png = draw_warm_up(&warm_up, ImageFormat::Png).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    }

    #[test]
    fn a_sweep_is_drawn_whatever_its_points_are() {
        use crate::report::sweep::tests::report;
        let grid: [(&[&str], usize); 4] = [
            (&["1", "2"], 0),
            (&["1", "4"], 1),
            (&["2", "2"], 0),
            (&["2", "4"], 1),
        ];
        let sweep = report(&["scale.arrivals", "pools.a.slots"], &grid);
        let svg = draw_response(&sweep, ImageFormat::Svg).unwrap();
        let text = String::from_utf8(svg).unwrap();
        for shown in [
            "What does pools.a.slots change?",
            "scale.arrivals 2",
            "changing, wait p95",
        ] {
            assert!(text.contains(shown), "{text}");
        }
        let map = draw_sweep_map(&sweep, ImageFormat::Svg).unwrap();
        let map = String::from_utf8(map.unwrap()).unwrap();
        for shown in ["down: scale.arrivals; across: pools.a.slots", " · met"] {
            assert!(map.contains(shown), "{map}");
        }
        let png = draw_response(&sweep, ImageFormat::Png).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        // One point, and none at all.
        let mut one = report(&["pools.a.slots"], &[(&["2"], 0)]);
        assert_eq!(draw_sweep_map(&one, ImageFormat::Svg).unwrap(), None);
        one.lines[0].figures[1] = None;
        assert!(draw_response(&one, ImageFormat::Png).is_ok());
        one.lines.clear();
        assert!(draw_response(&one, ImageFormat::Svg).is_ok());
    }

    #[test]
    fn a_comparison_is_drawn_in_both_formats_unless_there_is_nothing_to_compare() {
        let mut report = crate::report::comparison::busy_week::report();
        report.comparison.alternatives[1].name = "</svg><b>".into();
        for chart in ComparisonChart::ALL {
            let svg = draw_comparison(chart, &report, ImageFormat::Svg).unwrap();
            let text = String::from_utf8(svg.unwrap()).unwrap();
            assert!(text.contains("&lt;/svg&gt;") && text.contains("warehouse"));
            assert_eq!(text.matches("</svg>").count(), 1);
            let png = draw_comparison(chart, &report, ImageFormat::Png).unwrap();
            assert!(png.unwrap().starts_with(b"\x89PNG"));
        }
        report.comparison.alternatives.truncate(1);
        for chart in ComparisonChart::ALL {
            let nothing = draw_comparison(chart, &report, ImageFormat::Svg).unwrap();
            assert_eq!(nothing, None);
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_the_picture() {
        let mut report = busy_report();
        report.metrics.pools[0].pool = "</svg><b>&".into();
        let svg = draw(Chart::Occupancy, &report, ImageFormat::Svg).unwrap();
        let text = String::from_utf8(svg).unwrap();
        assert_eq!(text.matches("</svg>").count(), 1);
        assert!(text.contains("&lt;b&gt;&amp;"));
    }

    #[test]
    fn a_run_without_any_work_can_be_drawn() {
        let mut report = busy_report();
        for course in &mut report.courses {
            course.bins.clear();
            course.waits = crate::stats::Histogram::default();
        }
        for chart in Chart::ALL {
            assert!(draw(chart, &report, ImageFormat::Png).is_ok());
        }
    }
}
