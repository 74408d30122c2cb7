//! Who waits longest, and how surely: the p95 wait for slots of every pool and every DAG with its interval over replications.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::interval_rows::{IntervalRow, IntervalRows};
use super::legend::LegendEntry;
use super::page::head;
use super::palette::BETTER;
use super::point::Shape;
use super::{ChartError, Page};
use crate::experiment::Estimated;
use crate::report::EstimationReport;
use crate::report::estimate_text::estimate_text;

const WIDTH: u32 = 1_000;
const HEAD_HEIGHT: u32 = 130;
/// More pools, or DAGs, are not looked at one by one; all are in the tables.
const MAX_ROWS: usize = 16;

/// A page with a block of rows for the pools and another one for the DAGs.
pub(super) struct WaitEstimates<'a> {
    report: &'a EstimationReport,
    blocks: Vec<(&'static str, Vec<&'a Estimated>)>,
}

impl<'a> WaitEstimates<'a> {
    /// The page; none where nothing is waited for.
    pub(super) fn of(report: &'a EstimationReport) -> Option<Self> {
        let longest = |kind: &str| {
            let all = report.estimation.estimates.iter();
            let mut waits: Vec<&Estimated> = all
                .filter(|one| one.kind == kind && one.indicator == "pool_wait_p95")
                .filter(|one| one.interval.mean > 0.0)
                .collect();
            waits.sort_by(|a, b| b.interval.mean.total_cmp(&a.interval.mean));
            waits.truncate(MAX_ROWS);
            waits
        };
        let blocks = [("pool", "by pool"), ("dag", "by DAG")];
        let blocks = blocks.map(|(kind, words)| (words, longest(kind)));
        let blocks: Vec<_> = blocks.into_iter().filter(|one| !one.1.is_empty()).collect();
        (!blocks.is_empty()).then_some(Self { report, blocks })
    }
}

impl Page for WaitEstimates<'_> {
    fn size(&self) -> (u32, u32) {
        let heights = self
            .blocks
            .iter()
            .map(|(_, rows)| IntervalRows::height(rows.len()));
        (WIDTH, HEAD_HEIGHT + heights.sum::<i32>() as u32)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let estimation = &self.report.estimation;
        let subtitle = format!(
            "{}, {} replications, lines are {} % confidence intervals of each by itself",
            self.report.heading.scenario,
            estimation.replications,
            estimation.level * 100.0
        );
        let legend = [LegendEntry::point(
            "mean of the p95 wait for slots",
            BETTER,
            Shape::Disc,
        )];
        let mut place = head(
            root,
            "Who waits longest, and how surely?",
            &subtitle,
            &legend,
        )?;
        for (words, estimates) in &self.blocks {
            let (here, below) = place.split_vertically(IntervalRows::height(estimates.len()));
            let rows = IntervalRows {
                caption: format!("p95 wait {words}"),
                unit: estimates[0].unit,
                rows: estimates.iter().copied().map(row).collect(),
            };
            rows.draw(&here)?;
            place = below;
        }
        Ok(())
    }
}

fn row(estimated: &Estimated) -> IntervalRow<'_> {
    IntervalRow {
        name: &estimated.name,
        interval: estimated.interval,
        shape: Shape::Disc,
        color: BETTER,
        words: estimate_text(&estimated.interval, estimated.unit),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ImageFormat, draw_wait_estimates};
    use super::*;
    use crate::experiment::{Case, Plan, estimate};
    use crate::report::RunHeading;
    use crate::scenario::{NoFiles, read};

    fn drawn(slots: u32) -> Option<String> {
        let text = format!(
            "
horizon: 6h
pools: {{'</svg>': {slots}}}
dags:
  reports:
    schedule: {{poisson: {{rate: 30 per hour}}}}
    tasks: {{serve: {{pool: '</svg>', duration: {{constant: 3m}}}}}}
"
        );
        let scenario = read(&text, &NoFiles).unwrap().value;
        let plan = Plan::new(3, 0.95).unwrap();
        let case = Case {
            scenario: &scenario,
            policy: None,
        };
        let estimation = estimate(case, &plan, &|_| {}).unwrap();
        let report = EstimationReport::new(RunHeading::default(), &scenario, estimation);
        let svg = draw_wait_estimates(&report, ImageFormat::Svg).unwrap();
        svg.map(|svg| String::from_utf8(svg).unwrap())
    }

    #[test]
    fn pools_and_dags_have_a_block_each_and_names_cannot_break_out() {
        let svg = drawn(2).unwrap();
        assert!(svg.contains("p95 wait by pool") && svg.contains("p95 wait by DAG"));
        assert!(svg.contains("&lt;/svg&gt;") && svg.contains("reports"));
        assert_eq!(svg.matches("</svg>").count(), 1);
    }

    #[test]
    fn where_nothing_is_waited_for_there_is_no_chart() {
        assert_eq!(drawn(100), None);
    }
}
