//! The charts of a run: what each is called, what it answers, and when there is something to show.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{
    ChartError, Page, hours_of_week, longest_run, occupancy, panels, queue_length, resizes,
    wait_causes, wait_distribution, wait_percentiles,
};
use crate::report::RunReport;

/// The charts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// The slots in use of each pool over time, with its size.
    Occupancy,
    /// The slots that scheduled instances wait for, over time.
    QueueLength,
    /// How long the instances of each pool and DAG wait, in percentiles.
    WaitPercentiles,
    /// Which share of the instances of each pool and DAG waits longer than a given time.
    WaitDistribution,
    /// What the instances of each pool and DAG waited for.
    WaitCauses,
    /// The run that waited longest, with its critical path.
    LongestRun,
    /// How busy the pools are in each hour of the week.
    HoursOfWeek,
    /// The sizes of resized pools, with the reasons of their changes.
    Resizes,
}

impl Chart {
    /// Every chart of a run.
    pub const ALL: [Self; 8] = [
        Self::Occupancy,
        Self::QueueLength,
        Self::WaitPercentiles,
        Self::WaitDistribution,
        Self::WaitCauses,
        Self::LongestRun,
        Self::HoursOfWeek,
        Self::Resizes,
    ];

    /// The charts for which a run has something to show.
    pub fn told_of(report: &RunReport) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|chart| chart.is_told(report))
    }

    /// Whether there is something to show.
    pub fn is_told(self, report: &RunReport) -> bool {
        match self {
            Self::LongestRun => report.longest_run.is_some(),
            Self::HoursOfWeek => hours_of_week::is_told(report),
            Self::Resizes => resizes::is_told(report),
            _ => true,
        }
    }

    /// The name of its file without the extension.
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Occupancy => "pool_occupancy",
            Self::QueueLength => "queue_length",
            Self::WaitPercentiles => "wait_percentiles",
            Self::WaitDistribution => "wait_distribution",
            Self::WaitCauses => "wait_causes",
            Self::LongestRun => "longest_run",
            Self::HoursOfWeek => "hours_of_week",
            Self::Resizes => "resizes",
        }
    }

    /// What it answers.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Occupancy => "How full are the pools?",
            Self::QueueLength => "How much work waits for a slot?",
            Self::WaitPercentiles => "Who waits longest for a slot?",
            Self::WaitDistribution => "How long do tasks wait for a slot?",
            Self::WaitCauses => "Where does the waiting time go?",
            Self::LongestRun => "What did the run wait for that waited most?",
            Self::HoursOfWeek => "When in the week is it busy?",
            Self::Resizes => "When did the pools change, and why?",
        }
    }

    fn size(self, report: &RunReport) -> (u32, u32) {
        match self {
            Self::Occupancy | Self::QueueLength => panels::page_size(report),
            Self::WaitPercentiles => wait_percentiles::page_size(report),
            Self::WaitDistribution => wait_distribution::PAGE_SIZE,
            Self::WaitCauses => wait_causes::page_size(report),
            Self::LongestRun => longest_run::page_size(report),
            Self::HoursOfWeek => hours_of_week::page_size(report),
            Self::Resizes => resizes::page_size(report),
        }
    }

    fn draw_on<DB: DrawingBackend>(
        self,
        root: &DrawingArea<DB, Shift>,
        report: &RunReport,
    ) -> Result<(), ChartError> {
        match self {
            Self::Occupancy => occupancy::draw(root, report),
            Self::QueueLength => queue_length::draw(root, report),
            Self::WaitPercentiles => wait_percentiles::draw(root, report),
            Self::WaitDistribution => wait_distribution::draw(root, report),
            Self::WaitCauses => wait_causes::draw(root, report),
            Self::LongestRun => longest_run::draw(root, report),
            Self::HoursOfWeek => hours_of_week::draw(root, report),
            Self::Resizes => resizes::draw(root, report),
        }
    }
}

impl Page for (Chart, &RunReport) {
    fn size(&self) -> (u32, u32) {
        self.0.size(self.1)
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        self.0.draw_on(root, self.1)
    }
}
